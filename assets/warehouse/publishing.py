"""Replacing the published file by a complete new one, without disturbing a reader."""

from __future__ import annotations

import errno
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from assets.contracts.model import Table
from assets.warehouse.build_file import BuildFile
from assets.warehouse.disk import remove_temporaries, sync, temporary_beside
from assets.warehouse.errors import environment_errors
from assets.warehouse.paths import write_ahead_log
from assets.warehouse.sql import columns_sql, comments_sql, literal, names_sql, qualified, quoted

VIEW_COLUMNS = """
SELECT v.schema_name || '.' || v.view_name, c.column_name
FROM duckdb_views() AS v INNER JOIN duckdb_columns() AS c
    ON v.schema_name = c.schema_name AND v.view_name = c.table_name
WHERE NOT v.internal
"""
MACROS = """
SELECT DISTINCT function_name FROM duckdb_functions()
WHERE NOT internal AND function_type = 'table_macro' AND parameters = ['d']
"""


@dataclass(frozen=True)
class Publication:
    """What goes into the published file."""

    tables: Sequence[Table]
    """Tables of the build file."""
    own_frames: Mapping[str, tuple[Table, pl.DataFrame]]
    """Tables that only the published file has."""
    statements: Sequence[str]
    """Macros and views, in order."""
    views: Mapping[str, tuple[str, Mapping[str, str]]]
    """For the comments: what a row of a view is, and its columns by name."""
    macros: Mapping[str, str]
    """For the comments: what a table macro answers."""


def publish(build: BuildFile, publication: Publication) -> None:
    """Replace the published file by the complete new one: copy, describe, check, fsync, rename.

    Errors: EnvironmentFailure; the old file is then untouched.
    """
    target = build.paths.target
    temporary = temporary_beside(target)
    with environment_errors(target):
        remove_temporaries(target)
        try:
            build.copy_to(temporary, publication.tables)
            _describe(temporary, publication)
            _verify(temporary, build, publication)
            sync(temporary)
            write_ahead_log(target).unlink(missing_ok=True)  # a stale one would make the new file unreadable
            temporary.replace(target)
            sync(target.parent)
        finally:
            for part in (temporary, write_ahead_log(temporary)):
                part.unlink(missing_ok=True)


def _describe(target: Path, publication: Publication) -> None:
    """Add the tables of the published file itself, macros, views and all comments."""
    with duckdb.connect(str(target)) as connection:
        connection.begin()
        for table, frame in publication.own_frames.values():
            name, columns = qualified(table.full_name), names_sql(table)
            connection.register("incoming", frame)
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(table.stage)}")
            connection.execute(f"CREATE TABLE {name} ({columns_sql(table)})")
            connection.execute(f"INSERT INTO {name} ({columns}) SELECT {columns} FROM incoming")  # noqa: S608 - quoted
            connection.unregister("incoming")
        for statement in publication.statements:
            connection.execute(statement)
        for table in (*publication.tables, *(t for t, _ in publication.own_frames.values())):
            connection.execute(comments_sql(table))
        for line in _comments_on_views_and_macros(connection, publication):
            connection.execute(line)
        connection.commit()
        connection.execute("CHECKPOINT")


def _comments_on_views_and_macros(connection: duckdb.DuckDBPyConnection, publication: Publication) -> list[str]:
    lines = []
    for name, column in connection.execute(VIEW_COLUMNS).fetchall():
        about, columns = publication.views.get(name, ("", {}))
        lines.append(f"COMMENT ON VIEW {qualified(name)} IS {literal(about)}")
        lines.append(f"COMMENT ON COLUMN {qualified(name)}.{quoted(column)} IS {literal(columns.get(column, ''))}")
    for (name,) in connection.execute(MACROS).fetchall():
        lines.append(f"COMMENT ON MACRO TABLE {quoted(name)} IS {literal(publication.macros.get(name, ''))}")
    return lines


def _verify(target: Path, build: BuildFile, publication: Publication) -> None:
    """Open the new file as a reader would: count every table, run every view and every macro of a day d once.

    Errors: OSError when the copy is not what was built.
    """
    expected = {t.full_name: build.read(t.full_name).height for t in publication.tables}
    expected |= {t.full_name: f.height for t, f in publication.own_frames.values()}
    with duckdb.connect(str(target), read_only=True) as connection:
        for name, rows in expected.items():
            found = connection.execute(f"SELECT count(*) FROM {qualified(name)}").fetchall()[0][0]  # noqa: S608 - quoted
            if found != rows:
                raise OSError(errno.EIO, f"{name} has {found} rows in the new file and {rows} in the build file")
        views = [qualified(name) for name in {name for name, _ in connection.execute(VIEW_COLUMNS).fetchall()}]
        macros = [f"{quoted(name)}(current_date)" for (name,) in connection.execute(MACROS).fetchall()]
        for source in (*views, *macros):
            connection.execute(f"SELECT * FROM {source} LIMIT 1").fetchall()  # noqa: S608 - quoted
