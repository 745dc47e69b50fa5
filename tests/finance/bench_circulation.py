"""Time and memory of the circulation measures: ``python -m tests.finance.bench_circulation [--small]``.

Limits (issue 3): a random graph of 10⁵ nodes and 10⁶ edges in 90 s and 4 GB on two cores; 1,500 graphs of the
size of the ledger (as-of days × bases) in 2 s.
"""

import argparse
import resource
import sys
import time

import numpy as np
import polars as pl

from assets.finance.chance import circular_share_null
from assets.finance.circulation import loops, maximum_circulation, money_graph_finn, reciprocity


def random_edges(nodes: int, edges: int, seed: int = 0) -> pl.DataFrame:
    random = np.random.default_rng(seed)
    payer = random.integers(0, nodes, edges)
    payee = (payer + random.integers(1, nodes, edges)) % nodes
    amount = np.round(np.exp(random.normal(18, 2, edges)), 2)
    names = pl.Series([f"entity_{node:06d}" for node in range(nodes)])
    return pl.DataFrame({"payer_id": names.gather(payer), "payee_id": names.gather(payee), "amount_usd": amount})


def time_large(nodes: int, edges: int) -> tuple[float, float]:
    frame = random_edges(nodes, edges)
    start = time.perf_counter()
    result = maximum_circulation(frame)
    seconds = time.perf_counter() - start
    gigabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
    print(
        f"{nodes:>7,} nodes {edges:>9,} edges: {seconds:6.2f} s (limit 90), peak {gigabytes:.2f} GB (limit 4), "
        f"circular share {result.circular_share:.6f}"
    )
    return seconds, gigabytes


def time_small(count: int = 1500, nodes: int = 60, edges: int = 150) -> float:
    frames = [random_edges(nodes, edges, seed) for seed in range(count)]
    measures = {
        "maximum_circulation": maximum_circulation,
        "reciprocity": reciprocity,
        "money_graph_finn": money_graph_finn,
        "loops to length 6, limit 100": lambda frame: loops(frame, 6, limit=100),
    }
    taken = {}
    for name, measure in measures.items():
        start = time.perf_counter()
        for frame in frames:
            measure(frame)
        taken[name] = time.perf_counter() - start
        limit = " (limit 2)" if measure is maximum_circulation else ""
        print(f"{count:,} × {nodes} nodes {edges} edges: {taken[name]:6.2f} s{limit} {name}")
    legs = frames[0].with_columns(flow=pl.Series(["lease", "debt", "chip_purchase"] * 50))
    start = time.perf_counter()
    circular_share_null(legs, 200)
    print(f"  200 shuffles of {edges} legs: {time.perf_counter() - start:6.2f} s circular_share_null")
    return taken["maximum_circulation"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="leave out the graph of 10⁶ edges")
    small_only = parser.parse_args().small
    is_fast = time_small() <= 2
    time_large(10_000, 100_000)
    if not small_only:
        seconds, gigabytes = time_large(100_000, 1_000_000)
        is_fast = is_fast and seconds <= 90 and gigabytes <= 4
    return 0 if is_fast else 1


if __name__ == "__main__":
    sys.exit(main())
