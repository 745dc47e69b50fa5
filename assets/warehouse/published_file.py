"""The published file, opened once for several queries, and its description of its tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb

from assets.core.errors import EnvironmentFailure
from assets.warehouse import questions
from assets.warehouse.errors import environment_errors
from assets.warehouse.identifiers import quoted, value

Row = dict[str, Any]


class Book:
    """An open published file."""

    def __init__(self, path: Path, connection: duckdb.DuckDBPyConnection) -> None:
        self.path = path
        self._known: dict[tuple[str, object], list[Row]] = {}
        self._connection = connection

    def rows(self, sql: str, *places: object, **names: object) -> list[Row]:
        """The result of a SELECT of this project; values are passed as parameters (? or $day), never in the text.

        Errors: EnvironmentFailure if another version of the project made the file.
        """
        try:
            answered = self._answered(sql, places, names)
            columns = [column[0] for column in answered.description or []]
            return [dict(zip(columns, row, strict=True)) for row in answered.fetchall()]
        except (duckdb.CatalogException, duckdb.BinderException) as error:
            lacks = str(error).splitlines()[0]
            raise EnvironmentFailure(
                f"{self.path}: another version of closedloop made this file ({lacks}): run `closedloop build`"
            ) from error

    def _answered(self, sql: str, places: Sequence[object], names: Mapping[str, object]) -> duckdb.DuckDBPyConnection:
        """Run a SELECT with its values as SQL literals, since DuckDB imports pandas to bind Python values."""
        values = ", ".join([value(v) for v in places] or [f"{quoted(name)} := {value(v)}" for name, v in names.items()])
        if not values:
            return self._connection.execute(sql)
        self._connection.execute(f"prepare question as {sql}")
        return self._connection.execute(f"execute question({values})")

    def on_day(self, sql: str, day: dt.date) -> list[Row]:
        """The cached result for a day; an explanation reads the same legs several times."""
        if (sql, day) not in self._known:
            self._known[sql, day] = self.rows(sql, day=day)
        return self._known[sql, day]

    def macro_of(self, table: str) -> str | None:
        """The macro with the rows as known on a day of a table, or of the table that a table of `bi` shows."""
        macro = f"{table.partition('.')[2]}_as_of"
        return macro if macro in self._macros else None

    @cached_property
    def _macros(self) -> set[str]:
        found = self.rows("select function_name as name from duckdb_functions() where function_type = 'table_macro'")
        return {row["name"] for row in found}

    @cached_property
    def columns(self) -> dict[str, list[str]]:
        """The columns of every table, by `schema.table`."""
        found: dict[str, list[str]] = {}
        for row in self.rows(
            "select schema_name || '.' || table_name as name, column_name from quality.dictionary "
            "order by schema_name, table_name, position"
        ):
            found.setdefault(row["name"], []).append(row["column_name"])
        return found

    def last_day(self) -> dt.date:
        """The latest day on which a fact of the ledger became known."""
        (row,) = self.rows("select arg_max(last_known_on, publication_number) as day from quality.publications")
        day: dt.date = row["day"]
        return day

    def first_day(self) -> dt.date:
        """The earliest day on which a fact of the ledger became known."""
        (row,) = self.rows(
            "select least((select min(known_from) from facts.commitments), "
            "(select min(known_from) from facts.capacity), (select min(known_from) from facts.financials)) as day"
        )
        day: dt.date = row["day"]
        return day


@contextmanager
def opened(published: Path) -> Iterator[Book]:
    """Open the published file read-only.

    Errors: EnvironmentFailure if it is missing, unreadable or made by another version of the project.
    """
    with questions.reading(published) as connection, environment_errors(published):
        yield Book(published, connection)
