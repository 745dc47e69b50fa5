"""The build file, its transactions, the lock and publishing. The only module that imports duckdb.

The build file is private and rebuildable; the published file is never written in place: publishing copies, checks,
fsyncs and renames. Not here: what the tables mean (`assets.contracts`), what is published (`assets.published`).
"""

from __future__ import annotations

import datetime as dt
import errno
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
from filelock import FileLock, Timeout

from assets.contracts.model import DUCKDB_TYPES, Table
from assets.failures import EnvironmentFailure

STORAGE_VERSION = "v1.4.0"


@dataclass(frozen=True)
class Paths:
    """Where one warehouse keeps its files: all beside the published file."""

    published: Path

    def _beside(self, ending: str) -> Path:
        return self.published.with_name(f"{self.published.stem}{ending}")

    @property
    def build(self) -> Path:
        """The private file that the assets write."""
        return self._beside(".build.duckdb")

    @property
    def lock(self) -> Path:
        """Held by the one writer."""
        return self._beside(".lock")

    @property
    def holder(self) -> Path:
        """Who holds the lock, for the one who waits."""
        return self._beside(".lock.json")

    @property
    def gate_log(self) -> Path:
        """Every verdict of every gate, refusals too, one JSON object a line."""
        return self._beside(".gates.jsonl")

    @property
    def dagster_home(self) -> Path:
        """Dagster's history of this warehouse."""
        return self.published.parent / ".dagster_home"


def quoted(identifier: str) -> str:
    """An identifier as SQL writes it; the only way in which a name reaches SQL text."""
    return '"' + identifier.replace('"', '""') + '"'


def qualified(name: str, catalog: str = "") -> str:
    """`stage.table` quoted, with the catalog before it if there is one."""
    parts = ([catalog] if catalog else []) + list(name.split(".", 1))
    return ".".join(quoted(p) for p in parts)


# --- one writer -----------------------------------------------------------------------------------------------------


@contextmanager
def one_writer(paths: Paths, wait_seconds: float, purpose: str) -> Iterator[None]:
    """Hold the lock of a warehouse; the operating system drops it when the process dies.

    Errors: EnvironmentFailure that says who holds it, when the wait is over.
    """
    make_folder(paths.published.parent)
    lock = FileLock(paths.lock)
    try:
        lock.acquire(timeout=wait_seconds)
    except Timeout:
        message = f"{paths.published} is being built by {_holder(paths)}: wait for it, or end that process"
        raise EnvironmentFailure(message) from None
    except OSError as error:
        raise EnvironmentFailure(_told(paths.lock, error)) from error
    try:
        started = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        _write_whole(paths.holder, json.dumps({"pid": os.getpid(), "since": started, "purpose": purpose}).encode())
        yield
    finally:
        with suppress(OSError):
            paths.holder.unlink()
        lock.release()


def _holder(paths: Paths) -> str:
    try:
        told = json.loads(paths.holder.read_text())
    except (OSError, ValueError):
        return "another process"
    return f"process {told.get('pid')} ({told.get('purpose')}, since {told.get('since')})"


