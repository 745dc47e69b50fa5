"""metrics.first_shortfall: the probability that an entity first falls short in a year.

Not here: the draws (`assets.metrics.simulated`).
"""

from __future__ import annotations

import polars as pl

from assets.core import fields
from assets.core.columns import share
from assets.core.rule import Offends, Read, Rule
from assets.core.step import Built, Inputs, Step
from assets.core.table import Latest, Table
from assets.metrics.completeness import AS_COMPLETENESS_SAYS, REASON, figures_or_reason
from assets.metrics.metric_rules import NOT_OUR_DATA, TOLERANCE
from assets.metrics.simulated import READS, simulated
from assets.metrics.simulation_columns import DAYS, KEY, NOT_ASKED, SHORTFALL_FIGURES


def _sums_to_one() -> Offends:
    def offends(frame: pl.DataFrame, _read: Read) -> pl.Series:
        total = pl.col("probability").sum().over(KEY)
        is_off = ((total - 1).abs() > TOLERANCE).fill_null(value=True)
        return frame.select(pl.col(REASON).is_null() & is_off).to_series()

    return offends


def _beyond_year(frame: pl.DataFrame, read: Read) -> pl.Series:
    """A first shortfall is also a shortfall of its year; a draw with any shortfall is not one without."""
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


FIRST_SHORTFALL = Table(
    stage="metrics",
    name="first_shortfall",
    summary="In which year an entity first falls short, by share of the draws, under the assumed spreads.",
    grain=(
        "one row per day of the simulation, scenario, entity and year, and one without year: none in any simulated "
        "year; of an entity that is not measurable only the one without year, without figures"
    ),
    key=(*KEY, "year"),
    latest=Latest(),
    columns=(
        *fields.of("as_of_date", "scenario_id"),
        fields.here("entity_id", "who owes and earns; entities with a year of unknown revenue are left out"),
        fields.here(
            "year",
            "calendar year of the first funding gap; empty: none in any simulated year, or not measurable",
            required=False,
        ),
        share("probability", "share of the draws whose first funding gap is in this year"),
        *fields.of("draws", "not_measurable_because"),
    ),
    rules=(
        figures_or_reason(SHORTFALL_FIGURES, ("year",)),
        AS_COMPLETENESS_SAYS,
        Rule(
            "probabilities_sum_to_one",
            ("probability",),
            "every draw falls short first in one year, or in none",
            NOT_OUR_DATA,
            offends=_sums_to_one(),
        ),
        Rule(
            "within_probability_of_the_year",
            ("year", "probability"),
            "a first shortfall of a year is a shortfall of that year",
            NOT_OUR_DATA,
            offends=_beyond_year,
            needs=("metrics.coverage_simulation",),
        ),
    ),
    min_rows=0,
    may_be_empty_because="entities without any revenue row have no coverage rows, and a ledger may have none",
    hazards=("one as_of_date and one scenario_id at a time", NOT_ASKED, DAYS),
)


def answered(rows: pl.DataFrame) -> pl.DataFrame:
    """The table; an entity that is not measurable has one row without year and figures.

    Grain: that of the rows, which hold the reason why an entity is not measurable; the years of such an entity are
    dropped.
    """
    is_answered = pl.col(REASON).is_null()
    return FIRST_SHORTFALL.conform(
        rows.filter(is_answered | pl.col("year").is_null()).with_columns(
            pl.when(is_answered).then(pl.col(SHORTFALL_FIGURES))
        )
    )


def _build(inputs: Inputs) -> Built:
    return Built(answered(simulated(inputs)[1]))


STEP = Step(FIRST_SHORTFALL, READS, _build)
