"""The minimum that a contract requires of a seed: rows from the contract alone, for files without a generator.

Therefore a new seed, or a new required column, needs no new generator.
Not here: meaningful rows; a seed whose rules refuse these rows needs a generator.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from assets.core.table import Column, Table
from assets.core.vocabulary import VOCABULARIES

Refer = Callable[[str, str], str]
"""Returns, for a file and a column, a value in the file."""

ADDED = frozenset({"source_file", "source_line"})

DAY = "2025-01-{:02d}"


def fields(table: Table) -> list[str]:
    """The columns of the file of a seed, in order."""
    return [c for c in table.column_names if c not in ADDED]


def rows(table: Table, refer: Refer) -> list[dict[str, str]]:
    """As many rows as the contract requires, with different keys."""
    return [{c: cell(table.column(c), refer, number) for c in fields(table)} for number in range(table.min_rows)]


def cell(column: Column, refer: Refer, number: int = 0) -> str:
    """Empty if the contract allows it; else the first allowed value of the column.

    Different numbers give different values, if the column allows several.
    Errors: ValueError if no known value fits the pattern.
    """
    if not column.required:
        return ""
    if column.refers_to:
        _, file, key = column.refers_to.split(".")
        return refer(file, key)
    if column.vocabulary:
        return next(iter(VOCABULARIES[column.vocabulary]))
    return _value(column, number)


def _value(column: Column, number: int) -> str:
    match column.kind:
        case "flag":
            return "false"
        case "date":
            return DAY.format(number + 1)
        case "number" | "integer":
            return str(int(column.at_least or 0) + number)
        case _:
            return _fitting(column, (f"made_up_{number}", f"MADE-UP-{number}", "XX", f"https://x/{number}"))


def _fitting(column: Column, candidates: Sequence[str]) -> str:
    found = next((c for c in candidates if re.search(column.pattern, c)), None)
    if found is None:
        raise ValueError(f"column {column.name}: no made-up value fits {column.pattern}")
    return found
