"""A folder that is written whole or not at all, and replaces only what was written the same way."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from assets.warehouse.disk import TEMPORARY, disk_errors, make_folder, temporary_beside

MANIFEST = "export.json"
"""Its presence says that a folder is an earlier export."""
UNFINISHED = ".unfinished"
"""Its presence says that a folder was being written: what else has a name like it is not ours to remove."""


class Occupied(ValueError):  # noqa: N818 - said to a person, who names another folder
    """The folder holds what no export wrote."""


@contextmanager
def whole(folder: Path, replaces: str | None = MANIFEST) -> Iterator[Path]:
    """A folder to write into; it takes the place of `folder` when nothing failed.

    Rules: a folder that holds a file of the name `replaces` was written the same way, and is replaced.
    Errors: Occupied when `folder` holds other files; EnvironmentFailure of the disk. What was there then stays.
    """
    target = folder.absolute()
    target = target.resolve() if target.is_symlink() else target
    with disk_errors(target, option=""):
        _must_be_free(target, replaces)
    make_folder(target.parent, option="")
    with disk_errors(target, option=""):
        _remove_leftovers(target)
    new = temporary_beside(target)
    old = new.with_name(f"{new.name}-before")
    try:
        with disk_errors(target, option=""):
            new.mkdir()
            (new / UNFINISHED).touch()
            yield new
            (new / UNFINISHED).unlink()
            if target.exists():
                target.rename(old)
            new.rename(target)
    finally:
        if old.exists() and not target.exists():
            old.rename(target)
        for part in (new, old):
            shutil.rmtree(part, ignore_errors=True)


def _must_be_free(target: Path, replaces: str | None) -> None:
    is_free = not target.exists() or (target.is_dir() and not any(target.iterdir()))
    if is_free or (replaces and (target / replaces).is_file()):
        return
    if replaces is None:
        what = "holds files" if target.is_dir() else "is a file"
        raise Occupied(f"{target} {what}: name a new or empty folder")
    what = "holds files that no export wrote" if target.is_dir() else "is a file"
    raise Occupied(f"{target} {what}: name a new or empty folder, or that of an earlier export")


def _remove_leftovers(target: Path) -> None:
    """Remove what a process that was killed left of writing the folder."""
    start = f"{target.name}{TEMPORARY}"
    for leftover in target.parent.iterdir():
        number = leftover.name.removeprefix(start).partition("-")[0]
        is_named_so = leftover.name.startswith(start) and number.isdigit()
        is_ours = is_named_so and any((leftover / mark).is_file() for mark in (UNFINISHED, MANIFEST))
        if is_ours and not _is_alive(int(number)):
            with suppress(OSError):
                shutil.rmtree(leftover)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
