"""The simulation that metrics.coverage_simulation and metrics.first_shortfall share; it runs once for both.

The draws depend only on the seed, the scenario and the ledger of the day, not on threads or other computations.
Not here: the inputs (`assets.metrics.simulation_inputs`), drawing (`assets.finance.simulation`), which entities are
measurable (`assets.metrics.completeness`).
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache, reduce
from itertools import groupby

import polars as pl

from assets.core.size import Executor
from assets.core.step import Inputs
from assets.facts.assumptions import as_dict, scenarios_wide
from assets.finance.quantiles import ChunkResult, Collect, exactly, nobody, summarise
from assets.finance.simulation import Case, pieces, simulate_chunks
from assets.metrics.completeness import CELL, REASON
from assets.metrics.simulated_days import days_simulated
from assets.metrics.simulation_columns import KEY
from assets.metrics.simulation_inputs import Ledger, cases_on, ledger_of, standing_on

DRAWS_VARIABLE = "CLOSEDLOOP_DRAWS"

MOST_DRAWS = 2**31 - 1


def draws_wanted(default: float, environment: Mapping[str, str] = os.environ) -> int:
    """The number of draws: the environment variable CLOSEDLOOP_DRAWS if set, else the assumption.

    Errors: ValueError that names the variable if it is not a positive whole number.
    """
    given = environment.get(DRAWS_VARIABLE, "").strip()
    if not given:
        return int(default)
    if not (given.isascii() and given.isdigit() and 1 <= int(given) <= MOST_DRAWS):
        raise ValueError(f"{DRAWS_VARIABLE} must be a whole number from 1 to {MOST_DRAWS}, got {given!r}")
    return int(given)


@lru_cache(maxsize=1)
def simulate_days(
    ledger: Ledger,
    days: tuple[tuple[dt.date, int], ...],
    executor: Executor,
    collect: Callable[[int, int], Collect] = exactly,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Coverage and first shortfall on each day, with the number of draws given for the day.

    Grain: as_of_date, scenario_id, entity_id and year (null for no shortfall). `executor` changes the time, not the
    result; `collect` creates the collector of drawn numbers. The last result is cached, so that both tables of a
    build come from the same draws.
    """
    seed = int(ledger.assumptions["simulation_seed"])
    jobs: list[_Job] = []
    for day, draws in days:
        standing = standing_on(day, ledger)
        for position, scenario in enumerate(ledger.scenarios.iter_rows(named=True)):
            cases = cases_on(day, scenario, ledger, standing)
            jobs += [
                _Job(day, draws, seed, position, scenario["scenario_id"], c, collect(c.cells, draws)) for c in cases
            ]
    tasks = [_Task(job, chunks) for job in jobs for chunks in pieces(job.draws)]
    done = groupby(zip(tasks, executor.map(_Task.run, tasks), strict=True), key=lambda pair: id(pair[0].job))
    results = [summarise(reduce(ChunkResult.merge, (part for _, part in parts))) for _, parts in done]
    drawn = [(job.day, job.scenario_id, result) for job, result in zip(jobs, results, strict=True)]
    drawn = drawn or [(dt.date.min, "", nobody())]
    return (
        _in_order(_labelled(result.coverage, day, scenario_id) for day, scenario_id, result in drawn),
        _in_order(_labelled(result.first_shortfall, day, scenario_id) for day, scenario_id, result in drawn),
    )


def _labelled(frame: pl.DataFrame, day: dt.date, scenario_id: str) -> pl.DataFrame:
    return frame.with_columns(as_of_date=pl.lit(day), scenario_id=pl.lit(scenario_id))


def _in_order(frames: Iterable[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(frames).sort(*KEY, "year", nulls_last=True)


@dataclass(frozen=True, eq=False)
class _Job:
    """One case to be simulated."""

    day: dt.date
    draws: int
    seed: int
    position: int
    scenario_id: str
    case: Case
    collect: Collect


@dataclass(frozen=True, eq=False)
class _Task:
    """Some chunks of a job, to be sent to a worker."""

    job: _Job
    chunks: range

    def run(self) -> ChunkResult:
        job = self.job
        return simulate_chunks(
            job.case, self.chunks, draws=job.draws, seed=job.seed, scenario=job.position, collect=job.collect
        )


def simulated(inputs: Inputs) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Coverage and first shortfall from the same draws (`simulate_days`), with the reason if not measurable.

    Entities that are not measurable are simulated too, since the draws of an entity depend on the others in its case.
    """
    assumptions = as_dict(inputs.read("staging.assumptions"))
    days = days_simulated(inputs)
    ledger = inputs.by_size(ledger_of)(
        days,
        inputs.read("facts.commitments"),
        inputs.chunks("facts.commitment_schedule"),
        inputs.read("facts.revenue_coverage"),
        inputs.read("facts.cost_per_gw"),
        scenarios_wide(inputs.read("staging.scenarios")),
        assumptions,
    )
    draws = inputs.draws or draws_wanted(assumptions["simulation_draws"])
    history = min(draws, int(assumptions["simulation_draws_history"]))
    asked = tuple((d, draws if d == days[-1] else history) for d in days)
    drawn = simulate_days(ledger, asked, inputs.executor, inputs.by_size(exactly))
    coverage, first = (with_reason(frame, inputs.read("metrics.completeness")) for frame in drawn)
    return coverage, first


def with_reason(frame: pl.DataFrame, completeness: pl.DataFrame) -> pl.DataFrame:
    """The rows with the reason why an entity is not measurable; null for a measurable one.

    Grain: as given.
    """
    reasons = completeness.select(*CELL, REASON)
    return frame.drop(REASON, strict=False).join(reasons, on=CELL, how="left", maintain_order="left")


READS = (
    "facts.commitments",
    "facts.commitment_schedule",
    "facts.revenue_coverage",
    "facts.cost_per_gw",
    "facts.capacity",
    "facts.financials",
    "metrics.completeness",
    "staging.scenarios",
    "staging.assumptions",
)
