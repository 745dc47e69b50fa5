"""metrics.warrant_values: the value of suppliers' warrants on a day, also as a share of the holder's purchases.

Not here: prices and purchases of a day (`assets.metrics.warrant_market`), the formulas (`assets.finance.warrants`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from assets.core import fields
from assets.core.columns import flag, integer, ratio, share, usd
from assets.core.step import Built, Inputs, Step
from assets.core.table import Column, Latest, Table
from assets.facts.assumptions import as_dict
from assets.finance.warrants import touch_value, tranche_value
from assets.metrics import warrant_market
from assets.metrics.warrant_columns import MODEL_HAZARD, MODEL_RULE, OFFSET_RULE, PRICED, exceeds, rule

WARRANT_VALUES = Table(
    stage="metrics",
    name="warrant_values",
    summary=(
        "What a warrant is worth on every day on which a price of the share, the warrant or a tranche became known: "
        "vested, at its top hurdle and by a model. Undisclosed splits, volatility and expiry are flagged assumptions."
    ),
    grain="one row per day on which a price of the share, the warrant or a tranche became known, and warrant",
    key=("as_of_date", "warrant_id"),
    latest=Latest(("warrant_id",)),
    columns=(
        *fields.of("as_of_date", "warrant_id", "issuer_id", "holder_id", "share_price_usd"),
        integer("price_age_days", "days since that close", at_least=0),
        fields.here("max_shares", at_least=0),
        fields.here("shares_counted"),
        flag(
            "is_assumed_split",
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
        usd("intrinsic_value_usd", "vested shares times (price less strike), not below 0"),
        Column("top_hurdle_usd", "number", "USD/share", "highest share-price hurdle known", at_least=0),
        usd("value_at_top_hurdle_usd", "all shares times (top hurdle less strike): what full vesting would be worth"),
        ratio("volatility", "standard deviation of the logarithm of the price over a year, in the model"),
        flag("is_assumed_volatility", "too few daily closes were known: the default of the assumptions", required=True),
        flag("is_assumed_expiry", "no expiry is known: an assumed life", required=True),
        fields.here("model_value_usd"),
        share("share_of_outstanding", "max_shares / last known shares outstanding of the issuer"),
        *fields.of("purchases_usd", "offset_ratio"),
    ),
    rules=(
        rule(
            "shares_within_maximum",
            ("shares_counted", "max_shares"),
            "the tranches together cannot hold more shares than the warrant",
            exceeds("shares_counted", pl.col("max_shares")),
            "correct shares in seeds/warrant_tranches.csv, or max_shares in seeds/warrants.csv",
        ),
        rule(
            "vested_within_shares",
            ("vested_shares", "shares_counted"),
            "no more can vest than there is",
            exceeds("vested_shares", pl.col("shares_counted")),
        ),
        rule(
            "intrinsic_within_share_value",
            ("intrinsic_value_usd", "vested_shares", "share_price_usd"),
            "vested shares are worth no more than their price",
            exceeds("intrinsic_value_usd", pl.col("vested_shares") * pl.col("share_price_usd")),
        ),
        MODEL_RULE,
        rule(
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
        "value_at_top_hurdle_usd assumes that everything vests and the share is exactly at its hurdle",
        "warrants of one issuer dilute each other: values are not added",
        "a tranche counts from its status_on: a later status moves the whole tranche to that day",
        "a hurdle that was not disclosed counts as none: the model value of such a tranche is an upper bound",
        MODEL_HAZARD,
    ),
)

DAYS_A_YEAR = 365.25

KEY = ["as_of_date", "warrant_id"]


def warrant_days(warrants: pl.DataFrame, tranches: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Every day on which the warrant, a close of its share or one of its tranches became known.

    Grain: as_of_date and warrant_id, from the day of the warrant on, with the terms of the warrant.
    """
    first = warrants.select("warrant_id", as_of_date="known_from")
    priced = warrants.select("warrant_id", "issuer_id").join(known, on="issuer_id")
    days = [
        first,
        priced.select("warrant_id", as_of_date="price_on"),
        tranches.select("warrant_id", as_of_date="status_on"),
    ]
    terms = warrants.select(
        "warrant_id", "deal_id", "issuer_id", "holder_id", "max_shares", "strike_usd", "expires_on", "known_from",
        watched_from=pl.coalesce("issued_on", "known_from"),
    )  # fmt: skip
    rows = pl.concat(days).unique().join(terms, on="warrant_id").filter(pl.col("as_of_date") >= pl.col("known_from"))
    return rows.drop("known_from").sort(KEY)


