"""How fast the published file answers BI tools, as ratios of one run: `python -m tests.bi.bench FILE`.

Every table of `bi` against a full scan of the largest table under it; opening and listing against opening an empty
file; many readers of one file against readers of copies.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
from rich.console import Console
from rich.table import Table

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


def seconds(act: Callable[[], object]) -> float:
    """Wall time of one call."""
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def ratio(one: Callable[[], object], other: Callable[[], object]) -> float:
    """Median of the ratios of pairs, after one pair that is not counted."""
    pairs = [(seconds(one), seconds(other)) for _ in range(ROUNDS + 1)][1:]
    return statistics.median(a / b for a, b in pairs)


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
            found.append((name, largest, ratio(whole(name), whole(largest))))
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
        "python that opens it and lists its tables": ratio(process(OPEN_AND_LIST, published), process(OPEN, empty)),
        "in one process: opening it and listing": ratio(inside(published, is_listed=True), bare),
        "in one process: the same of the empty file": ratio(inside(empty, is_listed=True), bare),
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

    one = statistics.median(seconds(at_once([published])) for _ in range(3))
    found = {}
    for readers in READERS:
        pairs = [(seconds(at_once([published] * readers)), seconds(at_once(copies[:readers]))) for _ in range(3)]
        found[readers] = (
            statistics.median(one * readers / shared for shared, _ in pairs),
            statistics.median(shared / own for shared, own in pairs),
        )
    return found


def main(published: Path) -> None:
    """Measure and print."""
    console = Console(width=160)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        slowest = tables(published)
        shown = Table("what", "ratio", "aim", "against", box=None)
        for name, largest, found in slowest[:3]:
            shown.add_row(f"{name}, whole", f"{found:.2f}", "≤ 3", f"full scan of {largest}")
        shown.add_row(
            f"median of all {len(slowest)} tables of bi",
            f"{statistics.median(found for *_, found in slowest):.2f}",
            "≤ 3",
            "full scan of the largest table under each",
        )
        for what, found in opening(published, folder).items():
            aim = "≤ 1.5" if what.startswith("python") else "–"
            shown.add_row(what, f"{found:.2f}", aim, "the same way to open an empty file")
        for readers, (throughput, against_copies) in many(published, folder).items():
            shown.add_row(f"{readers} readers, reads a second", f"{throughput:.2f}", "–", "one reader")
            shown.add_row(f"{readers} readers of one file, time", f"{against_copies:.2f}", "–", "of a copy each")
    console.print(shown)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
