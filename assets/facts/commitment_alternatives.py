"""facts.commitment_alternatives: competing figures for a leg, kept and never counted."""

from __future__ import annotations

import polars as pl

from assets.core import fields
from assets.core.columns import usd
from assets.core.step import Built, Inputs, Step
from assets.core.table import Table
from assets.facts import intervals
from assets.facts.assumptions import as_dict
from assets.facts.commitments import BOUNDS
from assets.facts.leg_rules import INTERVAL

COMMITMENT_ALTERNATIVES = Table(
    stage="facts",
    name="commitment_alternatives",
    summary="Competing figures for a leg: kept, never counted.",
    grain="one row per leg and day on which the competing figure became known",
    key=INTERVAL,
    columns=(
        *fields.of("leg_id", "known_from", "deal_id", "payer_id", "payee_id", "flow", "certainty", "evidence"),
        *fields.of("qualifier"),
        usd("amount_low_usd", "the competing figure, lower bound"),
        usd("amount_usd", "the competing figure, point"),
        usd("amount_high_usd", "the competing figure, upper bound"),
        *fields.of("source_id", "note"),
    ),
    min_rows=0,
    may_be_empty_because="a ledger need not contain competing figures",
    hazards=("competing figures are in no total",),
)


def alternatives(legs: pl.DataFrame, assumptions: dict[str, float]) -> pl.DataFrame:
    """Competing figures with their bounds, never counted.

    Grain: one row per leg and day.
    """
    stated = pl.coalesce("amount_usd", "amount_low_usd")
    low, high = intervals.bounded(stated, pl.col("amount_low_usd"), pl.col("amount_high_usd"), assumptions)
    rows = legs.filter(pl.col("reading") == "alternative").with_columns(
        **dict(zip(BOUNDS, (low, stated, high), strict=True))
    )
    return COMMITMENT_ALTERNATIVES.conform(rows.sort("leg_id", "known_from"))


def _build(inputs: Inputs) -> Built:
    return Built(alternatives(inputs.read("staging.commitments"), as_dict(inputs.read("staging.assumptions"))))


STEP = Step(COMMITMENT_ALTERNATIVES, ("staging.commitments", "staging.assumptions"), _build)
