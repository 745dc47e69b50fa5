"""Dagster's history over open connections: equal rows, with many processes, killed writers and full disks.

Dagster's own storage is the reference: rows of both storages are compared.
"""

import re
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import dagster as dg
import pytest
import sqlalchemy
import yaml
from dagster._core.storage.event_log import SqliteEventLogStorage
from sqlalchemy.exc import OperationalError

from assets.orchestration import history, instance
from tests.system.faults import writers

TABLES = """select name from sqlite_master
    where type = 'table' and name <> 'secondary_indexes' and name not like 'sqlite%'"""

OF_THE_MOMENT = r"""(?x)
    \d{4}-\d\d-\d\d[ T][\d:.]+ | \d{10}\.\d+ | [\d.]+m?s\b | "duration_ms":\ [\d.]+
    | "pid":\ \d+ | pid:\ \d+ | "log_key":\ "\w+" """

ID = r"[0-9a-f]{40,64}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


@pytest.fixture(autouse=True)
def _as_dagster_comes(monkeypatch):
    """Batches of events are off until the history is opened."""
    monkeypatch.setenv(history.BATCH_VARIABLE, "0")  # so that it is also removed after the test
    monkeypatch.delenv(history.BATCH_VARIABLE)


@pytest.fixture
def home(tmp_path):
    """A home prepared by this version."""
    return instance.prepare(tmp_path / "home")


@pytest.fixture
def before(tmp_path):
    """A home of the previous version, with Dagster's own storage."""
    folder = tmp_path / "before"
    folder.mkdir()
    (folder / "dagster.yaml").write_text(instance.SETTINGS)
    return folder


@pytest.fixture
def open_(monkeypatch):
    """Dagster's instance of a home."""

    def opened(folder):
        monkeypatch.setenv("DAGSTER_HOME", str(folder))
        return dg.DagsterInstance.from_config(str(folder))

    return opened


def job(count=3):
    """A chain of assets, each with a check; the check of the last one warns; a further asset fails."""

    def asset(number):
        above = [dg.AssetKey(["raw", f"a{number - 1}"])] if number else []

        key = ["raw", f"a{number}"]

        @dg.asset(key=key, deps=above, check_specs=[dg.AssetCheckSpec("gate", asset=key)])
        def build(context):
            context.log.info("half done")
            yield dg.AssetCheckResult(
                passed=number != count - 1, check_name="gate", severity=dg.AssetCheckSeverity.WARN
            )
            yield dg.MaterializeResult(metadata={"dagster/row_count": number, "preview": dg.MetadataValue.md("| a |")})

        return build

    @dg.asset(key=["raw", "broken"], deps=[dg.AssetKey(["raw", f"a{count - 1}"])])
    def broken():
        raise dg.Failure("refused", allow_retries=False)

    definitions = dg.Definitions(
        assets=[*(asset(n) for n in range(count)), broken],
        jobs=[dg.define_asset_job("job", selection=dg.AssetSelection.all())],
        executor=dg.in_process_executor,
    )
    return definitions.resolve_job_def("job")


def run(dagster, count=3):
    """The id of a run of that job; the last asset fails."""
    quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    result = job(count).execute_in_process(instance=dagster, raise_on_error=False, run_config=quiet)
    assert not result.success
    return result.run_id


def databases(home, *run_ids):
    """The files of a history, by name without the ids of runs."""
    names = {"runs": home / "history" / "runs.db", "index": writers.folder(home) / "index.db"}
    return names | {f"run {n}": writers.folder(home) / f"{run_id}.db" for n, run_id in enumerate(run_ids)}


def rows(path, *run_ids):
    """Every row of every table, without times and processes; ids and hashes are numbered in order of appearance."""
    numbers = {run_id: f"run {n}" for n, run_id in enumerate(run_ids)}

    def numbered(match):
        return numbers.setdefault(match[0], f"hash {len(numbers)}")

    def event(row):
        return re.sub(ID, numbered, re.sub(OF_THE_MOMENT, "", repr(row)))

    with closing(sqlite3.connect(path)) as connection:
        names = [name for (name,) in connection.execute(TABLES).fetchall()]
        found = {
            name: [event(row) for row in connection.execute(f"select * from {name} order by rowid")] for name in names
        }
        found["schema"] = sorted(sql for (sql,) in connection.execute("select sql from sqlite_master") if sql)
    return found


