"""The build file: private, rebuildable, written by one process, one transaction per table."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

import duckdb
import polars as pl

from assets.core.errors import EnvironmentFailure
from assets.core.paths import Paths, write_ahead_log
from assets.core.size import ROWS_AT_ONCE, Frame, Size, Small, frames, in_chunks
from assets.core.step import Inputs
from assets.core.table import Table
from assets.warehouse import connection as writing
from assets.warehouse import ours, scratch
from assets.warehouse.content_hash import fingerprint
from assets.warehouse.ddl import columns_sql, names_sql
from assets.warehouse.disk import create_like
from assets.warehouse.errors import environment_errors
from assets.warehouse.frames import Held, ahead, readable, streamed
from assets.warehouse.identifiers import literal, qualified, quoted
from assets.warehouse.rights import close_as
from assets.warehouse.state import STATE, STATE_COLUMNS, State

STORAGE_VERSION = "v1.4.0"

HISTORY = "_build.publications"

OF_THE_MACHINE = ("Could not set lock", "Cannot open file", "No space left", "Is a directory")
"""Messages of DuckDB if the build file cannot be opened although it is intact."""


class BuildFile(Inputs):
    """The private file in which tables are built, one transaction per table."""

    def __init__(self, paths: Paths, seeds: Path, macros: Mapping[str, str], size: Size | None = None) -> None:
        """Open the build file, or create a new one if it cannot be read, since it can be rebuilt.

        Errors: EnvironmentFailure if another program holds it, the disk fails, or the file there is not ours.
        """
        self.paths = paths
        self.published_before = ours.must_be_ours(paths)
        self.size = size or Small()
        self._remove_folders()  # left by a killed run
        self.seeds = seeds
        self.draws: int | None = None
        self._macros = dict(macros)
        self._held = Held()
        self._rows_published: dict[str, int] = {}
        scratch.fresh(paths.spill, scratch.PRIVATE)
        create_like(paths.gate_log, paths.target)
        with environment_errors(paths.build):
            self._connection = _open(paths)
        self._states = self._noted()

    def close(self) -> None:
        """Close the file and remove all parts."""
        self._connection.close()
        with suppress(EnvironmentFailure):  # a folder was replaced: the next run reports it
            self._remove_folders()

    def _remove_folders(self) -> None:
        self.size.clear()
        scratch.remove(self.paths.spill, scratch.is_spilled)

    def read(self, name: str) -> pl.DataFrame:
        """The frame of a table, as last committed.

        Errors: KeyError if there is no such table.
        """
        frame = self._held.get(name)
        if frame is None:
            try:
                with environment_errors(self.paths.build):
                    frame = pl.DataFrame(self._connection.sql(f"SELECT * FROM {qualified(name)}"))  # noqa: S608 - quoted
            except duckdb.CatalogException as error:
                raise KeyError(name) from error
            self._held.keep(name, frame)
        return frame

    def chunks(self, name: str, columns: Sequence[str] = ()) -> Iterator[pl.DataFrame]:
        """The rows of a table, as last committed, in order, in frames of at most ROWS_AT_ONCE rows.

        With `columns`, only these columns. The next frame is fetched while the caller works on the last one.
        Errors: KeyError if there is no such table.
        """
        if self._held.get(name) is not None or self.height(name) <= ROWS_AT_ONCE:
            yield from in_chunks(self.read(name), columns)
            return
        chosen = ", ".join(quoted(c) for c in columns) or "*"
        with environment_errors(self.paths.build), self._connection.cursor() as own:
            yield from ahead(streamed(own, f"SELECT {chosen} FROM {qualified(name)}"))  # noqa: S608 - quoted

    def give_back_memory(self) -> None:
        """Release tables and blocks of the file from memory; they are read again on demand."""
        self._held.drop_all()
        with environment_errors(self.paths.build):
            writing.give_back_memory(self._connection)

    def height(self, name: str) -> int:
        """Number of rows of a table, as last committed.

        Errors: KeyError if there is no such table.
        """
        if (frame := self._held.get(name)) is not None:
            return frame.height
        try:
            with environment_errors(self.paths.build):
                counted = self._connection.execute(f"SELECT count(*) FROM {qualified(name)}").fetchall()  # noqa: S608 - quoted
        except duckdb.CatalogException as error:
            raise KeyError(name) from error
        return int(counted[0][0])

    def schema(self, name: str) -> pl.Schema:
        """Names and types of the columns of a table, as last committed; reads no row."""
        with environment_errors(self.paths.build):
            return pl.DataFrame(self._connection.sql(f"SELECT * FROM {qualified(name)} LIMIT 0")).schema  # noqa: S608 - quoted

    def query(
        self, sql: str, parameters: Mapping[str, object] | None = None, candidate: Frame | None = None
    ) -> pl.DataFrame:
        """The result of a SELECT from `sql/`; `candidate` is the frame that is to become a table."""
        self._define_used(sql)
        given = nullcontext() if candidate is None else readable(self._connection, "candidate", candidate)
        with environment_errors(self.paths.build), given:
            return pl.DataFrame(self._connection.sql(sql, params=dict(parameters) if parameters else None))

    def select(self, sql: str) -> Iterator[pl.DataFrame]:
        """The result of a SELECT from `sql/`, in frames."""
        self._define_used(sql)
        with environment_errors(self.paths.build), self._connection.cursor() as own:
            yield from ahead(streamed(own, sql))

    def compare_with(self, rows_published: Mapping[str, int], intended_loss: Sequence[str]) -> None:
        """Set the rows per table of the last publication, and the seeds (by name) that may lose rows in this run."""
        loss = {f"staging.{name}" for name in intended_loss}
        self._rows_published = {n: rows for n, rows in rows_published.items() if n not in loss}

    def rows_published(self, name: str) -> int | None:
        """Rows of a table in the last publication; None if there was none, or if a loss of rows is intended."""
        return self._rows_published.get(name)

    def _define_used(self, sql: str) -> None:
        """Create the macros that a SELECT uses, so that it can run before a publication."""
        for name in [n for n in self._macros if f"{n}(" in sql]:
            self._connection.execute(self._macros.pop(name))

    def states(self) -> dict[str, State]:
        """The state of every table, as last committed."""
        return dict(self._states)

    def _noted(self) -> dict[str, State]:
        with environment_errors(self.paths.build):
            rows = self._connection.execute(f"SELECT {', '.join(STATE_COLUMNS)} FROM {STATE}").fetchall()  # noqa: S608 - constants
        return {r[0]: State(r[0], r[1], r[2], json.loads(r[3]), json.loads(r[4]), r[5], r[6]) for r in rows}

    def commit(
        self,
        table: Table,
        frame: Frame,
        inputs: Mapping[str, str],
        detail: Mapping[str, str],
        run_id: str,
    ) -> str:
        """Make a frame that passed its gate the table, in one transaction; returns its fingerprint."""
        with ThreadPoolExecutor(1) as beside, environment_errors(self.paths.build), self._transaction():
            hashed = beside.submit(fingerprint, frames(frame))
            self._connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(table.stage)}")
            self._replace(table.full_name, frame)
            state = State(table.full_name, True, hashed.result(), inputs, detail, run_id, "")
            self._note(state)
        self._states[state.name] = state
        if isinstance(frame, pl.DataFrame):
            self._held.keep(table.full_name, frame)
        else:
            self._held.drop(table.full_name)
            frame.discard()
        return state.fingerprint

    def refuse(self, name: str, said: str, run_id: str) -> None:
        """Record that the gate of a table refused; the last good table stays."""
        known = self._states.get(name)
        mark, inputs = (known.fingerprint, known.inputs) if known else ("", {})
        state = State(name, False, mark, inputs, {}, run_id, said)
        with environment_errors(self.paths.build), self._transaction():
            self._note(state)
        self._states[name] = state

    def remember_publications(self, history: pl.DataFrame) -> None:
        """Keep a second copy of the history of publications, in case the published file is lost or locked."""
        with environment_errors(self.paths.build), self._transaction():
            self._replace(HISTORY, history)
        self._held.keep(HISTORY, history)

    def _replace(self, name: str, frame: Frame) -> None:
        with readable(self._connection, "incoming", frame):
            self._connection.execute(f"CREATE OR REPLACE TABLE {qualified(name)} AS FROM incoming")

    def _note(self, state: State) -> None:
        self._connection.execute(f"DELETE FROM {STATE} WHERE name = ?", [state.name])  # noqa: S608 - a constant
        self._connection.execute(
            f"INSERT INTO {STATE} VALUES (?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - a constant
            [
                state.name,
                state.is_good,
                state.fingerprint,
                json.dumps(state.inputs),
                json.dumps(state.detail),
                state.run_id,
                state.said,
            ],
        )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN")
        try:
            yield
        except BaseException:
            with suppress(duckdb.Error):
                self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def copy_to(self, target: Path, tables: Sequence[Table]) -> None:
        """Copy tables into a new file with a storage version that current BI drivers can open."""
        self._connection.execute(f"ATTACH {literal(str(target))} AS target (STORAGE_VERSION '{STORAGE_VERSION}')")
        try:
            with self._transaction():
                for table in tables:
                    name, columns = qualified(table.full_name, "target"), names_sql(table)
                    self._connection.execute(
                        f"CREATE SCHEMA IF NOT EXISTS target.{quoted(table.stage)};"  # noqa: S608 - quoted names
                        f"CREATE TABLE {name} ({columns_sql(table)});"
                        f"INSERT INTO {name} ({columns}) SELECT {columns} FROM {qualified(table.full_name)}"
                    )
        finally:
            self._connection.execute("DETACH target")


def _open(paths: Paths) -> duckdb.DuckDBPyConnection:
    """Open the file; a damaged one, or one of another version of DuckDB or of this project, is removed first."""
    try:
        return _connect(paths)
    except duckdb.Error as error:
        if any(sign in str(error) for sign in OF_THE_MACHINE):
            raise
    for broken in (write_ahead_log(paths.build), paths.build):  # a log without its database would not be known as ours
        broken.unlink(missing_ok=True)
    return _connect(paths)


def _connect(paths: Paths) -> duckdb.DuckDBPyConnection:
    """Open the file and read all its notes, so that damage or a column of another version is detected at once."""
    connection = writing.connect(paths.build, paths.spill)
    try:
        if paths.target.exists():
            close_as(paths.target, paths.build)
        ours.must_have_no_views(connection)
        connection.execute("CREATE SCHEMA IF NOT EXISTS _build")
        kinds = [f"{c} {'BOOLEAN' if c == 'is_good' else 'VARCHAR'}" for c in STATE_COLUMNS]
        connection.execute(f"CREATE TABLE IF NOT EXISTS {STATE} ({', '.join(kinds)})")
        connection.execute(f"SELECT {', '.join(STATE_COLUMNS)} FROM {STATE}").fetchall()  # noqa: S608 - constants
    except BaseException:
        connection.close()
        raise
    return connection
