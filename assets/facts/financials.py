"""facts.financials and facts.cost_per_gw: company figures, and what a gigawatt costs as estimated by a day."""

from __future__ import annotations

import polars as pl

from assets.contracts.facts import COST_PER_GW, FINANCIALS
from assets.steps import Built, Inputs, Step

DAYS_PER_MONTH = 30.4375


def figures(financials: pl.DataFrame) -> pl.DataFrame:
    """Company figures with the length of their period in whole months.

    Grain: one row per figure of the seed.
    """
    days = (pl.col("period_end") - pl.col("period_start")).dt.total_days() + 1
    months = pl.max_horizontal((days / DAYS_PER_MONTH).round().cast(pl.Int64), pl.when(days.is_not_null()).then(1))
    return FINANCIALS.conform(financials.with_columns(period_months=pl.when(days.is_not_null()).then(months)))


def cost_intervals(estimates: pl.DataFrame) -> pl.DataFrame:
    """Lowest, median and highest cost per gigawatt by the estimates known on a day.

    Grain: one row per component and interval between two days on which an estimate became known. The median is over the
    estimates with a point; the ends are over bounds and points, an estimate with one bound alone lends it to both ends.
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


def _build_financials(inputs: Inputs) -> Built:
    return Built(figures(inputs.read("staging.financials")))


def _build_costs(inputs: Inputs) -> Built:
    return Built(cost_intervals(inputs.read("staging.cost_per_gw")))


STEPS = (
    Step(FINANCIALS, ("staging.financials",), _build_financials),
    Step(COST_PER_GW, ("staging.cost_per_gw",), _build_costs),
)
