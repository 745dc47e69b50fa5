"""What the contracts of the seeds share: patterns, and how the columns of a file become a table.

Not here: columns of several tables (`assets.core.fields`).
"""

from __future__ import annotations

from dataclasses import replace

from assets.core import fields, shared_rules
from assets.core.rule import Rule
from assets.core.table import Column, Table

ID = r"^[a-z0-9][a-z0-9_]{0,99}$"

SYMBOL = r"^[A-Z0-9.\-]{1,20}$"

COUNTRY = r"^[A-Z]{2}$"

SOURCE_LINE = fields.of("source_file", "source_line")

PERCENT = 100


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
        columns=(*map(_of_seeds, columns), *SOURCE_LINE),
        min_rows=0 if may_be_empty_because else 1,
        may_be_empty_because=may_be_empty_because,
        rules=(
            shared_rules.parsable(tuple(c.name for c in columns)),
            *((shared_rules.plain(free),) if free else ()),
            *own_rules,
            *(() if name == "assumptions" else (shared_rules.keeps_rows("warning"), shared_rules.keeps_rows("error"))),
        ),
    )


def _of_seeds(column: Column) -> Column:
    """The column with a reference to the seed in place of the table of facts that rests on it."""
    return replace(column, refers_to=column.refers_to.replace("facts.", "staging."))
