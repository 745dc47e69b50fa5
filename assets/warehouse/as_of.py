"""The macros `<table>_as_of(d)`: the rows of a table as known on a day, from two templates.

A table of intervals (`known_from`, `known_to`) has rows that are in force on a day. In a table by `as_of_date`, the
latest day on or before d counts; its contract says which columns have separate latest days (`Latest`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from assets.core.table import Table
from assets.warehouse.identifiers import qualified, quoted

OLD_NAMES = {"coverage_as_of": "facts.revenue_coverage"}
"""Earlier names of a macro, by the table that it reads."""

STAGES = ("facts", "metrics")

INTERVAL = {"known_from", "known_to"}


@dataclass(frozen=True)
class Macro:
    """A table macro of one parameter, the day."""

    name: str
    table: Table

    @property
    def statement(self) -> str:
        """The CREATE MACRO statement."""
        name, source = quoted(self.name), qualified(self.table.full_name)
        return f"CREATE OR REPLACE MACRO {name}(d) AS TABLE SELECT * FROM {source} " + _in_force(self.table)  # noqa: S608 - quoted

    @property
    def about(self) -> str:
        """The question that it answers, for the comment in the published file."""
        return f"{self.table.full_name} as known on day d: {self.table.summary}"


def macros(tables: Iterable[Table]) -> dict[str, Macro]:
    """The macros of these tables by name, including old names."""
    named = {t.full_name: t for t in tables if t.stage in STAGES and _has_days(t)}
    found = [Macro(f"{t.name}_as_of", t) for t in named.values()]
    found += [Macro(old, named[name]) for old, name in OLD_NAMES.items() if name in named]
    return {m.name: m for m in sorted(found, key=lambda m: m.name)}


def _has_days(table: Table) -> bool:
    return table.latest is not None or set(table.column_names) >= INTERVAL


def _in_force(table: Table) -> str:
    if table.latest is None:
        return "WHERE known_from <= d::DATE AND (known_to IS NULL OR d::DATE < known_to)"
    of_each = ", ".join(quoted(c) for c in table.latest.of_each)
    partition = f"PARTITION BY {of_each} " if of_each else ""
    only = f" AND {table.latest.only}" if table.latest.only else ""
    return f"WHERE as_of_date <= d::DATE QUALIFY rank() OVER ({partition}ORDER BY as_of_date DESC) = 1{only}"
