"""What the views and macros of the published file say of themselves: their SQL, and the tables that they read, tell it.

The comment at the head of a file of `sql/views` or `sql/macros` says what a row is; without one, the summary of the
table that it reads first does. A column keeps the meaning that it has in a table of the query; `WORDS` has the others.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from assets import sqlfiles
from assets.contracts.model import Table
from assets.warehouse.sql import comment

READS = re.compile(r"\b(?:from|join)\s+([a-z_]+\.[a-z_0-9]+)", re.IGNORECASE)
WORDS: Mapping[str, str] = {
    "consumer": "name of who uses the power, empty if not named",
    "day": "day on which the row was in force",
    "customer": "name of who buys",
    "deal": "name of the deal",
    "entity": "name of the entity",
    "entity_kind": "what the entity does",
    "first_year_short": "first year of a shortfall, never if there is none",
    "holder": "name of who holds the warrant",
    "is_current": "true while nothing newer is known",
    "is_today": "true for the day of the query",
    "issuer": "name of who granted the warrant",
    "payee": "name of who is paid",
    "payer": "name of who pays",
    "provider": "name of who provides the power or the chips",
    "source": "publisher of the source",
    "supplier": "name of who sells",
    "source_url": "address of the source, empty if there is none",
}


def views(tables: Sequence[Table]) -> dict[str, tuple[str, dict[str, str]]]:
    """What each view says: of itself, and of its columns by name."""
    told = {}
    for name in sqlfiles.names("views"):
        sql = sqlfiles.FOLDER.joinpath("views", f"{name}.sql").read_text(encoding="utf-8")
        read = _tables_read(sql, tables)
        about = _head(sql) or "".join(f"{t.summary} With names in place of ids." for t in read[:1])
        columns = {c.name: comment(c) for table in reversed(read) for c in table.columns}
        told[name] = (about, dict(WORDS) | columns)
    return told


def macros(tables: Sequence[Table]) -> dict[str, str]:
    """What each macro of a day says of itself."""
    told = {}
    for name in sqlfiles.names("macros"):
        sql = sqlfiles.text("macros", name)
        read = _tables_read(sql, tables)
        told[name] = _head(sql) or "".join(f"{t.full_name} as known on day d: {t.summary}" for t in read[:1])
    return told


def _tables_read(sql: str, tables: Sequence[Table]) -> list[Table]:
    """The tables of a query in the order in which it names them."""
    by_name = {t.full_name: t for t in tables}
    return [by_name[name] for name in dict.fromkeys(READS.findall(sql)) if name in by_name]


def _head(sql: str) -> str:
    lines = []
    for line in sql.splitlines():
        if not line.startswith("--"):
            break
        lines.append(line.removeprefix("--").strip())
    return " ".join(lines)
