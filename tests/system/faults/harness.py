"""Shared by the rooms of `make faults`: a warehouse in a folder, the real command, and reading the file afterwards.

The promise, after any fault: the published file is the old one byte for byte, or the complete new one; the next
`closedloop build` needs no clean-up and gives the same tables as without the fault.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from assets.core.paths import Paths
from tests.ledgers import small

COMMAND = Path(sys.executable).with_name("closedloop")

LONG_S = 300


@dataclass(frozen=True)
class Result:
    """One line of the table in the README: a kind of fault and its outcome."""

    room: str
    """process, storage, concurrency, clock, determinism, neighbours, security or bad data."""
    fault: str
    """The injected fault, in words."""
    injected: int
    """The number of injections: moments killed, reads made, builds compared."""
    outcome: str
    """The outcome, in a few words."""
    is_kept: bool
    """Whether the promise was always kept."""


@dataclass(frozen=True)
class Place:
    """Seeds and a warehouse in one folder."""

    folder: Path

    @property
    def seeds(self) -> Path:
        return self.folder / "seeds"

    @property
    def published(self) -> Path:
        return self.folder / "warehouse" / "closedloop.duckdb"

    def command(self, *arguments: object) -> list[str]:
        """The command line of `closedloop build` here, with further arguments."""
        places = ["--seeds", str(self.seeds), "--warehouse", str(self.published)]
        return [str(COMMAND), "build", *places, *map(str, arguments)]

    def build(self, *arguments: object, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """Run `closedloop build` to its end."""
        return subprocess.run(
            self.command(*arguments), capture_output=True, text=True, timeout=LONG_S, check=False, env=environment(env)
        )


def place(folder: Path) -> Place:
    """The small ledger in a folder, without a build."""
    small.write(folder / "seeds")
    return Place(folder)


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment without a Dagster home."""
    return {k: v for k, v in os.environ.items() if k != "DAGSTER_HOME"} | dict(more or {})


def bytes_sha256(published: Path) -> str:
    """Hash of the file: equal only if the file is unchanged."""
    return hashlib.sha256(published.read_bytes()).hexdigest() if published.exists() else "none"


def contents(published: Path) -> dict[str, tuple[int, str]]:
    """Rows and content of every published table outside `quality`, read from the tables themselves.

    Errors: duckdb.Error if the file is incomplete.
    """
    with duckdb.connect(str(published), read_only=True) as connection:
        names = connection.execute(
            "select schema_name, table_name from duckdb_tables() where schema_name <> 'quality' order by all"
        ).fetchall()
        found = {}
        for schema, table in names:
            rows = connection.execute(f'select * from "{schema}"."{table}" order by all').fetchall()
            found[f"{schema}.{table}"] = (len(rows), hashlib.sha256(repr(rows).encode()).hexdigest())
    return found


def publication(published: Path) -> str:
    """Name of the last publication in the file."""
    with duckdb.connect(str(published), read_only=True) as connection:
        found = connection.execute(
            "select publication_id from quality.publications order by publication_number desc limit 1"
        ).fetchone()
    assert found, "a published file without a publication"
    return str(found[0])


def holder(place: Place) -> int | None:
    """The process that holds the lock of the warehouse, if there is one."""
    try:
        return int(json.loads(Paths(place.published).holder.read_text(encoding="utf-8"))["pid"])
    except (OSError, ValueError):
        return None


def until(condition: Callable[[], Any], what: str, seconds: float = LONG_S) -> Any:
    """Wait for a true value, and return it.

    Errors: AssertionError after the time limit.
    """
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, f"no {what} in {seconds:.0f} s"
        time.sleep(0.02)
    return found


def as_json(results: list[Result]) -> str:
    """Results in the form stored for the README."""
    return json.dumps([vars(r) for r in results], indent=1, ensure_ascii=False) + "\n"
