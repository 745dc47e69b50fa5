"""The state of a warehouse: the last publication, changes since then, refusals of gates, a running build.

Reads the published file and the files next to it; holds no lock and writes nothing.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
import os
from collections import Counter
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from assets.core import code_version
from assets.core.paths import Paths
from assets.warehouse.disk import disk_errors
from assets.warehouse.identifiers import qualified
from assets.warehouse.published_file import Book, Row, opened

HOUR_S = 3600.0


@dataclass(frozen=True)
class FileChange:
    """The difference of one seed from the published version."""

    file: str
    rows_added: int
    rows_removed: int
    """An edited row counts as one removed and one added."""
    is_missing: bool = False


@dataclass(frozen=True)
class Status:
    """The state, as far as it is known without a build."""

    published: str
    publication_number: int
    publication_id: str
    published_at: str
    age_hours: float
    is_stale: bool
    stale_after_hours: float
    last_known_on: dt.date
    run_id: str
    seeds: str
    seeds_sha256: str
    seeds_sha256_published: str
    changed_files: list[FileChange]
    code_version: str
    code_version_published: str
    tables_judged: int
    rules_passed: int
    rules_failed: int
    warnings: list[Row]
    refusals_since: list[Row]
    building: Row | None

    @property
    def is_seeds_changed(self) -> bool:
        """Whether the seeds differ from those published."""
        return self.seeds_sha256 != self.seeds_sha256_published

    @property
    def is_code_changed(self) -> bool:
        """Whether the code differs from that of the publication."""
        return self.code_version != self.code_version_published

    def as_dict(self) -> dict[str, Any]:
        """The content for JSON."""
        return asdict(self) | {"is_seeds_changed": self.is_seeds_changed, "is_code_changed": self.is_code_changed}


def status(published: Path, seeds: Path, now: dt.datetime) -> Status:
    """Find the state of a warehouse; `now` is in UTC without a zone, as in the file.

    Errors: EnvironmentFailure if nothing is published yet, or the file cannot be read.
    """
    with opened(published) as book:
        (last,) = book.rows("from quality.publications order by publication_number desc limit 1")
        names = [n for n in book.columns if n.startswith("raw.")]
        hashes = {name: _sha256(_seed(seeds, name)) for name in names}
        found = code_version.seeds_sha256(hashes)
        age = (now - last["published_at"]).total_seconds() / HOUR_S
        results = book.rows(
            "from quality.gate_results where run_id = $run order by table_name, rule", run=last["run_id"]
        )
        return Status(
            published=str(published),
            publication_number=last["publication_number"],
            publication_id=last["publication_id"],
            published_at=f"{last['published_at'].isoformat(timespec='seconds')}Z",
            age_hours=round(age, 3),
            is_stale=dt.timedelta(hours=age) > code_version.STALE_AFTER,
            stale_after_hours=code_version.STALE_AFTER.total_seconds() / HOUR_S,
            last_known_on=last["last_known_on"],
            run_id=last["run_id"],
            seeds=str(seeds),
            seeds_sha256=found,
            seeds_sha256_published=last["seeds_sha256"],
            changed_files=[] if found == last["seeds_sha256"] else _changes(book, seeds, names),
            code_version=code_version.code_version(),
            code_version_published=last["code_version"],
            tables_judged=len({r["table_name"] for r in results}),
            rules_passed=sum(r["is_passed"] for r in results),
            rules_failed=sum(not r["is_passed"] for r in results),
            warnings=[_verdict(r) for r in results if not r["is_passed"]],
            refusals_since=refusals_since(Paths(published).gate_log, last["run_id"], last["published_at"]),
            building=holder(Paths(published)),
        )


def _seed(seeds: Path, name: str) -> bytes | None:
    """The content of the file of a raw table; None if there is none."""
    path = seeds / f"{name.removeprefix('raw.')}.csv"
    try:
        with disk_errors(path):
            return path.read_bytes() if path.is_file() else None
    except FileNotFoundError:
        return None


def _sha256(content: bytes | None) -> str:
    """The hash of `assets.raw.reader`; empty for a missing file."""
    return "" if content is None else hashlib.sha256(content).hexdigest()


def _changes(book: Book, seeds: Path, names: list[str]) -> list[FileChange]:
    """The files whose rows differ from the published ones."""
    found = []
    for name in names:
        content = _seed(seeds, name)
        columns = [c for c in book.columns[name] if c not in {"source_file", "source_line"}]
        before = Counter(tuple(r[c] for c in columns) for r in book.rows(f"from {qualified(name)}"))
        after = Counter(_records(content or b"", columns))
        change = FileChange(
            f"{name.removeprefix('raw.')}.csv",
            (after - before).total(),
            (before - after).total(),
            content is None,
        )
        if change.rows_added or change.rows_removed or change.is_missing:
            found.append(change)
    return found


def _records(content: bytes, columns: list[str]) -> list[tuple[str, ...]]:
    """The rows of a seed in the order of the columns; a malformed line counts as a row."""
    reader = csv.reader(io.StringIO(content.decode("utf-8-sig", "replace"), newline=""))
    header = next(reader, [])
    places = [header.index(c) for c in columns if c in header]
    rows = []
    with suppress(csv.Error):
        rows = [tuple(r[i] if i < len(r) else "" for i in places) for r in reader if r]
    return rows


def _verdict(row: Row) -> Row:
    kept = ("run_id", "table_name", "rule", "severity", "rows_failed", "checked_at")
    return {k: v.isoformat() if isinstance(v := row.get(k), dt.datetime) else v for k in kept}


def refusals_since(gate_log: Path, run_id: str, published_at: dt.datetime) -> list[Row]:
    """Refusals after the last publication, by the order of the log, or by the clock if the log lacks that run."""
    if not gate_log.exists():
        return []
    with disk_errors(gate_log):
        lines = gate_log.read_text(encoding="utf-8", errors="replace").splitlines()
    later: list[Row] = []  # latest first
    for line in reversed(lines):
        with suppress(ValueError):
            if isinstance(entry := json.loads(line), dict):
                if entry.get("run_id") == run_id:
                    break
                later.append(entry)
    else:
        later = [e for e in later if str(e.get("checked_at")) > published_at.isoformat()]
    return [_verdict(e) for e in reversed(later) if e.get("severity") == "error" and e.get("is_passed") is False]


def holder(paths: Paths) -> Row | None:
    """The process of a running build; None if there is none, or if the process in the holder file is dead."""
    try:
        signed = json.loads(paths.holder.read_text(encoding="utf-8"))
        os.kill(int(signed["pid"]), 0)
    except PermissionError:  # alive, and of another user
        pass
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return {"pid": signed["pid"], "since": signed.get("since"), "purpose": signed.get("purpose")}
