"""Proves that a file at a path of a warehouse is ours; no other file is replaced, changed or removed.

| file | it is ours if |
|---|---|
| published file | it is a DuckDB file with the columns of `quality.publications` |
| build file | it is a DuckDB file with the schema `_build`, or with nothing in it |
| - either, if DuckDB cannot open it | it begins as a DuckDB file, and a gate log of ours is in the same folder |
| gate log | one of its lines is a verdict of a gate |
| note of the lock's holder | it is a JSON object with the number of a process |
| report | its first bytes hold our mark |

A missing or empty file may be replaced. A `.wal` file belongs to the database next to it; without a database it is not
ours. The lock file has no content. No file of ours is encrypted. Only a file that DuckDB cannot open is judged by other
files in its folder.
Not here: folders and temporary files (`assets.warehouse.scratch`).
"""

from __future__ import annotations

import errno
import json
import os
import stat
from collections.abc import Callable, Sequence
from pathlib import Path

import duckdb

from assets.core.errors import EnvironmentFailure
from assets.core.paths import Paths, write_ahead_log
from assets.warehouse import scratch
from assets.warehouse.disk import disk_errors
from assets.warehouse.errors import environment_errors

Identity = tuple[int, int, int, int]

PUBLISHED = "SELECT publication_id, published_at, seeds_sha256, code_version FROM quality.publications LIMIT 0"

BUILT = "SELECT count(*) > 0 FROM duckdb_schemas() WHERE schema_name = '_build'"

EMPTY = """
SELECT count(*) = 0 FROM (
    SELECT schema_name FROM duckdb_schemas() WHERE NOT internal
    UNION ALL SELECT table_name FROM duckdb_tables() WHERE NOT internal
    UNION ALL SELECT view_name FROM duckdb_views() WHERE NOT internal
    UNION ALL SELECT sequence_name FROM duckdb_sequences()
    UNION ALL SELECT type_name FROM duckdb_types() WHERE NOT internal
    UNION ALL SELECT function_name FROM duckdb_functions() WHERE NOT internal
)
"""

DUCKDB, AT = b"DUCK", 8

VERSION, MOST_VERSIONS = slice(12, 20), 1 << 16
"""The storage version: a small number in eight bytes, so that no text begins as a DuckDB file."""

VERDICT = frozenset({"run_id", "table_name", "rule", "is_passed", "checked_at"})

REPORT_MARK = b'<meta name="generator" content="closedloop report">'

REPORT_HEAD, HEAD = 4096, 1 << 20
"""The number of first bytes that are searched for the mark, of a report and of any file."""

ENCRYPTED, HELD = "encrypted", "set lock"
"""Messages of DuckDB for a file that it cannot open."""

AWAY = "move it away, or name another file with --warehouse"


def must_be_ours(paths: Paths) -> Identity | None:
    """Refuse to build if a file or folder that is not ours would be replaced; returns the files found there.

    Errors: EnvironmentFailure that names the file and the remedy; no file is changed.
    """

    def has_log(_message: str) -> bool:
        return _is_log(_head(paths.gate_log))

    found = identity(paths.target)
    _published(paths.target, has_log)
    _build_file(paths.build, has_log)
    _must(paths.gate_log, _is_log, "a log of the gates of closedloop")
    must_be_note(paths.holder)
    scratch.must_be_ours(paths.parts, scratch.is_part)
    scratch.must_be_ours(paths.spill, scratch.is_spilled)
    return found


def must_still_be_ours(target: Path, known: Identity | None) -> None:
    """Refuse to replace a file that appeared since `must_be_ours` ran.

    Errors: EnvironmentFailure.
    """
    now = identity(target)
    if now != known:
        is_same_file = now is not None and known is not None and now[:2] == known[:2]
        _published(target, lambda _message: is_same_file)


def must_have_no_views(connection: duckdb.DuckDBPyConnection) -> None:
    """Refuse a build file with a view, which would hide a table and block its name.

    Errors: duckdb.CatalogException.
    """
    found = connection.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal LIMIT 1").fetchall()
    if found:
        raise duckdb.CatalogException(f"the build file has a view {found[0][0]}")


def must_be_note(path: Path) -> None:
    """Refuse to replace a holder file that is not ours.

    Errors: EnvironmentFailure.
    """
    _must(path, _is_note, "a note of closedloop on who holds the lock")


