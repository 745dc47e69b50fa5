"""How a column is written: a function for each usual kind and unit, with the bounds that go with it.

Not here: columns of more than one table (`assets.core.fields`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypedDict, Unpack

from assets.core.table import Column


class Limits(TypedDict, total=False):
    """What a column may hold: the attributes of a `Column` besides its name, kind, unit and meaning."""

    required: bool
    vocabulary: str
    at_least: float | None
    at_most: float | None
    pattern: str
    refers_to: str


def text(name: str, meaning: str, **limits: Unpack[Limits]) -> Column:
    """A name or a word."""
    return replace(Column(name, "text", "", meaning), **limits)


def flag(name: str, meaning: str, **limits: Unpack[Limits]) -> Column:
    """True or false."""
    return replace(Column(name, "flag", "", meaning), **limits)


def day(name: str, meaning: str, **limits: Unpack[Limits]) -> Column:
    """A calendar day."""
    return replace(Column(name, "date", "day", meaning), **limits)


def usd(name: str, meaning: str, **limits: Unpack[Limits]) -> Column:
    """Dollars, never below 0."""
    return replace(Column(name, "number", "USD", meaning, at_least=0), **limits)


def gigawatts(name: str, meaning: str, **limits: Unpack[Limits]) -> Column:
    """Gigawatts, never below 0."""
    return replace(Column(name, "number", "GW", meaning, at_least=0), **limits)


def share(name: str, meaning: str, **limits: Unpack[Limits]) -> Column:
    """A part of a whole, 0 to 1."""
    return replace(Column(name, "number", "fraction", meaning, at_least=0, at_most=1), **limits)


def ratio(name: str, meaning: str, **limits: Unpack[Limits]) -> Column:
    """A quotient that may be more than 1, never below 0."""
    return replace(Column(name, "number", "fraction", meaning, at_least=0), **limits)


def mixed(name: str, meaning: str, **limits: Unpack[Limits]) -> Column:
    """A number whose unit another column of its row says."""
    return replace(Column(name, "number", "mixed", meaning), **limits)


def integer(name: str, meaning: str, **limits: Unpack[Limits]) -> Column:
    """A whole number."""
    return replace(Column(name, "integer", "", meaning), **limits)
