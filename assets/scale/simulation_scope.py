"""The scope of the simulation of a day: the entities that owe most, and the largest of their legs.

All others count with their expected amounts in facts.revenue_coverage: random variation of thousands of small legs
averages out.
Not here: the cases (`assets.metrics.simulation_inputs`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from assets.facts.intervals import CENTS_PER_USD, in_units
from assets.facts.scenario_obligations import CELL, INTERVAL, weighted_dues
from assets.metrics.simulation_inputs import NOTHING, SUMS, Ledger, coverage_on, of_entities


@dataclass(frozen=True)
class Largest:
    """The entities that owe most, and the largest of their legs; others count with expected amounts."""

    most_entities: float
    most_legs: float

    def entities(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The coverage rows of the simulated entities: at most a limited number, those that owe most.

        Grain: as given.
        """
        owed = rows.group_by("entity_id").agg(pl.col("obligations_usd").sum())
        chosen = owed.sort("obligations_usd", "entity_id", descending=[True, False]).head(int(self.most_entities))
        return rows.join(chosen, on="entity_id", how="semi", maintain_order="left")

    def legs(self, legs: pl.DataFrame) -> pl.DataFrame:
        """The legs that are drawn one by one: at most a limited number, the largest, ties by name."""
        if legs.height <= self.most_legs:
            return legs
        return legs.sort("net_amount_usd", "leg_id", descending=[True, False]).head(int(self.most_legs))


def largest_of(
    days: Sequence[dt.date],
    commitments: pl.DataFrame,
    schedule: Iterable[pl.DataFrame],
    coverage: pl.DataFrame,
    costs: pl.DataFrame,
    scenarios: pl.DataFrame,
    assumptions: Mapping[str, float],
) -> Ledger:
    """The drawn legs of each day and the sums of all others; signature of `simulation_inputs.ledger_of`.

    Rules: at most `simulation_entities_max` entities and `simulation_legs_max` legs of a day are drawn.
    """
    scope = Largest(assumptions["simulation_entities_max"], assumptions["simulation_legs_max"])
    kept, partly = [], []
    for day in days:
        rows = scope.entities(coverage_on(day, coverage))
        legs = of_entities(day, commitments, rows["entity_id"].unique())
        kept.append(scope.legs(legs))
        if legs.height > scope.most_legs:
            partly.append((day, rows, kept[-1]))
    known = pl.concat(kept).unique(INTERVAL).sort(INTERVAL) if kept else commitments.clear()
    dues = pl.concat(
        frame.filter(pl.col("net_amount_usd") > 0).join(known, on=INTERVAL, how="semi", maintain_order="left")
        for frame in schedule
    )
    rests = [_rest(day, rows, legs, dues, scenarios) for day, rows, legs in partly]
    return Ledger(known, dues, coverage, costs, scenarios, assumptions, pl.concat(rests) if rests else NOTHING, scope)


def _rest(
    day: dt.date, rows: pl.DataFrame, legs: pl.DataFrame, schedule: pl.DataFrame, scenarios: pl.DataFrame
) -> pl.DataFrame:
    """Amounts due and raised other than the drawn legs, by facts.revenue_coverage, in whole cents."""
    changes = weighted_dues(legs, [schedule], scenarios, [day])
    sums = changes.select(*CELL, *(pl.col(c).alias(f"{c}_drawn") for c in SUMS))
    left = {
        c: in_units(
            ((pl.col(f"{c}_usd") * CENTS_PER_USD).round() - pl.col(f"{c}_drawn").fill_null(0)).clip(0), CENTS_PER_USD
        )
        for c in SUMS
    }
    joined = rows.join(sums, on=CELL, how="left").with_columns(as_of_date=pl.lit(day, pl.Date), **left)
    return joined.filter(pl.any_horizontal(pl.col(SUMS) > 0)).select(NOTHING.columns).sort(*CELL)