# --- the same history -----------------------------------------------------------------------------------------------


def test_runs_leave_the_rows_that_dagsters_own_storage_leaves(before, home, open_):
    with open_(before) as dagster:
        assert type(dagster.event_log_storage) is SqliteEventLogStorage
        own = [run(dagster), run(dagster)]
    with open_(home) as dagster:
        assert type(dagster.event_log_storage) is history.Events
        ours = [run(dagster), run(dagster)]

    for name, path in databases(home, *ours).items():
        expected, found = rows(databases(before, *own)[name], *own), rows(path, *ours)
        assert set(found) == set(expected), name
        for table in expected:
            assert found[table] == expected[table], f"{name}: {table}"
    assert len(rows(databases(home, *ours)["run 1"], *ours)["event_logs"]) > 30


def test_a_history_of_the_previous_version_continues_and_stays_readable_by_dagster(before, open_):
    with open_(before) as dagster:
        first = run(dagster)
        events = len(dagster.all_logs(first))

    assert instance.prepare(before) == before
    with open_(before) as dagster:
        assert type(dagster.event_log_storage) is history.Events
        assert len(dagster.all_logs(first)) == events
        second = run(dagster)

    (before / "dagster.yaml").write_text(instance.SETTINGS)
    with open_(before) as dagster:
        assert [r.run_id for r in dagster.get_runs()] == [second, first]
        assert len(dagster.all_logs(second)) == events
        last = dagster.get_latest_materialization_event(dg.AssetKey(["raw", "a1"]))
        assert last.run_id == second
        checks = dagster.event_log_storage.get_asset_check_execution_history(
            dg.AssetCheckKey(dg.AssetKey(["raw", "a2"]), "gate"), limit=10
        )
        assert [(c.run_id, c.status.value) for c in checks] == [(second, "FAILED"), (first, "FAILED")]


def test_the_storage_is_added_only_to_an_unedited_configuration(before):
    edited = instance.SETTINGS.replace("7200", "60")
    (before / "dagster.yaml").write_text(edited)
    instance.prepare(before)
    assert (before / "dagster.yaml").read_text() == edited

    (before / "dagster.yaml").write_text(instance.SETTINGS)
    instance.prepare(before)
    settings = yaml.safe_load((before / "dagster.yaml").read_text())
    assert settings.pop("storage")["custom"]["config"] == {"base_dir": {"env": "DAGSTER_HOME"}}
    assert settings == yaml.safe_load(instance.SETTINGS)


# --- few connections ------------------------------------------------------------------------------------------------


@pytest.fixture
def opened():
    """The databases to which this process connected."""
    names = []

    def note(connection, _record):
        names.append(Path(connection.execute("pragma database_list").fetchone()[2]).stem)

    sqlalchemy.event.listen(sqlalchemy.Engine, "connect", note)
    yield names
    sqlalchemy.event.remove(sqlalchemy.Engine, "connect", note)


def test_a_longer_run_opens_no_more_connections(home, open_, opened):
    with open_(home) as dagster:
        run(dagster)
        counts = []
        for assets in (2, 8):
            del opened[:]
            run(dagster, assets)
            counts.append(len(opened))

    assert counts[0] == counts[1] <= 3, "the database of the run, twice while its tables are made"


def test_the_events_that_plan_a_run_are_one_transaction(home, open_):
    with open_(home) as dagster:
        run(dagster)
        commits = []
        sqlalchemy.event.listen(sqlalchemy.Engine, "commit", lambda _: commits.append(1))
        counts = []
        for assets in (2, 8):
            del commits[:]
            dagster.create_run_for_job(job(assets))
            counts.append(len(commits))

    assert counts[0] == counts[1]


