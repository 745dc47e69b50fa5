"""The n-th system call about a folder, at which a command is killed, refused, cut short or held up.

Not here: which calls are seen (`tests.integration.analysis.killed_writer`), starting the command
(`tests.system.faults.launcher`).
"""

from __future__ import annotations

import os
import resource
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from tests.integration.analysis import killed_writer

KILL, CUT, WAIT = "kill", "cut", "wait"

CUT_BYTES = 40

WAIT_S = 1.5


@dataclass(frozen=True)
class NthCall:
    """A system call of a command, counted from 1."""

    folder: Path
    """Calls about this path count, and about every path that begins with it."""
    number: int
    """0 for none: the calls are only listed."""
    how: str = KILL
    """`kill`: kill -9 before the call; `cut`: killed in the middle of the next write; `wait`: held up; or the number
    of the error that the call gives.
    """
    since: str = ""
    """Counts from the first call whose path has this text."""
    listed: Path | None = None
    """A file for the list of the calls."""

    def arm(self) -> None:
        """Make this process stumble at the call."""
        calls: list[str] = []

        def call(event: str, arguments: tuple[object, ...]) -> None:
            path = os.fsdecode(arguments[0])  # type: ignore[arg-type]
            if not calls and self.since not in path:
                return
            calls.append(f"{event} {path}")
            if self.listed:
                os.write(handle, f"{event} {path}\n".encode())
            if len(calls) == self.number:
                self._strike(path)

        handle = os.open(self.listed, os.O_WRONLY | os.O_CREAT | os.O_TRUNC) if self.listed else -1
        killed_writer.watch(self.folder, call)

    def _strike(self, path: str) -> None:
        if self.how == KILL:
            os.kill(os.getpid(), signal.SIGKILL)
        elif self.how == CUT:
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
            resource.setrlimit(resource.RLIMIT_FSIZE, (CUT_BYTES, CUT_BYTES))
        elif self.how == WAIT:
            time.sleep(WAIT_S)
        else:
            raise OSError(int(self.how), os.strerror(int(self.how)), path)
