"""Promises of money."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from assets.core import fields, shared_rules
from assets.core.rule import Advice, Read, Rule
from assets.core.vocabulary import FLOWS_ON_ONE_DAY
from assets.staging import promise_rules
from assets.staging.columns import (
    ID,
    seed,
)

AMOUNTS = ("amount_low_usd", "amount_usd", "amount_high_usd")

VERSION = ("leg_id", "known_from", "reading")

TOLERANCE = 1e-9


def _no_self_deal(frame: pl.DataFrame, _read: Read) -> pl.Series:
    return (frame["payer_id"] == frame["payee_id"]).fill_null(value=False)


def _start_before_end(frame: pl.DataFrame, _read: Read) -> pl.Series:
    exempt = pl.col("is_statement") | (pl.col("certainty") == "cancelled")
    one_day = pl.col("flow").is_in(FLOWS_ON_ONE_DAY)
    start, end = pl.col("starts_on"), pl.col("ends_on")
    return frame.select((~exempt & ((start > end) | (~one_day & (start == end)))).fill_null(value=False)).to_series()


def _last_versions(frame: pl.DataFrame) -> pl.DataFrame:
    """The legs in force once all rows are known, with their point amount as `whole_usd`."""
    return (
        frame.filter((pl.col("reading") == "preferred") & ~pl.col("is_statement"))
        .select(*VERSION, "certainty", "part_of_leg_id", whole_usd=pl.coalesce("amount_usd", "amount_low_usd"))
        .sort("known_from")
        .unique("leg_id", keep="last")
        .filter(pl.col("certainty") != "cancelled")
    )


def _beyond_parent(frame: pl.DataFrame, _read: Read) -> pl.Series:
    """Compare the sum of the parts with the point amount of the whole; last versions only."""
    last = _last_versions(frame)
    parts = last.group_by(pl.col("part_of_leg_id").alias("leg_id")).agg(parts_usd=pl.col("whole_usd").sum())
    beyond = last.join(parts, on="leg_id").filter(pl.col("parts_usd") > pl.col("whole_usd") * (1 + TOLERANCE))
    return frame.select(pl.struct(VERSION).is_in(beyond.select(pl.struct(VERSION)).to_series().implode())).to_series()


def _list_of_parts(row: Mapping[str, Any], frame: pl.DataFrame, _read: Read) -> Advice:
    parts = _last_versions(frame).filter(pl.col("part_of_leg_id") == row["leg_id"]).sort("whole_usd", descending=True)
    found = ", ".join(f"{leg} {size:.0f}" for leg, size in parts.select("leg_id", "whole_usd").drop_nulls().iter_rows())
    return Advice(
        f"its parts come to {parts['whole_usd'].sum():.0f} ({found}): check whether the total was raised since, "
        "or a part belongs elsewhere",
        ("leg_id", "amount_usd"),
    )


COMMITMENTS = seed(
    "commitments",
    "Promises of money: one directed leg in one version.",
    "one row per leg, version and reading",
    VERSION,
    (
        fields.here("leg_id", pattern=ID),
        *fields.of("deal_id", "payer_id", "payee_id", "flow"),
        fields.here("amount_low_usd", "stated lower bound or firm part"),
        fields.here("amount_usd", "stated figure"),
        fields.here("amount_high_usd", "stated upper bound"),
        *fields.of("qualifier"),
        fields.here("starts_on", "first day of payment, empty if unknown"),
        fields.here("ends_on", "day after the last payment, empty if unknown"),
        *fields.of("certainty", "known_from"),
        fields.here("part_of_leg_id", "the larger leg that repeats this one", refers_to="staging.commitments.leg_id"),
        fields.here("funds_leg_id", "the leg that this money pays for", refers_to="staging.commitments.leg_id"),
        fields.here("capacity_leg_id", "the gigawatts that the money buys", refers_to="staging.capacity.leg_id"),
        *fields.of("is_statement", "reading", "evidence", "source_id", "note"),
    ),
    (
        shared_rules.known_from_plausible(),
        promise_rules.one_preferred_version("leg_id"),
        shared_rules.ordered_bounds(*AMOUNTS),
        shared_rules.plausible_magnitude(AMOUNTS, "commitment_min_usd", "commitment_max_usd", "US dollars"),
        promise_rules.containment_acyclic("leg_id"),
        promise_rules.cancels_what_was_known("certainty", statements="is_statement"),
        *promise_rules.figure_fits_qualifier(AMOUNTS, "certainty"),
        Rule(
            "no_self_deal",
            ("payer_id", "payee_id"),
            "a promise to oneself is no promise",
            "correct the payer or the payee",
            offends=_no_self_deal,
        ),
        Rule(
            "start_before_end",
            ("starts_on", "ends_on", "flow"),
            "a period must not be empty (equity and debt may start and end on one day; statements and cancelled rows "
            "are exempt)",
            "make starts_on earlier than ends_on: ends_on is the day after the last payment",
            offends=_start_before_end,
        ),
        Rule(
            "parts_within_whole",
            ("leg_id", "amount_usd", "part_of_leg_id"),
            "the parts of this leg add up to more than the leg: real ledgers lag, its own share counts as 0",
            "check whether the total was raised since, or a part belongs elsewhere",
            severity="warning",
            offends=_beyond_parent,
            advise=_list_of_parts,
        ),
    ),
)
