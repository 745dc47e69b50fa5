"""Commands on a terminal: what they print must not steer the terminal, or hide a part of a line."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
from dataclasses import dataclass

from tests.system.faults import harness

SCREEN = struct.pack("HHHH", 50, 160, 0, 0)

STYLES = re.compile(r"\x1b\[(?:0|1|2|3[1-7])m")
"""Styles of the program itself; no hostile text contains one of them but the reset, which alone does nothing."""

ALLOWED = "\n\t"


@dataclass(frozen=True)
class Said:
    """The end of a command, and what it printed on a terminal."""

    code: int
    text: str


def command(*arguments: object) -> list[str]:
    """The command line of `closedloop` with these arguments."""
    return [str(harness.COMMAND), *map(str, arguments)]


def on_a_terminal(*arguments: object) -> Said:
    """Run `closedloop` with a terminal as standard output and standard error."""
    screen, far_end = pty.openpty()
    fcntl.ioctl(far_end, termios.TIOCSWINSZ, SCREEN)
    environment = harness.environment({"TERM": "xterm-256color"})
    with subprocess.Popen(
        command(*arguments), stdin=subprocess.DEVNULL, stdout=far_end, stderr=far_end, env=environment
    ) as process:
        os.close(far_end)
        read = b"".join(iter(lambda: _piece(screen), b""))
        code = process.wait(harness.LONG_S)
    os.close(screen)
    return Said(code, read.decode(errors="replace").replace("\r\n", "\n"))


def _piece(screen: int) -> bytes:
    try:
        return os.read(screen, 65536)
    except OSError:  # the last process that holds the far end has ended
        return b""


def piped(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run `closedloop` with pipes; its output is read as it is, without another ending of lines."""
    done = subprocess.run(
        command(*arguments), capture_output=True, check=False, timeout=harness.LONG_S, env=harness.environment()
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def raw_characters(text: str) -> list[str]:
    """The characters in a text that a terminal would execute or hide, apart from the styles of the program."""
    return sorted({f"U+{ord(c):04X}" for c in STYLES.sub("", text) if not c.isprintable() and c not in ALLOWED})
