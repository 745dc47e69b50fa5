"""The processes of `closedloop ui`: a code server, the guarded webserver and Dagster's daemon, stopped together.

They are the processes of `dagster dev`, started with Dagster's documented commands, but with our webserver, since
Dagster's cannot be guarded. The code server listens on a socket file that only this user can open.
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
"""Time that a process has to stop after a signal."""


@dataclass
class Processes:
    """Processes of one server, by name, in the order of their start; they stop in reverse order."""

    environment: Mapping[str, str]
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, *module: str) -> None:
        """Start a Python module in a new process group, which includes its child processes."""
        self.running[name] = subprocess.Popen(  # noqa: S603 - our own arguments
            [sys.executable, "-m", *module],
            env=dict(self.environment),
            start_new_session=True,
            preexec_fn=_end_with_parent,  # noqa: PLW1509 - this process has no threads
        )

    def ended(self) -> list[str]:
        """The names of the processes that have ended."""
        return [name for name, process in self.running.items() if process.poll() is not None]

    def end(self) -> None:
        """Stop each process and the run that it executes; kill those that do not stop."""
        for process in reversed(self.running.values()):
            _signal(process, signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                process.wait(END_SECONDS)
            _signal(process, signal.SIGKILL)
            process.wait()


def _end_with_parent() -> None:
    """Let Linux stop this process when its parent is killed; on other systems it would stay."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Send a signal to the group of a process, if it still exists."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def serve(port: int, environment: Mapping[str, str]) -> str:
    """Serve the UI, with schedules and sensors, until Ctrl-C or SIGTERM.

    Returns the name of a process that ended unexpectedly; empty if the server was asked to stop.
    """
    with tempfile.TemporaryDirectory(prefix="closedloop_ui_") as folder:  # only its owner may open it
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
    """Wait until the code server answers or has ended; earlier requests would fill the log with tracebacks."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and not processes.ended():
        with socket.socket(socket.AF_UNIX) as probe, suppress(OSError):
            probe.connect(str(address))
            return
        time.sleep(LOOK_EVERY_SECONDS / 5)


def read_only(port: int, workspace: Path) -> Sequence[str]:
    """The module and arguments of a read-only server: one process, which starts no runs."""
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
    """The first Ctrl-C or SIGTERM raises KeyboardInterrupt; later ones are ignored while the processes stop."""

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