def make_folder(folder: Path) -> None:
    """Create a folder and its parents.

    Errors: EnvironmentFailure naming the folder and the reason.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EnvironmentFailure(_told(folder, error)) from error


def _told(path: Path, error: OSError) -> str:
    advice = {
        errno.ENOSPC: "free some space and run the same command again",
        errno.EACCES: "give yourself the right to write there, or choose another place with --warehouse",
        errno.EROFS: "the folder is read-only: choose another place with --warehouse",
    }.get(error.errno or 0, "mend this and run the same command again")
    return f"{path}: {error.strerror or error}: {advice}"


def _write_whole(path: Path, content: bytes) -> None:
    temporary = path.with_name(f"{path.name}.tmp-{os.getpid()}")
    temporary.write_bytes(content)
    temporary.replace(path)


@contextmanager
def environment_errors(path: Path) -> Iterator[None]:
    """Turn what the disk and DuckDB say about the machine into an EnvironmentFailure."""
    try:
        yield
    except duckdb.IOException as error:
        text = str(error).splitlines()[0]
        advice = (
            "close the program that holds the file" if "lock" in text else "mend this and run the same command again"
        )
        message = f"{path}: {text}: {advice}"
        raise EnvironmentFailure(message) from error
    except OSError as error:
        raise EnvironmentFailure(_told(path, error)) from error


# --- the build file -------------------------------------------------------------------------------------------------

STATE = "_build.tables"
STATE_COLUMNS = (
    "name VARCHAR, is_good BOOLEAN, fingerprint VARCHAR, inputs VARCHAR, detail VARCHAR, run_id VARCHAR, said VARCHAR"
)


@dataclass(frozen=True)
class State:
    """What the build file knows about one table: good or refused, and from which versions it was built."""

    name: str
    is_good: bool
    fingerprint: str
    inputs: Mapping[str, str]
    detail: Mapping[str, str]
    run_id: str
    said: str


class BuildFile:
    """The private file in which tables are built, one transaction a table."""

    def __init__(self, paths: Paths, seeds: Path, macros: Mapping[str, str]) -> None:
        """Open the build file, anew if it cannot be read: it is rebuildable.

        Errors: EnvironmentFailure when another program holds it or the disk refuses.
        """
        self.paths = paths
        self.seeds = seeds
        self._macros = dict(macros)
        self._frames: dict[str, pl.DataFrame] = {}
        make_folder(paths.published.parent)
        with environment_errors(paths.build):
            self._connection = self._open()

    def _open(self) -> duckdb.DuckDBPyConnection:
        try:
            connection = duckdb.connect(str(self.paths.build))
            connection.execute(
                f"CREATE SCHEMA IF NOT EXISTS _build; CREATE TABLE IF NOT EXISTS {STATE} ({STATE_COLUMNS})"
            )
        except duckdb.Error as error:
            if "Could not set lock" in str(error) or (
                isinstance(error, duckdb.IOException) and not self.paths.build.exists()
            ):
                raise
            for broken in (self.paths.build, self.paths.build.with_name(f"{self.paths.build.name}.wal")):
                broken.unlink(missing_ok=True)
            connection = duckdb.connect(str(self.paths.build))
            connection.execute(
                f"CREATE SCHEMA IF NOT EXISTS _build; CREATE TABLE IF NOT EXISTS {STATE} ({STATE_COLUMNS})"
            )
        return connection

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def read(self, name: str) -> pl.DataFrame:
        """The frame of a table, as last committed.

        Errors: KeyError when there is no such table.
        """
        if name not in self._frames:
            try:
                self._frames[name] = pl.DataFrame(self._connection.sql(f"SELECT * FROM {qualified(name)}"))  # noqa: S608 - quoted
            except duckdb.CatalogException as error:
                raise KeyError(name) from error
        return self._frames[name]

    def query(
        self, sql: str, parameters: Mapping[str, object] | None = None, candidate: pl.DataFrame | None = None
    ) -> pl.DataFrame:
        """The answer of a SELECT that stands in `sql/`; `candidate` is a frame that wants to become a table."""
        self._define_used(sql)
        if candidate is not None:
            self._connection.register("candidate", candidate)
        try:
            return pl.DataFrame(self._connection.sql(sql, params=dict(parameters) if parameters else None))
        finally:
            if candidate is not None:
                self._connection.unregister("candidate")

    def _define_used(self, sql: str) -> None:
        """Create the macros that a SELECT uses, so that it may use them before anything is published."""
        for name in [n for n in self._macros if f"{n}(" in sql]:
            self._connection.execute(self._macros.pop(name))

    def states(self) -> dict[str, State]:
        """What is known about every table."""
        rows = self._connection.execute(f"SELECT * FROM {STATE}").fetchall()  # noqa: S608 - a constant
        return {r[0]: State(r[0], r[1], r[2], json.loads(r[3]), json.loads(r[4]), r[5], r[6]) for r in rows}

    def commit(
        self,
        table: Table,
        frame: pl.DataFrame,
        inputs: Mapping[str, str],
        detail: Mapping[str, str],
        run_id: str,
    ) -> str:
        """Make a frame that passed its gate the table, in one transaction; gives its fingerprint."""
        mark = fingerprint(frame)
        with environment_errors(self.paths.build), self._transaction():
            self._connection.register("incoming", frame)
            stage = quoted(table.stage)
            self._connection.execute(f"CREATE SCHEMA IF NOT EXISTS {stage}")
            self._connection.execute(f"CREATE OR REPLACE TABLE {qualified(table.full_name)} AS SELECT * FROM incoming")
            self._connection.unregister("incoming")
            self._note(State(table.full_name, True, mark, inputs, detail, run_id, ""))
        self._frames[table.full_name] = frame
        return mark

    def refuse(self, name: str, said: str, run_id: str) -> None:
        """Remember that the gate of a table refused; the last good table stays."""
        known = self.states().get(name)
        with environment_errors(self.paths.build), self._transaction():
            self._note(
                State(
                    name,
                    False,
                    known.fingerprint if known else "",
                    known.inputs if known else {},
                    {},
                    run_id,
                    said,
                )
            )

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
        """Copy tables into a new file with the storage version that BI drivers of today open."""
        self._connection.execute(
            f"ATTACH '{str(target).replace(chr(39), chr(39) * 2)}' AS target (STORAGE_VERSION '{STORAGE_VERSION}')"
        )
        try:
            for table in tables:
                self._connection.execute(
                    f"CREATE SCHEMA IF NOT EXISTS target.{quoted(table.stage)};"  # noqa: S608 - quoted names of contracts
                    f"CREATE TABLE {qualified(table.full_name, 'target')} ({columns_sql(table)});"
                    f"INSERT INTO {qualified(table.full_name, 'target')} SELECT * FROM {qualified(table.full_name)}"
                )
        finally:
            self._connection.execute("DETACH target")


def fingerprint(frame: pl.DataFrame) -> str:
    """A mark of the content of a frame: equal frames of one build have equal marks."""
    import hashlib

    names = json.dumps([(n, str(t)) for n, t in frame.schema.items()])
    rows = frame.hash_rows(seed=0).to_numpy().tobytes() if frame.width else b""
    return hashlib.sha256(names.encode() + rows).hexdigest()


def columns_sql(table: Table) -> str:
    """The column list of CREATE TABLE: types and NOT NULL from the contract."""
    return ", ".join(
        f"{quoted(c.name)} {DUCKDB_TYPES[c.kind]}{' NOT NULL' if c.required else ''}" for c in table.columns
    )


# --- publishing -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Publication:
    """What goes into the published file besides the tables of the build file."""

    tables: Sequence[Table]
    own_frames: Mapping[str, tuple[Table, pl.DataFrame]]
    statements: Sequence[str]
    """Macros and views, in order."""


def publish(build: BuildFile, publication: Publication) -> None:
    """Replace the published file by the complete new one: copy, describe, check, fsync, rename.

    Errors: EnvironmentFailure; the old file is then untouched.
    """
    paths = build.paths
    temporary = paths.published.with_name(f"{paths.published.name}.tmp-{os.getpid()}")
    for leftover in paths.published.parent.glob(f"{paths.published.name}.tmp-*"):
        leftover.unlink()
    with environment_errors(paths.published):
        try:
            build.copy_to(temporary, publication.tables)
            _describe(temporary, publication)
            _verify(temporary, build, publication)
            _sync(temporary)
            paths.published.with_name(f"{paths.published.name}.wal").unlink(missing_ok=True)
            temporary.replace(paths.published)
            _sync(paths.published.parent)
        finally:
            for part in (temporary, temporary.with_name(f"{temporary.name}.wal")):
                part.unlink(missing_ok=True)


def _describe(target: Path, publication: Publication) -> None:
    with duckdb.connect(str(target)) as connection:
        for table, frame in publication.own_frames.values():
            connection.register("incoming", frame)
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(table.stage)}")
            connection.execute(f"CREATE TABLE {qualified(table.full_name)} ({columns_sql(table)})")
            connection.execute(f"INSERT INTO {qualified(table.full_name)} SELECT * FROM incoming")  # noqa: S608 - quoted
            connection.unregister("incoming")
        contracts = [*publication.tables, *(t for t, _ in publication.own_frames.values())]
        connection.execute("\n".join(line for t in contracts for line in comments_sql(t)))
        for statement in publication.statements:
            connection.execute(statement)
        connection.execute("CHECKPOINT")


def comments_sql(table: Table) -> list[str]:
    """COMMENT statements of a table and its columns, from the contract."""
    about = " ".join([table.summary, f"Grain: {table.grain}.", *(f"Hazard: {h}." for h in table.hazards)])
    lines = [f"COMMENT ON TABLE {qualified(table.full_name)} IS {_literal(about)};"]
    for c in table.columns:
        unit = f" [{c.unit}]" if c.unit else ""
        lines.append(
            f"COMMENT ON COLUMN {qualified(table.full_name)}.{quoted(c.name)} IS {_literal(c.description + unit)};"
        )
    return lines


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _verify(target: Path, build: BuildFile, publication: Publication) -> None:
    """Open the new file as a reader would and count every table; run every view once."""
    with duckdb.connect(str(target), read_only=True) as connection:
        for table in publication.tables:
            found = connection.execute(f"SELECT count(*) FROM {qualified(table.full_name)}").fetchone()  # noqa: S608 - quoted
            expected = build.read(table.full_name).height
            if found is None or found[0] != expected:
                message = f"{table.full_name} has {found} rows in the new file and {expected} in the build file"
                raise OSError(errno.EIO, message)
        views = connection.execute("SELECT schema_name, view_name FROM duckdb_views() WHERE NOT internal").fetchall()
        for schema, view in views:
            connection.execute(f"SELECT * FROM {quoted(schema)}.{quoted(view)} LIMIT 1").fetchall()  # noqa: S608 - quoted


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# --- readers --------------------------------------------------------------------------------------------------------


@contextmanager
def reading(published: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published file, read-only, without access to anything else.

    Errors: EnvironmentFailure when there is none yet or it cannot be opened.
    """
    if not published.exists():
        message = f"{published} does not exist yet: run `closedloop build` first"
        raise EnvironmentFailure(message)
    with environment_errors(published):
        connection = duckdb.connect(str(published), read_only=True)
    try:
        connection.execute("SET enable_external_access = false; SET lock_configuration = true")
        yield connection
    finally:
        connection.close()


class QueryError(ValueError):
    """The SQL of the user is wrong; the message is DuckDB's own, without a traceback."""


def ask(published: Path, sql: str) -> pl.DataFrame:
    """The answer of one SELECT on the published file.

    Errors: QueryError for wrong SQL; EnvironmentFailure for the file.
    """
    with reading(published) as connection:
        try:
            relation = connection.sql(sql)
            if relation is None:
                message = "this statement gives no rows: write a SELECT"
                raise QueryError(message)
            return pl.DataFrame(relation)
        except duckdb.Error as error:
            raise QueryError(str(error)) from error


def append_lines(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Append JSON lines to a log in one write."""
    text = "".join(json.dumps(row, default=str) + "\n" for row in rows)
    with environment_errors(path), path.open("ab") as log:
        log.write(text.encode())


def replace_file(path: Path, content: bytes) -> None:
    """Replace a file whole or not at all."""
    with environment_errors(path):
        _write_whole(path, content)
