"""Readers as processes: each queries the published file repeatedly and records the results.

Every read is one connection: the publication id, hashes of several tables, and the id again. Run: python -m
tests.system.faults.readers KIND FILE, until standard input is closed.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.places import PROJECT

LAST = "select publication_id from quality.publications order by published_at desc, publication_id limit 1"

TABLES = ("raw.claims", "staging.claims", "metrics.claims", "facts.commitments", "metrics.headline")

MARKS = [f"select count(*) || ' ' || sum(hash(t)) from {name} as t" for name in TABLES]

KINDS = ("new connection", "closedloop query", "one connection")
"""A new connection of DuckDB per read; the product's own way to query; one connection for the lifetime of the reader.
"""

PAUSE_S = 0.05
"""Pause between two reads of one reader, so that eight readers leave time for the builds."""

Asked = Callable[[str], object]


def seen(ask: Asked) -> tuple[str, str]:
    """One read: the publication, and hashes of the tables.

    Errors: AssertionError if the publication changed during the read.
    """
    publication = str(ask(LAST))
    marks = " | ".join(str(ask(sql)) for sql in MARKS)
    again = str(ask(LAST))
    assert publication == again, f"{publication} became {again} within one connection"
    return publication, marks


def read(published: Path) -> tuple[str, str]:
    """One read by a new connection of DuckDB."""
    import duckdb

    with duckdb.connect(str(published), read_only=True) as connection:
        return seen(lambda sql: _only(connection.execute(sql).fetchall()))


def read_by_query(published: Path) -> tuple[str, str]:
    """One read that opens the file like `closedloop query`."""
    from assets.warehouse.questions import reading

    with reading(published) as connection:
        return seen(lambda sql: _only(connection.sql(sql).fetchall()))


def _only(rows: list[tuple[object]]) -> object:
    ((value,),) = rows
    return value


def main(kind: str, published: Path) -> None:
    """Read until standard input is closed, then print the results."""
    import duckdb

    stop = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()
    reads, pairs, errors = 0, set(), []
    if kind == "one connection":
        held = duckdb.connect(str(published), read_only=True)
        one = lambda: seen(lambda sql: _only(held.execute(sql).fetchall()))  # noqa: E731 - as its siblings
    else:
        one = lambda: (read if kind == "new connection" else read_by_query)(published)  # noqa: E731 - as above
    print("ready", flush=True)
    while not stop.is_set():
        try:
            pairs.add(one())
        except Exception as error:  # noqa: BLE001 - every error of a reader is what is looked for
            errors.append(f"{type(error).__name__}: {error}")
        reads += 1
        time.sleep(PAUSE_S)
    print(json.dumps({"reads": reads, "pairs": sorted(pairs), "errors": errors}))


@dataclass
class Reader:
    """A reader that runs during the builds."""

    kind: str
    published: Path
    process: subprocess.Popen[str] = field(init=False)

    def __post_init__(self) -> None:
        """Start it and wait until it reads."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.system.faults.readers", self.kind, str(self.published)],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        assert self.process.stdout.readline() == "ready\n"

    def observed(self) -> dict[str, list[str]]:
        """Stop it; returns the number of reads, the publications seen, and errors."""
        out, _ = self.process.communicate(timeout=120)
        return json.loads(out)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
