"""facts.commitment_schedule: promised money by the calendar quarter in which it falls due.

Not here: the profile of a promise (`assets.finance.schedule`).
"""

from __future__ import annotations

from typing import Literal

import polars as pl

from assets.core import fields
from assets.core.step import Built, Inputs, Step
from assets.core.table import Table
from assets.facts.leg_rules import INTERVAL, sums_match
from assets.finance import schedule

COMMITMENT_SCHEDULE = Table(
    stage="facts",
    name="commitment_schedule",
    summary="When promised money falls due, by calendar quarter.",
    grain="one row per leg interval and quarter",
    key=(*INTERVAL, "quarter_start"),
    columns=(
        *fields.of("leg_id", "known_from", "known_to", "quarter_start"),
        fields.here("amount_low_usd", "due in the quarter, lower bound"),
        fields.here("amount_usd", "due in the quarter, point"),
        fields.here("amount_high_usd", "due in the quarter, upper bound"),
        fields.here("net_amount_usd", "own share due in the quarter"),
        fields.here("is_imputed_amount"),
    ),
    rules=(
        sums_match(
            "facts.commitments",
            tuple((c, c) for c in ("amount_low_usd", "amount_usd", "amount_high_usd", "net_amount_usd")),
        ),
    ),
    hazards=("a sum needs one day of knowledge, and net_amount_usd: amount_usd counts parts twice",),
)

ENGINE: Literal["in-memory"] = "in-memory"
"""The last bit of a division may depend on how a frame is split; the streaming engine splits by the number of threads.
"""

AMOUNTS = ("amount_low_usd", "amount_usd", "amount_high_usd", "net_amount_usd")


def scheduled(commitments: pl.DataFrame) -> pl.DataFrame:
    """The intervals with a schedule: counted legs in force with a known amount or bound."""
    known = pl.any_horizontal(pl.col(AMOUNTS).is_not_null())
    return commitments.filter(~pl.col("is_statement") & (pl.col("certainty") != "cancelled") & known)


def ramps(capacity: pl.DataFrame) -> pl.DataFrame:
    """The capacity intervals whose power-on dates payments follow; a cancelled interval has none."""
    return capacity.filter(pl.col("stage") != "cancelled")


def commitment_schedule(commitments: pl.DataFrame, capacity: pl.DataFrame) -> pl.DataFrame:
    """Promised money by quarter.

    Grain: leg interval and quarter.
    """
    counted = scheduled(commitments)
    own = ramps(capacity).join(counted, left_on="leg_id", right_on="capacity_leg_id", how="semi")
    spread = schedule.spread(counted, own).collect(engine=ENGINE)
    return COMMITMENT_SCHEDULE.conform(spread.sort("leg_id", "known_from", "quarter_start"))


def _build(inputs: Inputs) -> Built:
    return Built(inputs.by_rows(commitment_schedule, "facts.commitments", capacity=inputs.read("facts.capacity")))


STEP = Step(COMMITMENT_SCHEDULE, ("facts.commitments", "facts.capacity"), _build)
