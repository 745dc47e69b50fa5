"""Contracts of the warrants: what rights to a supplier's shares are worth, as known on a day and at other prices."""

from __future__ import annotations

import polars as pl

from assets.contracts.metrics import AS_OF
from assets.contracts.model import Column, Read, Rule, Table

TOLERANCE = 1e-9
REMEDY = "this is a defect of the builder: report it with the sample keys"
PRICED = ("price_age_days", "volatility", "intrinsic_value_usd", "model_value_usd")
WARRANT = Column("warrant_id", "text", "", "the warrant", required=True, refers_to="staging.warrants.warrant_id")
MODEL_HAZARD = (
    "model values rest on assumptions (seeds/assumptions.csv, warrant_*): geometric Brownian motion, risk-free rate, "
    "dividend yield, and a default volatility while too few daily closes are known"
)


def _entity(name: str, description: str) -> Column:
    return Column(name, "text", "", description, required=True, refers_to="facts.entities.entity_id")


def _usd(name: str, description: str) -> Column:
    return Column(name, "number", "USD", description, at_least=0)


def _rule(name: str, columns: tuple[str, ...], reason: str, wrong: pl.Expr, remedy: str = REMEDY) -> Rule:
    def offends(frame: pl.DataFrame, _read: Read) -> pl.Series:
        return frame.select(wrong.fill_null(value=False)).to_series()

    return Rule(name, columns, reason, remedy, offends=offends)


def _exceeds(part: str, whole: pl.Expr) -> pl.Expr:
    return pl.col(part) > whole * (1 + TOLERANCE)


def _ratio_differs(ratio: str, above: str, below: str) -> pl.Expr:
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
OFFSET_RULE = _rule(
    "offset_is_model_over_purchases",
    ("offset_ratio", "model_value_usd", "purchases_usd"),
    "the offset is the model value over the purchases, and unknown exactly where one of them is",
    _ratio_differs("offset_ratio", "model_value_usd", "purchases_usd"),
)
MODEL_RULE = _rule(
    "model_within_share_value",
    ("model_value_usd", "shares_counted", "share_price_usd"),
    "a right to buy a share is worth no more than the share",
    _exceeds("model_value_usd", pl.col("shares_counted") * pl.col("share_price_usd")),
)
PURCHASES = _usd(
    "purchases_usd", "what the holder promised to buy from the issuer, own shares in force, disclosed and imputed"
)

