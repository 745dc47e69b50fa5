"""Figures and days as text: billions of dollars, gigawatts, per cent. What is not known is called unknown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

BILLION = 1e9
UNKNOWN = "unknown"
NOT_MEASURABLE = "not measurable"
"""The ledger knows too little of the outlays of an entity to answer."""
TEN = 10.0
SPACE = "\u00a0"
"""Keeps a figure and its unit on one line."""


def usd(value: float | None) -> str:
    """Billions of dollars."""
    if value is None:
        return UNKNOWN
    if value == 0:
        return "$0"
    return f"{'−' if value < 0 else ''}${abs(value) / BILLION:,.1f}bn"


def change_usd(value: float | None) -> str:
    """A change in billions of dollars, with its sign."""
    return f"+{usd(value)}" if value is not None and value > 0 else usd(value)


def span(low: float | None, high: float | None) -> str:
    """From low to high, in billions of dollars."""
    return f"{usd(low)} to {usd(high)}" if (low, high) != (None, None) else UNKNOWN


def gw(value: float | None) -> str:
    """Gigawatts."""
    return UNKNOWN if value is None else f"{value:,.1f}{SPACE}GW"


def percent(value: float | None, digits: int = 1) -> str:
    """A fraction as per cent."""
    if value is None:
        return UNKNOWN
    if 0 < value < 0.5 * 10 ** -(digits + 2):
        return f"under {10**-digits:g}{SPACE}%"
    return f"{value * 100:,.{digits}f}{SPACE}%"


def points(value: float | None) -> str:
    """A change of a share, in percentage points with its sign."""
    return (
        UNKNOWN
        if value is None
        else f"{'+' if value > 0 else '−' if value < 0 else '±'}{abs(value) * 100:.1f}{SPACE}pp"
    )


def times(value: float | None) -> str:
    """How many times something fits."""
    if value is None:
        return UNKNOWN
    return f"{value:,.0f} times" if value >= TEN else f"{value:,.1f} times"


def day(value: dt.date | None) -> str:
    """A day as people write it."""
    return UNKNOWN if value is None else f"{value.day} {value:%B %Y}"


def listing(items: Sequence[str]) -> str:
    """Items in a sentence."""
    if len(items) <= 1:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def plain(word: str) -> str:
    """A word of a vocabulary as people write it."""
    return word.replace("_", " ")
