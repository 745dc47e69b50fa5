"""Paths of the project and of the files of one warehouse. Imports nothing heavy."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
SEEDS = PROJECT / "seeds"
WAREHOUSE = PROJECT / "warehouse" / "closedloop.duckdb"
PARTS_VARIABLE = "CLOSEDLOOP_PARTS"
"""Environment variable with the folder for parts; on a cluster, every machine must reach it under the same path."""


@dataclass(frozen=True)
class Paths:
    """The files of one warehouse, all in the folder of the published file."""

    published: Path

    def _beside(self, ending: str) -> Path:
        return self.published.with_name(f"{self.published.stem}{ending}")

    @property
    def target(self) -> Path:
        """The file that publishing replaces: the published path, or the target of a link there (the link stays)."""
        is_link = os.path.islink(self.published)  # noqa: PTH114 - Path.is_symlink raises below a folder closed to us
        return Path(os.path.realpath(self.published)) if is_link else self.published

    @property
    def build(self) -> Path:
        """The private file that the assets write."""
        return self._beside(".build.duckdb")

    @property
    def lock(self) -> Path:
        """The lock of the single writer."""
        return self._beside(".lock")

    @property
    def holder(self) -> Path:
        """Names the process that holds the lock, for a process that waits."""
        return self._beside(".lock.json")

    @property
    def gate_log(self) -> Path:
        """Every verdict of every gate, including refusals, one JSON object per line."""
        return self._beside(".gates.jsonl")

    @property
    def parts(self) -> Path:
        """The folder for tables that are too large for memory: CLOSEDLOOP_PARTS, or next to the published file."""
        shared = os.environ.get(PARTS_VARIABLE, "").strip()
        if not shared:
            return self._beside(".parts")
        place = hashlib.blake2b(str(self.published).encode(), digest_size=6).hexdigest()
        return Path(shared).absolute() / f"{self.published.stem}-{place}.parts"

    @property
    def spill(self) -> Path:
        """The folder to which DuckDB spills what does not fit into memory while it writes."""
        return self._beside(".spill")

    @property
    def report(self) -> Path:
        """The report on the published file."""
        return self._beside(".report.html")

    @property
    def dagster_home(self) -> Path:
        """Dagster's history of this warehouse."""
        return self.published.parent / ".dagster_home"


def write_ahead_log(database: Path) -> Path:
    """DuckDB's write-ahead log: changes that are not yet in the database file."""
    return database.with_name(f"{database.name}.wal")
