"""quality.dictionary: every column of the file with type, unit and meaning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from assets.core import fields
from assets.core.columns import flag, text
from assets.core.table import DUCKDB_TYPES, Table
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
        text("schema_name", "schema", required=True),
        fields.here("table_name"),
        text("column_name", "column", required=True),
        fields.here("position"),
        text("data_type", "type in DuckDB", required=True),
        fields.here("unit"),
        fields.here("description", "what the column means"),
        flag("is_key", "part of the key", required=True),
        flag("is_required", "never empty", required=True),
        text("allowed_values", "closed vocabulary, if there is one"),
        text("refers_to", "table and column that hold every value, if there is one"),
        text("table_summary", "what the table holds", required=True),
        text("grain", "what a row is", required=True),
        text("hazards", "when summing or joining is wrong"),
        fields.here("source", "what the table is built from"),
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
