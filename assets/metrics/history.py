"""metrics.changes, metrics.deal_patterns: what became known and what it moved; what the parties are to each other."""

from __future__ import annotations

import datetime as dt

import polars as pl

from assets.contracts.circularity import CHANGES, DEAL_PATTERNS
from assets.contracts.vocabulary import CONTINGENT, FUNDING, PURCHASES
from assets.facts.assumptions import as_dict
from assets.facts.knowledge import CENTS_PER_USD, WATTS_PER_GW, in_units, whole
from assets.metrics.graph import days_of_change
from assets.metrics.graphs import days_measured
from assets.steps import Built, Inputs, Step, every_day

MONEY = ("gross", "net", "imputed")
PAIR = ["payer_id", "payee_id"]


def moves(commitments: pl.DataFrame, capacity: pl.DataFrame) -> pl.DataFrame:
    """By how much each deal moved on each day: what its intervals add on their first day less what they take back.

    Grain: as_of_date and deal_id. Whole cents and watts.
    """
    counted = commitments.filter(~pl.col("is_statement"))
    disclosed = ~pl.col("is_imputed_amount")
    money = counted.select(
        "deal_id",
        "known_from",
        "known_to",
        leg=pl.when(pl.col("known_from") == pl.col("seed_known_from")).then("leg_id"),
        gross=pl.when(disclosed).then(whole("amount_usd", CENTS_PER_USD)).otherwise(0),
        net=pl.when(disclosed).then(whole("net_amount_usd", CENTS_PER_USD)).otherwise(0),
        imputed=pl.when(disclosed).then(0).otherwise(whole("net_amount_usd", CENTS_PER_USD)),
        power=pl.lit(0, pl.Int64),
    )
    power = capacity.filter(pl.col("view") != "statement").select(
        "deal_id",
        "known_from",
        "known_to",
        leg=pl.when(pl.col("known_from") == pl.col("seed_known_from")).then("leg_id"),
        gross=pl.lit(0, pl.Int64),
        net=pl.lit(0, pl.Int64),
        imputed=pl.lit(0, pl.Int64),
        power=whole("net_capacity_gw", WATTS_PER_GW),
    )
    pieces = pl.concat([money, power])
    figures = [*MONEY, "power"]
    opened = pieces.select("deal_id", "leg", *figures, as_of_date="known_from")
    closed = pieces.filter(pl.col("known_to").is_not_null()).select(
        "deal_id", *(-pl.col(f) for f in figures), leg=pl.lit(None, pl.String), as_of_date="known_to"
    )
    summed = (
        pl.concat([opened, closed.select(opened.columns)])
        .group_by("as_of_date", "deal_id")
        .agg(pl.col(figures).sum(), legs=pl.col("leg").drop_nulls().unique().sort().str.join(", "))
        .with_columns(legs=pl.when(pl.col("legs") != "").then("legs"))
    )
    changed = pl.col("legs").is_not_null() | pl.any_horizontal(pl.col(f) != 0 for f in figures)
    return summed.filter(changed).sort("as_of_date", "deal_id")


def changes(
    commitments: pl.DataFrame,
    capacity: pl.DataFrame,
    circularity: pl.DataFrame,
    headline: pl.DataFrame,
    *,
    is_measured_daily: bool = True,
) -> pl.DataFrame:
    """The feed: what each day moved, deal by deal, with the state of the whole ledger after the day.

    Grain: as_of_date and deal_id. Rules: where the loop is not measured on every day, nothing is known of what a day
    did to it.
    """
    rows = moves(commitments, capacity)
    totals = rows.group_by("as_of_date").agg(pl.col("net").sum()).sort("as_of_date")
    totals = totals.select("as_of_date", total_net=pl.col("net").cum_sum())
    share = (
        circularity.filter((pl.col("basis") == "disclosed") & (pl.col("amount_basis") == "point"))
        .sort("as_of_date")
        .select(
            "as_of_date",
            "circular_share",
            circular_share_change=pl.col("circular_share") - pl.col("circular_share").shift(1, fill_value=0.0),
        )
    )
    daily = totals.join_asof(share.drop("circular_share_change"), on="as_of_date", check_sortedness=False).join(
        share.drop("circular_share"), on="as_of_date", how="left"
    )
    return CHANGES.conform(
        rows.join(daily, on="as_of_date", how="left")
        .join(_coverage_moves(headline), on="as_of_date", how="left")
        .with_columns(
            **{f"{m}_change_usd": in_units(pl.col(m), CENTS_PER_USD) for m in MONEY},
            capacity_change_gw=in_units(pl.col("power"), WATTS_PER_GW),
            total_net_usd=in_units(pl.col("total_net"), CENTS_PER_USD),
            circular_share_change=pl.when(is_measured_daily).then(pl.col("circular_share_change").fill_null(0.0)),
        )
        .sort("as_of_date", "deal_id")
    )


def _coverage_moves(headline: pl.DataFrame) -> pl.DataFrame:
    """Entities whose coverage ratio with imputed changed on a day, as text."""
    ratio = pl.col("commitment_coverage_ratio_with_imputed")
    moved = headline.sort("entity_id", "as_of_date").with_columns(before=ratio.shift(1).over("entity_id"))
    told = moved.filter(ratio.ne_missing(pl.col("before"))).select(
        "as_of_date",
        "entity_id",
        text=pl.concat_str(
            "entity_id",
            pl.lit(" "),
            pl.col("before").round_sig_figs(4).cast(pl.String).fill_null("unknown"),
            pl.lit(" → "),
            ratio.round_sig_figs(4).cast(pl.String).fill_null("unknown"),
        ),
    )
    return told.sort("entity_id").group_by("as_of_date").agg(coverage_moves=pl.col("text").sort().str.join("; "))


def patterns(commitments: pl.DataFrame, day: dt.date) -> pl.DataFrame:
    """Classify every deal by what its parties are to each other in the whole ledger in force on a day.

    Grain: deal and pattern; a deal without any is none. Legs without a figure count too: a warrant is a tie whatever
    its worth. Source: the categories of BIS Bulletin 137.
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


def _build_changes(inputs: Inputs) -> Built:
    commitments = inputs.read("facts.commitments")
    most = as_dict(inputs.read("staging.assumptions"))["graph_leg_days_max"]
    days = days_measured(commitments, most, inputs.by_size(every_day))
    return Built(
        changes(
            commitments,
            inputs.read("facts.capacity"),
            inputs.read("metrics.circularity"),
            inputs.read("metrics.headline"),
            is_measured_daily=days == days_of_change(commitments),
        )
    )


def _build_patterns(inputs: Inputs) -> Built:
    commitments = inputs.read("facts.commitments")
    last = commitments["known_from"].max()
    if not isinstance(last, dt.date):
        message = "facts.commitments has no day of knowledge"
        raise TypeError(message)
    return Built(patterns(commitments, last))


STEPS = (
    Step(
        CHANGES,
        ("facts.commitments", "facts.capacity", "metrics.circularity", "metrics.headline", "staging.assumptions"),
        _build_changes,
    ),
    Step(DEAL_PATTERNS, ("facts.commitments",), _build_patterns),
)