WARRANT_VALUES = Table(
    stage="metrics",
    name="warrant_values",
    summary=(
        "What a warrant is worth on every day on which a price of the share, the warrant or a tranche became known: "
        "vested, at its top hurdle and by a model. Undisclosed splits, volatility and expiry are flagged assumptions."
    ),
    grain="one row per day on which a price of the share, the warrant or a tranche became known, and warrant",
    key=("as_of_date", "warrant_id"),
    columns=(
        AS_OF,
        WARRANT,
        _entity("issuer_id", "whose shares they are"),
        _entity("holder_id", "who may buy them"),
        Column("share_price_usd", "number", "USD/share", "last known close, empty if none is known", at_least=0),
        Column("price_age_days", "integer", "", "days since that close", at_least=0),
        Column("max_shares", "number", "shares", "shares if everything vests", at_least=0),
        Column(
            "shares_counted",
            "number",
            "shares",
            "shares of tranches that have not lapsed; what no known tranche holds is assumed to be one without hurdle",
            at_least=0,
        ),
        Column(
            "is_assumed_split",
            "flag",
            "",
            "shares per tranche were not disclosed and are assumed: equal parts of the rest",
            required=True,
        ),
        Column(
            "vested_shares",
            "number",
            "shares",
            "shares known as vested, or whose stated conditions are all met as known (power by the schedule)",
            at_least=0,
        ),
        _usd("intrinsic_value_usd", "vested shares times (price less strike), not below 0"),
        Column("top_hurdle_usd", "number", "USD/share", "highest share-price hurdle known", at_least=0),
        _usd("value_at_top_hurdle_usd", "all shares times (top hurdle less strike): what full vesting would be worth"),
        Column(
            "volatility",
            "number",
            "fraction",
            "standard deviation of the logarithm of the price over a year, in the model",
            at_least=0,
        ),
        Column(
            "is_assumed_volatility",
            "flag",
            "",
            "too few daily closes were known: the default of the assumptions",
            required=True,
        ),
        Column("is_assumed_expiry", "flag", "", "no expiry is known: an assumed life", required=True),
        _usd(
            "model_value_usd",
            "tranches as up-and-in calls, hurdles watched daily; without power conditions; empty from the expiry on",
        ),
        Column(
            "share_of_outstanding",
            "number",
            "fraction",
            "max_shares / last known shares outstanding of the issuer",
            at_least=0,
            at_most=1,
        ),
        PURCHASES,
        OFFSET,
    ),
    rules=(
        _rule(
            "shares_within_maximum",
            ("shares_counted", "max_shares"),
            "the tranches together cannot hold more shares than the warrant",
            _exceeds("shares_counted", pl.col("max_shares")),
            "correct shares in seeds/warrant_tranches.csv, or max_shares in seeds/warrants.csv",
        ),
        _rule(
            "vested_within_shares",
            ("vested_shares", "shares_counted"),
            "no more can vest than there is",
            _exceeds("vested_shares", pl.col("shares_counted")),
        ),
        _rule(
            "intrinsic_within_share_value",
            ("intrinsic_value_usd", "vested_shares", "share_price_usd"),
            "vested shares are worth no more than their price",
            _exceeds("intrinsic_value_usd", pl.col("vested_shares") * pl.col("share_price_usd")),
        ),
        MODEL_RULE,
        _rule(
            "unknown_without_price",
            ("share_price_usd", *PRICED),
            "without a price nothing is known that rests on it: unknown is never zero",
            pl.col("share_price_usd").is_null() & pl.any_horizontal(pl.col(PRICED).is_not_null()),
        ),
        OFFSET_RULE,
    ),
    min_rows=0,
    may_be_empty_because="a ledger need not contain a warrant",
    hazards=(
        "the latest row on or before a day is in force, see warrant_values_as_of: never add days",
        "value_at_top_hurdle_usd supposes that everything vests and the share stands exactly at its hurdle",
        "warrants of one issuer dilute each other: values are not added",
        "a tranche counts from its status_on: a later status moves the whole tranche to that day",
        "a hurdle that was not disclosed counts as none: the model value of such a tranche is an upper bound",
        MODEL_HAZARD,
    ),
)

WARRANT_VALUE_GRID = Table(
    stage="metrics",
    name="warrant_value_grid",
    summary=(
        "What a warrant would be worth on its last day at other share prices: multiples of the last price "
        "(assumptions warrant_grid_*) and its own hurdles."
    ),
    grain="one row per warrant with a strike and a known price, and share price",
    key=("warrant_id", "share_price_usd"),
    columns=(
        AS_OF,
        WARRANT,
        Column("share_price_usd", "number", "USD/share", "the supposed price", required=True, at_least=0),
        Column("price_multiple", "number", "fraction", "supposed price / last known price", required=True, at_least=0),
        Column("is_hurdle", "flag", "", "the supposed price is a hurdle of the warrant", required=True),
        Column("shares_counted", "number", "shares", "shares of the tranches that have not lapsed", at_least=0),
        _usd("intrinsic_if_all_vested_usd", "all these shares times (price less strike), not below 0"),
        _usd("model_value_usd", "the model value at that price, everything else as on the last day; on assumptions"),
        PURCHASES,
        OFFSET,
    ),
    rules=(
        MODEL_RULE,
        _rule(
            "intrinsic_within_share_value",
            ("intrinsic_if_all_vested_usd", "shares_counted", "share_price_usd"),
            "shares are worth no more than their price",
            _exceeds("intrinsic_if_all_vested_usd", pl.col("shares_counted") * pl.col("share_price_usd")),
        ),
        _rule(
            "value_rises_with_price",
            ("share_price_usd", "model_value_usd"),
            "at a higher price of the share a right to it is worth no less",
            pl.col("model_value_usd").shift(1).over("warrant_id", order_by="share_price_usd")
            > pl.col("model_value_usd") * (1 + TOLERANCE),
        ),
        OFFSET_RULE,
    ),
    min_rows=0,
    may_be_empty_because="no warrant of a ledger need have a strike and a known price",
    hazards=("what if, not a forecast: hurdles met by known closes count as met at every price", MODEL_HAZARD),
)

TABLES = (WARRANT_VALUES, WARRANT_VALUE_GRID)
