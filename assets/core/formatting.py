"""Figures as a person reads them on a terminal, and lines that stay inside it."""

from __future__ import annotations

import datetime as dt
import shutil
import sys
import textwrap

BILLION = 1e9

MILLION = 1e6

UNKNOWN = "–"

NARROWEST = 40

PIPE = 110
"""Columns where standard output is no terminal."""


def width() -> int:
    """Columns to write in."""
    return max(NARROWEST, shutil.get_terminal_size().columns) if sys.stdout.isatty() else PIPE


def figure(value: object, unit: str) -> str:
    """A value with its unit; – for unknown."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return UNKNOWN if value is None else str(value)
    match unit:
        case "USD":
            return money(value)
        case "GW":
            return f"{value:,.3f}".rstrip("0").rstrip(".") + " GW"
        case "fraction":
            return f"{value * 100:.2f} %"
        case "years":
            return f"{value:,.1f} years"
    return f"{value:,.6g}{f' {unit}' if unit not in {'', 'mixed', 'rows'} else ''}"


def money(usd: float) -> str:
    """Dollars in billions, or in millions where a billion would hide them."""
    if abs(usd) >= 0.1 * BILLION:
        return f"{'-' if usd < 0 else ''}${abs(usd) / BILLION:,.1f}bn"
    return f"{'-' if usd < 0 else ''}${abs(usd) / MILLION:,.1f}m" if usd else "$0"


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


def short(day: dt.date | None) -> str:
    """A day, – for none."""
    return UNKNOWN if day is None else day.isoformat()
