"""The processes behind `closedloop ui`: a code server, the guarded webserver and Dagster's daemon, ended together.

It is what `dagster dev` starts, by Dagster's documented commands, with our webserver in place of its own: that one
cannot be guarded. The code server listens on a socket file that only this user can open.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

LOCATION = "closedloop"
MODULE = "assets.definitions"
LOOK_EVERY_SECONDS = 0.5
SET_PARENT_DEATH_SIGNAL = 1
"""PR_SET_PDEATHSIG of prctl(2)."""
START_SECONDS = 120.0
END_SECONDS = 60.0
"""How long a process may take to end when it is asked to."""


@dataclass
class Processes:
    """Processes of one server, by name, in the order in which they were started; they end in the other."""

    environment: Mapping[str, str]
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, *module: str) -> None:
        """Start a module of Python in a group of its own, with whatever it starts."""
        self.running[name] = subprocess.Popen(  # noqa: S603 - our own arguments
            [sys.executable, "-m", *module],
            env=dict(self.environment),
            start_new_session=True,
            preexec_fn=_end_with_parent,  # noqa: PLW1509 - this process has no threads
        )

    def ended(self) -> list[str]:
        """The names of those that are no longer there."""
        return [name for name, process in self.running.items() if process.poll() is not None]

    def end(self) -> None:
        """Ask each to end, a run that it executes too, and kill what does not."""
        for process in reversed(self.running.values()):
            _signal(process, signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                process.wait(END_SECONDS)
            _signal(process, signal.SIGKILL)
            process.wait()


def _end_with_parent() -> None:
    """Let Linux end this process when the one that started it is killed; elsewhere it would stay."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Send a signal to a process and all of its group, if anybody is left."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def serve(port: int, environment: Mapping[str, str]) -> str:
    """Serve the UI, with schedules and sensors, until Ctrl-C or SIGTERM.

    Returns which process ended by itself; empty when the server was asked to end.
    """
    with tempfile.TemporaryDirectory(prefix="closedloop_ui_") as folder:  # only its owner may look into it
        address = Path(folder) / "code.sock"
        workspace = Path(folder) / "workspace.yaml"
        location = {"grpc_server": {"location_name": LOCATION, "socket": str(address), "host": "localhost"}}
        workspace.write_text(json.dumps({"load_from": [location]}), encoding="utf-8")
        processes = Processes(environment)
        with _interrupted_once():
            try:
                processes.start("code server", *_code_server(address))
                _wait_for(address, processes)
                processes.start("daemon", "dagster._daemon", "run", "--workspace", str(workspace))
                processes.start("webserver", *_webserver(port), "--workspace", str(workspace))
                while not (gone := processes.ended()):
                    time.sleep(LOOK_EVERY_SECONDS)
            except KeyboardInterrupt:
                return ""
            finally:
                processes.end()
        return f"the {gone[0]} ended (exit code {processes.running[gone[0]].returncode})"


def _wait_for(address: Path, processes: Processes) -> None:
    """Wait until the code server answers, or has ended: those that ask it too early fill the log with tracebacks."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and not processes.ended():
        with socket.socket(socket.AF_UNIX) as probe, suppress(OSError):
            probe.connect(str(address))
            return
        time.sleep(LOOK_EVERY_SECONDS / 5)


def read_only(port: int, workspace: Path) -> Sequence[str]:
    """The module and arguments of a server for viewers: one process, which starts nothing."""
    return [*_webserver(port), "--read-only", "--workspace", str(workspace)]


def _webserver(port: int) -> list[str]:
    return ["assets.orchestration.webserver", "--host", "127.0.0.1", "--port", str(port)]


def _code_server(address: Path) -> list[str]:
    return [
        *("dagster", "code-server", "start", "--socket", str(address), "--module-name", MODULE),
        *("--location-name", LOCATION, "--use-python-environment-entry-point", "--log-level", "warning"),
        *("--working-directory", os.getcwd()),  # noqa: PTH109 - as Dagster writes it
    ]


@contextmanager
def _interrupted_once() -> Iterator[None]:
    """The first Ctrl-C or SIGTERM raises KeyboardInterrupt; further ones are ignored while the processes end."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        for number in before:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
