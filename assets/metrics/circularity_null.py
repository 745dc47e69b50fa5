"""metrics.circularity_null: the circular share of each quarter beside that of shuffled ledgers.

Not here: the circular share itself (`assets.metrics.circularity`), how it is shuffled (`assets.finance.chance`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from assets.contracts.circularity import CIRCULARITY_NULL
from assets.facts.assumptions import as_dict
from assets.finance import chance
from assets.metrics import graph, graphs
from assets.metrics.circularity import READS, known_legs
from assets.steps import Built, Inputs, Step


@dataclass(frozen=True)
class Effort:
    """How often a graph is shuffled, and the first of its random numbers."""

    shuffles: int
    fewest: int
    """A share of fewer shuffles says nothing: a graph that could have no more has none."""
    most_leg_shuffles: int
    """Legs times shuffles of one graph."""
    seed: int

    def shuffles_of(self, legs: int) -> int:
        """How often a graph of so many legs is shuffled; 0 if it would be too few times."""
        affordable = min(self.shuffles, self.most_leg_shuffles // max(1, legs))
        return affordable if affordable >= min(self.shuffles, self.fewest) else 0


def against_chance(legs: pl.DataFrame, days: Sequence[dt.date], effort: Effort) -> pl.DataFrame:
    """The circular share of each graph beside that of shuffled ledgers.

    Grain: basis, amount_basis, as_of_date, in that order. `legs` are those of `graphs.known_legs`.
    """
    rows = [row for day in days for row in _on_day(graphs.based_on(legs, day), effort)]
    order = {(b, a): n for n, (b, a) in enumerate((b, a) for b in graph.BASES for a in graph.AMOUNT_BASES)}
    rows.sort(key=lambda row: order[row["basis"], row["amount_basis"]])
    return pl.DataFrame(rows, schema=CIRCULARITY_NULL.polars_schema)


def _on_day(legs: pl.DataFrame, effort: Effort) -> list[dict[str, Any]]:
    rows = []
    for key, part in legs.partition_by(graph.KEYS, as_dict=True, maintain_order=True).items():
        shuffles = effort.shuffles_of(part.height)
        if not shuffles:
            continue
        found = chance.circular_share_null(part.select(*graph.EDGE, "flow", graph.usd()), shuffles, effort.seed)
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


STEPS = (Step(CIRCULARITY_NULL, READS, _build),)
