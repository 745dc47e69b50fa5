"""The contract of a raw table: the columns of its staging contract, all as text."""

from __future__ import annotations

from assets.core import shared_rules
from assets.core.rule import Rule
from assets.core.table import Column, Table
from assets.staging import columns, seeds

NOT_CUT_SHORT = Rule(
    "not_cut_short",
    ("source_line",),
    "a file that ends in the middle of what it held before was perhaps saved in halves",
    "look at the end of the file; if these rows are meant to go, say so once: closedloop build --intended-loss FILE",
    severity="warning",
    native={"type": "problems"},
)
"""Filled by `assets.gates.cut_short`, which knows what was published."""


def as_text(table: Table) -> Table:
    """Derive the raw contract from a staging contract: text exactly as in the file, with file and line."""
    fields = tuple(
        Column(c.name, "text", "", f"{c.description}, as written")
        for c in table.columns
        if c not in columns.SOURCE_LINE
    )
    return Table(
        stage="raw",
        name=table.name,
        summary=f"{table.seed_file} exactly as written.",
        grain="one row per line of the file",
        key=("source_file", "source_line"),
        columns=(*fields, *columns.SOURCE_LINE),
        min_rows=table.min_rows,
        may_be_empty_because=table.may_be_empty_because,
        rules=(shared_rules.readable(tuple(c.name for c in fields)), NOT_CUT_SHORT),
    )


TABLES = tuple(as_text(table) for table in seeds.TABLES)
