"""The macros of a day, as they stand in `sql/macros`, and what each says of itself.

The comment at the head of a file says what it answers; without one, the summary of the table that it reads first does.
"""

from __future__ import annotations

from collections.abc import Sequence

from assets.core import sql_files
from assets.core.sql_header import comment, tables_read
from assets.core.table import Table


def statements() -> list[str]:
    """CREATE MACRO, one for each."""
    return [sql_files.text("macros", name) for name in sql_files.names("macros")]


def comments(tables: Sequence[Table]) -> dict[str, str]:
    """What each macro of a day says of itself."""
    comments = {}
    for name in sql_files.names("macros"):
        sql = sql_files.text("macros", name)
        read = tables_read(sql, tables)
        about = "".join(f"{t.full_name} as known on day d: {t.summary}" for t in read[:1])
        comments[name] = " ".join(comment(sql)) or about
    return comments
