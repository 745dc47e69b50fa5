"""metrics.coverage_simulation and metrics.first_shortfall: coverage drawn thousands of times, per day and scenario.

The draws depend on the seed, the scenario and the ledger of the day, never on threads or on what else is computed.
Not here: what is drawn (`assets.metrics.simulation_cases`), how (`assets.finance.simulation`), of whom the ledger knows
enough to give figures (`assets.metrics.completeness`).
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache, reduce
from itertools import groupby

import polars as pl

from assets.contracts.completeness import CELL, REASON
from assets.contracts.model import Table
from assets.contracts.simulation import COVERAGE_FIGURES, COVERAGE_SIMULATION, FIRST_SHORTFALL, SHORTFALL_FIGURES
from assets.facts.assumptions import as_dict, scenarios_wide
from assets.finance.quantiles import ChunkResult, summarise
from assets.finance.simulation import Case, pieces, simulate_chunks
from assets.metrics.simulation_cases import Ledger, cases_on, ledger_of, standing_on
from assets.steps import Built, Executor, Inputs, Step

DRAWS_VARIABLE = "CLOSEDLOOP_DRAWS"
MOST_DRAWS = 2**31 - 1


def draws_wanted(default: float, environment: Mapping[str, str] = os.environ) -> int:
    """How many draws: the environment variable CLOSEDLOOP_DRAWS where it is set, else the assumption.

    Errors: ValueError naming the variable, unless it is a positive whole number.
    """
    told = environment.get(DRAWS_VARIABLE, "").strip()
    if not told:
        return int(default)
    if not (told.isascii() and told.isdigit() and 1 <= int(told) <= MOST_DRAWS):
        raise ValueError(f"{DRAWS_VARIABLE} must be a whole number from 1 to {MOST_DRAWS}, got {told!r}")
    return int(told)


def simulated_days(first_day: dt.date, last_day: dt.date) -> list[dt.date]:
    """Every quarter end from the first day on that is over on the last day, and the last day itself."""
    starts = pl.date_range(first_day, last_day, interval="1q", eager=True).dt.truncate("1q")
    ends = starts.dt.offset_by("1q").dt.offset_by("-1d")
    return [*(d for d in ends.unique().sort() if first_day <= d < last_day), last_day]


@lru_cache(maxsize=1)
def simulate_days(
    ledger: Ledger, days: tuple[tuple[dt.date, int], ...], executor: Executor
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Coverage and first shortfall on each day, with the number of draws that the day is given.

    Grain: the frames of metrics.coverage_simulation and metrics.first_shortfall. `executor` changes the time, not the
    result. The last answer is kept: the two tables of one build come from the same draws.
    """
    seed = int(ledger.assumptions["simulation_seed"])
    jobs: list[_Job] = []
    for day, draws in days:
        standing = standing_on(day, ledger)
        for position, scenario in enumerate(ledger.scenarios.iter_rows(named=True)):
            cases = cases_on(day, scenario, ledger, standing)
            jobs += [_Job(day, draws, seed, position, scenario["scenario_id"], c) for c in cases]
    tasks = [_Task(job, chunks) for job in jobs for chunks in pieces(job.draws)]
    done = groupby(zip(tasks, executor.map(_Task.run, tasks), strict=True), key=lambda pair: id(pair[0].job))
    results = [summarise(reduce(ChunkResult.merge, (part for _, part in parts))) for _, parts in done]
    coverage = [job.labelled(result.coverage) for job, result in zip(jobs, results, strict=True)]
    first = [job.labelled(result.first_shortfall) for job, result in zip(jobs, results, strict=True)]
    return _table(COVERAGE_SIMULATION, coverage), _table(FIRST_SHORTFALL, first)


@dataclass(frozen=True, eq=False)
class _Job:
    """One case to be simulated."""

    day: dt.date
    draws: int
    seed: int
    position: int
    scenario_id: str
    case: Case

    def labelled(self, frame: pl.DataFrame) -> pl.DataFrame:
        return frame.with_columns(as_of_date=pl.lit(self.day), scenario_id=pl.lit(self.scenario_id))


@dataclass(frozen=True, eq=False)
class _Task:
    """Some chunks of a job: what is sent to whoever works."""

    job: _Job
    chunks: range

    def run(self) -> ChunkResult:
        job = self.job
        return simulate_chunks(job.case, self.chunks, draws=job.draws, seed=job.seed, scenario=job.position)


def _table(table: Table, pieces: list[pl.DataFrame]) -> pl.DataFrame:
    if not pieces:
        return pl.DataFrame(schema=table.polars_schema)
    return table.conform(pl.concat(pieces)).sort(table.key, nulls_last=True)


def answered(
    coverage: pl.DataFrame, first_shortfall: pl.DataFrame, completeness: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Both tables with figures only of whom the ledger knows enough; of all others the reason why not.

    Grain: as given; of first_shortfall one row without year for each day, scenario and entity that is not measurable.
    """
    reasons = completeness.select(*CELL, REASON)
    is_answered = pl.col(REASON).is_null()
    years, firsts = (
        frame.drop(REASON, strict=False).join(reasons, on=CELL, how="left", maintain_order="left")
        for frame in (coverage, first_shortfall)
    )
    return (
        COVERAGE_SIMULATION.conform(years.with_columns(pl.when(is_answered).then(pl.col(COVERAGE_FIGURES)))),
        FIRST_SHORTFALL.conform(
            firsts.filter(is_answered | pl.col("year").is_null()).with_columns(
                pl.when(is_answered).then(pl.col(SHORTFALL_FIGURES))
            )
        ),
    )


def days_simulated(inputs: Inputs) -> list[dt.date]:
    """The days on which the ledger is simulated: see `simulated_days`."""
    first_year = int(as_dict(inputs.read("staging.assumptions"))["simulation_first_year"])
    days = [inputs.read(t)["known_from"].max() for t in ("facts.commitments", "facts.capacity", "facts.financials")]
    return simulated_days(dt.date(first_year, 1, 1), max(d for d in days if isinstance(d, dt.date)))


def _simulated(inputs: Inputs) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Both tables from the same draws; the last answer of `simulate_days` is kept for the second of them.

    Whoever is not measurable is drawn all the same: the draws of one entity depend on who else is in its case.
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
    drawn = simulate_days(ledger, tuple((d, draws if d == days[-1] else history) for d in days), inputs.executor)
    return answered(*drawn, inputs.read("metrics.completeness"))


def _build_coverage(inputs: Inputs) -> Built:
    return Built(_simulated(inputs)[0])


def _build_first_shortfall(inputs: Inputs) -> Built:
    return Built(_simulated(inputs)[1])


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
STEPS = (
    Step(COVERAGE_SIMULATION, READS, _build_coverage),
    Step(FIRST_SHORTFALL, READS, _build_first_shortfall),
)
