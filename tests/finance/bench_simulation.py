"""How fast the simulation is beside NumPy that only draws, and what memory it takes.

    python -m tests.finance.bench_simulation [--draws 1000000] [--threads 2]

Prints ratios; ends with 1 if the throughput is below half of bare NumPy or the peak above 1 GB.
"""

import argparse
import resource
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from assets.finance.simulation import CHUNK_DRAWS, Case, Funding, Obligations, simulate, simulate_chunk

ENTITIES, LEGS_OF_THE_LARGEST, LEGS, FUNDING_LEGS, COMPONENTS, SCENARIOS = 12, 60, 120, 30, 3, 5
SHAPE, SCALE_QUARTERS = 2.0, 1.5
LEAST_RATIO, MOST_GB = 0.5, 1.0


def real_size(years: int) -> Case:
    """A ledger of the real size: 60 legs of one entity, 120 in all, two in five imputed."""
    rng = np.random.default_rng(20251123)
    others = rng.integers(1, ENTITIES, LEGS - LEGS_OF_THE_LARGEST)
    due = np.zeros((LEGS, 4 * years))
    for leg in range(LEGS):
        start = rng.integers(0, 2 * years)
        due[leg, start : start + rng.integers(8, 24)] = rng.lognormal(21, 1)
    imputed = rng.random(LEGS) < 0.4
    return Case(
        entity_ids=tuple(f"entity_{i}" for i in range(ENTITIES)),
        first_year=2026,
        revenue_usd=rng.lognormal(24, 1, (ENTITIES, 1)) * 1.3 ** np.arange(years),
        obligations=Obligations(
            entity=np.concatenate([np.zeros(LEGS_OF_THE_LARGEST), others]),
            probability=rng.choice([0.25, 0.3, 0.6, 0.85, 0.95, 1.0], LEGS),
            quarterly_usd=due,
            low=np.where(imputed, 1.0, rng.choice([0.0, 0.9, 1.0], LEGS)),
            high=np.where(imputed, 1.0, rng.choice([1.0, 1.1, 1.5], LEGS)),
            component=np.where(imputed, rng.integers(0, COMPONENTS, LEGS), -1),
        ),
        funding=Funding(
            entity=rng.integers(0, ENTITIES, FUNDING_LEGS),
            probability=0.85,
            yearly_usd=rng.lognormal(22, 1, (FUNDING_LEGS, years)),
        ),
        growth_sigma=0.25,
        opening_cash_usd=1e10,
        other_cost_ratio=0.525,
        delay_shape=SHAPE,
        delay_scale_quarters=SCALE_QUARTERS,
        cost_per_gw=[[0.8, 1.0, 1.3]] * COMPONENTS,
    )


def bare(years: int) -> Callable[[], object]:
    """NumPy drawing as many numbers of the same distributions, and doing nothing with them."""
    rng = np.random.default_rng(1)
    alpha = rng.choice([1.0, 3.0, 5.0], LEGS)
    chance = rng.random(LEGS)

    def draw() -> None:
        for _ in range(8):  # blocks that stay in the cache, as in the simulation
            draws = CHUNK_DRAWS // 8
            rng.standard_normal((draws, ENTITIES, years))
            rng.gamma(SHAPE, SCALE_QUARTERS, (draws, LEGS))
            _ = rng.random((draws, LEGS)) < chance
            rng.beta(alpha, 6 - alpha, (draws, LEGS))
            _ = rng.random((draws, FUNDING_LEGS)) < chance[0]
            rng.beta(3.0, 3.0, (draws, COMPONENTS))

    return draw


def fastest(*calls: Callable[[], object], rounds: int = 9) -> list[float]:
    """Least processor seconds of each call, taken in turns so that a busy machine bothers all alike."""
    best = [float("inf")] * len(calls)
    for _ in range(rounds):
        for i, call in enumerate(calls):
            start = time.process_time()
            call()
            best[i] = min(best[i], time.process_time() - start)
    return best


def throughput() -> float:
    """Print draws per second of one core, ours and bare; give the ratio."""
    case = real_size(years=11)
    ours, numpys = fastest(lambda: simulate_chunk(case, 0, draws=CHUNK_DRAWS, seed=1), bare(years=11))
    print(f"one core: {CHUNK_DRAWS / ours:,.0f} draws/s, bare NumPy {CHUNK_DRAWS / numpys:,.0f} draws/s")
    print(f"throughput / bare NumPy: {numpys / ours:.2f} (at least {LEAST_RATIO})")
    return numpys / ours


def all_scenarios(years: int, draws: int, threads: int) -> None:
    """Print the time of all scenarios."""
    with ThreadPoolExecutor(threads) as pool:
        start = time.perf_counter()
        for scenario in range(SCENARIOS):
            case = replace(real_size(years), delay_scale_quarters=scenario / 2)
            simulate(case, draws, seed=1, scenario=scenario, map_chunks=pool.map)
        seconds = time.perf_counter() - start
    print(f"{draws:,} draws x {years} years x {SCENARIOS} scenarios, {threads} threads: {seconds:.2f} s")


def peak_gb() -> float:
    """Largest resident memory of this process so far."""
    unit = 1e9 if sys.platform == "darwin" else 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def main() -> int:
    """Measure and judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=1_000_000)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    ratio = throughput()
    all_scenarios(11, 20_000, options.threads)
    print(f"peak memory so far: {peak_gb():.2f} GB")
    all_scenarios(10, options.draws, options.threads)
    print(f"peak memory: {peak_gb():.2f} GB (at most {MOST_GB})")
    return int(ratio < LEAST_RATIO or peak_gb() > MOST_GB)


if __name__ == "__main__":
    sys.exit(main())
