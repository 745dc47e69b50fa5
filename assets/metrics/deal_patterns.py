"""metrics.deal_patterns: relations between the parties of a deal, in the categories of BIS Bulletin 137."""

from __future__ import annotations

import datetime as dt

import polars as pl

from assets.core import fields
from assets.core.columns import text, usd
from assets.core.step import Built, Inputs, Step
from assets.core.table import Table
from assets.core.vocabulary import CONTINGENT, FUNDING, PURCHASES
from assets.facts.intervals import CENTS_PER_USD, in_units, whole

DEAL_PATTERNS = Table(
    stage="metrics",
    name="deal_patterns",
    summary="Every deal in the categories of BIS Bulletin 137, read from the promises between the same two parties.",
    grain="one row per deal and category, as known on the last day",
    key=("deal_id", "pattern"),
    columns=(
        fields.here("deal_id"),
        text("pattern", "what the parties are to each other besides", required=True, vocabulary="pattern"),
        fields.here("as_of_date"),
        text("pairs", "the pairs of parties that show it", required=True),
        usd("deal_usd", "own shares of the deal, funding and purchases", required=True),
        usd("counter_usd", "own shares that flow the other way between those pairs, in all deals", required=True),
    ),
    hazards=("a deal can show several patterns: never add deal_usd over patterns",),
)

PAIR = ["payer_id", "payee_id"]


def patterns(commitments: pl.DataFrame, day: dt.date) -> pl.DataFrame:
    """Classify every deal by the relations between its parties in the whole ledger in force on a day.

    Grain: deal and pattern; a deal without relations has the pattern none. Legs without a figure count too: a warrant
    of any value is a relation. Source: the categories of BIS Bulletin 137.
    """
    legs = commitments.filter(
        ~pl.col("is_statement")
        & (pl.col("certainty") != "cancelled")
        & (pl.col("known_from") <= day)
        & (pl.col("known_to").fill_null(dt.date.max) > day)
    ).with_columns(
        cents=whole("net_amount_usd", CENTS_PER_USD),
        is_purchase=pl.col("flow").is_in(PURCHASES),
        is_support=pl.col("flow").is_in([*FUNDING, *CONTINGENT]),
        is_equity=pl.col("flow") == "equity_investment",
    )
    ties = legs.group_by(PAIR).agg(
        buys=pl.col("is_purchase").any(),
        backs=pl.col("is_support").any(),
        owns=pl.col("is_equity").any(),
        cents=pl.col("cents").sum(),
    )
    back = ties.rename({"payer_id": "payee_id", "payee_id": "payer_id"})
    both = ties.join(back, on=PAIR, how="left", suffix="_back").with_columns(
        pl.col("buys_back", "backs_back", "owns_back").fill_null(value=False), pl.col("cents_back").fill_null(0)
    )
    own = legs.join(both, on=PAIR)
    shows = {
        "investor_is_counterparty": pl.col("is_equity") & (pl.col("buys") | pl.col("buys_back"))
        | pl.col("is_purchase") & (pl.col("owns") | pl.col("owns_back")),
        "supplier_finances_customer": pl.col("is_support") & pl.col("buys_back")
        | pl.col("is_purchase") & pl.col("backs_back"),
        "customer_finances_supplier": pl.col("is_support") & pl.col("buys") | pl.col("is_purchase") & pl.col("backs"),
        "reciprocal_commercial": pl.col("is_purchase") & pl.col("buys_back"),
    }
    pieces = [_deals(own.filter(rule), pattern) for pattern, rule in shows.items()]
    found = pl.concat(pieces)
    plain = own.filter(~pl.col("deal_id").is_in(found["deal_id"].implode()))
    rows = pl.concat([found, _deals(plain, "none")]).with_columns(as_of_date=pl.lit(day))
    return DEAL_PATTERNS.conform(rows.sort("deal_id", "pattern"))


def _deals(legs: pl.DataFrame, pattern: str) -> pl.DataFrame:
    """One row per deal among these legs."""
    counter = legs.unique(["deal_id", *PAIR]).group_by("deal_id").agg(counter=pl.col("cents_back").sum())
    return (
        legs.group_by("deal_id")
        .agg(
            pairs=pl.concat_str("payer_id", pl.lit(" → "), "payee_id").unique().sort().str.join(", "),
            deal=pl.col("cents").sum(),
        )
        .join(counter, on="deal_id")
        .select(
            "deal_id",
            "pairs",
            pattern=pl.lit(pattern),
            deal_usd=in_units(pl.col("deal"), CENTS_PER_USD),
            counter_usd=in_units(pl.col("counter") if pattern != "none" else pl.lit(0), CENTS_PER_USD),
        )
    )


def _build(inputs: Inputs) -> Built:
    commitments = inputs.read("facts.commitments")
    last = commitments["known_from"].max()
    if not isinstance(last, dt.date):
        message = "facts.commitments has no day of knowledge"
        raise TypeError(message)
    return Built(patterns(commitments, last))


STEP = Step(DEAL_PATTERNS, ("facts.commitments",), _build)
