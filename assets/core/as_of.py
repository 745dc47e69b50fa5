"""The macros `<table>_as_of(d)`: the rows of a table as known on a day, from two templates.

A table of intervals (`known_from`, `known_to`) has rows that are in force on a day. Of a table by `as_of_date` the
latest day on or before d counts; its contract says what has a latest day of its own (`Latest`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from assets.core.table import Table

OLD_NAMES = {"coverage_as_of": "facts.revenue_coverage"}
"""Names that a macro had before, by the table that it reads."""

STAGES = ("facts", "metrics")

INTERVAL = {"known_from", "known_to"}


@dataclass(frozen=True)
class Macro:
    """A table macro of one parameter, the day."""

    name: str
    table: Table

    @property
    def statement(self) -> str:
        """CREATE MACRO."""
        rows = f"from {self.table.full_name}\n    {_in_force(self.table)}"
        return f"create or replace macro {self.name}(d) as table\n    select * {rows}"

    @property
    def about(self) -> str:
        """What it answers, for the comment of the published file."""
        return f"{self.table.full_name} as known on day d: {self.table.summary}"


def macros(tables: Iterable[Table]) -> dict[str, Macro]:
    """The macros of these tables by name, old names too."""
    named = {t.full_name: t for t in tables if t.stage in STAGES and _has_days(t)}
    found = [Macro(f"{t.name}_as_of", t) for t in named.values()]
    found += [Macro(old, named[name]) for old, name in OLD_NAMES.items() if name in named]
    return {m.name: m for m in sorted(found, key=lambda m: m.name)}


def _has_days(table: Table) -> bool:
    return table.latest is not None or set(table.column_names) >= INTERVAL


def _in_force(table: Table) -> str:
    if table.latest is None:
        return "where known_from <= d::date and (known_to is null or d::date < known_to)"
    of_each = ", ".join(f'"{c}"' for c in table.latest.of_each)
    partition = f"partition by {of_each} " if of_each else ""
    only = f" and {table.latest.only}" if table.latest.only else ""
    return f"where as_of_date <= d::date\n    qualify rank() over ({partition}order by as_of_date desc) = 1{only}"
