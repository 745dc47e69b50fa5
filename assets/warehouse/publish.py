"""Replaces the published file with a complete new one, without disturbing a reader."""

from __future__ import annotations

import errno
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from assets.core.paths import write_ahead_log
from assets.core.table import Table
from assets.warehouse import ours, scratch
from assets.warehouse.build_file import BuildFile
from assets.warehouse.connection import connect
from assets.warehouse.ddl import columns_sql, comments_sql, names_sql
from assets.warehouse.disk import sync, temporary_beside
from assets.warehouse.errors import environment_errors
from assets.warehouse.identifiers import literal, qualified, quoted
from assets.warehouse.rights import keep_rights

MACROS = """
SELECT DISTINCT function_name FROM duckdb_functions()
WHERE NOT internal AND function_type = 'table_macro' AND parameters = ['d']
"""

NEW = "new.duckdb"


@dataclass(frozen=True)
class View:
    """A view for the old name of a table, or for old names of its columns."""

    table: Table
    """The contract of the view."""
    shows: str
    """The table whose rows it shows, all of them."""
    select: str


@dataclass(frozen=True)
class Publication:
    """The content of the published file."""

    tables: Sequence[Table]
    """Tables to copy from the build file."""
    own_frames: Mapping[str, tuple[Table, pl.DataFrame]]
    """Tables that only the published file has."""
    macros: Sequence[str]
    """CREATE MACRO statements of the macros with a day."""
    macro_comments: Mapping[str, str]
    """The question that each macro answers."""
    views: Sequence[View] = ()
    """Old names; the published file has no other views."""

    def contracts(self) -> list[Table]:
        """Every table of the published file."""
        return [*self.tables, *(t for t, _ in self.own_frames.values())]


def publish(build: BuildFile, publication: Publication) -> None:
    """Replace the published file with a complete new one: copy, describe, check, fsync, rename.

    Rules: it is written in a folder closed to other users, and gets the permissions of the old file before it is moved.
    Errors: EnvironmentFailure; the old file is then untouched.
    """
    target = build.paths.target
    with environment_errors(target):
        scratch.remove_temporaries(target)
        folder = scratch.fresh(temporary_beside(target), scratch.PRIVATE)
        try:
            new = folder / NEW
            build.copy_to(new, publication.tables)
            build.give_back_memory()  # the new file is written by a second DuckDB, which needs the memory
            _describe(new, build.paths.spill, publication)
            _verify(new, build, publication)
            sync(new)
            if target.exists():
                keep_rights(target, new)
            ours.must_still_be_ours(target, build.published_before)
            write_ahead_log(target).unlink(missing_ok=True)  # a stale log would make the new file unreadable
            new.replace(target)
            build.published_before = ours.identity(target)
            sync(target.parent)
        finally:
            scratch.discard(folder)


def _describe(target: Path, spill: Path, publication: Publication) -> None:
    """Add the tables that only the published file has, macros, views and all comments."""
    with connect(target, spill) as connection:
        connection.begin()
        for table, frame in publication.own_frames.values():
            name, columns = qualified(table.full_name), names_sql(table)
            connection.register("incoming", frame)
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(table.stage)}")
            connection.execute(f"CREATE TABLE {name} ({columns_sql(table)})")
            connection.execute(f"INSERT INTO {name} ({columns}) SELECT {columns} FROM incoming")  # noqa: S608 - quoted
            connection.unregister("incoming")
        for statement in publication.macros:
            connection.execute(statement)
        for table in publication.contracts():
            connection.execute(comments_sql(table))
        for view in publication.views:
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(view.table.stage)}")
            connection.execute(f"CREATE VIEW {qualified(view.table.full_name)} AS {view.select}")
            connection.execute(comments_sql(view.table, "VIEW"))
        for (name,) in connection.execute(MACROS).fetchall():
            about = publication.macro_comments.get(name, "")
            connection.execute(f"COMMENT ON MACRO TABLE {quoted(name)} IS {literal(about)}")
        connection.commit()
        connection.execute("CHECKPOINT")


def _verify(target: Path, build: BuildFile, publication: Publication) -> None:
    """Open the new file as a reader would: count every table, run every macro of a day d once.

    Errors: OSError if the copy differs from the build file.
    """
    expected = {t.full_name: build.height(t.full_name) for t in publication.tables}
    expected |= {t.full_name: f.height for t, f in publication.own_frames.values()}
    expected |= {v.table.full_name: expected[v.shows] for v in publication.views}
    with connect(target, build.paths.spill, read_only=True) as connection:
        for name, rows in expected.items():
            found = connection.execute(f"SELECT count(*) FROM {qualified(name)}").fetchall()[0][0]  # noqa: S608 - quoted
            if found != rows:
                raise OSError(errno.EIO, f"{name} has {found} rows in the new file and {rows} in the build file")
        for (name,) in connection.execute(MACROS).fetchall():
            connection.execute(f"SELECT * FROM {quoted(name)}(current_date) LIMIT 1").fetchall()  # noqa: S608 - quoted
