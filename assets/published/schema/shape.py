"""The shape of the published file: the names, types, units and keys that outside queries rely on.

Macros are in it as `name(d)`, with the columns that they return.
Not here: comparing two shapes (`comparison`), storing shapes (`snapshots`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from assets import catalog
from assets.core.table import DUCKDB_TYPES, Table
from assets.quality.own_tables import OWN_TABLES
from assets.warehouse import as_of
from assets.warehouse.identifiers import quoted
from assets.warehouse.select_schema import described

HASH_DIGITS = 8


class Version(NamedTuple):
    """MAJOR.MINOR: the major rises with a break, the minor with an addition."""

    major: int
    minor: int

    def __str__(self) -> str:
        """The text form in the published file."""
        return f"{self.major}.{self.minor}"


def version(text: str) -> Version:
    """Read a version from a text such as `1.0`.

    Errors: ValueError.
    """
    if not re.fullmatch(r"[1-9]\d*\.(0|[1-9]\d*)", text):
        raise ValueError(f"{text!r} is not a version: write MAJOR.MINOR, such as 1.0")
    major, minor = text.split(".")
    return Version(int(major), int(minor))


@dataclass(frozen=True)
class ColumnShape:
    """The promised properties of one column; of a column of a macro, only the type."""

    type: str
    """The type in DuckDB."""
    unit: str = ""
    is_required: bool = False
    is_key: bool = False
    description: str = ""
    """A hash of the description; a new wording breaks no query."""

    def as_json(self) -> dict[str, Any]:
        """The properties that differ from the defaults."""
        return {name: value for name, value in vars(self).items() if value}


Shape = Mapping[str, Mapping[str, ColumnShape]]
"""Columns by name, by `stage.table` or `macro(d)`."""


def shape_of(tables: Sequence[Table]) -> Shape:
    """The shape of a published file with these tables, and with their macros."""
    macros = as_of.macros(tables)
    selects = {name: f"FROM {quoted(name)}(current_date)" for name in macros}
    returned = described(selects, tables, [macro.statement for macro in macros.values()])
    return {
        **{table.full_name: _columns(table) for table in tables},
        **{f"{n}(d)": {c: ColumnShape(kind) for c, kind in returned[n].items()} for n in macros},
    }


def _columns(table: Table) -> dict[str, ColumnShape]:
    return {
        c.name: ColumnShape(DUCKDB_TYPES[c.kind], c.unit, c.required, c.name in table.key, _hash(c.description))
        for c in table.columns
    }


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:HASH_DIGITS]


def present() -> Shape:
    """The shape that the contracts promise now."""
    return shape_of(contracts())


def contracts() -> list[Table]:
    """The contract of every table of the published file, without old names."""
    return [*(s.table for s in catalog.STEPS.values()), *(table for table, _ in OWN_TABLES)]


def addresses(shape: Shape) -> Iterable[str]:
    """Every name of a shape: `stage.table`, `stage.table.column`, `macro(d)`, `macro(d).column`."""
    for table, columns in shape.items():
        yield table
        yield from (f"{table}.{column}" for column in columns)
