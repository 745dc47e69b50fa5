"""facts.capacity: promises of power as intervals of knowledge, bounded and net of their parts within one view."""

from __future__ import annotations

import polars as pl

from assets.contracts.facts import CAPACITY
from assets.facts import knowledge
from assets.facts.assumptions import as_dict
from assets.finance.versions import collapse
from assets.finance.versions import intervals as intervals_of
from assets.steps import Built, Inputs, Step


def preferred(legs: pl.DataFrame) -> pl.DataFrame:
    """The rows that are counted."""
    return legs.filter(pl.col("reading") == "preferred")


def intervals(legs: pl.DataFrame, assumptions: dict[str, float]) -> pl.DataFrame:
    """Capacity as intervals of knowledge.

    Grain: one row per leg and maximal interval. Rules: a cancelled version carries nothing; own shares are taken inside
    one view; statements have none.
    """
    versions = _amounts(intervals_of(preferred(legs), "leg_id"), assumptions)
    links = versions.filter(pl.col("part_of_leg_id").is_not_null())
    days = pl.concat(
        [
            knowledge.known_links(versions, {"part_of_leg_id": versions}),
            links.select(leg_id="part_of_leg_id", day="known_from"),
            links.select(leg_id="part_of_leg_id", day="known_to").drop_nulls(),
        ]
    )
    rows = knowledge.hide_unknown(knowledge.split(versions.drop("known_to"), days), "part_of_leg_id", versions)
    parts = links.select(
        "view",
        "known_from",
        "known_to",
        leg_id="part_of_leg_id",
        parts=knowledge.whole("capacity_gw", knowledge.WATTS_PER_GW),
    )
    sums = knowledge.sums_of_parts(rows, parts, ["leg_id", "view"], ["parts"])
    netted = rows.with_columns(sums).with_columns(
        net_capacity_gw=pl.when(pl.col("view") != "statement").then(
            knowledge.own_share("capacity_gw", pl.col("parts"), knowledge.WATTS_PER_GW)
        )
    )
    pieces = intervals_of(netted.select([c for c in CAPACITY.column_names if c != "known_to"]), "leg_id")
    return CAPACITY.conform(collapse(pieces, "leg_id"))


def _amounts(versions: pl.DataFrame, assumptions: dict[str, float]) -> pl.DataFrame:
    carries = pl.col("stage") != "cancelled"
    point = pl.col("gw")
    low, high = knowledge.bounded(point, pl.lit(None, pl.Float64), pl.lit(None, pl.Float64), assumptions)
    return versions.with_columns(
        capacity_low_gw=pl.when(carries).then(low),
        capacity_gw=pl.when(carries).then(point),
        capacity_high_gw=pl.when(carries).then(high),
    )


def _build(inputs: Inputs) -> Built:
    return Built(intervals(inputs.read("staging.capacity"), as_dict(inputs.read("staging.assumptions"))))


STEPS = (Step(CAPACITY, ("staging.capacity", "staging.assumptions"), _build),)
