"""Promises of power as intervals of knowledge, and when it is energised."""

from __future__ import annotations

import polars as pl

from assets.contracts import rules
from assets.contracts.facts.columns import (
    DEAL,
    EVIDENCE,
    INTERVAL,
    KNOWN_FROM,
    KNOWN_TO,
    LEG,
    RELATIVE_TOLERANCE,
    SEED_KNOWN_FROM,
    SOURCE,
    cancelled_carries_nothing,
    key,
)
from assets.contracts.model import Column, Read, Rule, Table

CAPACITY = Table(
    stage="facts",
    name="capacity",
    summary="Promises of power as intervals of knowledge: bounded and net of their parts within one view.",
    grain="one row per leg and maximal interval of knowledge",
    key=INTERVAL,
    columns=(
        LEG,
        KNOWN_FROM,
        KNOWN_TO,
        SEED_KNOWN_FROM,
        DEAL,
        key("provider_id", "who provides the power or the chips", "facts.entities.entity_id"),
        Column("user_id", "text", "", "who uses it, empty if not named", refers_to="facts.entities.entity_id"),
        Column("site", "text", "", "where it stands"),
        Column("country", "text", "", "two-letter country of the site"),
        Column("view", "text", "", "the side from which the power is described", required=True, vocabulary="view"),
        Column("power_basis", "text", "", "which power is meant", required=True, vocabulary="power_basis"),
        Column("qualifier", "text", "", "how the figure is meant", required=True, vocabulary="qualifier"),
        Column("capacity_low_gw", "number", "GW", "lower bound", at_least=0),
        Column("capacity_gw", "number", "GW", "point", at_least=0),
        Column("capacity_high_gw", "number", "GW", "upper bound", at_least=0),
        Column(
            "net_capacity_gw",
            "number",
            "GW",
            "own share: the point less its parts in force, in one view",
            at_least=0,
        ),
        Column("first_power_on", "date", "day", "first power"),
        Column("full_power_on", "date", "day", "full power"),
        Column("stage", "text", "", "how far it is built", required=True, vocabulary="stage"),
        Column("part_of_leg_id", "text", "", "the larger leg that repeats this one, once it is known"),
        EVIDENCE,
        SOURCE,
        Column("note", "text", "", "remarks of the researcher"),
    ),
    rules=(
        rules.no_overlap(("leg_id",)),
        rules.ordered_bounds("capacity_low_gw", "capacity_gw", "capacity_high_gw"),
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


def _energised_within(frame: pl.DataFrame, read: Read) -> pl.Series:
    whole = read("facts.capacity").select(*INTERVAL, "capacity_gw", "net_capacity_gw")
    joined = frame.join(whole, on=INTERVAL, how="left", maintain_order="left")
    beyond = (pl.col("energised_gw") > pl.col("capacity_gw") * (1 + RELATIVE_TOLERANCE)) | (
        pl.col("net_energised_gw") > pl.col("net_capacity_gw") * (1 + RELATIVE_TOLERANCE)
    )
    return joined.select((beyond | pl.col("capacity_gw").is_null()).fill_null(value=False)).to_series()


CAPACITY_SCHEDULE = Table(
    stage="facts",
    name="capacity_schedule",
    summary="Power that is energised at the end of each calendar quarter.",
    grain="one row per leg interval and quarter, from the first power-on to the last year tabulated",
    key=(*INTERVAL, "quarter_start"),
    columns=(
        LEG,
        KNOWN_FROM,
        KNOWN_TO,
        Column("quarter_start", "date", "day", "first day of the quarter", required=True),
        Column("energised_gw", "number", "GW", "energised at the end of the quarter", required=True, at_least=0),
        Column("net_energised_gw", "number", "GW", "own share of it", at_least=0),
    ),
    rules=(
        Rule(
            "energised_within_capacity",
            ("energised_gw", "net_energised_gw"),
            "no more power can be on than the leg has",
            "this is a defect of the builder: report it with the sample keys",
            offends=_energised_within,
            needs=("facts.capacity",),
        ),
    ),
    min_rows=0,
    may_be_empty_because="a ledger may know no power-on date",
    hazards=(
        "a level, not a flow: never add quarters",
        "legs without a power-on date are never energised and have no rows",
    ),
)
