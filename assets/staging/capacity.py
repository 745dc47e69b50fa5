"""Promises of power."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from assets.core import fields, shared_rules
from assets.core.rule import Advice, Read, Rule
from assets.core.table import Column
from assets.core.vocabulary import VOCABULARIES
from assets.staging import promise_rules
from assets.staging.columns import COUNTRY, ID, seed

MEGA = 1000


def _bounds(read: Read) -> dict[str, tuple[float, float]]:
    low = shared_rules.assumption(read, "capacity_min_gw")
    return {view: (low, shared_rules.assumption(read, f"capacity_max_{view}_gw")) for view in VOCABULARIES["view"]}


def _gw_by_view(frame: pl.DataFrame, read: Read) -> pl.Series:
    outside = [
        (pl.col("view") == view) & ((pl.col("gw") < low) | (pl.col("gw") > high))
        for view, (low, high) in _bounds(read).items()
    ]
    return frame.select(pl.any_horizontal(outside).fill_null(value=False)).to_series()


def _gw_meant(row: Mapping[str, Any], _frame: pl.DataFrame, read: Read) -> Advice:
    low, high = _bounds(read)[row["view"]]
    limits = f"gigawatts of view {row['view']} lie between {low:g} and {high:g}"
    meant = row["gw"] / MEGA
    if row["gw"] < 0:
        return Advice(f"{limits}: power is never negative")
    return Advice(f"{limits}: if {row['gw']:g} are megawatts, write {meant:g}" if low <= meant <= high else limits)


def _power_on_ordered(frame: pl.DataFrame, _read: Read) -> pl.Series:
    return (frame["first_power_on"] > frame["full_power_on"]).fill_null(value=False)


CAPACITY = seed(
    "capacity",
    "Promises of power: one leg in one version.",
    "one row per leg, version and reading",
    ("leg_id", "known_from", "reading"),
    (
        fields.here("leg_id", pattern=ID),
        *fields.of("deal_id", "provider_id", "user_id", "site"),
        fields.here("country", pattern=COUNTRY),
        *fields.of("view", "power_basis"),
        Column("gw", "number", "GW", "stated figure, empty if undisclosed"),
        *fields.of("qualifier", "first_power_on", "full_power_on", "stage", "known_from"),
        fields.here("part_of_leg_id", "the larger leg that repeats this one", refers_to="staging.capacity.leg_id"),
        *fields.of("reading", "evidence", "source_id", "note"),
    ),
    (
        shared_rules.known_from_plausible(),
        promise_rules.one_preferred_version("leg_id"),
        promise_rules.containment_acyclic("leg_id"),
        promise_rules.cancels_what_was_known("stage"),
        *promise_rules.figure_fits_qualifier(("gw",), "stage"),
        Rule(
            "plausible_gigawatts",
            ("gw", "view"),
            "a figure outside the bounds of its view (assumptions capacity_min_gw, capacity_max_*_gw) is almost always "
            "in megawatts",
            "write gigawatts: 168 MW is 0.168",
            offends=_gw_by_view,
            needs=("staging.assumptions",),
            advise=_gw_meant,
        ),
        Rule(
            "power_on_ordered",
            ("first_power_on", "full_power_on"),
            "full power cannot come before first power",
            "make first_power_on <= full_power_on",
            offends=_power_on_ordered,
        ),
    ),
)
