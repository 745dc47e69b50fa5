"""metrics.completeness: how much of what an entity says that it spends the ledger knows.

Not here: what is asked only of those of whom it knows enough (`assets.metrics.simulation`, `assets.metrics.stress`).
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence

import polars as pl

from assets.contracts.completeness import CELL, COMPLETENESS, REASON, STOCK
from assets.facts.assumptions import as_dict
from assets.metrics.dues import days_asked
from assets.metrics.simulation import days_simulated
from assets.steps import Built, Inputs, Step

FACE_VALUE = "announced"
LAB = "ai_lab"
FLOW_OF_LAB, FLOW_OF_OTHERS = "compute_spend", "capex"
WORDS = {
    FLOW_OF_LAB: "the spending on computing that is stated for it",
    FLOW_OF_OTHERS: "the capital spending that it reports or guides for",
    STOCK: "the purchase commitments that it reports",
}
NOTHING_STATED = {
    True: "the ledger has no figure of its spending on computing for a period that is not over, nor of its purchase "
    "commitments, with which it could be compared",
    False: "the ledger has no figure of its capital spending for a period that is not over, with which it could be "
    "compared",
}
"""By whether the entity is an AI lab."""


def completeness(
    days: Sequence[dt.date],
    coverage: pl.DataFrame,
    outstanding: pl.DataFrame,
    financials: pl.DataFrame,
    entities: pl.DataFrame,
    least: float,
) -> pl.DataFrame:
    """How much of its own stated outlays the ledger knows of an entity, and whether that is enough.

    Grain: as_of_date and entity_id with coverage rows known by then. Units: USD. Rules: of the figures of spending for
    a period that is not over (AI labs compute_spend, all others capex) the latest known, of these that of the longest
    period, then the largest; the part of the period that the coverage rows reach, by days. A lab that states none: what
    remains to be paid over its latest purchase commitments, however old. Promises count at face value and on time;
    where chips and the cloud that holds them are both promised, both count. Hazards: see the contract.
    """
    due = _due(days, coverage)
    asked = (
        due.group_by(CELL)
        .agg(first_year=pl.col("year").min(), last_year=pl.col("year").max())
        .join(entities.select("entity_id", is_lab=pl.col("kind") == LAB), on="entity_id", how="left")
        .sort(CELL)
    )
    stated = _stated(financials)
    flows = _flows(asked, stated, due)
    stocks = _stocks(asked.join(flows, on=CELL, how="anti"), stated, outstanding)
    ratio = pl.col("ledger_usd") / pl.col("stated_usd")
    rows = asked.join(pl.concat([flows, stocks]), on=CELL, how="left").with_columns(completeness_ratio=ratio)
    is_measurable = (pl.col("completeness_ratio") >= least).fill_null(value=False)
    return COMPLETENESS.conform(
        rows.with_columns(is_measurable=is_measurable)
        .with_columns(pl.when(~pl.col("is_measurable")).then(_reason(least)).alias(REASON))
        .sort(CELL)
    )


def _due(days: Sequence[dt.date], coverage: pl.DataFrame) -> pl.DataFrame:
    """What falls due by year, all of it as announced, by the coverage rows in force on a day.

    Grain: as_of_date, entity_id, year.
    """
    asked = pl.DataFrame({"day": list(days)}, schema={"day": pl.Date})
    told = coverage.select("entity_id", "as_of_date").unique()
    latest = asked.join_where(told, pl.col("as_of_date") <= pl.col("day")).group_by("day", "entity_id").agg(
        pl.col("as_of_date").max()
    )  # fmt: skip
    rows = coverage.filter(pl.col("scenario_id") == FACE_VALUE).select(
        "entity_id", "as_of_date", "year", "obligations_usd"
    )
    return latest.join(rows, on=["entity_id", "as_of_date"]).drop("as_of_date").rename({"day": "as_of_date"})


def _stated(financials: pl.DataFrame) -> pl.DataFrame:
    """The figures of outlays with a point: of a range its point, else its middle. Those of a part are left out."""
    middle = (pl.col("low_value") + pl.col("high_value")) / 2
    return (
        financials.filter(
            pl.col("metric").is_in(list(WORDS)) & pl.col("definition").is_null() & (pl.col("unit") == "USD")
        )
        .with_columns(point=pl.coalesce("value", middle))
        .filter(pl.col("point") > 0)
        .select("entity_id", "known_from", "period_start", "period_end", "point", "source_id", compared_with="metric")
    )


FOUND = ("compared_with", "span_start", "span_end", "ledger_usd", "stated_usd", "source_id", "stated_on")


def _flows(asked: pl.DataFrame, stated: pl.DataFrame, due: pl.DataFrame) -> pl.DataFrame:
    """What is due in a stated period beside what is stated for it.

    Grain: as_of_date and entity_id that states such a figure.
    """
    wanted = pl.when("is_lab").then(pl.lit(FLOW_OF_LAB)).otherwise(pl.lit(FLOW_OF_OTHERS))
    length = (pl.col("period_end") - pl.col("period_start")).dt.total_days() + 1
    chosen = (
        asked.join(stated, on="entity_id")
        .filter(
            (pl.col("compared_with") == wanted)
            & (pl.col("known_from") <= pl.col("as_of_date"))
            & (pl.col("period_end") >= pl.col("as_of_date"))
            & (pl.col("period_start").dt.year() <= pl.col("last_year"))
        )
        .with_columns(length=length)
        .sort("known_from", "length", "point", "period_end", "source_id", descending=[True, True, True, True, False])
        .unique(CELL, keep="first", maintain_order=True)
        .with_columns(
            span_start=pl.max_horizontal("period_start", pl.date("first_year", 1, 1)),
            span_end=pl.min_horizontal("period_end", pl.date("last_year", 12, 31)),
        )
    )
    year_start, year_end = pl.date("year", 1, 1), pl.date("year", 12, 31)
    shared = _days(pl.max_horizontal("span_start", year_start), pl.min_horizontal("span_end", year_end)).clip(0)
    in_span = (
        chosen.select(*CELL, "span_start", "span_end")
        .join(due, on=CELL)
        .sort(*CELL, "year")
        .group_by(CELL, maintain_order=True)
        .agg(ledger_usd=(pl.col("obligations_usd") * (shared / _days(year_start, year_end))).sum())
    )
    share = _days(pl.col("span_start"), pl.col("span_end")) / pl.col("length")
    return (
        chosen.with_columns(stated_usd=pl.col("point") * share, stated_on=pl.col("period_end"))
        .join(in_span, on=CELL)
        .select(*CELL, *FOUND)
    )


def _days(first: pl.Expr, last: pl.Expr) -> pl.Expr:
    return (last - first).dt.total_days() + 1


def _stocks(asked: pl.DataFrame, stated: pl.DataFrame, outstanding: pl.DataFrame) -> pl.DataFrame:
    """What remains to be paid beside the purchase commitments that a lab reports.

    Grain: as_of_date and entity_id of a lab that reports them. Rules: a lab without a purchase in the ledger has none.
    """
    left = outstanding.select(
        "as_of_date",
        entity_id="payer_id",
        ledger_usd=pl.col("outstanding_commitment_usd") + pl.col("outstanding_imputed_usd"),
    ).sort("as_of_date")
    return (
        asked.filter("is_lab")
        .join(stated.filter(pl.col("compared_with") == STOCK), on="entity_id")
        .filter(pl.col("known_from") <= pl.col("as_of_date"))
        .sort("period_end", "known_from", "point", "source_id", descending=[True, True, True, False])
        .unique(CELL, keep="first", maintain_order=True)
        .sort("as_of_date")
        .join_asof(left, on="as_of_date", by="entity_id", strategy="backward", check_sortedness=False)
        .with_columns(
            pl.col("ledger_usd").fill_null(0.0),
            span_start=pl.lit(None, pl.Date),
            span_end=pl.lit(None, pl.Date),
            stated_usd="point",
            stated_on="period_end",
        )
        .select(*CELL, *FOUND)
    )


def _reason(least: float) -> pl.Expr:
    """Why too little is known, in words; a share is never rounded up to what would be enough."""
    ratio = pl.col("completeness_ratio")
    percent = pl.min_horizontal((ratio * 100).round(), pl.lit(math.ceil(least * 100) - 1.0))
    share = (
        pl.when(ratio == 0)
        .then(pl.lit("nothing"))
        .when(ratio < 0.01)  # noqa: PLR2004 - one per cent
        .then(pl.lit("less than 1 %"))
        .otherwise(pl.format("{} %", percent.cast(pl.Int64, strict=False)))
    )
    compared = pl.col("compared_with").replace_strict(WORDS, default=None, return_dtype=pl.String)
    span = (
        pl.when(pl.col("compared_with") == STOCK)
        .then(pl.format("on {}", "stated_on"))
        .otherwise(pl.format("{} to {}", "span_start", "span_end"))
    )
    nothing = pl.when("is_lab").then(pl.lit(NOTHING_STATED[True])).otherwise(pl.lit(NOTHING_STATED[False]))
    return (
        pl.when(pl.col("compared_with").is_null())
        .then(nothing)
        .otherwise(pl.format("the ledger holds {} of {} ({})", share, compared, span))
    )


def _build(inputs: Inputs) -> Built:
    assumptions = as_dict(inputs.read("staging.assumptions"))
    return Built(
        completeness(
            sorted({*days_simulated(inputs), *days_asked(inputs)}),
            inputs.read("facts.revenue_coverage"),
            inputs.read("facts.commitment_outstanding"),
            inputs.read("facts.financials"),
            inputs.read("facts.entities"),
            assumptions["completeness_min"],
        )
    )


STEPS = (
    Step(
        COMPLETENESS,
        (
            "facts.revenue_coverage",
            "facts.commitment_outstanding",
            "facts.commitments",
            "facts.capacity",
            "facts.financials",
            "facts.entities",
            "staging.assumptions",
        ),
        _build,
    ),
)
