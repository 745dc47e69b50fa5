"""quality.dictionary: every column of the file with type, unit and meaning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from assets.core.table import DUCKDB_TYPES, Column, Table
from assets.core.vocabulary import VOCABULARIES

ORIGIN = "the contracts of all tables"
"""The source of this table at publication."""

DICTIONARY = Table(
    stage="quality",
    name="dictionary",
    summary="Every column of this file with type, unit and meaning.",
    grain="one row per column",
    key=("schema_name", "table_name", "column_name"),
    columns=(
        Column("schema_name", "text", "", "schema", required=True),
        Column("table_name", "text", "", "table", required=True),
        Column("column_name", "text", "", "column", required=True),
        Column("position", "integer", "", "position in the table", required=True, at_least=1),
        Column("data_type", "text", "", "type in DuckDB", required=True),
        Column("unit", "text", "", "unit of the value", required=True),
        Column("description", "text", "", "meaning", required=True),
        Column("is_key", "flag", "", "part of the key", required=True),
        Column("is_required", "flag", "", "never empty", required=True),
        Column("allowed_values", "text", "", "closed vocabulary, if there is one"),
        Column("refers_to", "text", "", "table and column that hold every value, if there is one"),
        Column("table_summary", "text", "", "what the table holds", required=True),
        Column("grain", "text", "", "what a row is", required=True),
        Column("hazards", "text", "", "when summing or joining is wrong"),
        Column("source", "text", "", "what the table is built from", required=True),
    ),
)


def dictionary(tables: Sequence[Table], rests_on: Mapping[str, str]) -> pl.DataFrame:
    """Describe every column.

    Grain: one row per column of the tables given. `rests_on` maps each table, `stage.name`, to its sources.
    """
    rows = [
        {
            "schema_name": table.stage,
            "table_name": table.name,
            "column_name": column.name,
            "position": position,
            "data_type": DUCKDB_TYPES[column.kind],
            "unit": column.unit,
            "description": column.description,
            "is_key": column.name in table.key,
            "is_required": column.required,
            "allowed_values": ", ".join(VOCABULARIES[column.vocabulary]) if column.vocabulary else None,
            "refers_to": column.refers_to or None,
            "table_summary": table.summary,
            "grain": table.grain,
            "hazards": "; ".join(table.hazards) or None,
            "source": rests_on[table.full_name],
        }
        for table in tables
        for position, column in enumerate(table.columns, start=1)
    ]
    return pl.DataFrame(rows, schema=DICTIONARY.polars_schema)
