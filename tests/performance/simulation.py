"""Speed of the simulation compared with bare NumPy draws, and its memory: `make bench ARGS=finance`."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from assets.finance.simulation import CHUNK_DRAWS, Case, Funding, Obligations, simulate, simulate_chunk
from assets.scale.sketch import by_number
from tests.performance.rows import Row, megabytes, memory_mb, taken, times, turns

ENTITIES, LEGS_OF_THE_LARGEST, LEGS, FUNDING_LEGS, COMPONENTS, SCENARIOS = 12, 60, 120, 30, 3, 5

SHAPE, SCALE_QUARTERS = 2.0, 1.5

DRAWS, USUAL_DRAWS = 1_000_000, 20_000

THREADS = 2

ROUNDS = 9


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
    """NumPy drawing the same number of values from the same distributions, without using them."""
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


def throughput() -> float:
    """Draws per second of one core, ours over bare NumPy's, from the fastest of alternating calls."""
    case = real_size(years=11)
    calls = {"ours": lambda: simulate_chunk(case, 0, draws=CHUNK_DRAWS, seed=1), "numpy": bare(years=11)}
    spent = turns({name: partial(taken, call, time.process_time) for name, call in calls.items()}, ROUNDS)
    return min(spent["numpy"]) / min(spent["ours"])


def all_scenarios(years: int, draws: int) -> float:
    """Seconds of all scenarios for each draw and year."""

    def simulate_all() -> None:
        for scenario in range(SCENARIOS):
            case = replace(real_size(years), delay_scale_quarters=scenario / 2)
            collect = by_number(case.cells, draws)
            simulate(case, draws, seed=1, scenario=scenario, map_chunks=pool.map, collect=collect)

    with ThreadPoolExecutor(THREADS) as pool:
        return taken(simulate_all) / draws / years


def rows(_folder: Path, draws: int = DRAWS) -> list[Row]:
    """Throughput of one core, and a simulation large enough to measure its memory."""
    found = throughput()
    usual, usual_mb = all_scenarios(11, USUAL_DRAWS), memory_mb()
    large, large_mb = all_scenarios(10, draws), memory_mb()
    return [
        Row("simulation, draws a second of one core", "bare NumPy that only draws", times(found), "≥ 0.5"),
        Row(
            f"simulation, {draws:,} draws × 10 years × {SCENARIOS} scenarios, {THREADS} threads",
            f"{USUAL_DRAWS:,} draws × 11 years, time per draw and year",
            times(large / usual),
            "≤ 1 GB",
            megabytes(large_mb),
            megabytes(usual_mb),
        ),
    ]
