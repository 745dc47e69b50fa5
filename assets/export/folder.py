"""A folder that is written whole or not at all, and replaces only what was written the same way."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path

from assets.export.manifest import MANIFEST, remove, strangers
from assets.warehouse import scratch
from assets.warehouse.disk import TEMPORARY, disk_errors, make_folder, temporary_beside
from assets.warehouse.rights import keep_rights

BEFORE = "-before"
"""Ends the name under which the old folder waits until the new one has its place."""
NAMED = 3
"""Files that a refusal names."""


class Occupied(ValueError):  # noqa: N818 - said to a person, who names another folder
    """The folder holds what no export wrote."""


@contextmanager
def whole(folder: Path, replaces: str | None = MANIFEST) -> Iterator[Path]:
    """A folder to write into; it takes the place of `folder` when nothing failed.

    Rules: with `replaces`, an earlier export that holds nothing else is replaced; without, only an empty folder is. The
    new folder has the rights of the old one.
    Errors: Occupied when `folder` holds anything else; EnvironmentFailure of the disk. What was there then stays.
    """
    target = folder.absolute()
    target = target.resolve() if target.is_symlink() else target
    with disk_errors(target, option=""):
        _must_be_free(target, replaces)
    make_folder(target.parent, option="")
    with disk_errors(target, option=""):
        _clear_up(target)
    new = temporary_beside(target)
    old = new.with_name(f"{new.name}{BEFORE}")
    try:
        with disk_errors(target, option=""):
            scratch.fresh(new, scratch.PRIVATE if target.exists() else scratch.USUAL, option="")
            yield new
            (new / scratch.MARK).unlink()
            _must_be_free(target, replaces)  # it may have been written for minutes
            if target.exists():
                keep_rights(target, new)
                target.rename(old)
            new.rename(target)
    finally:
        if old.exists() and not target.exists():
            old.rename(target)
        scratch.discard(new)
        if old.exists():
            with suppress(OSError):
                remove(old)


def _must_be_free(target: Path, replaces: str | None) -> None:
    if not target.exists():
        return
    if not target.is_dir():
        raise Occupied(f"{target} is a file: name a new or empty folder")
    if replaces is None and any(target.iterdir()):
        raise Occupied(f"{target} holds files: name a new or empty folder")
    found = [n if n.isprintable() else ascii(n)[1:-1] for n in islice(strangers(target), NAMED + 1)]
    if found:
        names = ", ".join(found[:NAMED]) + (" and others" if len(found) > NAMED else "")
        raise Occupied(
            f"{target} holds what no export wrote, or what was changed since: {names}: move it away, or name a new or "
            "empty folder"
        )


def _clear_up(target: Path) -> None:
    """Remove what a process that was killed left of writing the folder, and put back an old folder that it took away.

    Rules: a folder that was being written has our mark; one that waited is an earlier export, with nothing else in it.
    """
    leftovers = re.compile(rf"{re.escape(target.name + TEMPORARY)}({scratch.PROCESS})({BEFORE})?")
    for leftover in sorted(target.parent.iterdir(), reverse=True):  # what waited comes first
        named = leftovers.fullmatch(leftover.name)
        if not named or leftover.is_symlink() or not leftover.is_dir() or _is_alive(int(named[1])):
            continue
        if scratch.is_marked(leftover):
            scratch.discard(leftover)
        elif any(strangers(leftover)):
            continue
        elif named[2] and not target.exists():
            leftover.rename(target)
        else:
            with suppress(OSError):
                remove(leftover)


def _is_alive(process: int) -> bool:
    if process == os.getpid():
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
