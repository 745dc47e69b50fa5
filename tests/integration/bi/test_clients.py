"""Python clients that open the file as the README recommends: at rest, during a publish, and with wrong usage."""

import os
import shutil
import subprocess
import sys
import threading

import duckdb
import pytest

from tests.integration.bi.clients import ABOUT, CLIENTS
from tests.integration.bi.publications import another, publication_of

REPLACED = 12

MARKED = f"select ({ABOUT}), min(d.description), max(d.description) from quality.dictionary as d"


@pytest.fixture(scope="module")
def two(real_built, tmp_path_factory):
    """Two publications as files, and their ids."""
    folder = tmp_path_factory.mktemp("two publications, größer")  # a name with spaces and letters beyond ASCII
    files = [shutil.copy(real_built.published, folder / "first.duckdb"), folder / "second.duckdb"]
    another(files[0], files[1])
    return folder, [publication_of(f) for f in files], files


@pytest.fixture
def published(two):
    folder, ids, files = two
    path = folder / "closedloop.duckdb"
    shutil.copy(files[0], path)
    return path, ids, files


def replace(path, file):
    """Replace the file with a complete new one by a rename, as publishing does."""
    shutil.copy(file, path.with_suffix(".next"))
    os.replace(path.with_suffix(".next"), path)  # noqa: PTH105 - the call that publishing rests on


@pytest.mark.parametrize("name", CLIENTS)
def test_a_client_reads_tables_views_macros_and_days(published, name):
    path, ids, _ = published

    with CLIENTS[name](path) as ask:
        assert ask(ABOUT) == [(ids[0],)]
        names = {row[0] for row in ask("select table_name from information_schema.tables where table_schema = 'bi'")}
        (row,) = ask(
            "select payer, amount_usd, certainty from bi.commitments where leg_id = 'l_amd_6gw' and is_current"
        )
        days = ask("select as_of_date from headline_as_of('2025-10-09') where entity_id = 'openai'")

    assert {"commitments", "headline", "dim_entity"} <= names
    assert row[0] == "OpenAI"
    assert str(days[0][0])[:10] <= "2025-10-09"


@pytest.mark.parametrize("name", CLIENTS)
def test_an_open_client_keeps_its_publication_and_a_new_one_has_the_next(published, name):
    path, ids, files = published

    with CLIENTS[name](path) as ask:
        before = ask(MARKED)
        replace(path, files[1])
        assert ask(MARKED) == before
        assert before[0][0] == ids[0]
    with CLIENTS[name](path) as ask:
        assert ask(ABOUT) == [(ids[1],)]


@pytest.mark.parametrize("name", CLIENTS)
def test_a_client_that_reads_on_and_on_sees_one_publication_at_a_time(published, name):
    path, ids, files = published
    done = threading.Event()
    seen = set()

    def publish():
        for turn in range(REPLACED):
            replace(path, files[(turn + 1) % 2])
        done.set()

    publisher = threading.Thread(target=publish)
    publisher.start()
    reads = 0
    while not done.is_set() or reads < REPLACED:
        with CLIENTS[name](path) as ask:
            ((publication, *marks),) = ask(MARKED)
            assert ask(ABOUT) == [(publication,)]
        assert set(marks) == {"changed"} if publication == ids[1] else "changed" not in marks
        seen.add(publication)
        reads += 1
    publisher.join()

    assert seen <= set(ids)
    assert reads >= REPLACED


# --- messages for wrong usage, which the README quotes --------------------------------------------------------------


@pytest.mark.parametrize("name", CLIENTS)
def test_a_client_that_wants_to_write_is_refused(published, name):
    path, _, _ = published

    with pytest.raises(Exception, match="attached in read-only mode"), CLIENTS[name](path) as ask:
        ask("create table bi.mine as select 1 as one")
    assert not [row for row in tables(path) if row == ("mine",)]


def tables(path):
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute("select table_name from duckdb_tables()").fetchall()


@pytest.mark.parametrize("name", CLIENTS)
def test_a_missing_file_is_named(two, name):
    path = two[0] / "nothing here.duckdb"

    with pytest.raises(Exception, match=r"nothing here\.duckdb"), CLIENTS[name](path) as ask:
        ask(ABOUT)
    assert not path.exists()


def test_opening_for_writing_locks_others_out_with_a_clear_message(published):
    path, ids, files = published
    held = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", held, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        try:
            assert holder.stdout.readline() == "held\n"
            with pytest.raises(duckdb.IOException, match="Could not set lock on file"):
                duckdb.connect(str(path), read_only=True)
            replace(path, files[1])  # a publish succeeds, and releases all readers but the holder
            assert publication_of(path) == ids[1]
        finally:
            holder.stdin.close()
    assert publication_of(path) == ids[1]
