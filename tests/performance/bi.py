"""The speed of the published file for BI tools: `make bench ARGS=files`.

Every table of `bi` against a full scan of the largest table under it; opening and listing against opening an empty
file; many readers of one file against readers of copies.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import duckdb

from tests.performance.rows import COMMAND, Row, ratio, run, taken, times, turns

ROUNDS = 15

READERS = (1, 2, 4, 8)

READS = 60

LIST = "select schema_name, table_name from duckdb_tables()"

OPEN_AND_LIST = f"import sys, duckdb; duckdb.connect(sys.argv[1], read_only=True).execute({LIST!r}).fetchall()"

OPEN = "import sys, duckdb; duckdb.connect(sys.argv[1], read_only=True)"

READ = f"""
import sys, duckdb
for _ in range({READS}):
    with duckdb.connect(sys.argv[1], read_only=True, config={{"threads": 1}}) as connection:
        connection.execute("select entity, net_commitment_usd from bi.headline where is_current").fetchall()
        connection.execute("select payer, flow, net_amount_usd from bi.commitments where is_current").fetchall()
"""


def beside(one: Callable[[], object], other: Callable[[], object]) -> float:
    """The time of one call divided by that of another."""
    return ratio(*turns({"one": partial(taken, one), "other": partial(taken, other)}, ROUNDS, warm=1).values())


def tables(published: Path) -> list[tuple[str, str, float]]:
    """Every table of `bi`, the largest table under it by cells, and the ratio of reading both whole."""
    with duckdb.connect(str(published), read_only=True) as connection:
        cells = dict(
            connection.execute(
                "select schema_name || '.' || table_name, estimated_size * column_count from duckdb_tables()"
            ).fetchall()
        )
        sources = connection.execute(
            "select 'bi.' || table_name, any_value(source) from quality.dictionary "
            "where schema_name = 'bi' group by all"
        ).fetchall()

        def whole(name: str) -> Callable[[], object]:
            return lambda: connection.execute(f"from {name}").fetchall()

        found = []
        for name, source in sources:
            largest = max(source.split(", "), key=cells.__getitem__)
            found.append((name, largest, beside(whole(name), whole(largest))))
        return sorted(found, key=lambda row: -row[2])


def opening(published: Path, folder: Path) -> dict[str, float]:
    """Opening and listing the tables against opening an empty file: as a process, and inside one."""
    empty = folder / "empty.duckdb"
    duckdb.connect(str(empty)).close()

    def process(code: str, path: Path) -> Callable[[], object]:
        return lambda: subprocess.run([sys.executable, "-c", code, path], check=True)

    def inside(path: Path, *, is_listed: bool) -> Callable[[], object]:
        def act() -> None:
            with duckdb.connect(str(path), read_only=True) as connection:
                if is_listed:
                    connection.execute(LIST).fetchall()

        return act

    bare = inside(empty, is_listed=False)
    return {
        "python that opens it and lists its tables": beside(process(OPEN_AND_LIST, published), process(OPEN, empty)),
        "in one process: opening it and listing": beside(inside(published, is_listed=True), bare),
        "in one process: the same of the empty file": beside(inside(empty, is_listed=True), bare),
    }


def many(published: Path, folder: Path) -> dict[int, tuple[float, float]]:
    """Readers at once: reads a second against one reader, and against readers that have a copy each."""
    copies = [Path(shutil.copy(published, folder / f"copy{n}.duckdb")) for n in range(max(READERS))]

    def at_once(paths: list[Path]) -> Callable[[], object]:
        def act() -> None:
            started = [subprocess.Popen([sys.executable, "-c", READ, path]) for path in paths]
            codes = [process.wait() for process in started]
            if any(codes):
                sys.exit("a reader failed")

        return act

    one = statistics.median(taken(at_once([published])) for _ in range(3))
    found = {}
    for readers in READERS:
        together, apart = at_once([published] * readers), at_once(copies[:readers])
        spent = turns({"shared": partial(taken, together), "own": partial(taken, apart)}, 3)
        throughput = statistics.median(one * readers / shared for shared in spent["shared"])
        found[readers] = (throughput, ratio(spent["shared"], spent["own"]))
    return found


def rows(folder: Path) -> list[Row]:
    """The published file of the real ledger."""
    with tempfile.TemporaryDirectory(dir=folder) as made:
        published = Path(made) / "closedloop.duckdb"
        run([COMMAND, "build", "--warehouse", str(published)])
        slowest = tables(published)
        opened = opening(published, Path(made))
        read = many(published, Path(made))
    return [
        *(Row(f"{n}, whole", f"full scan of {largest}", times(found), "≤ 3") for n, largest, found in slowest[:3]),
        Row(
            f"median of all {len(slowest)} tables of bi",
            "full scan of the largest table under each",
            times(statistics.median(found for *_, found in slowest)),
            "≤ 3",
        ),
        *(
            Row(
                what,
                "the same way to open an empty file",
                times(found),
                "≤ 1.5" if what.startswith("python") else "",
            )
            for what, found in opened.items()
        ),
        *(
            row
            for readers, (throughput, against_copies) in read.items()
            for row in (
                Row(f"{readers} readers, reads a second", "one reader", times(throughput)),
                Row(f"{readers} readers of one file, time", "of a copy each", times(against_copies)),
            )
        ),
    ]
