"""Runs started by Dagster: worker killed, run cancelled from the web UI, whole server killed.

After each fault, the next run must not block on the lock of the warehouse or in Dagster's queue.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from assets.core.paths import Paths
from tests.ledgers import seed_files
from tests.system.faults import harness, launcher, sweep
from tests.system.live_server import SENSOR, Server

NEVER = "0 0 1 1 *"

A_LONG_TIME_S = 100_000


class Scene:
    """A server with a warehouse in which the first run, started by the sensor, has published."""

    def __init__(self, folder: Path) -> None:
        """Start the server and wait for the first publication."""
        self.folder = folder
        self.place = harness.place(folder)
        self.paths = Paths(self.place.published)
        self.server = self._serve()
        (first, *_) = self.server.until(lambda: self.server.runs(**SENSOR), "run of the sensor")
        self.expect(first["runId"], "SUCCESS")
        self.amount = 1

    def _serve(self) -> Server:
        server = Server(
            self.folder,
            self.place.seeds,
            self.place.published,
            sensor_seconds=A_LONG_TIME_S,
            schedule=NEVER,
            CLOSEDLOOP_DRAWS=launcher.DRAWS,
        )
        server.until(lambda: server.ask("query { version }"), "answer of GraphQL")
        return server

    def expect(self, run_id: str, *ends: str) -> None:
        """Wait for the end of a run."""
        end = self.server.until(lambda: self.server.ended(run_id), f"end of run {run_id}")
        assert end in ends, f"run {run_id} ended as {end}, not {ends}"

    def holder(self) -> int | None:
        """The process that holds the lock, if there is one."""
        return harness.holder(self.place)

    def launched(self) -> tuple[str, int]:
        """A run of changed seeds that has taken the lock, and its process."""
        self.amount += 1
        seed_files.change(self.place.seeds, "commitments", sweep.LEG, amount_usd=f"{38 + self.amount}000000000")
        run_id = self.server.launch()
        return run_id, self.server.until(self.holder, "holder of the lock")

    def next_run_publishes(self) -> float:
        """Launch a run, which must publish; returns its seconds."""
        began = time.monotonic()
        run_id = self.server.launch()
        self.expect(run_id, "SUCCESS")
        assert run_id in self.server.publications()
        return time.monotonic() - began

    def is_old(self, before: str) -> None:
        """Assert that the published file is the old one."""
        assert harness.bytes_sha256(self.place.published) == before, "the published file has changed"

    def quiet(self) -> None:
        """Wait until no run is in progress; Dagster retries a run whose worker died."""
        self.server.until(lambda: all(self.server.ended(r["runId"]) for r in self.server.runs()), "end of all runs")

    def restart(self) -> None:
        """Kill the server and all its children without a clean-up, and start it again."""
        os.killpg(self.server.process.pid, signal.SIGKILL)
        self.server.process.wait()
        self.server.stop()
        self.server = self._serve()


def run(folder: Path) -> Iterator[harness.Result]:
    """Every fault of a run under Dagster."""
    scene = Scene(folder / "live")
    try:
        for fault, injected, break_it in (
            ("kill -9 of a Dagster run that holds the lock", 3, killed_workers),
            ("a run cancelled in the Dagster UI, and one that waits in the queue", 3, cancelled),
            ("kill -9 of the whole Dagster server during a run", 1, killed_server),
        ):
            yield judged(fault, injected, lambda break_it=break_it: break_it(scene))
    finally:
        scene.server.stop()


def judged(fault: str, injected: int, break_it: Callable[[], str]) -> harness.Result:
    """The line of the results, whether or not the promise was kept."""
    try:
        return harness.Result("process", fault, injected, break_it(), is_kept=True)
    except AssertionError as error:
        return harness.Result("process", fault, injected, f"BROKEN: {str(error)[:600]}", is_kept=False)


def killed_workers(scene: Scene) -> str:
    """The process of a run is killed: just after taking the lock, between tables, during publishing."""
    waits: dict[str, Callable[[], object]] = {
        "lock": lambda: True,
        "facts": lambda: "facts." in scene.paths.gate_log.read_text().rpartition('"run_id"')[2],
        "publishing": lambda: list(scene.paths.published.parent.glob("*.duckdb.tmp-*")),
    }
    noticed_s = []
    for moment, reached in waits.items():
        scene.quiet()
        before = harness.bytes_sha256(scene.place.published)
        run_id, pid = scene.launched()
        harness.until(reached, moment)  # poll often: the temporary file exists for half a second
        os.kill(pid, signal.SIGKILL)
        killed = time.monotonic()
        scene.is_old(before)
        scene.expect(run_id, "FAILURE")
        noticed_s.append(time.monotonic() - killed)
        again = {"dagster/parent_run_id": run_id}
        (retried, *_) = scene.server.until(lambda again=again: scene.server.runs(**again), "second try by Dagster")
        scene.expect(retried["runId"], "SUCCESS")
    took_s = scene.next_run_publishes()
    sweep.is_tidy(scene.place)
    return (
        f"the old file each time; noticed after {max(noticed_s):.0f} s at most, tried again by Dagster with success; "
        f"a further run published in {took_s:.0f} s"
    )


def cancelled(scene: Scene) -> str:
    """Runs cancelled by the button, in the queue, and by force, which leaves the process running."""
    scene.quiet()
    before = harness.bytes_sha256(scene.place.published)
    run_id, pid = scene.launched()
    waiting = scene.server.launch()
    scene.server.terminate(waiting)
    scene.expect(waiting, "CANCELED")
    asked = time.monotonic()
    scene.server.terminate(run_id)
    scene.expect(run_id, "CANCELED")
    scene.server.until(lambda: scene.holder() != pid, "release of the lock")
    took_s = time.monotonic() - asked
    scene.is_old(before)
    scene.next_run_publishes()
    forced, _ = scene.launched()
    scene.server.terminate(forced, policy="MARK_AS_CANCELED_IMMEDIATELY")
    scene.next_run_publishes()
    sweep.is_tidy(scene.place)
    return f"lock free after {took_s:.0f} s, the old file, and the next run published; by force: the next run published"


def killed_server(scene: Scene) -> str:
    """Web server, daemon, code server and run are killed at once; then the server is started again."""
    scene.quiet()
    before = harness.bytes_sha256(scene.place.published)
    scene.launched()
    scene.restart()
    scene.is_old(before)
    took_s = scene.next_run_publishes()
    scene.quiet()
    sweep.is_tidy(scene.place)
    return f"the old file; after the restart the next run published in {took_s:.0f} s"
