"""metrics.coverage_simulation: coverage from thousands of draws, by day, scenario, entity and year.

Not here: the draws (`assets.metrics.simulated`).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import polars as pl

from assets.core import fields
from assets.core.columns import integer, ratio, share, usd
from assets.core.rule import Read, Rule
from assets.core.step import Built, Inputs, Step
from assets.core.table import Latest, Table
from assets.metrics.completeness import AS_COMPLETENESS_SAYS, REASON, figures_or_reason
from assets.metrics.metric_rules import NOT_OUR_DATA, TOLERANCE
from assets.metrics.simulated import READS, simulated
from assets.metrics.simulation_columns import (
    COVERAGE_FIGURES,
    COVERAGE_QUANTILES,
    DAYS,
    GAP_QUANTILES,
    KEY,
    NOT_ASKED,
    PERCENTS,
    SURE_FIGURES,
)


def ordered(columns: Sequence[str]) -> Rule:
    """Quantiles ascend."""

    def offends(frame: pl.DataFrame, _read: Read) -> pl.Series:
        falls = [pl.col(a) > pl.col(b) * (1 + TOLERANCE) for a, b in pairwise(columns)]
        return frame.select(pl.any_horizontal(falls).fill_null(value=False)).to_series()

    return Rule(
        f"quantiles_ordered:{columns[0]}",
        tuple(columns),
        "a higher quantile cannot lie below a lower one",
        NOT_OUR_DATA,
        offends=offends,
    )


def _due_known(frame: pl.DataFrame, _read: Read) -> pl.Series:
    is_missing = pl.any_horizontal(pl.col(COVERAGE_QUANTILES).is_null())
    is_there = pl.any_horizontal(pl.col(COVERAGE_QUANTILES).is_not_null())
    some = pl.col("draws_due") > 0
    beyond = pl.col("draws_due") > pl.col("draws")
    return frame.select(((some & is_missing) | (~some & is_there) | beyond).fill_null(value=False)).to_series()


def _gap_disagrees(frame: pl.DataFrame, _read: Read) -> pl.Series:
    """A gap quantile is above 0 exactly if enough draws have a shortfall, by their number."""
    short = (pl.col("probability_of_shortfall") * pl.col("draws")).round()
    wrong = []
    for percent, column in zip(PERCENTS, GAP_QUANTILES, strict=True):
        rank = (pl.col("draws") * percent / 100).ceil()
        wrong.append((pl.col(column) > 0) != (rank > pl.col("draws") - short))
    return frame.select(pl.any_horizontal(wrong).fill_null(value=False)).to_series()


COVERAGE_SIMULATION = Table(
    stage="metrics",
    name="coverage_simulation",
    summary=(
        "Quantiles of coverage and funding gap per entity and year when revenue, realisation, amount, delay and cost "
        "per gigawatt are drawn, not weighted. Every spread is an assumption (seeds/assumptions.csv, scenarios.csv)."
    ),
    grain="one row per day of the simulation, scenario, entity and year of its coverage rows in force on that day",
    key=(*KEY, "year"),
    latest=Latest(),
    columns=(
        *fields.of("as_of_date", "scenario_id"),
        fields.here("entity_id", "who owes and earns; entities with a year of unknown revenue are left out"),
        fields.here("year"),
        ratio("p05", "5 % of the draws in which something is due have at most this revenue / obligations"),
        ratio("p25", "25 % of the draws in which something is due have at most this revenue / obligations"),
        ratio("p50", "50 % of the draws in which something is due have at most this revenue / obligations"),
        ratio("p75", "75 % of the draws in which something is due have at most this revenue / obligations"),
        ratio("p95", "95 % of the draws in which something is due have at most this revenue / obligations"),
        usd("funding_gap_p05_usd", "5 % of all draws have at most this funding gap"),
        usd("funding_gap_p25_usd", "25 % of all draws have at most this funding gap"),
        usd("funding_gap_p50_usd", "50 % of all draws have at most this funding gap"),
        usd("funding_gap_p75_usd", "75 % of all draws have at most this funding gap"),
        usd("funding_gap_p95_usd", "95 % of all draws have at most this funding gap"),
        share(
            "probability_of_shortfall", "share of the draws with a funding gap in the year, under the assumed spreads"
        ),
        integer("draws_due", "draws in which something is due", at_least=0),
        *fields.of("draws", "not_measurable_because"),
    ),
    rules=(
        figures_or_reason(SURE_FIGURES, COVERAGE_QUANTILES),
        AS_COMPLETENESS_SAYS,
        ordered(COVERAGE_QUANTILES),
        ordered(GAP_QUANTILES),
        Rule(
            "coverage_known_when_due",
            ("draws_due", "draws", *COVERAGE_QUANTILES),
            "coverage is unknown exactly when nothing is due in any draw",
            NOT_OUR_DATA,
            offends=_due_known,
        ),
        Rule(
            "gap_agrees_with_probability",
            ("probability_of_shortfall", "draws", *GAP_QUANTILES),
            "a gap quantile is above nothing exactly where the probability of a shortfall reaches it",
            NOT_OUR_DATA,
            offends=_gap_disagrees,
        ),
    ),
    min_rows=0,
    may_be_empty_because="entities without any revenue row have no coverage rows, and a ledger may have none",
    hazards=(
        "one as_of_date and one scenario_id at a time",
        NOT_ASKED,
        DAYS,
        "quantiles cannot be added over years or entities",
        "beyond assumption simulation_entities_max only the entities that owe most are simulated",
        "beyond assumption simulation_legs_max the smaller legs count with what facts.revenue_coverage expects of them",
        "a simulation spreads the assumptions, it adds no knowledge",
        "legs are drawn independently of one another: the tails are too thin if one failure brings the next",
        "an unknown opening balance counts as nothing: the gap is then an upper bound",
    ),
)


def answered(rows: pl.DataFrame) -> pl.DataFrame:
    """The table, with figures only for measurable entities.

    Grain: that of the rows, which hold the reason why an entity is not measurable.
    """
    return COVERAGE_SIMULATION.conform(
        rows.with_columns(pl.when(pl.col(REASON).is_null()).then(pl.col(COVERAGE_FIGURES)))
    )


def _build(inputs: Inputs) -> Built:
    return Built(answered(simulated(inputs)[0]))


STEP = Step(COVERAGE_SIMULATION, READS, _build)
