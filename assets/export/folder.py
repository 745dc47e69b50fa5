"""A folder that is written atomically, and replaces only an earlier export."""

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
"""Suffix of the old folder while the new one is moved into place."""
NAMED = 3
"""The most files that a refusal names."""


class Occupied(ValueError):  # noqa: N818 - said to a person, who names another folder
    """The folder holds files that no export wrote."""


@contextmanager
def whole(folder: Path, replaces: str | None = MANIFEST) -> Iterator[Path]:
    """A folder to write into; it replaces `folder` if no error occurs.

    Rules: with `replaces`, an earlier export without other files is replaced; otherwise only an empty folder. The new
    folder has the permissions of the old one.
    Errors: Occupied if `folder` holds anything else; EnvironmentFailure of the disk. The old folder then stays.
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
            _must_be_free(target, replaces)  # writing may have taken minutes
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
    """Remove the remains of a killed process, and move an old folder back into place.

    Rules: an unfinished folder has our mark; a moved old folder is an earlier export without other files.
    """
    leftovers = re.compile(rf"{re.escape(target.name + TEMPORARY)}({scratch.PROCESS})({BEFORE})?")
    for leftover in sorted(target.parent.iterdir(), reverse=True):  # the old folder comes first
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
