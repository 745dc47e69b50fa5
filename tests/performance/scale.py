"""Cost of whole builds, compared with smaller ones and with hand-written SQL: `make bench ARGS=builds`.

The tables that `tests.performance.warehouse_by_hand` makes must be those of the build. The time of the build for them
is read from Dagster's history: the seconds of their steps, of publishing, and from the start to the first step.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assets.core.paths import Paths
from tests.performance import inputs
from tests.performance.rows import COMMAND, Row, Run, apart, memory, ratio, run, run_module, seconds, slope, times
from tests.performance.warehouse_by_hand import TABLES, same

BUILDS = (10_000, 100_000, 1_000_000)

ROUNDS = {10_000: 2}
"""Number of builds of the sizes that are built more than once."""

PUBLISHING = "published__warehouse"

STEPS = (*(name.replace(".", "__") for name in TABLES), PUBLISHING)
"""The steps that count, by their keys."""


@dataclass(frozen=True)
class Pair:
    """A build, followed by hand-written SQL."""

    build: Run
    on_the_same: float
    """Seconds of the build for the tables that hand-written SQL also makes."""
    by_hand: Run


def step_times(home: Path) -> dict[str, tuple[float, float]]:
    """Start and end of each step of the single run in a Dagster home, by step key, in seconds since 1970."""
    import dagster as dg

    from assets.orchestration.instance import opened

    start, end = dg.DagsterEventType.STEP_START, dg.DagsterEventType.STEP_SUCCESS
    with opened(home) as instance:
        (only,) = instance.get_runs()
        entries = instance.all_logs(only.run_id, of_type={start, end})
    at = {(e.step_key, e.dagster_event.event_type): e.timestamp for e in entries}
    return {step: (at[step, start], ended) for (step, kind), ended in at.items() if kind == end}


def on_the_same(began: float, steps: Mapping[str, tuple[float, float]]) -> float:
    """Seconds from the start to the first step, and of the steps that count."""
    until_first = min(start for start, _ in steps.values()) - began
    return until_first + sum(steps[step][1] - steps[step][0] for step in STEPS)


def pair(seeds: Path, folder: Path) -> Pair:
    """Build from an empty folder, then run hand-written SQL.

    Errors: SystemExit with the differences if the tables differ.
    """
    with tempfile.TemporaryDirectory(dir=folder) as made:
        paths, hand = Paths(Path(made, "closedloop.duckdb")), Path(made, "by_hand")
        began = time.time()
        build = run([COMMAND, "build", "--seeds", str(seeds), "--warehouse", str(paths.published)])
        steps = apart(step_times, paths.dagster_home)
        by_hand = run_module("tests.performance.warehouse_by_hand", str(seeds), str(hand))
        if differences := apart(same, hand / "warehouse.duckdb", paths.published):
            sys.exit("\n".join([f"{seeds}: the tables by hand are not those of the build:", *differences]))
    found = Pair(build, on_the_same(began, steps), by_hand)
    print(f"{seeds.name}: {build.seconds:.0f} s, {build.peak_mb:.0f} MB; {found.on_the_same:.0f} s for what is made by "
          f"hand in {by_hand.seconds:.0f} s, {by_hand.peak_mb:.0f} MB", flush=True)  # fmt: skip
    return found


def rows(folder: Path, sizes: Sequence[int] = BUILDS) -> list[Row]:
    """Whole builds, gates and publishing and report with them."""
    answer: list[Row] = []
    spent: dict[int, float] = {}
    for legs in sizes:
        seeds = inputs.made("ledger", legs, folder)
        pairs = [pair(seeds, folder) for _ in range(ROUNDS.get(legs, 1))]
        answer += _of_a_size(legs, pairs, spent, is_largest=legs == sizes[-1])
        spent[legs] = statistics.median(p.build.seconds for p in pairs)
    return [*answer, slope({legs: spent[legs] for legs in sizes[1:]})]


def _of_a_size(legs: int, pairs: Sequence[Pair], smaller: Mapping[int, float], *, is_largest: bool) -> list[Row]:
    """The rows of a size, given the seconds of the smaller ones."""
    builds, by_hand = [p.build for p in pairs], [p.by_hand for p in pairs]
    of_pairs = f"{len(pairs)} pairs" if len(pairs) > 1 else "one pair"
    against, grown = "–", ""
    if smaller:
        fewer, faster = [*smaller.items()][-1]
        against = f"a whole build of {fewer:,} legs, time per leg"
        grown = times(statistics.median(seconds(builds)) / legs / (faster / fewer))
    return [
        Row(f"a whole build, {legs:,} legs", against, grown, "≤ 1.2, ≤ 6 GB" if is_largest else "", memory(builds)),
        Row(
            f"a whole build, {legs:,} legs",
            f"DuckDB SQL by hand, {len(TABLES)} tables, no gates; {of_pairs}",
            times(ratio(seconds(builds), seconds(by_hand))),
            "",
            memory(builds),
            memory(by_hand),
        ),
        Row(
            f"of a build: start, steps of the same tables with their gates, publishing; {legs:,} legs",
            f"the same SQL; {of_pairs}",
            times(ratio([p.on_the_same for p in pairs], seconds(by_hand))),
            "≤ 2" if is_largest else "",
        ),
    ]