def test_many_runs_are_read_over_few_connections(tmp_path):
    events = history.Events(str(tmp_path))
    runs = [f"run-{n}" for n in range(3 * history.KEPT)]
    for run_id in runs:
        events.store_event(writers.entries(0, 0, 1)[0]._replace(run_id=run_id))

    assert [len(events.get_logs_for_run(run_id)) for run_id in runs] == [1] * len(runs)
    ((_, engines),) = events._connections._engines.items()
    assert len(engines) == history.KEPT
    events.dispose()
    assert not list(tmp_path.glob("*.db-wal")), "a connection is open"


def test_a_batch_that_fails_leaves_nothing(tmp_path, monkeypatch):
    events = history.Events(str(tmp_path / "history" / "runs"))
    entries = writers.entries(0, 0)
    events.store_event_batch(entries)
    event_to_row = events._event_to_row
    monkeypatch.setattr(events, "_event_to_row", lambda e: {} if e is entries[7] else event_to_row(e))

    with pytest.raises(sqlalchemy.exc.IntegrityError):
        events.store_event_batch(entries)

    assert writers.is_whole(tmp_path) == writers.BATCH
    monkeypatch.undo()
    events.store_event_batch(writers.entries(1, 0))
    assert writers.is_whole(tmp_path) == 2 * writers.BATCH
    events.dispose()


def test_a_watcher_gets_each_event_while_the_writer_keeps_its_connection(tmp_path):
    writer, reader = history.Events(str(tmp_path)), history.Events(str(tmp_path))
    heard, enough = [], threading.Event()

    def hear(entry, _cursor):
        heard.append(entry.dagster_event.materialization.metadata["said"].value)
        enough.set()

    writer.store_event(writers.entries(0, 0, 1)[0])  # creates the database, which any watcher would notice
    reader.watch(writers.RUN, reader.get_records_for_run(writers.RUN).cursor, hear)
    for number in (1, 2, 3):
        enough.clear()
        writer.store_event(writers.entries(0, number, 1)[0])
        assert enough.wait(60), f"event {number} was not heard"
    reader.end_watch(writers.RUN, hear)
    reader.dispose()
    writer.dispose()

    assert heard == ["0-1", "0-2", "0-3"]


def test_a_change_that_becomes_readable_late_is_still_reported(tmp_path, monkeypatch):
    """The log of the database changes, the watcher looks, and the commit becomes readable only afterwards."""
    monkeypatch.setattr(history, "AGAIN_S", 3)
    writer, reader = history.Events(str(tmp_path)), history.Events(str(tmp_path))
    heard = threading.Event()
    writer.store_event(writers.entries(0, 0, 1)[0])
    cursor = reader.get_records_for_run(writers.RUN).cursor
    listener = history.Listener(reader, writers.RUN, lambda _entry, _cursor: heard.set(), cursor)

    listener.on_modified(None)
    writer.store_event(writers.entries(0, 1, 1)[0])

    assert heard.wait(60)
    listener.end()
    reader.dispose()
    writer.dispose()


# --- many processes, killed ones, a full disk -----------------------------------------------------------------------


def test_processes_that_write_the_history_of_one_run_at_once_lose_nothing(tmp_path):
    assert writers.at_once(tmp_path, count=3, number=5) == 3 * 5 * writers.BATCH


def test_a_killed_writer_leaves_whole_batches_and_the_next_one_goes_on(tmp_path):
    assert writers.killed(tmp_path, times=2) > 2 * writers.BATCH


def test_a_fork_writes_over_a_new_connection(tmp_path):
    assert writers.forked(tmp_path) == 3 * writers.BATCH


def test_a_full_disk_is_reported_with_its_remedy_and_the_history_continues_with_space(disk):
    small = disk(2000)
    events = history.Events(str(writers.folder(small.folder)))
    written = 0
    with pytest.raises(OperationalError) as full:  # noqa: PT012 - at some moment
        while True:
            events.store_event_batch(writers.entries(0, written))
            written += writers.BATCH
    assert "free some space" in instance._with_cause(small.folder, full.value)

    small.leave(2000)
    assert writers.is_whole(small.folder, killed=1) == written > 0
    events.store_event_batch(writers.entries(1, 0))
    assert writers.is_whole(small.folder, killed=1) == written + writers.BATCH
    events.dispose()
    assert writers.is_whole(small.folder, killed=1) == written + writers.BATCH
