"""What proves that a file in the place of one of a warehouse is ours: nothing else is replaced, changed or removed.

| file | it is ours if |
|---|---|
| published file | it is a DuckDB file with the columns of `quality.publications` |
| - that DuckDB cannot open | it begins as a DuckDB file, and a gate log of ours lies beside it |
| build file | it is a DuckDB file with the schema `_build`, or with nothing in it |
| - that DuckDB cannot open | it begins as a DuckDB file |
| gate log | one of its lines is a verdict of a gate |
| note of who holds the lock | it is a JSON object with the number of a process |
| report | its head says so |

A file that is missing or empty holds nothing, and gives way. A `.wal` is a part of the database beside it; where there
is none it is not ours. The lock is never written. No file of ours is encrypted. Only a file that DuckDB cannot open is
judged by what lies beside it.
Not here: folders and temporary files (`assets.warehouse.scratch`).
"""

from __future__ import annotations

import errno
import json
import os
import stat
from collections.abc import Callable
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
"""Of the storage: a small number in eight bytes, so that no text begins as a DuckDB file."""

VERDICT = frozenset({"run_id", "table_name", "rule", "is_passed", "checked_at"})

REPORT_MARK = b'<meta name="generator" content="closedloop report">'

REPORT_HEAD, HEAD = 4096, 1 << 20
"""Bytes in which the mark must stand, of a report and of any file."""

ENCRYPTED, HELD = "encrypted", "set lock"
"""What DuckDB says of a file that it cannot open."""

AWAY = "move it away, or name another file with --warehouse"


def must_be_ours(paths: Paths) -> Identity | None:
    """Refuse to build where a file or folder that is not ours would be replaced; gives what lies there now.

    Errors: EnvironmentFailure that names the file and the remedy; nothing is then touched.
    """
    found = identity(paths.target)
    _published(paths.target, lambda: _is_log(_head(paths.gate_log)))
    _build_file(paths.build)
    _must(paths.gate_log, _is_log, "a log of the gates of closedloop")
    must_be_note(paths.holder)
    scratch.must_be_ours(paths.parts, scratch.is_part)
    scratch.must_be_ours(paths.spill, scratch.is_spilled)
    return found


def must_still_be_ours(target: Path, known: Identity | None) -> None:
    """Refuse to replace a file that was put there since `must_be_ours` looked.

    Errors: EnvironmentFailure.
    """
    now = identity(target)
    if now != known:
        is_same_file = now is not None and known is not None and now[:2] == known[:2]
        _published(target, lambda: is_same_file)


def must_have_no_views(connection: duckdb.DuckDBPyConnection) -> None:
    """Refuse a build file with a view: it would be read in place of a table, and no table could take its name.

    Errors: duckdb.CatalogException.
    """
    found = connection.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal LIMIT 1").fetchall()
    if found:
        raise duckdb.CatalogException(f"the build file has a view {found[0][0]}")


def must_be_note(path: Path) -> None:
    """Refuse to replace what is not our note of who holds the lock.

    Errors: EnvironmentFailure.
    """
    _must(path, _is_note, "a note of closedloop on who holds the lock")


def must_be_report(path: Path) -> None:
    """Refuse to replace what is not a report of ours.

    Errors: EnvironmentFailure.
    """
    _must(path, _is_report, "a report of closedloop")


def identity(path: Path) -> Identity | None:
    """What tells a file from another one under its name, and from itself after a change; None where there is none.

    Errors: EnvironmentFailure.
    """
    found = _found(path)
    return found and (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)


def _published(target: Path, is_known: Callable[[], bool]) -> None:
    """`is_known` tells whether a file that cannot be opened is ours all the same."""
    head, log = _head(target), write_ahead_log(target)
    if not head and _head(log):
        raise EnvironmentFailure(f"{log}: its database is not here, and a build would remove it: {AWAY}")
    if not head:
        return
    if _begins_as_duckdb(head):
        try:
            if _answers(target, PUBLISHED):
                return
        except duckdb.Error as error:
            if ENCRYPTED not in str(error) and is_known():
                return
            if HELD in str(error):
                with environment_errors(target):
                    raise
    raise EnvironmentFailure(f"{target}: this is not a closedloop warehouse, and a build would replace it: {AWAY}")


def _build_file(path: Path) -> None:
    head = _head(path)
    if not head:
        return
    if _begins_as_duckdb(head):
        try:
            if _answers(path, BUILT) or _answers(path, EMPTY):
                return
        except duckdb.Error as error:
            if ENCRYPTED not in str(error):
                return
    raise EnvironmentFailure(f"{path}: this is not a build file of closedloop, and a build would replace it: {AWAY}")


def _answers(path: Path, sql: str) -> bool:
    """Whether a database has what a SELECT reads, and answers it with no row or with true.

    Errors: duckdb.Error when the file cannot be opened.
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
    """The first bytes of a file; none where there is no file.

    Errors: EnvironmentFailure when it cannot be read, or when it is a folder or a device.
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
    """What lies there, behind a link what it leads to; a link that leads nowhere is nothing."""
    with disk_errors(path):
        try:
            return path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            if error.errno == errno.ELOOP:
                return None
            raise
