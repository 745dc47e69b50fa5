"""The part of the warehouse that a change reaches: a run of it is short, and shows what a whole one would show."""

from assets.catalog import STEPS
from assets.core.step import ancestors


def below(name):
    """The tables that rest on a table, directly or not."""
    return [n for n in STEPS if name in ancestors(n, STEPS)]
