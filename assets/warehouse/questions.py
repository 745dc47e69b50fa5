"""Reads the published file, read-only and without access to anything else on the machine.

Not here: results as Polars frames (`assets.warehouse.published_frames`), which user queries do not need.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import duckdb

from assets.core.errors import EnvironmentFailure
from assets.warehouse.errors import environment_errors

NUMBER = re.compile(r"U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|DECIMAL\(.*\)|DOUBLE|FLOAT")

FLOATS = ("DOUBLE", "FLOAT")

CHUNK = 10_000

QUESTIONS = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)
"""SHOW, DESCRIBE, SUMMARIZE and PRAGMA are a SELECT, too; CALL may change something."""

ENDS_THE_PROCESS = re.compile(r"\benable_logging\b", re.IGNORECASE)

Connection = duckdb.DuckDBPyConnection
"""For type annotations in other packages, since only this one imports DuckDB."""


@contextmanager
def reading(published: Path, memory: str = "") -> Iterator[duckdb.DuckDBPyConnection]:
    """The published file, read-only, without access to anything else.

    `memory` limits the memory of DuckDB, such as 1GB; beyond it, DuckDB spills to the system's temporary folder.

    Errors: EnvironmentFailure if it does not exist yet or cannot be opened.
    """
    with environment_errors(published):
        if not published.exists():
            raise EnvironmentFailure(f"{published} does not exist yet: run `closedloop build` first")
    with tempfile.TemporaryDirectory(prefix="closedloop_") if memory else nullcontext() as spill:
        with environment_errors(published):
            connection = _connect(published, {"memory_limit": memory, "temp_directory": spill} if spill else {})
        try:
            yield connection
        finally:
            connection.close()


def _connect(published: Path, bounds: Mapping[str, str]) -> duckdb.DuckDBPyConnection:
    config: dict[str, str | bool | int | float | list[str]] = {
        "enable_external_access": False,
        "lock_configuration": True,
        **bounds,
    }
    try:
        return duckdb.connect(str(published), read_only=True, config=config)
    except duckdb.IOException:
        raise
    except duckdb.Error as error:  # DuckDB can also open CSV and SQLite files
        raise duckdb.IOException("it is not a valid DuckDB database file") from error


class QueryError(ValueError):
    """The SQL of the user is wrong; the message is DuckDB's own, without a traceback."""


@dataclass(frozen=True)
class Answer:
    """The result of a user's SQL: every value as DuckDB formats it, read on demand."""

    columns: list[str]
    is_number: list[bool]
    is_float: list[bool]
    kinds: list[str]
    _texts: duckdb.DuckDBPyRelation

    def rows(self) -> Iterator[tuple[str | None, ...]]:
        """The rows, in chunks from the file.

        Errors: QueryError if a value cannot be computed.
        """
        with sql_errors(without_position=True):
            while chunk := self._texts.fetchmany(CHUNK):
                yield from chunk


@contextmanager
def answer(published: Path, sql: str) -> Iterator[Answer]:
    """Run a user's SQL: one statement that returns rows.

    Errors: QueryError for wrong SQL; EnvironmentFailure for the file.
    """
    with reading(published) as connection, environment_errors(published):
        with sql_errors():
            _refuse_what_is_no_question(connection, sql)
        yield answer_of(connection, sql)


def answer_of(connection: duckdb.DuckDBPyConnection, sql: str) -> Answer:
    """The result of one statement on an open file.

    Errors: QueryError for wrong SQL.
    """
    with sql_errors():
        relation = connection.sql(sql)
        if relation is None:
            raise QueryError("this statement asks nothing: write a SELECT")
        kinds = [str(kind) for kind in relation.types]
    return Answer(
        list(relation.columns),
        [NUMBER.fullmatch(kind) is not None for kind in kinds],
        [kind in FLOATS for kind in kinds],
        kinds,
        relation.project("CAST(COLUMNS(*) AS VARCHAR)"),
    )


def _refuse_what_is_no_question(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    statements = connection.extract_statements(sql)
    if not statements or statements[-1].type not in QUESTIONS:
        raise QueryError("this statement asks nothing: write a SELECT")
    if any(s.query for s in statements[:-1]):  # a PIVOT expands to CREATE, without a text of its own, and SELECT
        raise QueryError("these are several statements: write one")
    if found := ENDS_THE_PROCESS.search(sql):
        raise QueryError(f"{found[0]}: not here, DuckDB would end the whole program when it may not write its log")


@contextmanager
def sql_errors(*, without_position: bool = False) -> Iterator[None]:
    """Turn DuckDB errors about a SELECT into a QueryError; errors about the file are not changed."""
    try:
        yield
    except (duckdb.IOException, duckdb.FatalException, duckdb.OutOfMemoryException):
        raise
    except duckdb.Error as error:
        text = str(error)
        raise QueryError(text.partition("\n\nLINE")[0] if without_position else text) from error
