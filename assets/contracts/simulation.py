"""Contracts of the simulation: how coverage and funding gap spread when promises are drawn and not weighted."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import polars as pl

from assets.contracts.completeness import AS_COMPLETENESS_SAYS, NOT_MEASURABLE_BECAUSE, REASON, figures_or_reason
from assets.contracts.metrics import AS_OF
from assets.contracts.model import Column, Offends, Read, Rule, Table

PERCENTS = (5, 25, 50, 75, 95)
COVERAGE_QUANTILES = tuple(f"p{p:02d}" for p in PERCENTS)
GAP_QUANTILES = tuple(f"funding_gap_p{p:02d}_usd" for p in PERCENTS)
SURE_FIGURES = (*GAP_QUANTILES, "probability_of_shortfall", "draws_due", "draws")
COVERAGE_FIGURES = (*COVERAGE_QUANTILES, *SURE_FIGURES)
SHORTFALL_FIGURES = ("probability", "draws")
"""What is given of an entity only if the ledger knows enough of it (metrics.completeness)."""
KEY = ("as_of_date", "scenario_id", "entity_id")
TOLERANCE = 1e-9
REMEDY = "this is a defect of the builder: report it with the sample keys"

SCENARIO = Column("scenario_id", "text", "", "the scenario", required=True, vocabulary="scenario")
ENTITY = Column(
    "entity_id",
    "text",
    "",
    "who owes and earns; entities with a year of unknown revenue are left out",
    required=True,
    refers_to="facts.entities.entity_id",
)
DRAWS = Column("draws", "integer", "", "how many draws", at_least=1)
DAYS = (
    "on the last day of knowledge and every quarter end before it (from assumption simulation_first_year on); "
    "the quarter ends may have fewer draws (assumption simulation_draws_history)"
)
NOT_ASKED = "no figure of an entity whose outlays the ledger does not know (not_measurable_because): not zero, not safe"


def ordered(columns: Sequence[str]) -> Rule:
    """Quantiles never fall from one to the next."""

    def offends(frame: pl.DataFrame, _read: Read) -> pl.Series:
        falls = [pl.col(a) > pl.col(b) * (1 + TOLERANCE) for a, b in pairwise(columns)]
        return frame.select(pl.any_horizontal(falls).fill_null(value=False)).to_series()

    return Rule(
        f"quantiles_ordered:{columns[0]}",
        tuple(columns),
        "a higher quantile cannot lie below a lower one",
        REMEDY,
        offends=offends,
    )


def _due_known(frame: pl.DataFrame, _read: Read) -> pl.Series:
    is_missing = pl.any_horizontal(pl.col(COVERAGE_QUANTILES).is_null())
    is_there = pl.any_horizontal(pl.col(COVERAGE_QUANTILES).is_not_null())
    some = pl.col("draws_due") > 0
    beyond = pl.col("draws_due") > pl.col("draws")
    return frame.select(((some & is_missing) | (~some & is_there) | beyond).fill_null(value=False)).to_series()


def _gap_disagrees(frame: pl.DataFrame, _read: Read) -> pl.Series:
    """A gap quantile is above 0 exactly where enough draws fall short: the counts say which."""
    short = (pl.col("probability_of_shortfall") * pl.col("draws")).round()
    wrong = []
    for percent, column in zip(PERCENTS, GAP_QUANTILES, strict=True):
        rank = (pl.col("draws") * percent / 100).ceil()
        wrong.append((pl.col(column) > 0) != (rank > pl.col("draws") - short))
    return frame.select(pl.any_horizontal(wrong).fill_null(value=False)).to_series()


def _sums_to_one() -> Offends:
    def offends(frame: pl.DataFrame, _read: Read) -> pl.Series:
        total = pl.col("probability").sum().over(KEY)
        is_off = ((total - 1).abs() > TOLERANCE).fill_null(value=True)
        return frame.select(pl.col(REASON).is_null() & is_off).to_series()

    return offends


def _beyond_year(frame: pl.DataFrame, read: Read) -> pl.Series:
    """A first shortfall is a shortfall of its year; whoever falls short in a year is not among those who do in none."""
    years = read("metrics.coverage_simulation").select(*KEY, "year", "probability_of_shortfall")
    joined = frame.join(years, on=[*KEY, "year"], how="left", maintain_order="left").join(
        years.group_by(KEY).agg(highest=pl.col("probability_of_shortfall").max(), is_simulated=pl.lit(value=True)),
        on=list(KEY),
        how="left",
        maintain_order="left",
    )
    is_none, is_answered = pl.col("year").is_null(), pl.col(REASON).is_null()
    beyond = ~is_none & (pl.col("probability") > pl.col("probability_of_shortfall") + TOLERANCE)
    none = is_none & (pl.col("probability") > 1 - pl.col("highest") + TOLERANCE)
    missing = pl.col("highest").is_null() | (~is_none & pl.col("probability_of_shortfall").is_null())
    wrong = is_answered & (beyond | none | missing).fill_null(value=True)
    return joined.select(wrong | pl.col("is_simulated").is_null()).to_series()


COVERAGE_SIMULATION = Table(
    stage="metrics",
    name="coverage_simulation",
    summary=(
        "Quantiles of coverage and funding gap per entity and year when revenue, realisation, amount, delay and cost "
        "per gigawatt are drawn, not weighted. Every spread is an assumption (seeds/assumptions.csv, scenarios.csv)."
    ),
    grain="one row per day of the simulation, scenario, entity and year of its coverage rows in force on that day",
    key=(*KEY, "year"),
    columns=(
        AS_OF,
        SCENARIO,
        ENTITY,
        Column("year", "integer", "", "calendar year", required=True, at_least=2015, at_most=2200),
        *(
            Column(
                name,
                "number",
                "fraction",
                f"{percent} % of the draws in which something is due have at most this revenue / obligations",
                at_least=0,
            )
            for percent, name in zip(PERCENTS, COVERAGE_QUANTILES, strict=True)
        ),
        *(
            Column(
                name,
                "number",
                "USD",
                f"{percent} % of all draws have at most this funding gap",
                at_least=0,
            )
            for percent, name in zip(PERCENTS, GAP_QUANTILES, strict=True)
        ),
        Column(
            "probability_of_shortfall",
            "number",
            "fraction",
            "share of the draws with a funding gap in the year, under the assumed spreads",
            at_least=0,
            at_most=1,
        ),
        Column("draws_due", "integer", "", "draws in which something is due", at_least=0),
        DRAWS,
        NOT_MEASURABLE_BECAUSE,
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
            REMEDY,
            offends=_due_known,
        ),
        Rule(
            "gap_agrees_with_probability",
            ("probability_of_shortfall", "draws", *GAP_QUANTILES),
            "a gap quantile is above nothing exactly where the probability of a shortfall reaches it",
            REMEDY,
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

FIRST_SHORTFALL = Table(
    stage="metrics",
    name="first_shortfall",
    summary="In which year an entity first falls short, by share of the draws, under the assumed spreads.",
    grain=(
        "one row per day of the simulation, scenario, entity and year, and one without year: none in any simulated "
        "year; of an entity that is not measurable only the one without year, without figures"
    ),
    key=(*KEY, "year"),
    columns=(
        AS_OF,
        SCENARIO,
        ENTITY,
        Column(
            "year",
            "integer",
            "",
            "calendar year of the first funding gap; empty: none in any simulated year, or not measurable",
            at_least=2015,
            at_most=2200,
        ),
        Column(
            "probability",
            "number",
            "fraction",
            "share of the draws whose first funding gap is in this year",
            at_least=0,
            at_most=1,
        ),
        DRAWS,
        NOT_MEASURABLE_BECAUSE,
    ),
    rules=(
        figures_or_reason(SHORTFALL_FIGURES, ("year",)),
        AS_COMPLETENESS_SAYS,
        Rule(
            "probabilities_sum_to_one",
            ("probability",),
            "every draw falls short first in one year, or in none",
            REMEDY,
            offends=_sums_to_one(),
        ),
        Rule(
            "within_probability_of_the_year",
            ("year", "probability"),
            "a first shortfall of a year is a shortfall of that year",
            REMEDY,
            offends=_beyond_year,
            needs=("metrics.coverage_simulation",),
        ),
    ),
    min_rows=0,
    may_be_empty_because="entities without any revenue row have no coverage rows, and a ledger may have none",
    hazards=("one as_of_date and one scenario_id at a time", NOT_ASKED, DAYS),
)

TABLES = (COVERAGE_SIMULATION, FIRST_SHORTFALL)
