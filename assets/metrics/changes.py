"""metrics.changes: the facts that became known on a day, and their effect on the totals."""

from __future__ import annotations

import polars as pl

from assets.core import fields
from assets.core.columns import text
from assets.core.size import every_day
from assets.core.step import Built, Inputs, Step
from assets.core.table import Column, Table
from assets.facts.assumptions import as_dict
from assets.facts.intervals import CENTS_PER_USD, WATTS_PER_GW, in_units, whole
from assets.metrics.graph import days_of_change
from assets.metrics.graph_days import days_measured

CHANGES = Table(
    stage="metrics",
    name="changes",
    summary="What became known on a day and what it moved: the history of the loop as a feed.",
    grain="one row per day and deal that changed",
    key=("as_of_date", "deal_id"),
    columns=(
        *fields.of("as_of_date", "deal_id"),
        text("legs", "its legs with a new version that day, empty if only its parts or costs changed"),
        Column("gross_change_usd", "number", "USD", "change of the disclosed gross of the deal", required=True),
        Column("net_change_usd", "number", "USD", "change of the disclosed own shares of the deal", required=True),
        Column("imputed_change_usd", "number", "USD", "change of the imputed own shares of the deal", required=True),
        Column(
            "capacity_change_gw",
            "number",
            "GW",
            "change of the own shares of its power, statements apart",
            required=True,
        ),
        Column(
            "total_net_usd",
            "number",
            "USD",
            "disclosed own shares of the whole ledger after the day, purchases and funding: to see what moved",
            required=True,
        ),
        fields.here(
            "circular_share",
            "of the whole ledger after the day, disclosed, point; as last measured",
            required=False,
            at_least=None,
            at_most=None,
        ),
        Column(
            "circular_share_change",
            "number",
            "fraction",
            "change of it on the day, by all deals together; empty where the loop is not measured on every day",
        ),
        text("coverage_moves", "entities whose coverage ratio moved that day, from and to"),
    ),
    hazards=("total_net_usd, circular_share and coverage_moves belong to the day, not to the deal: never add them",),
)

MONEY = ("gross", "net", "imputed")


def moves(commitments: pl.DataFrame, capacity: pl.DataFrame) -> pl.DataFrame:
    """The change of each deal on each day: amounts of intervals that begin less amounts of intervals that end.

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
    """The changes of each day by deal, with the state of the whole ledger after the day.

    Grain: as_of_date and deal_id. Rules: if the loop is not measured on every day, the effect of a day on it is null.
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
    changed = moved.filter(ratio.ne_missing(pl.col("before"))).select(
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
    return changed.sort("entity_id").group_by("as_of_date").agg(coverage_moves=pl.col("text").sort().str.join("; "))


def _build(inputs: Inputs) -> Built:
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


STEP = Step(
    CHANGES,
    ("facts.commitments", "facts.capacity", "metrics.circularity", "metrics.headline", "staging.assumptions"),
    _build,
)
