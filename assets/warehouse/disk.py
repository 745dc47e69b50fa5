"""Folders and atomically written small files; errors of the machine as messages for the user.

Not here: DuckDB's own files (`assets.warehouse.build_file`, `assets.warehouse.publish`).
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from assets.core.errors import EnvironmentFailure
from assets.warehouse.rights import FROM_THE_FIRST_MOMENT, close_as, keep_rights, share_rights

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
    """Turn errors of the operating system into an EnvironmentFailure that names the path and the remedy.

    `option` is the option that chooses another path; empty if the user gave the path itself.
    """
    try:
        yield
    except BrokenPipeError:  # not the disk: the reader of the output has gone
        raise
    except OSError as error:
        advice = ADVICE.get(error.errno or 0, "fix this and run the same command again").replace(OPTION, option)
        raise EnvironmentFailure(f"{path}: {error.strerror or error}: {advice}") from error


def make_folder(folder: Path, option: str = OPTION) -> None:
    """Create a folder and its parents.

    Errors: EnvironmentFailure with the folder and the reason.
    """
    with disk_errors(folder, option):
        folder.mkdir(parents=True, exist_ok=True)


def temporary_beside(path: Path) -> Path:
    """The temporary name under which this process writes a file before renaming it."""
    return path.with_name(f"{path.name}{TEMPORARY}{os.getpid()}")


def replace_file(path: Path, content: bytes, like: Path | None = None) -> None:
    """Replace a file atomically and keep its permissions; a new file gets those of `like`.

    Errors: EnvironmentFailure; the old file is then unchanged.
    """
    temporary = temporary_beside(path)
    with disk_errors(path):
        try:
            write_beside(path, content, like)
            temporary.replace(path)
        finally:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)


def write_beside(path: Path, content: bytes, like: Path | None = None) -> Path:
    """Write the replacement of a file next to it, with the same permissions; returns its path.

    Rules: at no moment can more users read it than the file that it replaces. A new file gets the permissions of
    `like`, a file of ours, or the default.
    Errors: OSError.
    """
    temporary = temporary_beside(path)
    is_new = not path.exists()
    model = like if is_new and like and like.exists() else None
    mode = 0o666 if is_new and not model else FROM_THE_FIRST_MOMENT
    try:
        _create(temporary, mode)
    except FileExistsError:  # left by an earlier process with the same number
        temporary.unlink()
        _create(temporary, mode)
    temporary.write_bytes(content)
    if not is_new:
        keep_rights(path, temporary)
    elif model:
        share_rights(model, temporary)
    return temporary


def create_like(path: Path, model: Path) -> None:
    """Restrict a file to those who may read the model; if only the model exists, create an empty file.

    Errors: EnvironmentFailure.
    """
    with disk_errors(path):
        if model.exists():
            if not os.path.lexists(path):
                _create(path, FROM_THE_FIRST_MOMENT)
                share_rights(model, path)
            close_as(model, path)


def _create(path: Path, mode: int) -> None:
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode))


def append_lines(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Append JSON lines to a log in one write, on a new line if the last one was cut short."""
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
