"""Foreign files at paths that a build would write, and the state that a refusal must leave."""

import os
import shutil
import subprocess
import sys
from contextlib import contextmanager

import duckdb
import pytest

from assets.core.errors import EnvironmentFailure
from assets.core.paths import write_ahead_log
from assets.warehouse.build_file import BuildFile
from tests.system.faults.damage import OF_DUCKDB_2


@contextmanager
def held(path):
    """Another program has this database open for writing; gives its process id."""
    code = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print(1, flush=True); sys.stdin.read()"
    holder = subprocess.Popen([sys.executable, "-c", code, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        holder.stdout.readline()
        yield holder.pid
    finally:
        holder.communicate()


def text(path):
    path.write_text("my thesis\n" * 3000)


def text_with_the_magic_letters(path):
    path.write_text("a story DUCK tales\n" * 3000)


def database(path):
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table precious as select 42 as answer")


def database_with_a_wal(path):
    other = path.with_name("other.duckdb")
    database(other)
    with duckdb.connect(str(other)) as connection:
        connection.execute("insert into precious values (43)")
        shutil.copy(other, path)
        shutil.copy(write_ahead_log(other), write_ahead_log(path))
    other.unlink()


def database_with_views_only(path):
    with duckdb.connect(str(path)) as connection:
        connection.execute("create view precious as select 42 as answer")


def encrypted_database(path):
    with duckdb.connect() as connection:
        connection.execute("set force_mbedtls_unsafe = 'true'")
        connection.execute(f"attach '{path}' as other (encryption_key 'secret')")
        connection.execute("create table other.precious as select 42 as answer")


def database_of_a_newer_duckdb(path):
    path.write_bytes(OF_DUCKDB_2 + b"mine" * 1000)


def database_with_a_table_of_the_same_name(path):
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema quality; create table quality.publications (title text, journal text)")


def sqlite_database(path):
    path.write_bytes(b"SQLite format 3\0" + bytes(84))


def device(path):
    os.mkfifo(path)


FOREIGN = [
    text,
    text_with_the_magic_letters,
    database,
    database_with_a_wal,
    database_with_views_only,
    encrypted_database,
    database_with_a_table_of_the_same_name,
    sqlite_database,
]


def content(folder):
    """Every file with its bytes and identity; of any other entry only the name."""
    return {
        str(p.relative_to(folder)): (p.read_bytes(), p.stat().st_ino) if p.is_file() else ""
        for p in sorted(folder.rglob("*"))
    }


def refused(paths, file, *said):
    """Whether a build is refused, names the blocking file and the remedy, and changes nothing."""
    folder = paths.published.parent
    before = content(folder)
    with pytest.raises(EnvironmentFailure) as found:
        BuildFile(paths, folder, {})
    assert str(found.value).startswith(f"{file}: "), found.value
    assert "move it away, or" in str(found.value)
    assert all(s in str(found.value) for s in said), found.value
    assert content(folder) == before
