"""Tables as CSV: RFC 4180, UTF-8, null as an empty field; spreadsheets run no text as a formula."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from assets.export import as_lines
from assets.export.contents import Content
from assets.warehouse.questions import Connection, answer_of


def write(connection: Connection, tables: Sequence[Content], folder: Path) -> dict[str, int]:
    """Write one file per table, `schema/name.csv`; returns the rows of each file."""
    written = {}
    for table in tables:
        file = f"{table.schema}/{table.name}.csv"
        (folder / table.schema).mkdir(exist_ok=True)
        with (folder / file).open("w", encoding="utf-8", newline="") as out:
            rows = -1  # the header line
            for line in as_lines.csv_lines(answer_of(connection, table.select)):
                out.write(f"{line}\r\n")
                rows += 1
        written[file] = rows
    return written
