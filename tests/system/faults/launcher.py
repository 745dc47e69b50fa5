"""Builds as separate processes: the real command, or the same command forked after its imports.

Importing takes half of a small build. A fork server (of multiprocessing) imports once; then each build is a new process
that calls `assets.cli.main` with the arguments of the command line.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.places import PROJECT
from tests.system.faults import harness
from tests.system.faults.nth_call import NthCall
from tests.system.faults.points import Point, arm

IMPORTS = [
    "assets.cli.main",
    "assets.orchestration.runner",
    "assets.cli.progress",
    "assets.cli.add",
    "assets.cli.amend",
    "assets.cli.check",
    "assets.cli.export",
    "assets.cli.report",
    "great_expectations",
    "assets.cli.table_format",
    "assets.orchestration.publish_asset",
]

DRAWS = "200"

HANGS_S = 900

QUICK = ("--draws", DRAWS)
"""Few draws for every build of the fault rooms, since no fault concerns the simulation."""

_POLLING = threading.Lock()
"""Two threads that request the same exit code at once would read it from one pipe."""


@dataclass(frozen=True)
class Ended:
    """The end of a build."""

    code: int
    """Exit code; minus the number of the signal that ended it."""
    out: str
    err: str
    seconds: float


class Started:
    """A running build."""

    def __init__(
        self,
        place: harness.Place | None,
        *arguments: object,
        is_cold: bool = False,
        point: Point | NthCall | None = None,
        at_import: tuple[str, int] | None = None,
        command: Sequence[str] = (),
    ) -> None:
        """Start `closedloop build` there: a new process, one with an armed point, or one with a signal at an import.

        Without a place, `command` is the command line.
        """
        assert not (is_cold and point)
        self.began = time.monotonic()
        self._folder = tempfile.TemporaryDirectory(prefix="closedloop_said_")
        out, err = (Path(self._folder.name) / name for name in ("out", "err"))
        self._out, self._err = out, err
        command = place.command(*QUICK, *arguments) if place else list(command)
        if at_import:
            library, number = at_import
            module = [sys.executable, "-m", "tests.system.faults.at_import"]
            command = [*module, library, str(int(number)), *command[1:]]
        if is_cold or at_import:
            with out.open("wb") as o, err.open("wb") as e:
                self._process = subprocess.Popen(  # default signals, as in a terminal, wherever the harness was started
                    command,
                    stdout=o,
                    stderr=e,
                    env=harness.environment(),
                    cwd=PROJECT,
                    preexec_fn=_hear_signals,  # noqa: PLW1509 - takes no lock
                )
        else:
            self._process = _server().Process(target=_build, args=(command, out, err, harness.environment(), point))
            with _POLLING:
                self._process.start()
        self.pid = self._process.pid

    def is_running(self) -> bool:
        """Whether it is still running."""
        return self._code() is None

    def _code(self) -> int | None:
        if isinstance(self._process, subprocess.Popen):
            return self._process.poll()
        with _POLLING:
            return self._process.exitcode

    def signal(self, number: int) -> bool:
        """Send it a signal; returns whether it was still running."""
        if not self.is_running():
            return False
        os.kill(self.pid, number)
        return True

    def wait(self) -> Ended:
        """Wait for its end.

        Errors: TimeoutError if it hangs; it is then killed.
        """
        while (code := self._code()) is None:
            if time.monotonic() - self.began > HANGS_S:
                self._process.kill()
                raise TimeoutError(f"build {self.pid} hangs: {self._err.read_text()}")
            time.sleep(0.02)
        seconds = time.monotonic() - self.began
        said = [p.read_text(errors="replace") if p.exists() else "" for p in (self._out, self._err)]
        self._folder.cleanup()
        return Ended(code, *said, seconds)


def build(place: harness.Place, *arguments: object, **how: Any) -> Ended:
    """Run `closedloop build` there to its end."""
    return Started(place, *arguments, **how).wait()


def started(*arguments: object, point: Point | NthCall | None = None) -> Started:
    """Start another command of `closedloop`."""
    return Started(None, command=[str(harness.COMMAND), *map(str, arguments)], point=point)


def run(*arguments: object, point: Point | NthCall | None = None) -> Ended:
    """Run another command of `closedloop` to its end."""
    return started(*arguments, point=point).wait()


def struck(place: harness.Place, seconds: float, number: int, *, is_cold: bool = False) -> Ended:
    """Start a build there, send it a signal after this time, and wait for its end."""
    started = Started(place, is_cold=is_cold)
    time.sleep(max(0.0, started.began + seconds - time.monotonic()))
    started.signal(number)
    return started.wait()


def _server() -> multiprocessing.context.ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(IMPORTS)
    return context


def _hear_signals() -> None:
    """Restore the signal handling of a command started by a user; a background job would ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _build(
    command: list[str], out: Path, err: Path, environment: dict[str, str], point: Point | NthCall | None
) -> None:
    """Run the command in the new process."""
    os.environ.clear()
    os.environ.update(environment)
    for path, stream in ((out, 1), (err, 2)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), stream)
    _hear_signals()
    sys.argv = command
    from assets.cli import main as cli

    if isinstance(point, NthCall):
        point.arm()
    elif point:
        arm(point)
    cli.main()
