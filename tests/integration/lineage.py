"""The part of the warehouse that a change affects: running only this part is fast and shows the same as a whole run."""

from assets.catalog import STEPS
from assets.core.step import ancestors


def below(name):
    """The tables that depend on a table, directly or indirectly."""
    return [n for n in STEPS if name in ancestors(n, STEPS)]
