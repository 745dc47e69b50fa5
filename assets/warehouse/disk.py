"""Folders and small files, written whole or not at all; and what the machine refuses, told to a person.

Not here: DuckDB's own files (`assets.warehouse.build_file`, `assets.warehouse.publishing`).
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from assets.failures import EnvironmentFailure

TEMPORARY = ".tmp-"
ADVICE = {
    errno.ENOSPC: "free some space and run the same command again",
    errno.EDQUOT: "free some space and run the same command again",
    errno.EACCES: "give yourself the right to write there, or choose another place with --warehouse",
    errno.EPERM: "give yourself the right to write there, or choose another place with --warehouse",
    errno.EROFS: "the folder is read-only: choose another place with --warehouse",
    errno.EISDIR: "a folder lies there: move it away and run the same command again",
    errno.ELOOP: "a link leads to itself: choose another place with --warehouse",
    errno.ENAMETOOLONG: "choose a shorter name with --warehouse",
    errno.ENOTDIR: "a part of the path is a file: choose another place with --warehouse",
}


OPTION = " with --warehouse"


@contextmanager
def disk_errors(path: Path, option: str = OPTION) -> Iterator[None]:
    """Turn what the operating system refuses into an EnvironmentFailure that names the path and the remedy.

    `option` is how one would choose another place; empty where the path itself was given.
    """
    try:
        yield
    except BrokenPipeError:  # no disk: somebody stopped reading what is printed
        raise
    except OSError as error:
        advice = ADVICE.get(error.errno or 0, "mend this and run the same command again").replace(OPTION, option)
        raise EnvironmentFailure(f"{path}: {error.strerror or error}: {advice}") from error


def make_folder(folder: Path, option: str = OPTION) -> None:
    """Create a folder and its parents.

    Errors: EnvironmentFailure naming the folder and the reason.
    """
    with disk_errors(folder, option):
        folder.mkdir(parents=True, exist_ok=True)


def temporary_beside(path: Path) -> Path:
    """The name under which this process writes a file before it takes its place."""
    return path.with_name(f"{path.name}{TEMPORARY}{os.getpid()}")


def remove_temporaries(path: Path) -> None:
    """Remove what processes that died left of writing a file. Only for the one who holds the lock."""
    with disk_errors(path.parent):
        for leftover in path.parent.iterdir():
            if leftover.name.startswith(f"{path.name}{TEMPORARY}"):
                leftover.unlink(missing_ok=True)


def replace_file(path: Path, content: bytes) -> None:
    """Replace a file whole or not at all.

    Errors: EnvironmentFailure; the old file is then untouched.
    """
    temporary = temporary_beside(path)
    with disk_errors(path):
        try:
            temporary.write_bytes(content)
            temporary.replace(path)
        finally:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)


def append_lines(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Append JSON lines to a log in one write, after a line of its own if the last one was cut short."""
    text = "".join(json.dumps(row, default=str) + "\n" for row in rows)
    with disk_errors(path), path.open("ab+") as log:
        if log.tell():
            log.seek(-1, os.SEEK_END)
            text = text if log.read(1) == b"\n" else f"\n{text}"
        log.write(text.encode())


def sync(path: Path) -> None:
    """Wait until a file or folder has reached the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
