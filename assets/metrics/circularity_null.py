"""metrics.circularity_null: the circular share of each quarter compared with shuffled ledgers.

Not here: the circular share itself (`assets.metrics.circularity`), the shuffling (`assets.finance.null_model`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from assets.core import fields
from assets.core.columns import ratio, share
from assets.core.step import Built, Inputs, Step
from assets.core.table import Column, Table
from assets.facts.assumptions import as_dict
from assets.finance import null_model
from assets.metrics import graph, graph_days
from assets.metrics.graph_solving import READS, known_legs

CIRCULARITY_NULL = Table(
    stage="metrics",
    name="circularity_null",
    summary="The circular share compared with that of ledgers with payees shuffled among legs of the same flow.",
    grain="one row per quarter end (and the last day), basis and amount basis",
    key=("as_of_date", "basis", "amount_basis"),
    columns=(
        *fields.of("as_of_date", "basis", "amount_basis"),
        fields.here("circular_share", "the share of the ledger itself: circulating_usd / total_usd, the upper view"),
        share("null_mean", "mean of the shuffles", required=True),
        ratio("null_sd", "standard deviation of the shuffles", required=True),
        share("p_value", "share of shuffles with at least the observed circular share", required=True),
        Column("shuffles", "integer", "rows", "number of shuffles", required=True, at_least=2),
    ),
    min_rows=0,
    may_be_empty_because="a graph too large for null_shuffles_min shuffles within null_leg_shuffles_max has no row",
    hazards=("says whether the loop is more than chance under this null model, not why",),
)


@dataclass(frozen=True)
class Effort:
    """The number of shuffles of a graph, and the seed."""

    shuffles: int
    fewest: int
    """A result from fewer shuffles is meaningless: a graph that could not have this many gets none."""
    most_leg_shuffles: int
    """The most legs times shuffles for one graph."""
    seed: int

    def shuffles_of(self, legs: int) -> int:
        """The number of shuffles for a graph of this many legs; 0 if it would be too small."""
        affordable = min(self.shuffles, self.most_leg_shuffles // max(1, legs))
        return affordable if affordable >= min(self.shuffles, self.fewest) else 0


def against_chance(legs: pl.DataFrame, days: Sequence[dt.date], effort: Effort) -> pl.DataFrame:
    """Compare the circular share of each graph with that of shuffled ledgers.

    Grain: basis, amount_basis, as_of_date, in that order. `legs` are those of `graph_days.known_legs`.
    """
    rows = [row for day in days for row in _on_day(graph_days.based_on(legs, day), effort)]
    order = {(b, a): n for n, (b, a) in enumerate((b, a) for b in graph.BASES for a in graph.AMOUNT_BASES)}
    rows.sort(key=lambda row: order[row["basis"], row["amount_basis"]])
    return pl.DataFrame(rows, schema=CIRCULARITY_NULL.polars_schema)


def _on_day(legs: pl.DataFrame, effort: Effort) -> list[dict[str, Any]]:
    rows = []
    for key, part in legs.partition_by(graph.KEYS, as_dict=True, maintain_order=True).items():
        shuffles = effort.shuffles_of(part.height)
        if not shuffles:
            continue
        found = null_model.circular_share_null(part.select(*graph.EDGE, "flow", graph.usd()), shuffles, effort.seed)
        rows.append(
            {
                **dict(zip(graph.KEYS, key, strict=True)),
                "circular_share": found.observed,
                "null_mean": found.mean,
                "null_sd": found.sd,
                "p_value": found.p_value,
                "shuffles": shuffles,
            }
        )
    return rows


def _build(inputs: Inputs) -> Built:
    settings = as_dict(inputs.read("staging.assumptions"))
    names = ("null_shuffles", "null_shuffles_min", "null_leg_shuffles_max", "null_seed")
    effort = Effort(*(int(settings[name]) for name in names))
    days = graph.days_of_change(inputs.read("facts.commitments"))
    return Built(against_chance(known_legs(inputs), graph.landmark_days(days[-1]) if days else [], effort))


STEP = Step(CIRCULARITY_NULL, READS, _build)
