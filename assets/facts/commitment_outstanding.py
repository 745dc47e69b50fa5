"""facts.commitment_outstanding: amounts still to be paid, on every day of change."""

from __future__ import annotations

import polars as pl

from assets.core import fields
from assets.core.size import every_day
from assets.core.step import Built, Inputs, Step
from assets.core.table import Latest, Table
from assets.core.vocabulary import PURCHASES
from assets.facts.assumptions import as_dict
from assets.facts.commitment_schedule import ENGINE, ramps, scheduled
from assets.facts.intervals import CENTS_PER_USD, in_units
from assets.finance import schedule

COMMITMENT_OUTSTANDING = Table(
    stage="facts",
    name="commitment_outstanding",
    summary="What remains to be paid of an entity's purchases, on every day on which something of the entity changed.",
    grain="one row per payer and day",
    key=("payer_id", "as_of_date"),
    latest=Latest(("payer_id",)),
    columns=(
        fields.here("payer_id"),
        fields.here("as_of_date", "day of knowledge, and day from which payments are counted"),
        *fields.of("outstanding_commitment_usd", "outstanding_imputed_usd"),
    ),
    hazards=("as of the day itself: time alone lowers it between two rows",),
)

LEG_DAYS_AT_ONCE = 2_000_000
"""The most pairs of leg and day joined at once, unless a single payer has more."""

PROFILE = ("profile_from", "profile_to", "ramp_from", "ramp_days", "window_weight")
"""The columns that `finance.schedule.profiles` adds to a leg."""


def days_of_change(commitments: pl.DataFrame, capacity: pl.DataFrame, financials: pl.DataFrame) -> pl.DataFrame:
    """Every day on which a buyer's purchases, power or revenue changed.

    Grain: payer_id and as_of_date. Rules: the end of an interval counts as a change, since a leg may pass to another
    payer on that day.
    """
    purchases = commitments.filter(~pl.col("is_statement") & pl.col("flow").is_in(PURCHASES))
    revenue = financials.filter(pl.col("metric").is_in(["revenue", "annualised_revenue_run_rate"]))
    used = capacity.filter(pl.col("user_id").is_not_null())
    changes = pl.concat(
        [
            *(purchases.select("payer_id", as_of_date=day) for day in ("known_from", "known_to")),
            *(used.select(payer_id="user_id", as_of_date=day) for day in ("known_from", "known_to")),
            revenue.select(payer_id="entity_id", as_of_date="known_from"),
        ]
    )
    return changes.drop_nulls().unique()


def leg_days(days: pl.DataFrame, commitments: pl.DataFrame) -> float:
    """The number of pairs of leg and day over all payers: the cost of computing the outstanding amounts."""
    legs = payable(commitments).group_by("payer_id").len("legs")
    asked = days.group_by("payer_id").len("days").join(legs, on="payer_id")
    return float(asked.select((pl.col("legs").cast(pl.Float64) * pl.col("days")).sum()).item())


def payable(commitments: pl.DataFrame) -> pl.DataFrame:
    """Purchases that may still be outstanding."""
    return scheduled(commitments).filter(pl.col("flow").is_in(PURCHASES) & pl.col("net_amount_usd").is_not_null())


def outstanding(commitments: pl.DataFrame, capacity: pl.DataFrame, days: pl.DataFrame) -> pl.DataFrame:
    """The outstanding purchases of each payer, computed exactly by day.

    Grain: payer_id and as_of_date. The days of a payer are joined only with the legs of that payer, a few payers at a
    time.
    """
    profiles = schedule.profiles(payable(commitments), ramps(capacity)).collect(engine=ENGINE)
    needed = profiles.select("payer_id", "known_from", "known_to", "net_amount_usd", "is_imputed_amount", *PROFILE)
    met = days.group_by("payer_id").len("days").join(needed.group_by("payer_id").len("legs"), on="payer_id")
    batches = (
        met.sort("payer_id")
        .with_columns(batch=(pl.col("days") * pl.col("legs")).cast(pl.Int64).cum_sum() // LEG_DAYS_AT_ONCE)
        .partition_by("batch", maintain_order=True)
    )
    sums = [_remaining(days.join(b, on="payer_id", how="semi"), needed) for b in batches]
    found = pl.concat(sums) if sums else _remaining(days, needed)
    every = days.join(found, on=["payer_id", "as_of_date"], how="left").with_columns(
        in_units(pl.col(c).fill_null(0), CENTS_PER_USD)
        for c in ("outstanding_commitment_usd", "outstanding_imputed_usd")
    )
    return COMMITMENT_OUTSTANDING.conform(every.sort("payer_id", "as_of_date"))


def _remaining(days: pl.DataFrame, profiles: pl.DataFrame) -> pl.DataFrame:
    """Outstanding whole cents, by payer and day."""
    joined = days.join(profiles, on="payer_id").filter(
        (pl.col("known_from") <= pl.col("as_of_date"))
        & (pl.col("known_to").is_null() | (pl.col("as_of_date") < pl.col("known_to")))
    )
    remains = pl.col("net_amount_usd") * (1 - schedule.share_before(pl.col("as_of_date")))
    cents = joined.with_columns(cents=(remains * CENTS_PER_USD).round().cast(pl.Int64))  # sums are equal in any order
    return cents.group_by("payer_id", "as_of_date").agg(
        outstanding_commitment_usd=pl.col("cents").filter(~pl.col("is_imputed_amount")).sum(),
        outstanding_imputed_usd=pl.col("cents").filter(pl.col("is_imputed_amount")).sum(),
    )


def _build(inputs: Inputs) -> Built:
    commitments, capacity = inputs.read("facts.commitments"), inputs.read("facts.capacity")
    most = as_dict(inputs.read("staging.assumptions"))["outstanding_leg_days_max"]
    days = days_of_change(commitments, capacity, inputs.read("facts.financials"))
    reported = inputs.by_size(every_day)(days, leg_days(days, commitments), most)
    return Built(outstanding(commitments, capacity, reported))


STEP = Step(
    COMMITMENT_OUTSTANDING,
    ("facts.commitments", "facts.capacity", "facts.financials", "staging.assumptions"),
    _build,
)
