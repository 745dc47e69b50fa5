"""The version of the seeds that a run reads: all files are hashed before the first read and checked after each.

If the folder changes during a run (an editor, `git pull`, `closedloop add`), the run would mix two versions into a
ledger that never existed.
Not here: the content of the files (`assets.raw.reader`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from assets.core import code_version
from assets.core.rule import Problem
from assets.core.step import Built
from assets.raw.contract import TABLES
from assets.raw.malformed_rows import RULE

SEEN = "seeds_sha256"
"""Detail of a raw table: the hash of all seeds at the start of the run that read it."""

REMEDY = "wait until nothing writes there, then run the build again"

Look = tuple[int, int, int] | None


class SeedsVersion:
    """The seeds as they were when a run began."""

    def __init__(self, folder: Path) -> None:
        self._files = {table.name: folder / f"{table.name}.csv" for table in TABLES}
        self._looks = {name: _look(path) for name, path in self._files.items()}
        self._hashes = {name: _sha256(path) for name, path in self._files.items()}
        self._is_reported = False

    def judged(self, name: str, built: Built) -> Built:
        """The frame read from a file, refused if this or any other file has changed since the start."""
        detail = {**built.detail, SEEN: digest(self._hashes)}
        is_other = built.detail.get("sha256", self._hashes[name]) != self._hashes[name]
        changed = [name] if is_other else self._changed()
        if not changed:
            return replace(built, detail=detail)
        reason = f"{_listed(changed)} changed while the build was reading the seeds"
        return replace(built, detail=detail, problems=[*built.problems, Problem(RULE, 0, "", "", REMEDY, reason)])

    def _changed(self) -> list[str]:
        """The files that have changed. They are reported once per run."""
        if self._is_reported:
            return []
        touched = [name for name, path in self._files.items() if _look(path) != self._looks[name]]
        changed = [name for name in touched if _sha256(self._files[name]) != self._hashes[name]]
        self._is_reported = bool(changed)
        return changed


def digest(hashes: Mapping[str, str]) -> str:
    """The hash of all seeds, as a publication records it, and the hash of each file by name."""
    return code_version.seeds_sha256({f"raw.{name}": sha256 for name, sha256 in hashes.items()})


def _look(path: Path) -> Look:
    """File metadata that changes when the file is written; None if there is no file."""
    with suppress(OSError):
        about = path.stat()
        return about.st_ino, about.st_size, about.st_mtime_ns
    return None


def _sha256(path: Path) -> str:
    """The hash of a file; empty if it cannot be read (the reader reports that)."""
    with suppress(OSError):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
    return ""


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"seeds/{name}.csv" for name in names)
