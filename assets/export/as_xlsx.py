"""Tables as workbooks: one per schema, one sheet per table, and a sheet with the meaning of every table and column.

Texts are stored as texts, so that spreadsheets run none of them.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from assets.export.contents import Column, Content, TooLarge
from assets.warehouse.questions import Connection

MOST_ROWS = 1_048_575
"""The most rows of a sheet below the header."""

LONGEST_TEXT = 32_767
"""The most characters of a cell."""

ROWS_AT_ONCE = 10_000

FORMATS = {
    "date": "yyyy-mm-dd",
    "instant": "yyyy-mm-dd hh:mm:ss",
    "USD": "#,##0",
    "USD/GW": "#,##0",
    "fraction": "0.0000",
    "header": "@",
}

WIDEST, NARROWEST = 48, 10


@dataclass(frozen=True)
class _Book:
    book: xlsxwriter.Workbook
    formats: dict[str, Format]

    def style(self, value: object, unit: str) -> Format | None:
        if isinstance(value, dt.datetime):
            return self.formats["instant"]
        return self.formats["date"] if isinstance(value, dt.date) else self.formats.get(unit)


def write(connection: Connection, tables: Sequence[Content], folder: Path) -> dict[str, int]:
    """Write one workbook per schema, `schema.xlsx`; returns the rows of each.

    Errors: TooLarge with the table and the remedy.
    """
    written = {}
    for schema, members in groupby(tables, key=lambda t: t.schema):
        path = folder / f"{schema}.xlsx"
        written[path.name] = _workbook(connection, list(members), path)
    return written


def _workbook(connection: Connection, tables: Sequence[Content], path: Path) -> int:
    packed = io.BytesIO()  # after a full disk, the zip writer of the library raises the error again when it is deleted
    book = xlsxwriter.Workbook(packed, {"constant_memory": True})
    formats = {name: book.add_format({"num_format": code}) for name, code in FORMATS.items()}
    formats["header"].set_bold()
    own = _Book(book, formats)
    try:
        _contents_sheet(own, tables)
        rows = sum(_sheet(own, connection, table) for table in tables)
    except BaseException:
        with suppress(Exception):
            book.close()  # removes its temporary files
        raise
    book.close()
    path.write_bytes(packed.getbuffer())
    return rows


def _contents_sheet(own: _Book, tables: Sequence[Content]) -> None:
    names = ("table", "what it holds", "one row is", "take care", "column", "type", "unit", "meaning")
    rows = [
        (t.name, t.summary, t.grain, t.hazards, c.name, c.kind, c.unit, c.description)
        for t in tables
        for c in t.columns
    ]
    sheet = own.book.add_worksheet("about")
    _header(own, sheet, [Column(n, "VARCHAR", "", n) for n in names])
    for number, row in enumerate(rows, start=1):
        _row(own, sheet, number, zip(row, [""] * len(row), strict=True), "about")


def _sheet(own: _Book, connection: Connection, table: Content) -> int:
    sheet = own.book.add_worksheet(table.name)
    _header(own, sheet, table.columns)
    units = [c.unit for c in table.columns]
    answer = connection.execute(table.select)
    rows = 0
    while chunk := answer.fetchmany(ROWS_AT_ONCE):
        for values in chunk:
            rows += 1
            if rows > MOST_ROWS:
                raise TooLarge(
                    f"{table.schema}.{table.name} has more than {MOST_ROWS:,} rows, which a sheet cannot hold: "
                    "choose --format parquet or csv"
                )
            _row(own, sheet, rows, zip(values, units, strict=True), f"{table.schema}.{table.name}")
    sheet.autofilter(0, 0, max(rows, 1), len(units) - 1)
    return rows


def _header(own: _Book, sheet: Worksheet, columns: Sequence[Column]) -> None:
    sheet.freeze_panes(1, 0)
    for at, column in enumerate(columns):
        width = 16 if column.unit else min(WIDEST, max(NARROWEST, len(column.name) + 3))
        sheet.set_column(at, at, width)
        sheet.write_string(0, at, column.name, own.formats["header"])


def _row(own: _Book, sheet: Worksheet, row: int, cells: Iterable[tuple[object, str]], table: str) -> None:
    for at, (value, unit) in enumerate(cells):
        style = own.style(value, unit)
        if value is None:
            continue
        if isinstance(value, bool):
            sheet.write_boolean(row, at, value)
        elif isinstance(value, (int, float)):
            sheet.write_number(row, at, value, style)
        elif isinstance(value, (dt.date, dt.datetime)):
            sheet.write_datetime(row, at, value, style)
        elif len(text := str(value)) > LONGEST_TEXT:
            raise TooLarge(f"{table}, row {row}: a text of {len(text):,} characters, a cell holds {LONGEST_TEXT:,}")
        else:
            sheet.write_string(row, at, text)
