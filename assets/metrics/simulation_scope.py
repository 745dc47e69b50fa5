"""Who and what is drawn in the simulation of a day: the entities that owe most, and the largest of their legs.

All others count as facts.revenue_coverage expects them: of thousands of legs chance takes its course in the sum of the
smaller ones. Not here: the cases (`assets.metrics.simulation_cases`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from assets.contracts.vocabulary import FUNDING, PURCHASES
from assets.facts.dues import CELL, INTERVAL, weighted_dues
from assets.facts.knowledge import CENTS_PER_USD, in_units

SUMS = ("obligations", "funding")


def coverage_on(day: dt.date, coverage: pl.DataFrame) -> pl.DataFrame:
    """The coverage rows in force on a day: the latest of each entity; without entities of which a year is unknown."""
    known = coverage.filter(pl.col("as_of_date") <= day)
    latest = known.select("entity_id", "as_of_date").group_by("entity_id").agg(pl.col("as_of_date").max())
    rows = known.join(latest, on=["entity_id", "as_of_date"], how="semi", maintain_order="left")
    return rows.filter(pl.col("revenue_usd").is_not_null().all().over("entity_id")).with_columns(
        first_year=pl.col("year").min().over("entity_id")
    )


def simulated(rows: pl.DataFrame, most: float) -> pl.DataFrame:
    """The coverage rows of the entities that are simulated; of more than `most` those that owe most.

    Grain: as given.
    """
    owed = rows.group_by("entity_id").agg(pl.col("obligations_usd").sum())
    chosen = owed.sort("obligations_usd", "entity_id", descending=[True, False]).head(int(most))
    return rows.join(chosen, on="entity_id", how="semi", maintain_order="left")


def of_entities(day: dt.date, commitments: pl.DataFrame, entities: pl.Series) -> pl.DataFrame:
    """The legs in force on a day that are due from the entities or bring them money."""
    is_purchase = pl.col("flow").is_in(PURCHASES)
    return commitments.filter(
        (pl.col("known_from") <= day)
        & (pl.col("known_to").is_null() | (pl.col("known_to") > day))
        & (pl.col("net_amount_usd") > 0)
        & pl.col("flow").is_in([*PURCHASES, *FUNDING])
        & pl.when(is_purchase).then("payer_id").otherwise("payee_id").is_in(entities.implode())
    )


def drawn(legs: pl.DataFrame, most: float) -> pl.DataFrame:
    """The legs that are drawn one by one; of more than `most` the largest, then the first names."""
    if legs.height <= most:
        return legs
    return legs.sort("net_amount_usd", "leg_id", descending=[True, False]).head(int(most))


def limited(
    days: Sequence[dt.date],
    commitments: pl.DataFrame,
    schedule: Iterable[pl.DataFrame],
    coverage: pl.DataFrame,
    scenarios: pl.DataFrame,
    assumptions: Mapping[str, float],
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """The commitments and the schedule of what is drawn on one of the days, and what all others come to.

    The last has a row per as_of_date, scenario_id, entity_id and year, in USD; none where everything is drawn.
    """
    most, kept, partly = assumptions["simulation_legs_max"], [], []
    for day in days:
        rows = simulated(coverage_on(day, coverage), assumptions["simulation_entities_max"])
        legs = of_entities(day, commitments, rows["entity_id"].unique())
        kept.append(drawn(legs, most))
        if legs.height > most:
            partly.append((day, rows, kept[-1]))
    known = pl.concat(kept).unique(INTERVAL).sort(INTERVAL) if kept else commitments.clear()
    dues = pl.concat(
        frame.filter(pl.col("net_amount_usd") > 0).join(known, on=INTERVAL, how="semi", maintain_order="left")
        for frame in schedule
    )
    rests = [_rest(day, rows, legs, dues, scenarios) for day, rows, legs in partly]
    return known, dues, pl.concat(rests) if rests else NOTHING


NOTHING = pl.DataFrame(
    schema={
        "as_of_date": pl.Date(), "scenario_id": pl.String(), "entity_id": pl.String(), "year": pl.Int64(),
        **dict.fromkeys(SUMS, pl.Float64()),
    }
)  # fmt: skip


def _rest(
    day: dt.date, rows: pl.DataFrame, legs: pl.DataFrame, schedule: pl.DataFrame, scenarios: pl.DataFrame
) -> pl.DataFrame:
    """What is due and raised beyond the drawn legs, by the figures of facts.revenue_coverage, in whole cents."""
    changes = weighted_dues(legs, [schedule], scenarios, [day])
    sums = changes.select(*CELL, *(pl.col(c).alias(f"{c}_drawn") for c in SUMS))
    left = {
        c: in_units(
            ((pl.col(f"{c}_usd") * CENTS_PER_USD).round() - pl.col(f"{c}_drawn").fill_null(0)).clip(0), CENTS_PER_USD
        )
        for c in SUMS
    }
    told = rows.join(sums, on=CELL, how="left").with_columns(as_of_date=pl.lit(day, pl.Date), **left)
    return told.filter(pl.any_horizontal(pl.col(SUMS) > 0)).select(NOTHING.columns).sort(*CELL)
