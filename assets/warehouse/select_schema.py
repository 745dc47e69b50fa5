"""The columns of a SELECT, found without data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb

from assets.core.table import Table
from assets.warehouse.ddl import columns_sql
from assets.warehouse.identifiers import qualified, quoted


def described(
    selects: Mapping[str, str], tables: Sequence[Table], macros: Sequence[str] = ()
) -> dict[str, dict[str, str]]:
    """For every SELECT over the given tables: column name to DuckDB type, in order.

    `macros` are the CREATE MACRO statements of the macros that the SELECTs call.
    Errors: duckdb.Error if a SELECT reads a missing table or column.
    """
    empty = "".join(
        f"CREATE SCHEMA IF NOT EXISTS {quoted(t.stage)}; CREATE TABLE {qualified(t.full_name)} ({columns_sql(t)});"
        for t in tables
    )
    with duckdb.connect() as connection:
        for statement in (empty, *macros):
            connection.execute(statement)
        relations = {name: connection.sql(sql) for name, sql in selects.items()}
        return {n: dict(zip(r.columns, map(str, r.types), strict=True)) for n, r in relations.items()}
