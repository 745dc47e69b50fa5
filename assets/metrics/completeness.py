"""metrics.completeness: the share of an entity's stated spending that the ledger knows.

Not here: results that are given only for measurable entities (`assets.metrics.coverage_simulation`,
`assets.metrics.stress`).
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence

import polars as pl

from assets.core import fields, shared_rules
from assets.core.columns import day, flag, ratio, text, usd
from assets.core.rule import Read, Rule
from assets.core.step import Built, Inputs, Step
from assets.core.table import Column, Latest, Table
from assets.facts.assumptions import as_dict
from assets.metrics.metric_rules import NOT_OUR_DATA, TOLERANCE
from assets.metrics.pairwise_dues import days_asked
from assets.metrics.simulated_days import days_simulated

CELL = ["as_of_date", "entity_id"]

REASON = "not_measurable_because"

COMPARISON = ("compared_with", "ledger_usd", "stated_usd", "completeness_ratio", "source_id")

STOCK = "purchase_commitments"

NOT_MEASURABLE_BECAUSE = Column(
    REASON,
    "text",
    "",
    "why the ledger cannot say whether the entity can pay; empty where it can, and only there are figures given",
)


def figures_or_reason(always: Sequence[str], sometimes: Sequence[str] = ()) -> Rule:
    """A row has either all figures in `always` (those in `sometimes` are optional), or a reason and no figures."""

    def offends(frame: pl.DataFrame, _read: Read) -> pl.Series:
        is_answered = pl.col(REASON).is_null()
        lacks = pl.any_horizontal(pl.col(always).is_null())
        has_any = pl.any_horizontal(pl.col([*always, *sometimes]).is_not_null())
        return frame.select((is_answered & lacks) | (~is_answered & has_any)).to_series()

    return Rule(
        "figures_or_reason",
        (REASON, *always, *sometimes),
        "a question that the ledger cannot answer has no figure but a reason, never 0 and never a certainty",
        NOT_OUR_DATA,
        offends=offends,
    )


def _said_otherwise(frame: pl.DataFrame, read: Read) -> pl.Series:
    said = read("metrics.completeness").select(*CELL, pl.col(REASON).alias("said"), known=True)
    joined = frame.join(said, on=CELL, how="left", maintain_order="left")
    return joined.select(pl.col("known").is_null() | pl.col(REASON).ne_missing(pl.col("said"))).to_series()


AS_COMPLETENESS_SAYS = Rule(
    "as_completeness_says",
    (*CELL, REASON),
    "of whom a figure is given follows from metrics.completeness of the same day, and from nothing else",
    NOT_OUR_DATA,
    offends=_said_otherwise,
    needs=("metrics.completeness",),
)


def _reason_missing(frame: pl.DataFrame, _read: Read) -> pl.Series:
    return frame.select(pl.col(REASON).is_null() != pl.col("is_measurable")).to_series().fill_null(value=True)


def _measurable_wrong(frame: pl.DataFrame, read: Read) -> pl.Series:
    is_known = (pl.col("completeness_ratio") >= shared_rules.assumption(read, "completeness_min")).fill_null(
        value=False
    )
    return frame.select(is_known != pl.col("is_measurable")).to_series().fill_null(value=True)


def _ratio_wrong(frame: pl.DataFrame, _read: Read) -> pl.Series:
    ratio, ledger, stated = (pl.col(c) for c in ("completeness_ratio", "ledger_usd", "stated_usd"))
    wrong = (stated <= 0) | ((ratio * stated - ledger).abs() > TOLERANCE * (ledger.abs() + 1))
    return frame.select(wrong.fill_null(value=False)).to_series()


def _comparison_partial(frame: pl.DataFrame, _read: Read) -> pl.Series:
    is_compared = pl.col("compared_with").is_not_null()
    is_flow = is_compared & (pl.col("compared_with") != STOCK)
    wrong = [pl.col(c).is_not_null() != is_compared for c in COMPARISON]
    wrong += [pl.col(c).is_not_null() != is_flow for c in ("span_start", "span_end")]
    return frame.select(pl.any_horizontal(wrong).fill_null(value=True)).to_series()


COMPLETENESS = Table(
    stage="metrics",
    name="completeness",
    summary=(
        "How much of what an entity says that it spends the ledger knows: only where that is enough (assumption "
        "completeness_min) the ledger can say whether the entity can pay."
    ),
    grain="one row per day of the simulation or of the stress test and entity with coverage rows known by then",
    key=("as_of_date", "entity_id"),
    latest=Latest(),
    columns=(
        *fields.of("as_of_date", "entity_id"),
        text(
            "compared_with",
            "the stated figure: compute_spend (AI labs) or capex (all others), else "
            "purchase_commitments (AI labs); empty where it states none",
            vocabulary="metric",
        ),
        day(
            "span_start",
            "first day compared: of the stated period, or of the year in which the coverage rows "
            "begin; empty for purchase_commitments",
        ),
        day("span_end", "last day compared; empty for purchase_commitments"),
        usd(
            "ledger_usd",
            "purchases in the ledger, net and imputed, every one as announced: due in the span, by "
            "days of each year; for purchase_commitments the outstanding amount",
        ),
        fields.here("stated_usd", "its own figure, by days where the span is a part of the stated period"),
        ratio("completeness_ratio", "ledger_usd / stated_usd"),
        flag(
            "is_measurable",
            "the ratio is at least completeness_min: the ledger can say whether the entity can pay",
            required=True,
        ),
        fields.here("not_measurable_because"),
        fields.here("source_id", required=False),
    ),
    rules=(
        Rule("reason_given", ("is_measurable", REASON), "exactly the entities that are not measurable have a reason",
             NOT_OUR_DATA, offends=_reason_missing),
        Rule("measurable_by_ratio", ("completeness_ratio", "is_measurable"),
             "exactly the entities that reach assumption completeness_min are measurable; without a comparison none is",
             NOT_OUR_DATA, offends=_measurable_wrong, needs=("staging.assumptions",)),
        Rule("ratio_consistent", ("completeness_ratio", "ledger_usd", "stated_usd"),
             "the ratio is ledger over stated figure, and the stated figure is above 0", NOT_OUR_DATA,
             offends=_ratio_wrong),
        Rule("comparison_whole", (*COMPARISON, "span_start", "span_end"),
             "a comparison has both figures, their ratio and a source; only a flow has a span", NOT_OUR_DATA,
             offends=_comparison_partial),
        shared_rules.period_ordered("span_start", "span_end"),
    ),
    min_rows=0,
    may_be_empty_because="entities without any revenue row have no coverage rows, and a ledger may have none",
    hazards=(
        "days of the simulation and of the stress test: choose one, see the *_as_of macros",
        "a ratio above 1 may be a promise counted from two sides: that of chips and that of the cloud that holds them",
        "a ratio to a flow of years and one to a stock of promises are not alike",
    ),
)  # fmt: skip

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
"""Keyed by whether the entity is an AI lab."""


def completeness(
    days: Sequence[dt.date],
    coverage: pl.DataFrame,
    outstanding: pl.DataFrame,
    financials: pl.DataFrame,
    entities: pl.DataFrame,
    least: float,
) -> pl.DataFrame:
    """The share of an entity's stated outlays that the ledger knows, and whether the entity is measurable.

    Grain: as_of_date and entity_id with coverage rows known by then. Units: USD. Rules: the stated figure is spending
    for a period that is not over (compute_spend of AI labs, capex of others): the latest known, then the longest
    period, then the largest; only the part of the period that the coverage rows cover, by days. For a lab that
    states no spending: outstanding purchases over its latest reported purchase commitments, of any age. Promises
    count at face value and on time; chips and the cloud that holds them both count if both are promised. Hazards:
    see the contract.
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
    """Amounts due by year in the scenario announced, by the coverage rows in force on a day.

    Grain: as_of_date, entity_id, year.
    """
    asked = pl.DataFrame({"day": list(days)}, schema={"day": pl.Date})
    entity_days = coverage.select("entity_id", "as_of_date").unique()
    latest = asked.join_where(entity_days, pl.col("as_of_date") <= pl.col("day")).group_by("day", "entity_id").agg(
        pl.col("as_of_date").max()
    )  # fmt: skip
    rows = coverage.filter(pl.col("scenario_id") == FACE_VALUE).select(
        "entity_id", "as_of_date", "year", "obligations_usd"
    )
    return latest.join(rows, on=["entity_id", "as_of_date"]).drop("as_of_date").rename({"day": "as_of_date"})


def _stated(financials: pl.DataFrame) -> pl.DataFrame:
    """The figures of outlays as points: the stated one, else the middle of a range; without figures of a part."""
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
    """The amount due in a stated period, and the stated figure.

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
    """The outstanding amount, and the purchase commitments that a lab reports.

    Grain: as_of_date and entity_id of a lab that reports them. Rules: a lab without a purchase in the ledger has no
    outstanding amount.
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
    """Why the entity is not measurable, in words; a share is never rounded up to the limit."""
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


STEP = Step(
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
)
