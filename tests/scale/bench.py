"""What size costs: `python -m tests.scale.bench [SECTION ...]`. Time and memory against size, beside other hands.

Everything is a ratio of medians of processes that ran in turn. The results go into `results.json`, from which the
README's table is made (`make docs`). A folder for the made-up ledgers is kept in `CLOSEDLOOP_BENCH_FOLDER`, if set.
"""

from __future__ import annotations

import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import polars as pl

from tests.bench import run
from tests.fleet.cluster import Cluster
from tests.scale import inputs

RESULTS = Path(__file__).with_name("results.json")
SIZES = (10_000, 100_000, 1_000_000, 2_000_000)
LARGEST_IN_PANDAS = 1_000_000
TIMES = 9
"""So many times the largest ledger: about 400 million rows of a schedule."""
BUILDS = (10_000, 100_000, 1_000_000)
ROUNDS = 5

Row = Mapping[str, object]


class Measured:
    """Seconds and megabytes of one contender on one input, round by round."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.megabytes: list[float] = []

    @property
    def time(self) -> float:
        return statistics.median(self.seconds)

    @property
    def memory(self) -> float:
        return statistics.median(self.megabytes)


def contend(names: Sequence[str], ledger: Path, folder: Path, rounds: int, *more: str) -> dict[str, Measured]:
    """Let the contenders work in turn; each must come to the same rows, cents and cents so far."""
    found = {name: Measured() for name in names}
    sums = set()
    for _ in range(rounds):
        for name in names:
            out = folder / f"{name}.parquet"
            command = [sys.executable, "-m", "tests.scale.contenders", name, str(ledger), str(out), *more]
            said = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
            found[name].seconds.append(float(said[0]))
            found[name].megabytes.append(float(said[1]))
            sums.add(
                pl.scan_parquet(out)
                .select(pl.col("quarters").sum(), pl.col("cents").sum(), pl.col("cents_so_far").cast(pl.Int128).sum())
                .collect()
                .row(0)
            )
            out.unlink()
    if len(sums) != 1:
        sys.exit(f"{ledger}: the contenders differ: {sums}")
    (rows, _, _) = sums.pop()
    print(f"{ledger.name}: {rows:,} rows", flush=True)
    for name, m in found.items():
        print(f"  {name:10} {m.time:8.2f} s {m.memory:8.0f} MB", flush=True)
    return found


def _beside(what: str, found: Mapping[str, Measured], other: str, aim: str) -> Row:
    mine, theirs = found["parts"], found[other]
    ratio = statistics.median(a / b for a, b in zip(mine.seconds, theirs.seconds, strict=True))
    return {
        "what": what,
        "against": {"duckdb": "DuckDB SQL by hand", "streaming": "Polars streaming", "pandas": "pandas"}[other],
        "time": f"{ratio:.2f} ×",
        "aim": aim,
        "memory": f"{mine.memory:,.0f} MB",
        "theirs": f"{theirs.memory:,.0f} MB",
    }


def schedules(folder: Path) -> list[Row]:
    """Schedules of a size with sums by counterparty, by several hands."""
    rows: list[Row] = []
    seconds = []
    for legs in SIZES:
        names = ["parts", "duckdb", "streaming", *(["pandas"] if legs <= LARGEST_IN_PANDAS else [])]
        found = contend(names, inputs.made("promises", legs, folder), folder, ROUNDS)
        seconds.append(found["parts"].time)
        for other in names[1:]:
            aim = "≤ 1.1, ≤ 2 GB" if (other, legs) == ("duckdb", SIZES[-1]) else ""
            rows.append(_beside(f"schedules and sums by counterparty, {legs:,} legs", found, other, aim))
    slope = math.log(seconds[-1] / seconds[1]) / math.log(SIZES[-1] / SIZES[1])
    told = f"slope: time grows with the {slope:.2f}th power of the legs, from {SIZES[1]:,} to {SIZES[-1]:,}"
    return [*rows, {"what": told, "against": "–", "time": "", "aim": "", "memory": "", "theirs": ""}]


def large(folder: Path) -> list[Row]:
    """About 400 million rows, in bounded memory."""
    found = contend(["parts", "duckdb"], inputs.made("promises", SIZES[-1], folder, TIMES), folder, 3)
    what = f"the same, {SIZES[-1] * TIMES:,} legs, about 400 million rows"
    return [_beside(what, found, "duckdb", "≤ 1.0, ≤ 2.5 GB")]


def dask(folder: Path) -> list[Row]:
    """The same parts on two worker processes."""
    legs = SIZES[2]
    with tempfile.TemporaryDirectory() as place:
        cluster = Cluster(Path(place))
        try:
            cluster.worker()
            cluster.worker()
            found = contend(["parts", "dask"], inputs.made("promises", legs, folder), folder, ROUNDS, cluster.address)
        finally:
            cluster.close()
    pairs = zip(found["dask"].seconds, found["parts"].seconds, strict=True)
    return [
        {
            "what": f"the same parts, {legs:,} legs, on a scheduler and two Dask workers",
            "against": "this process, two threads",
            "time": f"{statistics.median(a / b for a, b in pairs):.2f} ×",
            "aim": "≤ 1.7",
            "memory": "",
            "theirs": f"{found['parts'].memory:,.0f} MB",
        }
    ]


def builds(folder: Path) -> list[Row]:
    """Whole builds, gates and publishing and report with them."""
    command = str(Path(sys.executable).with_name("closedloop"))
    rows: list[Row] = []
    before: tuple[int, float] | None = None
    for legs in BUILDS:
        seeds = inputs.made("ledger", legs, folder)
        with tempfile.TemporaryDirectory(dir=folder) as place:
            done = run([command, "build", "--seeds", str(seeds), "--warehouse", f"{place}/closedloop.duckdb"])
        each = done.seconds / legs
        print(f"build of {legs:,} legs: {done.seconds:.0f} s, {done.peak_mb:.0f} MB", flush=True)
        rows.append(
            {
                "what": f"a whole build, {legs:,} legs",
                "against": f"a whole build of {before[0]:,} legs, time per leg" if before else "–",
                "time": f"{each / before[1]:.2f} ×" if before else "",
                "aim": "≤ 1.2, ≤ 6 GB" if legs == BUILDS[-1] else "",
                "memory": f"{done.peak_mb:,.0f} MB",
                "theirs": "",
            }
        )
        before = (legs, each)
    return rows


SECTIONS: Mapping[str, Callable[[Path], list[Row]]] = {
    "schedules": schedules,
    "large": large,
    "dask": dask,
    "builds": builds,
}


def main() -> None:
    """Measure the sections that are named, or all, and keep what was found."""
    kept = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(os.environ.get("CLOSEDLOOP_BENCH_FOLDER", place))
        folder.mkdir(exist_ok=True)
        for name in sys.argv[1:] or SECTIONS:
            kept[name] = SECTIONS[name](folder)
            RESULTS.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