def with_market(
    rows: pl.DataFrame, inputs: Inputs, known: pl.DataFrame, assumptions: Mapping[str, float]
) -> pl.DataFrame:
    """The days with market data of the warrant: last and highest close, volatility, shares, purchases, power.

    Grain: that of `rows`. Rules: the highest close counts from the day of issue on; an unknown expiry is the issue day
    plus the default tenor of warrants; from the expiry on, the time left is null.
    """
    joined = rows.sort("as_of_date")
    for frame, day, by in (
        (known, "price_on", ["issuer_id"]),
        (
            warrant_market.volatilities(known, assumptions).rename({"price_on": "volatile_on"}),
            "volatile_on",
            ["issuer_id"],
        ),
        (warrant_market.shares_outstanding(inputs.read("facts.financials")), "known_from", ["issuer_id"]),
        (warrant_market.purchases(inputs.read("facts.commitments")), "known_from", ["holder_id", "issuer_id"]),
        (warrant_market.peaks(rows, known), "peaked_on", ["warrant_id"]),
    ):
        joined = joined.join_asof(
            frame,
            left_on="as_of_date",
            right_on=day,
            by=by,
            strategy="backward",
            check_sortedness=False,
            coalesce=False,
        ).drop("known_from", strict=False)
    life = f"{int(assumptions['tenor_months_warrant_grant'])}mo"
    expiry = pl.coalesce("expires_on", pl.col("watched_from").dt.offset_by(life))
    volatility = pl.coalesce("volatility", pl.lit(assumptions["warrant_default_volatility"]))
    done = joined.with_columns(
        price_age_days=(pl.col("as_of_date") - pl.col("price_on")).dt.total_days(),
        years=(expiry - pl.col("as_of_date")).dt.total_days() / DAYS_A_YEAR,
        is_assumed_expiry=pl.col("expires_on").is_null(),
        is_assumed_volatility=pl.col("close").is_not_null() & pl.col("volatility").is_null(),
        volatility=pl.when(pl.col("close").is_not_null()).then(volatility),
    ).rename({"close": "share_price_usd"})
    power = warrant_market.energised(done, inputs.read("facts.capacity"), inputs.read("facts.capacity_schedule"))
    return done.with_columns(energised_gw=power).sort(KEY)


def tranches_known(days: pl.DataFrame, tranches: pl.DataFrame) -> pl.DataFrame:
    """The tranches of each day with their shares, hurdle, and whether they have vested.

    Grain: as_of_date, warrant_id and tranche. Rules: a tranche counts from its status_on; undisclosed shares are equal
    parts of the remainder; shares in no known tranche form one tranche without conditions. Hurdles on the market value
    are divided by the last known shares outstanding. Vested: by status, or if all conditions are numeric and met.
    """
    terms = tranches.select(
        "warrant_id", "tranche_id", "shares", "gw_milestone", "share_price_hurdle_usd", "market_cap_hurdle_usd",
        "other_condition", "status", "status_on",
    )  # fmt: skip
    known = days.join(terms, on="warrant_id").filter(pl.col("status_on") <= pl.col("as_of_date"))
    sums = known.group_by(KEY).agg(disclosed=pl.col("shares").sum(), undisclosed=pl.col("shares").is_null().sum())
    rest = pl.max_horizontal(pl.col("max_shares") - pl.col("disclosed").fill_null(0), pl.lit(0.0))
    whole = days.join(sums, on=KEY, how="left").with_columns(rest=rest)
    untold = whole.filter((pl.col("undisclosed").fill_null(0) == 0) & (pl.col("rest") > 0)).with_columns(
        shares=pl.lit(None, pl.Float64), undisclosed=pl.lit(1, pl.UInt32), status=pl.lit("unvested")
    )
    listed = known.join(whole.select(*KEY, "rest", "undisclosed"), on=KEY)
    rows = pl.concat([listed, untold.drop("disclosed")], how="diagonal")
    mcap, price = pl.col("market_cap_hurdle_usd"), pl.col("share_price_hurdle_usd")
    per_share = mcap / pl.col("shares_outstanding")
    hurdle = pl.when(mcap.is_null() | per_share.is_not_null()).then(pl.max_horizontal(price, per_share))
    has_hurdle = price.is_not_null() | mcap.is_not_null()
    is_passed = (pl.col("peak_close") >= pl.col("hurdle")).fill_null(value=False)
    is_stated = pl.col("has_hurdle") | pl.col("gw_milestone").is_not_null()
    is_met = (
        is_stated
        & pl.col("other_condition").is_null()
        & (~pl.col("has_hurdle") | pl.col("is_passed"))
        & (pl.col("gw_milestone").is_null() | (pl.col("energised_gw") >= pl.col("gw_milestone")))
    ).fill_null(value=False)
    return (
        rows.with_columns(
            is_assumed=pl.col("shares").is_null(),
            tranche_shares=pl.coalesce("shares", pl.col("rest") / pl.col("undisclosed")),
            hurdle=hurdle,
            has_hurdle=has_hurdle,
            is_lapsed=pl.col("status") == "lapsed",
        )
        .with_columns(is_passed=is_passed)
        .with_columns(is_vested=(pl.col("status") == "vested") | (~pl.col("is_lapsed") & is_met))
    )


