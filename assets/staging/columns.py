"""Shared by the contracts of the seeds: columns, and the table made from the columns of a file."""

from __future__ import annotations

from assets.core import shared_rules
from assets.core.rule import Rule
from assets.core.table import Column, Table

ID = r"^[a-z0-9][a-z0-9_]{0,99}$"

SYMBOL = r"^[A-Z0-9.\-]{1,20}$"

COUNTRY = r"^[A-Z]{2}$"

SOURCE_LINE = (
    Column("source_file", "text", "", "file of seeds/ that the row comes from", required=True),
    Column("source_line", "integer", "", "line of that file, the header is line 1", required=True, at_least=2),
)


def identifier(name: str, description: str) -> Column:
    """The key of a table of things."""
    return Column(name, "text", "", description, required=True, pattern=ID)


def reference(name: str, table: str, key: str, description: str, *, required: bool = False) -> Column:
    """A column that points to a row of another staging table."""
    return Column(name, "text", "", description, required=required, refers_to=f"staging.{table}.{key}")


def seed(
    name: str,
    summary: str,
    grain: str,
    key: tuple[str, ...],
    columns: tuple[Column, ...],
    own_rules: tuple[Rule, ...] = (),
    may_be_empty_because: str = "",
) -> Table:
    """A staging table: the columns of the file, then file and line; every cell is readable, every text plain."""
    free = tuple(c for c in columns if c.kind == "text" and not (c.vocabulary or c.pattern or c.refers_to))
    return Table(
        stage="staging",
        name=name,
        summary=summary,
        grain=grain,
        key=key,
        columns=(*columns, *SOURCE_LINE),
        min_rows=0 if may_be_empty_because else 1,
        may_be_empty_because=may_be_empty_because,
        rules=(
            shared_rules.parsable(tuple(c.name for c in columns)),
            *((shared_rules.plain(free),) if free else ()),
            *own_rules,
            *(() if name == "assumptions" else (shared_rules.keeps_rows("warning"), shared_rules.keeps_rows("error"))),
        ),
    )


KNOWN_FROM = Column("known_from", "date", "day", "first day on which the row was public", required=True)

EVIDENCE = Column("evidence", "text", "", "how well the source was checked", required=True, vocabulary="evidence")

READING = Column("reading", "text", "", "counted, or a competing figure", required=True, vocabulary="reading")

QUALIFIER = Column("qualifier", "text", "", "how the figure is meant", required=True, vocabulary="qualifier")

SOURCE = reference("source_id", "sources", "source_id", "where the fact was read", required=True)

NOTE = Column("note", "text", "", "remarks of the researcher")

DEAL = reference("deal_id", "deals", "deal_id", "the deal to which the row belongs", required=True)

PERCENT = 100
