"""Outstanding purchases between two parties on a day, and the payment profile of each leg in force.

Not here: the schedule of a promise (`assets.finance.schedule`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

import polars as pl

from assets.core.step import Inputs
from assets.core.vocabulary import PURCHASES
from assets.facts.commitment_schedule import ramps, scheduled
from assets.facts.intervals import CENTS_PER_USD, in_units
from assets.finance import schedule
from assets.metrics.graph_days import batches
from assets.metrics.pairwise_dues import days_asked

OUTSTANDING = ("outstanding_usd", "outstanding_imputed_usd")

TERMS = (
    "leg_id", "known_from", "known_to", "payer_id", "payee_id", "flow", "net_amount_usd", "is_imputed_amount",
    "starts_on", "ends_on", "capacity_leg_id",
)  # fmt: skip
"""The columns of a leg that are used here."""


def in_force(rows: pl.DataFrame, days: Sequence[dt.date]) -> pl.DataFrame:
    """The intervals in force on each day.

    Grain: as_of_date and the key of the rows.
    """
    asked = pl.DataFrame({"as_of_date": list(days)}, schema={"as_of_date": pl.Date})
    return asked.join_where(
        rows,
        pl.col("known_from") <= pl.col("as_of_date"),
        pl.col("known_to").fill_null(dt.date.max) > pl.col("as_of_date"),
    )


def outstanding_by_pair(commitments: pl.DataFrame, capacity: pl.DataFrame, days: Sequence[dt.date]) -> pl.DataFrame:
    """Outstanding purchases between two entities, computed exactly by day.

    Grain: as_of_date, payer_id, payee_id with an outstanding amount.
    """
    remains = pl.col("net_amount_usd") * (1 - schedule.share_before(pl.col("as_of_date")))
    cents = (remains * CENTS_PER_USD).round().cast(pl.Int64)  # their sum does not depend on the order of rows
    purchases = commitments.filter(pl.col("flow").is_in(PURCHASES))
    pieces = [
        legs.group_by("as_of_date", "payer_id", "payee_id").agg(
            outstanding_usd=cents.filter(~pl.col("is_imputed_amount")).sum(),
            outstanding_imputed_usd=cents.filter(pl.col("is_imputed_amount")).sum(),
        )
        for legs in profiles_on(purchases, capacity, days)
    ]
    return (
        pl.concat(pieces)
        .with_columns(in_units(pl.col(c), CENTS_PER_USD) for c in OUTSTANDING)
        .filter(pl.any_horizontal(pl.col(OUTSTANDING) > 0))
        .sort("as_of_date", "payer_id", "payee_id")
    )


def profiles_on(commitments: pl.DataFrame, capacity: pl.DataFrame, days: Sequence[dt.date]) -> Iterator[pl.DataFrame]:
    """The counted legs in force with an own share and their payment profiles, a few days at a time.

    Grain: as_of_date and leg. Rules: the profile of a leg is computed once for all days.
    """
    power = ramps(capacity)
    counted = scheduled(commitments).filter(pl.col("net_amount_usd").is_not_null()).select(TERMS)
    for batch in batches(counted, days) or [[]]:
        asked = in_force(counted, batch)
        legs = counted.join(asked, on=["leg_id", "known_from"], how="semi") if len(batch) < len(days) else counted
        yield in_force(schedule.profiles(legs, power).collect(), batch)


def pairs_of(inputs: Inputs) -> pl.DataFrame:
    """Outstanding purchases between two parties on the given days: see `outstanding_by_pair`."""
    return outstanding_by_pair(inputs.read("facts.commitments"), inputs.read("facts.capacity"), days_asked(inputs))


READS = ("facts.commitments", "facts.capacity", "facts.financials", "facts.entities")
