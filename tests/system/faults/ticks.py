"""The schedule under a real Dagster daemon with a fake clock: missed ticks, and a clock set back."""

from __future__ import annotations

import datetime as dt
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from assets.cli.options import PROJECT
from assets.orchestration import instance
from tests.system.faults import faked_clock, harness
from tests.system.faults.said import Findings

DAEMON = Path(sys.executable).with_name("dagster-daemon")

BEFORE = "2027-03-01 05:00:00"

AFTER = "2027-03-05 12:00:00"
"""Five ticks of 06:00 later."""

SET_BACK = "2027-03-05 05:59:50"
"""Before a tick that has already run, so that it comes again."""

TICKED = dt.datetime(2027, 3, 5, 6, tzinfo=dt.UTC)

PATIENCE_S = 240.0

LOOK_S = 30.0
"""Time to wait for a second tick that must not come; the scheduler checks about every five seconds."""


def run(folder: Path) -> Iterator[harness.Result]:
    """Start the daemon, stop it for five ticks, start it again, set the clock back."""
    findings = Findings("clock", "the schedule missed five ticks, then the clock was set back before the last of them")
    home = instance.prepare(folder / "ticks" / ".dagster_home")
    try:
        with daemon(home, BEFORE):
            _until(lambda: _beats(home) and _rows(home, "select 1 from instigators"), "the schedule")
        findings.hold("before", "ticked", is_true=not ticks(home))
        with daemon(home, AFTER):
            _until(lambda: ticks(home), "a tick")
            time.sleep(LOOK_S)
        findings.hold("after", f"{ticks(home)}", is_true=ticks(home) == [TICKED])
        findings.found("one tick made up for five")
        beats = _beats(home)
        with daemon(home, SET_BACK):
            _until(lambda: _beats(home) != beats, "the daemon")
            time.sleep(LOOK_S)
        findings.hold("set back", f"{ticks(home)}", is_true=ticks(home) == [TICKED])
        findings.found("no tick twice after the clock was set back")
    except TimeoutError as error:
        findings.hold("daemon", str(error), is_true=False)
    yield findings.result()


@contextmanager
def daemon(home: Path, moment: str) -> Iterator[None]:
    """A Dagster daemon whose clock starts at a given time, stopped with all its children.

    Rules: the seeds are missing, so that the sensor starts nothing and a run of the schedule ends at once.
    """
    more = {
        "DAGSTER_HOME": str(home),
        "CLOSEDLOOP_WAREHOUSE": str(home.parent / "closedloop.duckdb"),
        "CLOSEDLOOP_SEEDS": str(home.parent / "no seeds"),
        **faked_clock.environment(moment),
    }
    with (home.parent / "daemon.log").open("ab") as log:
        process = subprocess.Popen(
            [DAEMON, "run", "-w", PROJECT / "workspace.yaml"],
            cwd=PROJECT,
            stdout=log,
            stderr=log,
            env=harness.environment(more),
            start_new_session=True,
        )
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(20)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def ticks(home: Path) -> list[dt.datetime]:
    """The times of the schedule's ticks."""
    found = _rows(home, "select timestamp from job_ticks where type = 'SCHEDULE' order by id")
    return [dt.datetime.fromisoformat(str(t)).replace(tzinfo=dt.UTC) for (t,) in found]


def _beats(home: Path) -> list[tuple[object, ...]]:
    """The last heartbeat of the scheduler."""
    return _rows(home, "select timestamp from daemon_heartbeats where daemon_type = 'SCHEDULER'", "history/runs.db")


def _rows(home: Path, sql: str, database: str = "schedules/schedules.db") -> list[tuple[object, ...]]:
    if not (home / database).exists():
        return []
    connection = sqlite3.connect(home / database, timeout=10)
    try:
        return connection.execute(sql).fetchall()
    except sqlite3.OperationalError:  # the daemon is creating its tables
        return []
    finally:
        connection.close()


def _until(holds: Callable[[], object], what: str) -> None:
    end = time.monotonic() + PATIENCE_S
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError(f"{what} did not come within {PATIENCE_S:g} s")
        time.sleep(0.2)
