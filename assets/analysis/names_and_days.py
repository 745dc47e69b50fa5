"""Checks of a user's request: days, and names with suggestions for misspelt ones."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Iterable

from assets.warehouse.published_file import Book

CLOSE_ENOUGH = 0.6

SHOWN = 12


class Unclear(ValueError):  # noqa: N818 - a finding about a question, not an error of the code
    """A request that cannot be answered; the message suggests an alternative."""


def must_be(word: str, allowed: Iterable[str], what: str, where: str = "") -> str:
    """Return a word if it is allowed.

    Errors: Unclear, with the nearest names.
    """
    known = list(dict.fromkeys(allowed))
    if word in known:
        return word

    near = difflib.get_close_matches(word.lower(), known, n=3, cutoff=CLOSE_ENOUGH)
    near = near or [k for k in known if len(word) > 1 and word.lower() in k][:3]
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are {listed(known)}"
    raise Unclear(f"{word}: no such {what}{f' in {where}' if where else ''}: {hint}")


def listed(names: Iterable[object], shown: int = SHOWN) -> str:
    """A list of names, with the number of the rest."""
    known = [str(n) for n in names]
    more = len(known) - shown
    return ", ".join(known[:shown]) + (f" and {more} more" if more > 0 else "") if known else "none"


def day_in(book: Book, day: dt.date | None) -> tuple[dt.date, str]:
    """The day to show, and remarks about it.

    Errors: Unclear for a day before the first fact was known.
    """
    last = book.last_day()
    if day is None:
        return last, ""
    first = book.first_day()
    if day < first:
        raise Unclear(f"{day}: nothing was known yet; the ledger begins on {first}")
    return day, f"nothing became known after {last}: {day} shows what was known then" if day > last else ""
