"""What a file of `sql/` says of itself: the comment at its head, and the tables that it reads."""

from __future__ import annotations

from collections.abc import Sequence

from assets import sqlfiles
from assets.contracts.model import Table


def head(sql: str) -> list[str]:
    """The lines of the comment at its head."""
    lines = []
    for line in sql.splitlines():
        if not line.startswith("--"):
            break
        lines.append(line.removeprefix("--").strip())
    return lines


def tables_read(sql: str, tables: Sequence[Table]) -> list[Table]:
    """The tables of a query in the order in which it names them."""
    by_name = {t.full_name: t for t in tables}
    return [by_name[name] for name in sqlfiles.tables_named(sql) if name in by_name]
