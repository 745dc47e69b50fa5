"""Which share of a promise falls due before a day: METHODS, Ledger, Schedule, written a second time without Polars.

The project's own schedule is `assets.finance.schedule`; tests hold the two against each other to the cent.
"""

from __future__ import annotations

import datetime as dt

from assets.warehouse.book import Row

BY_LEVEL = ("compute_purchase", "lease")
BY_ADDITION = ("chip_purchase", "infrastructure_build")
ON_ONE_DAY = ("equity_investment", "debt")


def share_before(leg: Row, day: dt.date) -> float:
    """The share of the amount that is scheduled strictly before a day."""
    start, end = leg["starts_on"].toordinal(), leg["ends_on"].toordinal()
    if leg["flow"] in ON_ONE_DAY:
        end = start + 1
    asked = day.toordinal()
    begin, finish, ramp_from, ramp_days = start, end, start - 1, 1
    if leg["first_power_on"] and leg["full_power_on"]:
        first = leg["first_power_on"].toordinal()
        ramp = leg["full_power_on"].toordinal() - first
        rises_from, rises_for = (first, ramp) if ramp else (first - 1, 1)
        added_from, added_to = max(start, first), min(end, first + rises_for)
        if leg["flow"] in BY_LEVEL and rises_from + 1 < end:
            begin, ramp_from, ramp_days = added_from, rises_from, rises_for
        elif leg["flow"] in BY_ADDITION and added_from < added_to:
            begin, finish, ramp_from = added_from, added_to, added_from - 1
    before = _weight(begin, ramp_from, ramp_days)
    window = _weight(finish, ramp_from, ramp_days) - before
    return (_weight(min(max(asked, begin), finish), ramp_from, ramp_days) - before) / window


def _weight(day: int, ramp_from: int, ramp_days: int) -> float:
    """The sum of the levels over the days before one: 0, 1/L, 2/L, ... for L days, then 1."""
    since = day - ramp_from
    risen = float(min(since, ramp_days))
    return risen * (risen - 1.0) / (2 * ramp_days) + (since - risen)