def model_values(tranches: pl.DataFrame, assumptions: Mapping[str, float]) -> pl.Series:
    """Model value of every tranche; null without price, strike, shares, time left, or the price of its hurdle.

    Grain: that of `tranches`. Rules: a tranche that has vested, or whose hurdle a known close has passed, is a plain
    call; conditions on power or in words are ignored.
    """
    values = [_model_value(t, assumptions) for t in tranches.iter_rows(named=True)]
    return pl.Series("model_value_usd", values, dtype=pl.Float64)


def _model_value(tranche: Mapping[str, Any], assumptions: Mapping[str, float]) -> float | None:
    if tranche["is_lapsed"]:
        return 0.0
    needed = [tranche[c] for c in ("share_price_usd", "strike_usd", "tranche_shares", "volatility", "years")]
    is_plain = tranche["is_vested"] or tranche["is_passed"] or not tranche["has_hurdle"] or tranche["hurdle"] == 0
    if any(n is None for n in needed) or tranche["years"] <= 0 or (tranche["hurdle"] is None and not is_plain):
        return None
    spot, strike, shares, volatility, years = needed
    rate, dividends = assumptions["warrant_risk_free_rate"], assumptions["warrant_dividend_yield"]
    looks = max(1, round(assumptions["warrant_trading_days"] * years))
    hurdle = None if is_plain else tranche["hurdle"]
    if strike == 0:
        per_share = touch_value(spot, hurdle or spot, rate, volatility, years, dividends, looks)
        return float(shares * per_share)
    return float(
        tranche_value(
            shares, spot, strike, hurdle, rate, volatility, years, dividend_yield=dividends, monitoring_dates=looks
        )
    )


def values(days: pl.DataFrame, tranches: pl.DataFrame) -> pl.DataFrame:
    """The value of each warrant on each day.

    Grain: as_of_date and warrant_id. Rules: a sum over tranches is null if one of them is; from the expiry on, figures
    that depend on the price are null; without a stated maximum, figures that depend on the shares are null.
    """
    sums = tranches.group_by(KEY).agg(
        shares_counted=pl.col("tranche_shares").filter(~pl.col("is_lapsed")).sum(),
        vested_shares=pl.col("tranche_shares").filter(pl.col("is_vested")).sum(),
        is_assumed_split=pl.col("is_assumed").any(),
        top_hurdle_usd=pl.col("hurdle").max(),
        model=pl.when(pl.col("model_value_usd").is_not_null().all()).then(pl.col("model_value_usd").sum()),
    )
    is_known = pl.col("max_shares").is_not_null()
    gain = pl.max_horizontal(pl.col("share_price_usd") - pl.col("strike_usd"), pl.lit(0.0))
    priced = pl.col("share_price_usd").is_not_null() & pl.col("strike_usd").is_not_null() & (pl.col("years") > 0)
    top_gain = pl.max_horizontal(pl.col("top_hurdle_usd") - pl.col("strike_usd"), pl.lit(0.0))
    has_top = pl.col("top_hurdle_usd").is_not_null() & pl.col("strike_usd").is_not_null() & (pl.col("years") > 0)
    rows = days.join(sums, on=KEY, how="left").with_columns(
        pl.when(is_known).then(pl.col("shares_counted", "vested_shares")),
        is_assumed_split=pl.col("is_assumed_split").fill_null(value=False),
        model_value_usd=pl.when(is_known & pl.col("share_price_usd").is_not_null()).then("model"),
    )
    share = pl.col("max_shares") / pl.col("shares_outstanding")
    return WARRANT_VALUES.conform(
        rows.with_columns(
            intrinsic_value_usd=pl.when(priced).then(pl.col("vested_shares") * gain),
            value_at_top_hurdle_usd=pl.when(has_top).then(pl.col("max_shares") * top_gain),
            share_of_outstanding=share,
            offset_ratio=offset(),
        ).sort(KEY)
    )


def offset() -> pl.Expr:
    """Model value over purchases; null without purchases."""
    return pl.when(pl.col("purchases_usd") > 0).then(pl.col("model_value_usd") / pl.col("purchases_usd"))


def known(inputs: Inputs) -> tuple[pl.DataFrame, pl.DataFrame, dict[str, float]]:
    """Days with their market, tranches of the days, assumptions."""
    assumptions = as_dict(inputs.read("staging.assumptions"))
    warrants, terms = inputs.read("staging.warrants"), inputs.read("staging.warrant_tranches")
    known = warrant_market.closes(inputs.read("staging.prices"), inputs.read("facts.entities"))
    days = with_market(warrant_days(warrants, terms, known), inputs, known, assumptions)
    return days, tranches_known(days, terms), assumptions


def _build(inputs: Inputs) -> Built:
    days, tranches, assumptions = known(inputs)
    return Built(values(days, tranches.with_columns(model_values(tranches, assumptions))))


READS = (
    "staging.warrants",
    "staging.warrant_tranches",
    "staging.prices",
    "staging.assumptions",
    "facts.entities",
    "facts.commitments",
    "facts.capacity",
    "facts.capacity_schedule",
    "facts.financials",
)

STEP = Step(WARRANT_VALUES, READS, _build)
