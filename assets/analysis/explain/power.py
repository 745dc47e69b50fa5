"""Explains gigawatts: views of a user, legs, and power on by quarter."""

from __future__ import annotations

import datetime as dt
import math

from assets.analysis import legs as ledger
from assets.analysis.explain.model import Found, grounds, summed
from assets.warehouse.published_file import Book, Row

NET = "own shares of the promises of power in this view: a whole counts only what its parts leave"


def capacity_of_user(book: Book, user: str, view: str | None, day: dt.date, value: float | None) -> Found:
    """The power of a user in one view."""
    if view is None:
        return "no promise of power to this user is known", []
    legs = _of(book, user, view, day)
    found = [ledger.of_power(leg, leg["net_capacity_gw"]) for leg in legs]
    return f"the sum of {NET} (view {view})", [summed("power", "GW", NET, found, value)]


def _of(book: Book, user: str, view: str, day: dt.date) -> list[Row]:
    return [leg for leg in ledger.power(book, day) if leg["user_id"] == user and leg["view"] == view]


def by_view(book: Book, row: Row, column: str) -> Found:
    """Explain a figure of metrics.capacity_by_view."""
    user, view, day = row["user_id"], row["view"], row["as_of_date"]
    if view == "statement":
        own = [ledger.of_power(leg, leg["capacity_gw"]) for leg in _of(book, user, view, day)]
        largest = [c for c in own if c.value == row[column]][:1]
        return "the largest of the company's own totals, which overlap", [
            summed("power", "GW", "the largest total", largest, row[column])
        ]
    if column == "capacity_gw":
        return capacity_of_user(book, user, view, day, row[column])
    about = "every promise of power in this view as it was stated, parts counted again with their whole"
    found = [ledger.of_power(leg, leg["capacity_gw"]) for leg in _of(book, user, view, day)]
    return f"the sum of {about}", [summed("power", "GW", about, found, row[column])]


def by_quarter(book: Book, row: Row, column: str) -> Found:
    """Explain a figure of metrics.capacity_by_quarter."""
    legs = {leg["leg_id"]: leg for leg in _of(book, row["user_id"], row["view"], row["as_of_date"])}
    rows = book.rows(
        "select s.* from facts.capacity_schedule as s where s.quarter_start = $quarter and s.known_from <= $day "
        "and (s.known_to is null or $day < s.known_to)",
        quarter=row["quarter_start"],
        day=row["as_of_date"],
    )
    found = [ledger.of_power(legs[r["leg_id"]], r["net_energised_gw"]) for r in rows if r["leg_id"] in legs]
    about = f"own shares that are switched on by the end of the quarter from {row['quarter_start']} on"
    return f"the sum of {about}", [summed("power", "GW", about, found, row[column])]


def capacity(book: Book, row: Row, column: str) -> Found:
    """Explain a figure of facts.capacity."""
    in_force = ledger.power(book, row["known_from"])
    leg = next(x for x in in_force if x["leg_id"] == row["leg_id"])
    stated = column if not column.startswith("net_") else "capacity_gw"
    about = f"as the row of the seeds states it ({leg['qualifier']})"
    if column in {"capacity_low_gw", "capacity_high_gw"}:
        about = f"the bound that follows from the qualifier {leg['qualifier']}"
    term = summed("power", "GW", about, [ledger.of_power(leg, leg[stated])], leg[stated])
    if not column.startswith("net_"):
        return about, [term]
    parts = [x for x in in_force if x["part_of_leg_id"] == leg["leg_id"] and x["view"] == leg["view"]]
    found = [ledger.of_power(x, x["capacity_gw"]) for x in parts]
    own = summed("parts", "GW", "parts of the same view in the ledger", found, math.fsum(c.value or 0 for c in found))
    return f"what the parts leave of the power, at least 0; power: {about}", [term, own]


def schedule(book: Book, row: Row, column: str) -> Found:
    """Explain a figure of facts.capacity_schedule."""
    leg = next(x for x in ledger.power(book, row["known_from"]) if x["leg_id"] == row["leg_id"])
    about = f"rises from {leg['first_power_on'] or leg['full_power_on']} to {leg['full_power_on'] or 'the same day'}"
    return f"the power that is on at the end of the quarter from {row['quarter_start']} on", [
        summed("power", "GW", about, [ledger.of_power(leg, row[column])], row[column])
        if row[column] is not None
        else grounds("power", "GW", about, [ledger.of_power(leg, None)], None)
    ]
