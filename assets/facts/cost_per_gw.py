"""facts.cost_per_gw: the cost of a gigawatt by the estimates known on a day."""

from __future__ import annotations

import polars as pl

from assets.core import fields, shared_rules
from assets.core.step import Built, Inputs, Step
from assets.core.table import Column, Table

COST_PER_GW = Table(
    stage="facts",
    name="cost_per_gw",
    summary="What a gigawatt costs by the estimates known on a day: lowest, median and highest.",
    grain="one row per component and interval of knowledge",
    key=("component", "known_from"),
    columns=(
        *fields.of("component", "known_from", "known_to"),
        Column("estimates", "integer", "rows", "number of estimates known", required=True, at_least=1),
        Column("cost_low_usd_per_gw", "number", "USD/GW", "lowest bound or estimate", required=True, at_least=0),
        Column("cost_median_usd_per_gw", "number", "USD/GW", "median of the estimates with a point", at_least=0),
        Column("cost_high_usd_per_gw", "number", "USD/GW", "highest bound or estimate", required=True, at_least=0),
    ),
    rules=(
        shared_rules.no_overlap(("component",)),
        shared_rules.ordered_bounds("cost_low_usd_per_gw", "cost_median_usd_per_gw", "cost_high_usd_per_gw"),
    ),
)


def cost_intervals(estimates: pl.DataFrame) -> pl.DataFrame:
    """Lowest, median and highest cost per gigawatt by the estimates known on a day.

    Grain: one row per component and interval between two days on which an estimate became known. The median is over the
    estimates with a point. The lowest and the highest are over bounds and points; an estimate with a single bound
    counts for both.
    """
    days = estimates.select("component", day="known_from").unique()
    known = days.join(estimates, on="component").filter(pl.col("known_from") <= pl.col("day"))
    return COST_PER_GW.conform(
        known.group_by("component", "day")
        .agg(
            estimates=pl.len(),
            cost_low_usd_per_gw=pl.coalesce("low_usd_per_gw", "usd_per_gw", "high_usd_per_gw").min(),
            cost_median_usd_per_gw=pl.col("usd_per_gw").median(),
            cost_high_usd_per_gw=pl.coalesce("high_usd_per_gw", "usd_per_gw", "low_usd_per_gw").max(),
        )
        .rename({"day": "known_from"})
        .sort("component", "known_from")
        .with_columns(known_to=pl.col("known_from").shift(-1).over("component"))
    )


def _build(inputs: Inputs) -> Built:
    return Built(cost_intervals(inputs.read("staging.cost_per_gw")))


STEP = Step(COST_PER_GW, ("staging.cost_per_gw",), _build)
