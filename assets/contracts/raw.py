"""Contracts of the seeds as they stand in the files: the columns of the staging contract, every one as text."""

from __future__ import annotations

from assets.contracts import rules, staging
from assets.contracts.model import Column, Table


def as_text(table: Table) -> Table:
    """The raw contract of a staging contract: text exactly as in the file, with file and line."""
    fields = tuple(
        Column(c.name, "text", "", f"{c.description}, as written")
        for c in table.columns
        if c not in staging.SOURCE_LINE
    )
    return Table(
        stage="raw",
        name=table.name,
        summary=f"{table.seed_file} exactly as written.",
        grain="one row per line of the file",
        key=("source_file", "source_line"),
        columns=(*fields, *staging.SOURCE_LINE),
        min_rows=table.min_rows,
        may_be_empty_because=table.may_be_empty_because,
        rules=(rules.readable(tuple(c.name for c in fields)),),
    )


TABLES = tuple(as_text(table) for table in staging.TABLES)
