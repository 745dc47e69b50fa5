"""facts.capacity: promises of power as intervals of knowledge, with bounds, net of their parts within one view."""

from __future__ import annotations

import polars as pl

from assets.core import fields, shared_rules
from assets.core.columns import gigawatts
from assets.core.rule import Rule
from assets.core.step import Built, Inputs, Step
from assets.core.table import Table
from assets.facts.assumptions import as_dict
from assets.facts.intervals import (
    WATTS_PER_GW,
    bounded,
    hide_unknown,
    known_links,
    own_share,
    split,
    sums_of_parts,
    whole,
)
from assets.facts.leg_rules import INTERVAL, RELATIVE_TOLERANCE, cancelled_carries_nothing
from assets.finance.versions import collapse
from assets.finance.versions import intervals as intervals_of

CAPACITY = Table(
    stage="facts",
    name="capacity",
    summary="Promises of power as intervals of knowledge: bounded and net of their parts within one view.",
    grain="one row per leg and maximal interval of knowledge",
    key=INTERVAL,
    columns=(
        *fields.of("leg_id", "known_from", "known_to", "seed_known_from", "deal_id", "provider_id", "user_id"),
        *fields.of("site", "country", "view", "power_basis", "qualifier"),
        gigawatts("capacity_low_gw", "promised power, lower bound"),
        fields.here("capacity_gw"),
        gigawatts("capacity_high_gw", "promised power, upper bound"),
        gigawatts("net_capacity_gw", "own share: the point less its parts in force, in one view"),
        *fields.of("first_power_on", "full_power_on", "stage", "part_of_leg_id", "evidence", "source_id"),
        fields.here("note"),
    ),
    rules=(
        shared_rules.no_overlap(("leg_id",)),
        shared_rules.ordered_bounds("capacity_low_gw", "capacity_gw", "capacity_high_gw"),
        cancelled_carries_nothing(("capacity_low_gw", "capacity_gw", "capacity_high_gw", "net_capacity_gw"), "stage"),
        Rule(
            "net_within_gross",
            ("net_capacity_gw", "capacity_gw"),
            "an own share cannot exceed the whole",
            "this is a defect of the builder: report it with the sample keys",
            offends=lambda frame, _read: (
                frame["net_capacity_gw"] > frame["capacity_gw"] * (1 + RELATIVE_TOLERANCE)
            ).fill_null(value=False),
        ),
    ),
    hazards=(
        "views describe the same power from different sides: never add them",
        "rows of view statement overlap the others",
        "sum net_capacity_gw, on one day of knowledge, in one view",
        "it_load and facility power differ: a sum that mixes power_basis is approximate",
    ),
)


def preferred(legs: pl.DataFrame) -> pl.DataFrame:
    """The rows that are counted."""
    return legs.filter(pl.col("reading") == "preferred")


def intervals(legs: pl.DataFrame, assumptions: dict[str, float]) -> pl.DataFrame:
    """Capacity as intervals of knowledge.

    Grain: one row per leg and maximal interval. Rules: a cancelled version has no amounts; own shares are computed
    within one view; statements have none.
    """
    versions = _amounts(intervals_of(preferred(legs), "leg_id"), assumptions)
    links = versions.filter(pl.col("part_of_leg_id").is_not_null())
    days = pl.concat(
        [
            known_links(versions, {"part_of_leg_id": versions}),
            links.select(leg_id="part_of_leg_id", day="known_from"),
            links.select(leg_id="part_of_leg_id", day="known_to").drop_nulls(),
        ]
    )
    rows = hide_unknown(split(versions.drop("known_to"), days), "part_of_leg_id", versions)
    parts = links.select(
        "view",
        "known_from",
        "known_to",
        leg_id="part_of_leg_id",
        parts=whole("capacity_gw", WATTS_PER_GW),
    )
    sums = sums_of_parts(rows, parts, ["leg_id", "view"], ["parts"])
    netted = rows.with_columns(sums).with_columns(
        net_capacity_gw=pl.when(pl.col("view") != "statement").then(
            own_share("capacity_gw", pl.col("parts"), WATTS_PER_GW)
        )
    )
    pieces = intervals_of(netted.select([c for c in CAPACITY.column_names if c != "known_to"]), "leg_id")
    return CAPACITY.conform(collapse(pieces, "leg_id"))


def _amounts(versions: pl.DataFrame, assumptions: dict[str, float]) -> pl.DataFrame:
    carries = pl.col("stage") != "cancelled"
    point = pl.col("gw")
    low, high = bounded(point, pl.lit(None, pl.Float64), pl.lit(None, pl.Float64), assumptions)
    return versions.with_columns(
        capacity_low_gw=pl.when(carries).then(low),
        capacity_gw=pl.when(carries).then(point),
        capacity_high_gw=pl.when(carries).then(high),
    )


def _build(inputs: Inputs) -> Built:
    return Built(intervals(inputs.read("staging.capacity"), as_dict(inputs.read("staging.assumptions"))))


STEP = Step(CAPACITY, ("staging.capacity", "staging.assumptions"), _build)
