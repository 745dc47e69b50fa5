"""The days on which the ledger is simulated: quarter ends, and the last day known."""

from __future__ import annotations

import datetime as dt

import polars as pl

from assets.core.step import Inputs
from assets.facts.assumptions import as_dict


def simulated_days(first_day: dt.date, last_day: dt.date) -> list[dt.date]:
    """Every quarter end between the first and the last day, and the last day itself."""
    starts = pl.date_range(first_day, last_day, interval="1q", eager=True).dt.truncate("1q")
    ends = starts.dt.offset_by("1q").dt.offset_by("-1d")
    return [*(d for d in ends.unique().sort() if first_day <= d < last_day), last_day]


def days_simulated(inputs: Inputs) -> list[dt.date]:
    """The days on which the ledger is simulated: see `simulated_days`."""
    first_year = int(as_dict(inputs.read("staging.assumptions"))["simulation_first_year"])
    days = [inputs.read(t)["known_from"].max() for t in ("facts.commitments", "facts.capacity", "facts.financials")]
    return simulated_days(dt.date(first_year, 1, 1), max(d for d in days if isinstance(d, dt.date)))
