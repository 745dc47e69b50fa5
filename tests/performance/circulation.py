"""Time and memory of the circulation measures: `make bench ARGS=finance`.

Limits (issue 3): a random graph of 10⁵ nodes and 10⁶ edges in 90 s and 4 GB on two cores; 1,500 graphs of the
size of the ledger (as-of days × bases) in 2 s.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl

from assets.finance.circulation import loops, maximum_circulation, money_graph_finn, reciprocity
from assets.finance.null_model import circular_share_null
from tests.performance.rows import Row, megabytes, memory_mb, taken, times

NODES, EDGES, GRAPHS, SHUFFLES = 60, 150, 1500, 200

SMALL_S, LARGE_S = 2, 90

LARGE = ((10_000, 100_000), (100_000, 1_000_000))
"""Nodes and edges of the large graphs."""

BESIDE: dict[str, Callable[[pl.DataFrame], object]] = {
    "reciprocity": reciprocity,
    "Finn cycling index": money_graph_finn,
    "loops to length 6, limit 100": lambda frame: loops(frame, 6, limit=100),
}
"""Other measures of the small graphs."""


def random_edges(nodes: int, edges: int, seed: int = 0) -> pl.DataFrame:
    random = np.random.default_rng(seed)
    payer = random.integers(0, nodes, edges)
    payee = (payer + random.integers(1, nodes, edges)) % nodes
    amount = np.round(np.exp(random.normal(18, 2, edges)), 2)
    names = pl.Series([f"entity_{node:06d}" for node in range(nodes)])
    return pl.DataFrame({"payer_id": names.gather(payer), "payee_id": names.gather(payee), "amount_usd": amount})


def large(graphs: tuple[tuple[int, int], ...]) -> list[Row]:
    """One large graph after another; the last has a limit."""
    spent = []
    for nodes, edges in graphs:
        frame = random_edges(nodes, edges)
        spent.append((edges, taken(lambda: maximum_circulation(frame))))  # noqa: B023 - called at once
        print(f"circulation: {nodes:,} nodes, {edges:,} edges: {spent[-1][1]:.2f} s", flush=True)
    (fewer, faster), (most, slowest) = spent[-2:]
    what = f"maximum circulation, a random graph of {nodes:,} nodes and {edges:,} edges"
    against = f"one of {fewer:,} edges, time per edge"
    return [
        Row(what, f"the {LARGE_S} s that it may take", times(slowest / LARGE_S), "≤ 1, ≤ 4 GB", megabytes(memory_mb())),
        Row(what, against, times(slowest / most / (faster / fewer))),
    ]


def small(count: int) -> list[Row]:
    """Graphs of the size of the ledger."""
    frames = [random_edges(NODES, EDGES, seed) for seed in range(count)]

    def all_graphs(measure: Callable[[pl.DataFrame], object]) -> float:
        return taken(lambda: [measure(frame) for frame in frames])

    legs = frames[0].with_columns(flow=pl.Series(["lease", "debt", "chip_purchase"] * (EDGES // 3)))
    circulation = all_graphs(maximum_circulation)
    others = {name: all_graphs(measure) / circulation for name, measure in BESIDE.items()}
    null = taken(lambda: circular_share_null(legs, SHUFFLES)) / (circulation / count * SHUFFLES)
    what = f"maximum circulation, {count:,} graphs of {NODES} nodes and {EDGES} edges"
    return [
        Row(what, f"the {SMALL_S} s that they may take", times(circulation / SMALL_S), "≤ 1"),
        *(Row(f"{name}, the same graphs", "their maximum circulation", times(found)) for name, found in others.items()),
        Row(f"null model, {SHUFFLES} shuffles of {EDGES} legs", f"{SHUFFLES} such circulations", times(null)),
    ]


def rows(_folder: Path, count: int = GRAPHS, graphs: tuple[tuple[int, int], ...] = LARGE) -> list[Row]:
    """Small graphs and large ones."""
    return [*small(count), *large(graphs)]