def must_be_report(path: Path) -> None:
    """Refuse to replace a file that is not a report of ours.

    Errors: EnvironmentFailure.
    """
    _must(path, _is_report, "a report of closedloop")


def identity(path: Path) -> Identity | None:
    """Identifies a file and its version; None if there is no file.

    Errors: EnvironmentFailure.
    """
    found = _found(path)
    return found and (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)


def _published(target: Path, is_known: Callable[[str], bool]) -> None:
    """Refuse a published file that is not ours; `is_known` decides for a file that cannot be opened."""
    if not _is_ours(target, (PUBLISHED,), is_known):
        raise EnvironmentFailure(f"{target}: this is not a closedloop warehouse, and a build would replace it: {AWAY}")


def _build_file(path: Path, is_known: Callable[[str], bool]) -> None:
    """Refuse a build file that is not ours; `is_known` decides for a file that cannot be opened.

    Rules: one that a program holds is left to the lock, which names the build that runs; such a file is never removed.
    """
    if not _is_ours(path, (BUILT, EMPTY), lambda message: HELD in message or is_known(message)):
        raise EnvironmentFailure(
            f"{path}: this is not a build file of closedloop, and a build would replace it: {AWAY}"
        )


def _is_ours(database: Path, questions: Sequence[str], is_known: Callable[[str], bool]) -> bool:
    """Whether a database answers one of the questions, is missing or empty, or is known and cannot be opened.

    Errors: EnvironmentFailure if only its log is there, or if a program holds a database that is not known.
    """
    head = _head_of_database(database)
    if not head:
        return True
    if not _begins_as_duckdb(head):
        return False
    try:
        return any(_answers(database, sql) for sql in questions)
    except duckdb.Error as error:
        if ENCRYPTED not in str(error) and is_known(str(error)):
            return True
        if HELD in str(error):
            with environment_errors(database):
                raise
    return False


def _head_of_database(path: Path) -> bytes:
    """The first bytes of a database; empty if there is none.

    Errors: EnvironmentFailure if only its log is there.
    """
    head, log = _head(path), write_ahead_log(path)
    if not head and _head(log):
        raise EnvironmentFailure(f"{log}: its database is not here, and a build would remove it: {AWAY}")
    return head


def _answers(path: Path, sql: str) -> bool:
    """Whether a SELECT runs on a database and returns no row or only true values.

    Errors: duckdb.Error if the file cannot be opened.
    """
    closed: dict[str, str | bool | int | float | list[str]] = {
        "enable_external_access": False,
        "lock_configuration": True,
    }
    connection = duckdb.connect(str(path), read_only=True, config=closed)
    try:
        rows = connection.execute(sql).fetchall()
    except (duckdb.CatalogException, duckdb.BinderException, duckdb.PermissionException):
        return False
    finally:
        connection.close()
    return all(value for row in rows for value in row)


def _must(path: Path, is_of_ours: Callable[[bytes], bool], what: str) -> None:
    head = _head(path)
    if head and not is_of_ours(head):
        raise EnvironmentFailure(f"{path}: this is not {what}, and would be replaced: {AWAY}")


def _is_log(head: bytes) -> bool:
    return any(_json_object(line).keys() >= VERDICT for line in head.split(b"\n"))


def _is_note(head: bytes) -> bool:
    return "pid" in _json_object(head)


def _is_report(head: bytes) -> bool:
    return REPORT_MARK in head[:REPORT_HEAD]


def _json_object(text: bytes) -> dict[str, object]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _begins_as_duckdb(head: bytes) -> bool:
    return head[AT : VERSION.start] == DUCKDB and 0 < int.from_bytes(head[VERSION], "little") <= MOST_VERSIONS


def _head(path: Path) -> bytes:
    """The first bytes of a file; empty if there is no file.

    Errors: EnvironmentFailure if it cannot be read, or is a folder or a device.
    """
    found = _found(path)
    if found is None:
        return b""
    if not stat.S_ISREG(found.st_mode) and not stat.S_ISDIR(found.st_mode):
        raise EnvironmentFailure(f"{path}: this is no file: {AWAY}")
    with disk_errors(path):
        try:
            with path.open("rb") as file:
                return file.read(HEAD)
        except FileNotFoundError:  # another run has just replaced it
            return b""


def _found(path: Path) -> os.stat_result | None:
    """The file at a path, or the target of a link there; None for a broken link."""
    with disk_errors(path):
        try:
            return path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            if error.errno == errno.ELOOP:
                return None
            raise
