"""quality.dictionary: every column of the published file, from the contracts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from assets.contracts.model import DUCKDB_TYPES, Table
from assets.contracts.quality import DICTIONARY
from assets.contracts.vocabulary import VOCABULARIES


def dictionary(tables: Sequence[Table], rests_on: Mapping[str, str]) -> pl.DataFrame:
    """Describe every column.

    Grain: one row per column of the tables given. `rests_on` says of each table, by `stage.name`, what it is made of.
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
