"""Files that a killed process may have left next to a warehouse; the next build must succeed and remove them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from assets.core.paths import Paths, write_ahead_log

DEAD = 4_194_303
"""A process number above those that Linux assigns."""

RUBBISH = b"left by something else\n" * 50


def _write(path: Path, content: bytes = RUBBISH) -> None:
    path.write_bytes(content)


def _temporary(path: Path) -> Path:
    return path.with_name(f"{path.name}.tmp-{DEAD}")


def _temporaries(paths: Paths) -> None:
    for path in (paths.published, paths.gate_log, paths.holder):
        _write(_temporary(path))
    _write(write_ahead_log(_temporary(paths.published)))


def _dead_holder(paths: Paths) -> None:
    found = {"pid": DEAD, "since": "2026-01-01T00:00:00+00:00", "purpose": "Dagster run of a dead process"}
    _write(paths.holder, json.dumps(found).encode())


def _half_a_line(paths: Paths) -> None:
    whole = paths.gate_log.read_bytes()
    last = whole.splitlines()[-1]
    _write(paths.gate_log, whole + last[: len(last) // 2])


def _everything(paths: Paths) -> None:
    for name, leave in LEFT.items():
        if name != EVERYTHING:
            leave(paths)


EVERYTHING = "all of these at once"

LEFT: Mapping[str, Callable[[Paths], None]] = {
    "a .wal beside the build file": lambda paths: _write(write_ahead_log(paths.build)),
    "a .wal beside the published file": lambda paths: _write(write_ahead_log(paths.published)),
    "temporary files of a dead process": _temporaries,
    "the note of a lock holder that is dead": _dead_holder,
    "a lock file that nobody holds": lambda paths: _write(paths.lock),
    "half a line at the end of the gate log": _half_a_line,
    EVERYTHING: _everything,
}
"""The leftovers, and the functions that create them."""
