"""SQL for DuckDB from contracts: columns, names and comments."""

from __future__ import annotations

from assets.core.table import DUCKDB_TYPES, Column, Table
from assets.warehouse.identifiers import literal, qualified, quoted


def columns_sql(table: Table) -> str:
    """The column list of CREATE TABLE: types and NOT NULL from the contract."""
    return ", ".join(
        f"{quoted(c.name)} {DUCKDB_TYPES[c.kind]}{' NOT NULL' if c.required else ''}" for c in table.columns
    )


def names_sql(table: Table) -> str:
    """The names of the columns, for INSERT and SELECT by name, never by position."""
    return ", ".join(quoted(c) for c in table.column_names)


def comments_sql(table: Table, kind: str = "TABLE") -> str:
    """COMMENT statements of a table (or VIEW) and its columns, from the contract."""
    about = " ".join([table.summary, f"Grain: {table.grain}.", *(f"Hazard: {h}." for h in table.hazards)])
    name = qualified(table.full_name)
    lines = [f"COMMENT ON {kind} {name} IS {literal(about)};"]
    lines += [f"COMMENT ON COLUMN {name}.{quoted(c.name)} IS {literal(comment(c))};" for c in table.columns]
    return "\n".join(lines)


def comment(column: Column) -> str:
    """The comment of a column: its meaning and unit."""
    return f"{column.description} [{column.unit}]" if column.unit else column.description
