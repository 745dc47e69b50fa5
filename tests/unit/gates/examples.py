"""A few rows that fit a contract, made from the contract alone."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl

from assets.core.table import Column, Table
from assets.core.vocabulary import VOCABULARIES

ROWS = 3

FIRST_DAY = dt.date(2025, 1, 1)


def example(table: Table) -> pl.DataFrame:
    """A valid frame, as far as the columns define validity."""
    return pl.DataFrame(
        {c.name: [_value(c, row) for row in range(ROWS)] for c in table.columns}, schema=table.polars_schema
    )


def _value(column: Column, row: int) -> Any:
    match column.kind:
        case "text":
            return next(iter(VOCABULARIES[column.vocabulary])) if column.vocabulary else f"text_{row}"
        case "flag":
            return row % 2 == 0
        case "date":
            return FIRST_DAY + dt.timedelta(days=row)
        case "instant":
            return dt.datetime(2025, 1, 1, row)  # noqa: DTZ001 - as the column holds it
        case _:
            return (int if column.kind == "integer" else float)((column.at_least or 0) + row)
