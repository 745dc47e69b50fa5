"""Where the project and the files of one warehouse lie. Imports nothing heavy."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
SEEDS = PROJECT / "seeds"
WAREHOUSE = PROJECT / "warehouse" / "closedloop.duckdb"
PARTS_VARIABLE = "CLOSEDLOOP_PARTS"
"""Names the folder for parts: with a cluster one that every machine reaches under the same name."""


@dataclass(frozen=True)
class Paths:
    """Where one warehouse keeps its files: all beside the published file."""

    published: Path

    def _beside(self, ending: str) -> Path:
        return self.published.with_name(f"{self.published.stem}{ending}")

    @property
    def target(self) -> Path:
        """The file that publishing replaces: behind a link, what the link leads to, so that the link stays."""
        is_link = os.path.islink(self.published)  # noqa: PTH114 - Path.is_symlink raises below a folder closed to us
        return Path(os.path.realpath(self.published)) if is_link else self.published

    @property
    def build(self) -> Path:
        """The private file that the assets write."""
        return self._beside(".build.duckdb")

    @property
    def lock(self) -> Path:
        """Held by the one writer."""
        return self._beside(".lock")

    @property
    def holder(self) -> Path:
        """Who holds the lock, for the one who waits."""
        return self._beside(".lock.json")

    @property
    def gate_log(self) -> Path:
        """Every verdict of every gate, refusals too, one JSON object a line."""
        return self._beside(".gates.jsonl")

    @property
    def parts(self) -> Path:
        """The folder of tables in the making that are too large to be held: where CLOSEDLOOP_PARTS says, or beside."""
        shared = os.environ.get(PARTS_VARIABLE, "").strip()
        if not shared:
            return self._beside(".parts")
        place = hashlib.blake2b(str(self.published).encode(), digest_size=6).hexdigest()
        return Path(shared).absolute() / f"{self.published.stem}-{place}.parts"

    @property
    def spill(self) -> Path:
        """The folder for what DuckDB cannot hold in memory while it writes."""
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
    """The file in which DuckDB keeps what is not yet in the database file."""
    return database.with_name(f"{database.name}.wal")
