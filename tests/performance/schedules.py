"""Cost of schedules by size, compared with alternative implementations: `make bench ARGS="schedules large dask"`.

All contenders read the same Parquet files and must give the same rows, cents and cumulative cents.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import polars as pl

from tests.integration.scale.cluster import Cluster
from tests.performance import inputs
from tests.performance.rows import Row, Run, memory, ratio, run_module, seconds, slope, times, turns

SIZES = (10_000, 100_000, 1_000_000, 2_000_000)

LARGEST_IN_PANDAS = 1_000_000

TIMES = 9
"""Multiple of the largest ledger: about 400 million rows of a schedule."""

ON_DASK = 1_000_000

ROUNDS, ROUNDS_OF_LARGE = 5, 1

OTHERS = {"duckdb": "DuckDB SQL by hand", "streaming": "Polars streaming", "pandas": "pandas"}


def contend(names: Sequence[str], ledger: Path, folder: Path, rounds: int, *more: str) -> dict[str, list[Run]]:
    """Run the contenders in turn; each must give the same sums."""
    sums = set()

    def work(name: str) -> Run:
        out = folder / f"{name}.parquet"
        done = run_module("tests.performance.contenders", name, str(ledger), str(out), *more)
        sums.add(
            pl.scan_parquet(out)
            .select(pl.col("quarters").sum(), pl.col("cents").sum(), pl.col("cents_so_far").cast(pl.Int128).sum())
            .collect()
            .row(0)
        )
        out.unlink()
        return done

    found = turns({name: partial(work, name) for name in names}, rounds)
    if len(sums) != 1:
        sys.exit(f"{ledger}: the contenders differ: {sums}")
    (rows, _, _) = sums.pop()
    print(f"{ledger.name}: {rows:,} rows", flush=True)
    for name, runs in found.items():
        print(f"  {name:10} {statistics.median(seconds(runs)):8.2f} s {memory(runs):>11}", flush=True)
    return found


def _beside(what: str, found: Mapping[str, Sequence[Run]], other: str, aim: str) -> Row:
    mine, theirs = found["parts"], found[other]
    return Row(what, OTHERS[other], times(ratio(seconds(mine), seconds(theirs))), aim, memory(mine), memory(theirs))


def schedules(folder: Path, sizes: Sequence[int] = SIZES) -> list[Row]:
    """Schedules by size with sums by counterparty, by all contenders."""
    answer: list[Row] = []
    spent = {}
    for legs in sizes:
        others = [name for name in OTHERS if name != "pandas" or legs <= LARGEST_IN_PANDAS]
        found = contend(["parts", *others], inputs.made("promises", legs, folder), folder, ROUNDS)
        spent[legs] = statistics.median(seconds(found["parts"]))
        for other in others:
            aim = "≤ 1.1, ≤ 2 GB" if (other, legs) == ("duckdb", sizes[-1]) else ""
            answer.append(_beside(f"schedules and sums by counterparty, {legs:,} legs", found, other, aim))
    return [*answer, slope({legs: spent[legs] for legs in sizes[1:]})]


def large(folder: Path, legs: int = SIZES[-1]) -> list[Row]:
    """About 400 million rows, in bounded memory."""
    ledger = inputs.made("promises", legs, folder, TIMES)
    found = contend(["parts", "duckdb"], ledger, folder, ROUNDS_OF_LARGE)
    what = f"schedules and sums by counterparty, {legs * TIMES:,} legs, about 400 million rows; one pair"
    return [_beside(what, found, "duckdb", "≤ 1.0, ≤ 2.5 GB")]


def dask(folder: Path, legs: int = ON_DASK) -> list[Row]:
    """The same parts on two worker processes."""
    ledger = inputs.made("promises", legs, folder)
    with tempfile.TemporaryDirectory() as place:
        cluster = Cluster(Path(place))
        try:
            cluster.worker()
            cluster.worker()
            found = contend(["parts", "dask"], ledger, folder, ROUNDS, cluster.address)
        finally:
            cluster.close()
    return [
        Row(
            f"the same parts, {legs:,} legs, on a scheduler and two Dask workers",
            "this process, two threads",
            times(ratio(seconds(found["dask"]), seconds(found["parts"]))),
            "≤ 1.7",
            theirs=memory(found["parts"]),
        )
    ]


SECTIONS: Mapping[str, Callable[[Path], list[Row]]] = {"schedules": schedules, "large": large, "dask": dask}


def rows(folder: Path, section: str) -> list[Row]:
    """One of the sections."""
    return SECTIONS[section](folder)
