"""How names and contracts reach DuckDB."""

from __future__ import annotations

from assets.contracts.model import DUCKDB_TYPES, Column, Table


def quoted(identifier: str) -> str:
    """An identifier as SQL writes it; the only way in which a name reaches SQL text."""
    return '"' + identifier.replace('"', '""') + '"'


def qualified(name: str, catalog: str = "") -> str:
    """`stage.table` quoted, with the catalog before it if there is one."""
    parts = ([catalog] if catalog else []) + list(name.split(".", 1))
    return ".".join(quoted(p) for p in parts)


def literal(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def columns_sql(table: Table) -> str:
    """The column list of CREATE TABLE: types and NOT NULL from the contract."""
    return ", ".join(
        f"{quoted(c.name)} {DUCKDB_TYPES[c.kind]}{' NOT NULL' if c.required else ''}" for c in table.columns
    )


def names_sql(table: Table) -> str:
    """The names of the columns, for INSERT and SELECT: values go by name, never by position."""
    return ", ".join(quoted(c) for c in table.column_names)


def comments_sql(table: Table) -> str:
    """COMMENT statements of a table and its columns, from the contract."""
    about = " ".join([table.summary, f"Grain: {table.grain}.", *(f"Hazard: {h}." for h in table.hazards)])
    name = qualified(table.full_name)
    lines = [f"COMMENT ON TABLE {name} IS {literal(about)};"]
    lines += [f"COMMENT ON COLUMN {name}.{quoted(c.name)} IS {literal(comment(c))};" for c in table.columns]
    return "\n".join(lines)


def comment(column: Column) -> str:
    """The comment of a column: its meaning and unit."""
    return f"{column.description} [{column.unit}]" if column.unit else column.description
