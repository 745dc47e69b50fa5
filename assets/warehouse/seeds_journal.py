"""One writer of a folder of seeds at a time: its files change all together or not at all, whatever interrupts it.

| moment | what the next command finds | what it does |
|---|---|---|
| new files are being written | a journal that says `preparing` | removes them |
| files take their places | a journal that says `replacing` | gives the others their places, too |
| - one of these was edited since | the same | refuses, and names the file |

The lock is the folder's own (flock): the operating system drops it when its holder dies, and it leaves no file. A file
system without such locks has none; the journal is kept all the same.
Not here: what is written (`assets.analysis.edit.append_rows`), whether a build reads one version of the seeds
(`assets.raw.seeds_version`).
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import stat
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from assets.core.errors import EnvironmentFailure
from assets.warehouse.disk import disk_errors, sync, temporary_beside, write_beside

JOURNAL = ".closedloop-journal"

WAIT_SECONDS = 10.0

PREPARING, REPLACING = "preparing", "replacing"

BEGINNING = b'{"state": "'
"""The first bytes of every journal."""

NO_LOCKS = {errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EINVAL, errno.EBADF}
"""What a file system says that has no locks, or none on a folder."""


@dataclass(frozen=True)
class Entry:
    """One file that is to be replaced."""

    file: str
    """The file itself: behind a link what it leads to."""
    temporary: str
    before: str
    """SHA-256 of the content that is replaced."""
    after: str


@contextmanager
def alone(folder: Path, *, is_reader: bool = False) -> Iterator[None]:
    """Let nobody write these seeds meanwhile; what an earlier writer left is finished or undone first.

    Rules: readers exclude writers, and not one another. A reader goes on where there is no folder that it may list.
    Errors: EnvironmentFailure when somebody else writes for too long, or when a file was edited after a writer died.
    """
    try:
        with disk_errors(folder, ""):
            handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except EnvironmentFailure:
        if not is_reader:
            raise
        yield
        return
    try:
        if is_reader and not _is_left(folder):
            _lock(handle, fcntl.LOCK_SH, folder)
        if _is_left(folder) or not is_reader:
            _lock(handle, fcntl.LOCK_EX, folder)
            _settle(folder)
        yield
    finally:
        os.close(handle)


def replace_all(folder: Path, files: Mapping[Path, tuple[bytes, bytes]]) -> None:
    """Replace files of a folder, all or none; for each its content before and after. Call it `alone`.

    Errors: EnvironmentFailure; the files are then as before.
    """
    entries = []
    for path, (before, after) in files.items():
        file = Path(os.path.realpath(path))
        entries.append(Entry(str(file), str(temporary_beside(file)), _sha256(before), _sha256(after)))
    contents = dict(zip((e.file for e in entries), files.values(), strict=True))
    try:
        _write_journal(folder, PREPARING, entries)
        for one in entries:
            sync(write_beside(Path(one.file), contents[one.file][1]))
        _write_journal(folder, REPLACING, entries)
        for one in entries:
            Path(one.temporary).replace(one.file)
        for parent in {Path(e.file).parent for e in entries}:
            sync(parent)
    except BaseException as error:
        _undo(folder, entries, {file: before for file, (before, _) in contents.items()})
        if isinstance(error, OSError):
            reason = f"{error.filename or folder}: {error.strerror}: nothing was written"
            raise EnvironmentFailure(reason) from error
        raise
    with suppress(OSError):  # the files are in their places: a journal that stays is found to be finished
        _forget(folder)


def _lock(handle: int, kind: int, folder: Path) -> None:
    until = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise EnvironmentFailure(
                    f"{folder}: another command of closedloop has been busy there for {WAIT_SECONDS:g} s: "
                    "wait for it to end and run the same command again"
                ) from None
            time.sleep(0.05)
        except OSError as error:
            if error.errno in NO_LOCKS:
                return
            raise EnvironmentFailure(f"{folder}: {error.strerror}: the seeds cannot be locked") from error
        else:
            return


def _is_left(folder: Path) -> bool:
    return os.path.lexists(folder / JOURNAL) or os.path.lexists(_next(folder))


def _settle(folder: Path) -> None:
    """Finish or undo what a writer left that has died.

    Errors: EnvironmentFailure.
    """
    _remove_unfinished(folder)
    if not _is_left(folder):
        return
    state, entries = _read_journal(folder)
    with disk_errors(folder / JOURNAL, ""):
        if state == REPLACING:
            for one in entries:
                _finish(one, folder)
            for parent in {Path(e.file).parent for e in entries}:
                sync(parent)
        for one in entries:
            _remove_temporary(one)
        _forget(folder)


def _remove_unfinished(folder: Path) -> None:
    """Remove a journal whose writer died while writing it.

    Errors: EnvironmentFailure when it does not begin as one of ours.
    """
    path = _next(folder)
    if not os.path.lexists(path):
        return
    with disk_errors(path, ""):
        if _is_file(path) and BEGINNING.startswith(path.read_bytes()[: len(BEGINNING)]):
            path.unlink()
            return
    raise EnvironmentFailure(f"{path}: this is no journal of closedloop, and would be replaced: move it away")


def _finish(one: Entry, folder: Path) -> None:
    now, waits = _hash(Path(one.file)), _hash(Path(one.temporary))
    if now == one.after:
        return
    if now != one.before or waits != one.after:
        raise EnvironmentFailure(
            f"{one.file}: `closedloop add` or `amend` was interrupted while it replaced this file, and the file was "
            f"changed since: add the missing rows yourself (they are at the end of {one.temporary}), "
            f"then remove {folder / JOURNAL}"
        )
    Path(one.temporary).replace(one.file)


def _undo(folder: Path, entries: list[Entry], before: Mapping[str, bytes]) -> None:
    """Put back what has been replaced; what cannot be undone now is finished by the next command."""
    with suppress(OSError):
        for one in entries:
            if _hash(Path(one.file)) == one.after != one.before:
                write_beside(Path(one.file), before[one.file]).replace(one.file)
            _remove_temporary(one)
        _forget(folder)


def _remove_temporary(one: Entry) -> None:
    Path(one.temporary).unlink(missing_ok=True)


def _next(folder: Path) -> Path:
    return folder / f"{JOURNAL}.new"


def _write_journal(folder: Path, state: str, entries: list[Entry]) -> None:
    """Errors: OSError."""
    path = _next(folder)
    path.write_text(json.dumps({"state": state, "files": [asdict(e) for e in entries]}), encoding="utf-8")
    sync(path)
    path.replace(folder / JOURNAL)
    sync(folder)


def _read_journal(folder: Path) -> tuple[str, list[Entry]]:
    """Errors: EnvironmentFailure when it is no journal of ours."""
    path = folder / JOURNAL
    if not _is_file(path):  # reading a pipe would wait for ever
        raise EnvironmentFailure(f"{path}: it cannot be read as a journal of closedloop: move it away")
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        entries = [Entry(**e) for e in found["files"]]
        seeds = {os.path.realpath(p) for p in folder.glob("*.csv") if not p.is_symlink()}
        is_ours = found["state"] in {PREPARING, REPLACING} and all(
            e.file in seeds
            and Path(e.temporary).parent == Path(e.file).parent
            and Path(e.temporary).name.startswith(f"{Path(e.file).name}.tmp-")
            for e in entries
        )
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise EnvironmentFailure(f"{path}: it cannot be read as a journal of closedloop: move it away") from error
    if not is_ours:
        raise EnvironmentFailure(f"{path}: it names files that no command of closedloop writes: move it away")
    return found["state"], entries


def _is_file(path: Path) -> bool:
    """Errors: OSError."""
    return stat.S_ISREG(path.lstat().st_mode)


def _forget(folder: Path) -> None:
    (folder / JOURNAL).unlink(missing_ok=True)
    with suppress(OSError):
        sync(folder)


def _hash(path: Path) -> str:
    try:
        return _sha256(path.read_bytes())
    except FileNotFoundError:
        return ""


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
