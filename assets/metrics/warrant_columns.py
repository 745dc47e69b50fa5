"""What the contracts of the two warrant tables share."""

from __future__ import annotations

import polars as pl

from assets.core.rule import Read, Rule
from assets.core.table import Column
from assets.metrics.metric_rules import NOT_OUR_DATA, TOLERANCE

PRICED = ("price_age_days", "volatility", "intrinsic_value_usd", "model_value_usd")

WARRANT = Column("warrant_id", "text", "", "the warrant", required=True, refers_to="staging.warrants.warrant_id")

MODEL_HAZARD = (
    "model values rest on assumptions (seeds/assumptions.csv, warrant_*): geometric Brownian motion, risk-free rate, "
    "dividend yield, and a default volatility while too few daily closes are known"
)


def rule(name: str, columns: tuple[str, ...], reason: str, wrong: pl.Expr, remedy: str = NOT_OUR_DATA) -> Rule:
    """A rule that every row keeps for which `wrong` is not true."""

    def offends(frame: pl.DataFrame, _read: Read) -> pl.Series:
        return frame.select(wrong.fill_null(value=False)).to_series()

    return Rule(name, columns, reason, remedy, offends=offends)


def exceeds(part: str, whole: pl.Expr) -> pl.Expr:
    """The part is more than the whole, rounding apart."""
    return pl.col(part) > whole * (1 + TOLERANCE)


def ratio_differs(ratio: str, above: str, below: str) -> pl.Expr:
    """The ratio is known exactly where both are and the lower one is above 0, and is their quotient."""
    quotient = pl.when(pl.col(below) > 0).then(pl.col(above) / pl.col(below))
    return (pl.col(ratio).is_null() != quotient.is_null()) | (
        (pl.col(ratio) - quotient).abs() > TOLERANCE * quotient.abs()
    )


OFFSET = Column(
    "offset_ratio",
    "number",
    "fraction",
    "model value / purchases: the share of the price of the chips that the warrant gives back, on assumptions",
    at_least=0,
)

OFFSET_RULE = rule(
    "offset_is_model_over_purchases",
    ("offset_ratio", "model_value_usd", "purchases_usd"),
    "the offset is the model value over the purchases, and unknown exactly where one of them is",
    ratio_differs("offset_ratio", "model_value_usd", "purchases_usd"),
)

MODEL_RULE = rule(
    "model_within_share_value",
    ("model_value_usd", "shares_counted", "share_price_usd"),
    "a right to buy a share is worth no more than the share",
    exceeds("model_value_usd", pl.col("shares_counted") * pl.col("share_price_usd")),
)
