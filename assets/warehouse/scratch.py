"""Temporary folders and files of a run, removed by it or by the next run; only those that are provably ours.

A folder of ours holds a mark file. A folder of an earlier version has none: it is ours if all its files have names of
that version. A temporary file has the number of its process in its name.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from assets.core.errors import EnvironmentFailure
from assets.warehouse.disk import OPTION, TEMPORARY, disk_errors, make_folder

MARK = ".closedloop"

SENTENCE = "closedloop made this folder for itself, and removes it with everything in it.\n"

PRIVATE, USUAL = 0o700, 0o777

PROCESS = r"[1-9]\d{0,6}"
"""A process number has at most 7 digits (4,194,304 on Linux); a date written as a number is longer."""

PARTS = re.compile(r".+\.(parquet|unfinished)")

NUMBERED = re.compile(r"\d+")

SPILLED = re.compile(r"duckdb_temp_.+")

IsOfOurs = Callable[[Path], bool]


def fresh(folder: Path, mode: int = USUAL, option: str = OPTION) -> Path:
    """Create a folder with our mark, after removing one of ours that was left there; returns its path.

    Errors: EnvironmentFailure of the disk, or if a folder of this name is not ours.
    """
    remove(folder, option=option)
    make_folder(folder.parent, option)
    with disk_errors(folder, option):
        folder.mkdir(mode)
        (folder / MARK).write_text(SENTENCE, encoding="utf-8")
    return folder


def is_marked(folder: Path) -> bool:
    """Whether a folder has our mark and is not a link."""
    mark = folder / MARK
    try:
        is_there = stat.S_ISDIR(folder.lstat().st_mode) and stat.S_ISREG(mark.lstat().st_mode)
        return is_there and mark.stat().st_size == len(SENTENCE) and mark.read_text(encoding="utf-8") == SENTENCE
    except (OSError, ValueError):
        return False


def remove(folder: Path, of_ours: IsOfOurs = lambda _: False, option: str = OPTION) -> None:
    """Remove a folder of ours, if it exists. `of_ours` recognises the content of a folder of an earlier version.

    Errors: EnvironmentFailure if the folder is not ours; it is then unchanged.
    """
    must_be_ours(folder, of_ours, option)
    discard(folder)


def discard(folder: Path) -> None:
    """Remove a folder known to be ours, as far as the disk allows; the mark goes last, so that a rest stays ours."""
    with suppress(OSError):
        for entry in folder.iterdir():
            if _is_of(entry, stat.S_ISDIR):
                shutil.rmtree(entry, ignore_errors=True)
            elif entry.name != MARK:
                entry.unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)


def must_be_ours(folder: Path, of_ours: IsOfOurs = lambda _: False, option: str = OPTION) -> None:
    """Refuse a folder that is not ours; a folder that is missing, empty or has only empty files is accepted.

    Errors: EnvironmentFailure that names the folder and its content.
    """
    with disk_errors(folder, option):
        if is_marked(folder) or not os.path.lexists(folder):
            return
        is_folder = _is_of(folder, stat.S_ISDIR)
        try:
            found = [p for p in sorted(folder.iterdir()) if not (_is_empty(p) or of_ours(p))] if is_folder else []
        except FileNotFoundError:  # just removed by the run that holds the lock
            return
    if found or not is_folder:
        what = f"holds {found[0].name!a}" if found else "is no folder"
        raise EnvironmentFailure(
            f"{folder}: closedloop works in a folder of this name and removes it, but it {what}, which closedloop did "
            f"not write: move it away, or choose another place{option}"
        )


def is_part(path: Path) -> bool:
    """Whether a folder is one of the numbered folders for the parts of a table."""
    is_numbered = NUMBERED.fullmatch(path.name) is not None and _is_of(path, stat.S_ISDIR)
    return is_numbered and all(PARTS.fullmatch(p.name) and _is_of(p, stat.S_ISREG) for p in path.iterdir())


def is_spilled(path: Path) -> bool:
    """Whether a file is a spill file of DuckDB."""
    return SPILLED.fullmatch(path.name) is not None and _is_of(path, stat.S_ISREG)


def remove_temporaries(path: Path) -> None:
    """Remove temporary files of dead processes. Only the holder of the lock may call this.

    Rules: files whose name ends with a process number, and folders of such a name with our mark.
    """
    ours = re.compile(rf"{re.escape(path.name)}{re.escape(TEMPORARY)}{PROCESS}(\.wal)?")
    with disk_errors(path.parent):
        for leftover in path.parent.iterdir():
            if not ours.fullmatch(leftover.name):
                continue
            if _is_of(leftover, stat.S_ISREG):
                leftover.unlink(missing_ok=True)
            elif is_marked(leftover):
                discard(leftover)
            else:
                with suppress(OSError):  # an empty one may be removed
                    leftover.rmdir()


def _is_of(path: Path, kind: Callable[[int], bool]) -> bool:
    """Whether a path is of the given type, and not a link."""
    try:
        return kind(path.lstat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False


def _is_empty(path: Path) -> bool:
    """Whether a file is empty."""
    found = path.lstat()
    return stat.S_ISREG(found.st_mode) and not found.st_size
