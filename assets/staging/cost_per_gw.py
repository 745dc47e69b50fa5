"""staging.cost_per_gw: published estimates of the cost of a gigawatt."""

from __future__ import annotations

import polars as pl

from assets.core import fields, shared_rules
from assets.core.columns import text
from assets.core.rule import Rule
from assets.core.table import Column
from assets.staging.columns import ID, seed

COST_PER_GW = seed(
    "cost_per_gw",
    "Published estimates of what a gigawatt costs.",
    "one row per estimate",
    ("estimate_id",),
    (
        text("estimate_id", "short name of the estimate", required=True, pattern=ID),
        text("estimator", "who estimates", required=True),
        fields.here("component"),
        Column("low_usd_per_gw", "number", "USD/GW", "lower bound", at_least=1e8, at_most=1e12),
        Column("usd_per_gw", "number", "USD/GW", "estimate", at_least=1e8, at_most=1e12),
        Column("high_usd_per_gw", "number", "USD/GW", "upper bound", at_least=1e8, at_most=1e12),
        *fields.of("known_from", "evidence", "source_id", "note"),
    ),
    (
        shared_rules.known_from_plausible(),
        shared_rules.ordered_bounds("low_usd_per_gw", "usd_per_gw", "high_usd_per_gw"),
        Rule(
            "has_figure",
            ("low_usd_per_gw", "usd_per_gw", "high_usd_per_gw"),
            "a row without any figure says nothing",
            "fill in at least one of low_usd_per_gw, usd_per_gw, high_usd_per_gw",
            offends=lambda frame, _read: frame.select(
                pl.all_horizontal(pl.col("low_usd_per_gw", "usd_per_gw", "high_usd_per_gw").is_null())
            ).to_series(),
        ),
    ),
)
