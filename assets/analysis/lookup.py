"""Finds the row and column of an address: `metrics.headline.net_commitment_usd` with `entity_id=openai` on a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from assets.analysis.names_and_days import SHOWN, Unclear, listed, must_be
from assets.warehouse.as_of import STAGES
from assets.warehouse.identifiers import qualified, quoted
from assets.warehouse.published_file import Book, Row

ABOUT = ("path", "statement", "name")
"""Columns that identify a row to a reader."""

IN_NAME = 3


def column_of(book: Book, asked: str) -> tuple[str, str]:
    """The table and the column of `schema.table.column`.

    Errors: Unclear, with the nearest names.
    """
    parts = asked.split(".")
    if len(parts) != IN_NAME:
        raise Unclear(f"{asked}: write schema.table.column, such as metrics.headline.net_commitment_usd")
    table = must_be(".".join(parts[:2]), book.columns, "table")
    return table, must_be(parts[2], book.columns[table], "column", table)


def dictionary_of(book: Book, table: str) -> list[Row]:
    """The dictionary entries of the columns of a table."""
    schema, _, name = table.partition(".")
    return book.rows(
        "from quality.dictionary where schema_name = $schema and table_name = $name order by position",
        schema=schema,
        name=name,
    )


def row_of(book: Book, table: str, key: Mapping[str, str], day: dt.date) -> Row:
    """The one row of a table that has these values, in force on a day.

    Errors: Unclear for an unknown name or value (with the nearest one), or several rows (with the distinguishing
    columns).
    """
    columns = book.columns[table]
    for name in key:
        must_be(name, columns, "column", table)
    found = rows_on(book, table, key, day)
    if not found:
        raise _nothing(book, table, key, day)
    if len(found) > 1:
        raise Unclear(_several(book, table, key, found))
    return found[0]


def keys_of(book: Book, table: str) -> list[str]:
    """The columns of the key of a table."""
    return [d["column_name"] for d in dictionary_of(book, table) if d["is_key"]]


def rows_on(book: Book, table: str, key: Mapping[str, str], day: dt.date) -> list[Row]:
    """The rows of a table with these values, in force on a day."""
    columns = book.columns[table]
    name = qualified(table)
    wanted = "true" + "".join(f" and lower(cast({quoted(k)} as varchar)) = lower(?)" for k in key)
    values = list(key.values())
    if "as_of_date" in columns and "as_of_date" not in key:
        if (macro := book.macro_of(table)) is not None:  # a table of bi uses that of the table that it shows
            named = {c for stage in STAGES for c in book.columns.get(f"{stage}.{table.partition('.')[2]}", ())}
            keys = [k for k in keys_of(book, table) if k in named]
            same = " and ".join(f"t.{quoted(k)} is not distinct from m.{quoted(k)}" for k in keys)
            shown = f"from {name} as t semi join {quoted(macro)}(?) as m on {same}"
            return book.rows(f"from ({shown}) where {wanted}", day, *values)
        latest = f"from {name} where as_of_date <= ? qualify rank() over (order by as_of_date desc) = 1"
        return book.rows(f"from ({latest}) where {wanted}", day, *values)
    if "known_from" in columns and "known_from" not in key:
        if "known_to" in columns:
            in_force = f"from {name} where known_from <= ? and (known_to is null or ? < known_to) and {wanted}"
            return book.rows(in_force, day, day, *values)
        return book.rows(f"from {name} where known_from <= ? and {wanted}", day, *values)
    return book.rows(f"from {name} where {wanted}", *values)


def _nothing(book: Book, table: str, key: Mapping[str, str], day: dt.date) -> Unclear:
    """The message if no row matches."""
    name = qualified(table)
    for column, value in key.items():
        known = book.rows(f"from {name} select distinct cast({quoted(column)} as varchar) as v order by v")
        words = [r["v"] for r in known if r["v"] is not None]
        if value.lower() not in {w.lower() for w in words}:
            try:
                must_be(value, words, column, table)
            except Unclear as error:
                return error
    at = next((c for c in ("as_of_date", "known_from") if c in book.columns[table]), None)
    wanted = "true" + "".join(f" and lower(cast({quoted(k)} as varchar)) = lower(?)" for k in key)
    asked = _as_text(key)
    if at:
        (first,) = book.rows(f"from {name} select min({quoted(at)}) as d where {wanted}", *key.values())
        if first["d"] and first["d"] > day:
            return Unclear(f"{table}: nothing was known on {day} of {asked}; the first day is {first['d']}")
        if first["d"]:
            return Unclear(f"{table}: {asked} was known since {first['d']}, but is not in force on {day}")
    return Unclear(f"{table}: no row has {asked} at once: leave out one of them to see what there is")


def _several(book: Book, table: str, key: Mapping[str, str], found: list[Row]) -> str:
    """The message if several rows match, with the columns that distinguish them."""
    keys = keys_of(book, table)
    differ = [c for c in keys if c not in key and len({r[c] for r in found}) > 1]
    head = f"{table}: {len(found)} rows{f' have {_as_text(key)}' if key else ''}; say which:"
    about = [c for c in ABOUT if c in found[0] and c not in keys]
    lines = [
        f"  {' '.join(f'--key {c}={r[c]}' for c in differ)}{''.join(f'  ({r[c]})' for c in about)}"
        for r in found[:SHOWN]
    ]
    if len(found) > SHOWN:
        values = "; ".join(f"{c}: {listed(sorted({str(r[c]) for r in found}))}" for c in differ)
        lines.append(f"  and {len(found) - SHOWN} more ({values})")
    return "\n".join([head, *lines])


def _as_text(key: Mapping[str, str]) -> str:
    return ", ".join(f"{k}={v}" for k, v in key.items()) or "anything"
