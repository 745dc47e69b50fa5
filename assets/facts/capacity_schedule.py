"""facts.capacity_schedule: the power that is on at the end of each quarter."""

from __future__ import annotations

import datetime as dt
from functools import partial

import polars as pl

from assets.core import fields
from assets.core.columns import gigawatts
from assets.core.rule import Read, Rule
from assets.core.step import Built, Inputs, Step
from assets.core.table import Table
from assets.facts.assumptions import as_dict
from assets.facts.commitment_schedule import ENGINE
from assets.facts.leg_rules import INTERVAL, RELATIVE_TOLERANCE
from assets.finance import schedule


def _energised_within(frame: pl.DataFrame, read: Read) -> pl.Series:
    whole = read("facts.capacity").select(*INTERVAL, "capacity_gw", "net_capacity_gw")
    joined = frame.join(whole, on=INTERVAL, how="left", maintain_order="left")
    beyond = (pl.col("energised_gw") > pl.col("capacity_gw") * (1 + RELATIVE_TOLERANCE)) | (
        pl.col("net_energised_gw") > pl.col("net_capacity_gw") * (1 + RELATIVE_TOLERANCE)
    )
    return joined.select((beyond | pl.col("capacity_gw").is_null()).fill_null(value=False)).to_series()


CAPACITY_SCHEDULE = Table(
    stage="facts",
    name="capacity_schedule",
    summary="Power that is energised at the end of each calendar quarter.",
    grain="one row per leg interval and quarter, from the first power-on to the last year tabulated",
    key=(*INTERVAL, "quarter_start"),
    columns=(
        *fields.of("leg_id", "known_from", "known_to", "quarter_start", "energised_gw"),
        gigawatts("net_energised_gw", "own share of it"),
    ),
    rules=(
        Rule(
            "energised_within_capacity",
            ("energised_gw", "net_energised_gw"),
            "no more power can be on than the leg has",
            "this is a defect of the builder: report it with the sample keys",
            offends=_energised_within,
            needs=("facts.capacity",),
        ),
    ),
    min_rows=0,
    may_be_empty_because="a ledger may know no power-on date",
    hazards=(
        "a level, not a flow: never add quarters",
        "legs without a power-on date are never energised and have no rows",
    ),
)


def capacity_schedule(capacity: pl.DataFrame, last_year: int) -> pl.DataFrame:
    """Energised power by quarter.

    Grain: leg interval and quarter, to the end of `last_year`. The horizon is fixed: one derived from the power-on
    dates would let later knowledge change earlier days.
    """
    energised = schedule.energised(capacity, dt.date(last_year, 12, 31)).collect(engine=ENGINE)
    return CAPACITY_SCHEDULE.conform(energised.sort("leg_id", "known_from", "quarter_start"))


def _build(inputs: Inputs) -> Built:
    last_year = int(as_dict(inputs.read("staging.assumptions"))["capacity_last_year"])
    return Built(inputs.by_rows(partial(capacity_schedule, last_year=last_year), "facts.capacity"))


STEP = Step(CAPACITY_SCHEDULE, ("facts.capacity", "staging.assumptions"), _build)
