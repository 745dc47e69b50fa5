"""Market data of a warrant as known on a day: prices, volatility, shares, purchases and power of its parties.

Every frame has the day from which its row is known; a row counts from that day on.
Not here: the value of a warrant (`assets.metrics.warrant_values`, `assets.finance.warrants`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import polars as pl

from assets.core.vocabulary import PURCHASES
from assets.facts.intervals import CENTS_PER_USD, in_units


def closes(prices: pl.DataFrame, entities: pl.DataFrame) -> pl.DataFrame:
    """Closing prices by issuer.

    Grain: issuer_id and price_on.
    """
    tickers = entities.filter(pl.col("ticker").is_not_null()).select("ticker", issuer_id="entity_id")
    return prices.join(tickers, on="ticker").select("issuer_id", price_on="date", close="close").sort("price_on")


def volatilities(known: pl.DataFrame, assumptions: Mapping[str, float]) -> pl.DataFrame:
    """Annualised standard deviation of the last daily log returns known on the day of each close.

    Grain: that of `known`. Rules: a return over a gap of more days than assumed is not daily and is left out; null if
    there are fewer returns than assumed, or if all returns are equal.
    """
    gap = pl.col("price_on").diff().over("issuer_id", order_by="price_on").dt.total_days()
    change = pl.col("close").log().diff().over("issuer_id", order_by="price_on")
    returns = known.select("issuer_id", "price_on", gap=gap, change=change).filter(
        pl.col("gap") <= assumptions["warrant_volatility_max_gap_days"]
    )
    deviation = pl.col("change").rolling_std(
        int(assumptions["warrant_volatility_returns"]), min_samples=int(assumptions["warrant_volatility_min_returns"])
    )
    yearly = deviation.over("issuer_id", order_by="price_on") * math.sqrt(assumptions["warrant_trading_days"])
    return returns.select("issuer_id", "price_on", volatility=pl.when(yearly > 0).then(yearly)).sort("price_on")


def peaks(rows: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """The highest close so far since a warrant was issued, to be compared with a hurdle.

    Grain: warrant_id and day of a close from `watched_from` on.
    """
    warrants = rows.select("warrant_id", "issuer_id", "watched_from").unique()
    watched = warrants.join(known, on="issuer_id").filter(pl.col("price_on") >= pl.col("watched_from"))
    highest = pl.col("close").cum_max().over("warrant_id", order_by="price_on")
    return watched.select("warrant_id", peaked_on="price_on", peak_close=highest).sort("peaked_on")


def shares_outstanding(financials: pl.DataFrame) -> pl.DataFrame:
    """The last known number of shares by issuer: the latest balance date counts, not the latest report.

    Grain: issuer_id and day on which a number became known.
    """
    known = financials.filter((pl.col("metric") == "shares_outstanding") & pl.col("value").is_not_null())
    ordered = known.sort("entity_id", "known_from", "period_end", "source_id")
    newest = ordered.filter(pl.col("period_end") == pl.col("period_end").cum_max().over("entity_id"))
    return (
        newest.select("known_from", issuer_id="entity_id", shares_outstanding="value")
        .unique(["issuer_id", "known_from"], keep="last")
        .sort("known_from")
    )


def purchases(commitments: pl.DataFrame) -> pl.DataFrame:
    """Purchases promised by each payer to each payee: own shares in force, disclosed and imputed.

    Grain: holder_id (the payer), issuer_id (the payee) and day on which the amount changed; null while no leg has an
    amount.
    """
    counted = commitments.filter(pl.col("flow").is_in(PURCHASES) & pl.col("net_amount_usd").is_not_null())
    cents = (pl.col("net_amount_usd") * CENTS_PER_USD).round().cast(pl.Int64)
    pair = {"holder_id": pl.col("payer_id"), "issuer_id": pl.col("payee_id")}
    opened = counted.select(**pair, known_from="known_from", cents=cents, legs=pl.lit(1))
    closed = counted.filter(pl.col("known_to").is_not_null()).select(
        **pair, known_from="known_to", cents=-cents, legs=pl.lit(-1)
    )
    sums = (
        pl.concat([opened, closed]).group_by("holder_id", "issuer_id", "known_from").agg(pl.col("cents", "legs").sum())
    )
    running = sums.sort("known_from").with_columns(pl.col("cents", "legs").cum_sum().over("holder_id", "issuer_id"))
    return running.select(
        "holder_id",
        "issuer_id",
        "known_from",
        purchases_usd=pl.when(pl.col("legs") > 0).then(in_units(pl.col("cents"), CENTS_PER_USD)),
    )


def energised(rows: pl.DataFrame, capacity: pl.DataFrame, schedule: pl.DataFrame) -> pl.Series:
    """Power on in the quarter of the day, of the holder from the issuer or the deal, by the schedule known that day.

    Grain: that of `rows` (as_of_date, holder_id, issuer_id, deal_id). Rules: own shares; the largest view, since views
    describe the same power; no statements; 0 if nothing is scheduled.
    """
    legs = capacity.filter(pl.col("view") != "statement").select(
        "leg_id", "known_from", "known_to", "provider_id", "view", holder_id="user_id", leg_deal_id="deal_id"
    )
    asked = rows.select("as_of_date", "holder_id", "issuer_id", "deal_id").with_row_index("position")
    day = pl.col("as_of_date")
    found = (
        asked.join(legs, on="holder_id")
        .filter(
            (pl.col("provider_id") == pl.col("issuer_id")) | (pl.col("leg_deal_id") == pl.col("deal_id")),
            pl.col("known_from") <= day,
            pl.col("known_to").is_null() | (pl.col("known_to") > day),
        )
        .with_columns(quarter_start=day.dt.truncate("1q"))
        .join(
            schedule.select("leg_id", "known_from", "quarter_start", "net_energised_gw"),
            on=["leg_id", "known_from", "quarter_start"],
        )
        .group_by("position", "view")
        .agg(pl.col("net_energised_gw").sum())
        .group_by("position")
        .agg(energised_gw=pl.col("net_energised_gw").max())
    )
    return asked.join(found, on="position", how="left", maintain_order="left")["energised_gw"].fill_null(0.0)
