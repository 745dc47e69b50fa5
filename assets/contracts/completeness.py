"""Contract of completeness: of whom the ledger knows enough to say whether they can pay; and what rests on it."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from assets.contracts import rules
from assets.contracts.metrics import AS_OF, _entity, _usd
from assets.contracts.model import Column, Read, Rule, Table

TOLERANCE = 1e-9
NOT_OUR_DATA = "this is a defect of the builder: report it with the sample keys"
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
    """A row has the figures `always` and may have `sometimes`, or it has a reason and none of them."""

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


def _reason_wrong(frame: pl.DataFrame, _read: Read) -> pl.Series:
    return frame.select(pl.col(REASON).is_null() != pl.col("is_measurable")).to_series().fill_null(value=True)


def _measurable_wrong(frame: pl.DataFrame, read: Read) -> pl.Series:
    is_known = (pl.col("completeness_ratio") >= rules.assumption(read, "completeness_min")).fill_null(value=False)
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
    columns=(
        AS_OF,
        _entity("entity_id", "who owes and earns"),
        Column(
            "compared_with",
            "text",
            "",
            "the stated figure: compute_spend (AI labs) or capex (all others), else purchase_commitments (AI labs); "
            "empty where it states none",
            vocabulary="metric",
        ),
        Column(
            "span_start",
            "date",
            "day",
            "first day compared: of the stated period, or of the year in which the coverage rows begin; empty for "
            "purchase_commitments",
        ),
        Column("span_end", "date", "day", "last day compared; empty for purchase_commitments"),
        _usd(
            "ledger_usd",
            "purchases in the ledger, net and imputed, every one as announced: due in the span, by days of each "
            "year; beside purchase_commitments what remains to be paid",
        ),
        _usd("stated_usd", "its own figure, by days where the span is a part of the stated period"),
        Column("completeness_ratio", "number", "fraction", "ledger_usd / stated_usd", at_least=0),
        Column(
            "is_measurable",
            "flag",
            "",
            "the ratio is at least completeness_min: the ledger can say whether the entity can pay",
            required=True,
        ),
        Column(REASON, "text", "", "why it is not measurable, empty exactly where it is"),
        Column("source_id", "text", "", "where the stated figure was read", refers_to="facts.sources.source_id"),
    ),
    rules=(
        Rule("reason_given", ("is_measurable", REASON), "whoever is not measured is told why, and nobody else",
             NOT_OUR_DATA, offends=_reason_wrong),
        Rule("measurable_by_ratio", ("completeness_ratio", "is_measurable"),
             "measurable is exactly who reaches assumption completeness_min; without a comparison nobody does",
             NOT_OUR_DATA, offends=_measurable_wrong, needs=("staging.assumptions",)),
        Rule("ratio_consistent", ("completeness_ratio", "ledger_usd", "stated_usd"),
             "the ratio is what the ledger holds over what is stated, which is more than nothing", NOT_OUR_DATA,
             offends=_ratio_wrong),
        Rule("comparison_whole", (*COMPARISON, "span_start", "span_end"),
             "a comparison has both figures, their ratio and a source; only a flow has a span", NOT_OUR_DATA,
             offends=_comparison_partial),
        rules.period_ordered("span_start", "span_end"),
    ),
    min_rows=0,
    may_be_empty_because="entities without any revenue row have no coverage rows, and a ledger may have none",
    hazards=(
        "days of the simulation and of the stress test: choose one, see the *_as_of macros",
        "a ratio above 1 may be a promise counted from two sides: that of chips and that of the cloud that holds them",
        "a ratio to a flow of years and one to a stock of promises are not alike",
    ),
)  # fmt: skip

TABLES = (COMPLETENESS,)
