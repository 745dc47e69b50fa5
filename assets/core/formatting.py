"""Figures, days and words as a person reads them: one way to write dollars, gigawatts, per cent and the unknown.

Not here: tables of a terminal (`assets.cli.table_format`), figures for machines (`assets.export`).
"""

from __future__ import annotations

import datetime as dt
import shutil
import sys
import textwrap
from collections.abc import Callable, Mapping, Sequence

BILLION = 1e9

MILLION = 1e6

UNKNOWN = "unknown"

NOT_MEASURABLE = "not measurable"
"""The ledger knows too little of the outlays of an entity to answer."""

LEAST_GW = 0.001

LEAST_USD = 0.1 * MILLION

WHOLE_TIMES = 10.0
"""From here on a multiple has no decimals."""

NARROWEST = 40

PIPE = 110
"""Columns where standard output is no terminal."""


def usd(value: float | None) -> str:
    """Dollars in billions, or in millions where a billion would hide them."""
    if not value:
        return UNKNOWN if value is None else "$0"
    if 0 < value < LEAST_USD:
        return f"under ${LEAST_USD / MILLION:g}m"
    size, unit = (BILLION, "bn") if abs(value) >= 0.1 * BILLION else (MILLION, "m")
    return f"{'−' if value < 0 else ''}${abs(value) / size:,.1f}{unit}"


def round_usd(value: float) -> str:
    """Dollars in whole billions, or in trillions: the label of a mark in a chart."""
    return f"${value / BILLION / 1000:,.1f}tn" if value >= 1000 * BILLION else f"${value / BILLION:,.0f}bn"


def change_usd(value: float | None) -> str:
    """A change in dollars, with its sign."""
    return f"+{usd(value)}" if value is not None and value > 0 else usd(value)


def span(low: float | None, high: float | None) -> str:
    """Dollars from low to high."""
    return f"{usd(low)} to {usd(high)}" if (low, high) != (None, None) else UNKNOWN


def gw(value: float | None) -> str:
    """Gigawatts, to the megawatt."""
    if value is None:
        return UNKNOWN
    if 0 < value < LEAST_GW:
        return f"under {LEAST_GW:g} GW"
    return f"{value:,.3f}".rstrip("0").rstrip(".") + " GW"


def percent(value: float | None, digits: int = 1) -> str:
    """A fraction as per cent."""
    if value is None:
        return UNKNOWN
    if 0 < value < 0.5 * 10 ** -(digits + 2):
        return f"under {10**-digits:g} %"
    return f"{value * 100:,.{digits}f} %"


def points(value: float | None) -> str:
    """A change of a share, in percentage points with its sign."""
    if value is None:
        return UNKNOWN
    return f"{'+' if value > 0 else '−' if value < 0 else '±'}{abs(value) * 100:.1f} pp"


def times(value: float | None) -> str:
    """A multiple."""
    return UNKNOWN if value is None else f"{value:,.{0 if value >= WHOLE_TIMES else 1}f} times"


FORMS: Mapping[str, Callable[[float], str]] = {
    "USD": usd,
    "GW": gw,
    "fraction": lambda value: percent(value, 2),
    "ratio": lambda value: percent(value, 2),
    "USD/GW": lambda value: f"{usd(value)}/GW",
    "USD/share": lambda value: f"${value:,.2f}",
    "shares": lambda value: f"{value / MILLION:,.1f}m shares",
    "years": lambda value: f"{value:,.1f} years",
    "flag": lambda value: "yes" if value else "no",
    "rows": lambda value: f"{value:,.6g}",
    "mixed": lambda value: f"{value:,.6g}",
    "": lambda value: f"{value:,.6g}",
}
"""How a number of each unit is written; of any other unit, with its name."""


def figure(value: object, unit: str) -> str:
    """A value with its unit."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return UNKNOWN if value is None else str(value)
    return FORMS[unit](value) if unit in FORMS else f"{value:,.6g} {unit}"


def day(value: dt.date | None) -> str:
    """A day in a sentence."""
    return UNKNOWN if value is None else f"{value.day} {value:%B %Y}"


def iso(value: dt.date | None) -> str:
    """A day in a list."""
    return UNKNOWN if value is None else value.isoformat()


def ago(hours: float) -> str:
    """How long ago, in the largest unit that says something."""
    if hours < 0:
        return "in the future, by the clock of this machine"
    if hours < 1:
        return f"{hours * 60:.0f} minutes ago"
    return f"{hours:.1f} hours ago" if hours < 48 else f"{hours / 24:.1f} days ago"  # noqa: PLR2004 - two days


def number(count: int, what: str) -> str:
    """A count with its noun."""
    return f"{count} {what}{'' if count == 1 else 's'}"


def listing(items: Sequence[str]) -> str:
    """Items in a sentence."""
    return f"{', '.join(items[:-1])} and {items[-1]}" if len(items) > 1 else "".join(items)


def plain(word: str) -> str:
    """A word of a vocabulary in a sentence."""
    return word.replace("_", " ")


def width() -> int:
    """Columns to write in."""
    return max(NARROWEST, shutil.get_terminal_size().columns) if sys.stdout.isatty() else PIPE


def folded(text: str, indent: str = "", first: str | None = None) -> str:
    """A text in lines that fit; addresses are never broken."""
    return textwrap.fill(
        text,
        width(),
        initial_indent=indent if first is None else first,
        subsequent_indent=indent,
        break_on_hyphens=False,
        break_long_words=False,
    )
