"""The Dagster home of one warehouse: created by the project, with telemetry off and one run at a time."""

from __future__ import annotations

import os
import re
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from dagster import DagsterInstance, RunsFilter
from dagster._core.storage.dagster_run import IN_PROGRESS_RUN_STATUSES
from filelock import FileLock
from sqlalchemy.exc import SQLAlchemyError

from assets.core.errors import EnvironmentFailure
from assets.warehouse.disk import disk_errors, make_folder, replace_file

SETTINGS = """\
# Written by closedloop when this folder was created; edit it as you like, it is not overwritten.
nux:
  enabled: false                    # no sign-up window at the first visit
telemetry:
  enabled: false
concurrency:
  runs:
    max_concurrent_runs: 1          # one writer: further runs queue
  pools:
    default_limit: 1
run_monitoring:
  enabled: true
  max_runtime_seconds: 7200         # a run that hangs, or whose machine died, is ended, and the queue goes on
  free_slots_after_run_end_seconds: 60
run_retries:
  enabled: true
  max_retries: 1
  retry_on_asset_or_op_failure: false   # data that a gate refused does not get better by itself
freshness:
  enabled: true
"""

STORAGE = """\
storage:
  custom:                           # SQLite in this folder, over connections that stay open
    module: assets.orchestration.history
    class: History
    config:
      base_dir:
        env: DAGSTER_HOME
"""

MISREAD = re.compile(r"[?*\[]|%[0-9A-Fa-f]{2}")
"""Characters refused in the path, since Dagster uses it unescaped in a URL and in a pattern."""

UNWRITTEN = (
    "Exception while writing logger call to event log",
    "Exception while storing event batch",
    "Falling back to storing multiple single-event",
)

OPENING = ".opening.lock"
"""Lock held while the history is opened, which creates it the first time."""

OPENING_S = 60.0

PROCESS = "closedloop/process"
"""Tag of a run: host and process that execute it."""


def prepare(home: Path) -> Path:
    """Create the folder with its dagster.yaml if needed; returns its absolute path.

    Rules: an unedited dagster.yaml of the previous version gets the storage of this one.
    Errors: EnvironmentFailure if the folder cannot be written, or Dagster cannot keep its history there.
    """
    if MISREAD.search(str(home.absolute())):
        raise EnvironmentFailure(
            f"{home}: Dagster cannot keep its history below a folder with ? * [ or % in its name: choose another place"
        )
    make_folder(home)
    configuration = home / "dagster.yaml"
    with disk_errors(configuration):
        written = configuration.read_bytes() if configuration.exists() else SETTINGS.encode()
    if written == SETTINGS.encode():
        replace_file(configuration, (SETTINGS + STORAGE).encode())
    return home.absolute()


@contextmanager
def opened(home: Path) -> Iterator[DagsterInstance]:
    """Open Dagster's history in a home.

    Errors: EnvironmentFailure if it is damaged or cannot be written.
    """
    os.environ["DAGSTER_HOME"] = str(home)  # Dagster reads here whether telemetry is off
    try:
        with FileLock(home / OPENING, timeout=OPENING_S):  # two processes creating its tables at once destroy them
            instance = DagsterInstance.from_config(str(home))
            instance.get_runs_count()
    except Exception as error:
        raise EnvironmentFailure(_with_cause(home, error)) from error
    try:
        with instance, _without_repetition():
            yield instance
    except (SQLAlchemyError, OSError) as error:
        raise EnvironmentFailure(_with_cause(home, error)) from error


def _with_cause(home: Path, error: Exception) -> str:
    cause = str(getattr(error, "orig", error)).splitlines()[0]  # SQLAlchemy wraps the error of SQLite
    return cannot_use(home, cause)


def cannot_use(home: Path, cause: str) -> str:
    """The message that the history cannot be used, with the remedy."""
    is_full = any(sign in cause for sign in ("is full", "disk I/O error", "No space"))
    is_forbidden = any(sign in cause for sign in ("readonly", "Permission denied"))
    remedy = (
        "free some space and run it again"
        if is_full
        else "give yourself the right to write it, which Dagster also needs to show it"
        if is_forbidden
        else "repair it, or move the folder away"
    )
    return f"{home}: Dagster cannot use its history: {cause}: {remedy}"


class _WithoutUnwritten:
    """Standard error without Dagster's message about an event that cannot be written, which it also raises."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write a text; Dagster passes each message in one piece."""
        return len(text) if text.startswith(UNWRITTEN) else self._stream.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def _without_repetition() -> Iterator[None]:
    before = sys.stderr
    sys.stderr = _WithoutUnwritten(before)
    try:
        yield
    finally:
        sys.stderr = before


def signature() -> dict[str, str]:
    """The tag of a run that this process executes."""
    return {PROCESS: f"{socket.gethostname()}:{os.getpid()}"}


def sign(instance: DagsterInstance, run_id: str) -> None:
    """Record on a run, created by another process, that this process executes it."""
    instance.add_run_tags(run_id, signature())


def end_dead_runs(instance: DagsterInstance) -> None:
    """Close the runs whose process was killed; they would block the queue until they time out."""
    for run in instance.get_runs(RunsFilter(statuses=IN_PROGRESS_RUN_STATUSES)):
        host, _, process = run.tags.get(PROCESS, "").rpartition(":")
        if host == socket.gethostname() and process.isdigit() and not _is_alive(int(process)):
            instance.report_run_failed(run, f"Process {process}, which executed this run, is gone.")


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
