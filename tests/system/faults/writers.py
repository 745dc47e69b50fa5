"""Processes that write Dagster's history at the same time, or are killed while writing; and its content afterwards.

Each write is a batch of asset events of one run. All or none of a batch must be found, in the database of the run and
in the index over all runs.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import dagster as dg
from dagster._core.events import DagsterEvent, StepMaterializationData

from assets.orchestration.history import Events
from tests.system.faults import harness, launcher

RUN = "11111111-2222-3333-4444-555555555555"

BATCH = 20

ASSETS = 3


def entries(writer: int, first: int, count: int = BATCH) -> list[dg.EventLogEntry]:
    """Numbered materialisations, as written by a run; each names its writer."""
    return [_entry(writer, number) for number in range(first, first + count)]


def _entry(writer: int, number: int) -> dg.EventLogEntry:
    said = dg.AssetMaterialization(
        ["raw", f"table_{number % ASSETS}"], metadata={"said": f"{writer}-{number}"}, tags={"dagster/data_version": "1"}
    )
    event = DagsterEvent(
        "ASSET_MATERIALIZATION", "job", message="", event_specific_data=StepMaterializationData(said), step_key="step"
    )
    return dg.EventLogEntry(
        error_info=None,
        level=20,
        user_message="",
        run_id=RUN,
        timestamp=time.time(),
        job_name="job",
        step_key="step",
        dagster_event=event,
    )


def folder(home: Path) -> Path:
    """The folder of the events of a home."""
    return home / "history" / "runs"


def said(home: Path, database: str) -> list[str]:
    """Writer and number of each event, in the order of the database: that of the run, or the index.

    Errors: AssertionError if the database is damaged.
    """
    with closing(sqlite3.connect(folder(home) / f"{database}.db")) as connection:
        assert connection.execute("pragma integrity_check").fetchall() == [("ok",)], f"{database} is not whole"
        rows = connection.execute(
            """select (select json_extract(m.value, '$.entry_data.text') from json_each(
                 json_extract(event, '$.dagster_event.event_specific_data.materialization.metadata_entries')) as m)
               from event_logs where dagster_event_type = 'ASSET_MATERIALIZATION' order by id"""
        ).fetchall()
    return [text for (text,) in rows]


def batches(home: Path, database: str) -> list[list[str]]:
    """The content of a database, batch by batch.

    Errors: AssertionError if a batch is incomplete or duplicated.
    """
    texts = said(home, database)
    found = [texts[at : at + BATCH] for at in range(0, len(texts), BATCH)]
    for batch in found:
        writer, _, first = batch[0].partition("-")
        assert int(first) % BATCH == 0, f"{database}: the first of a batch is {batch[0]}"
        assert batch == [f"{writer}-{int(first) + n}" for n in range(BATCH)], f"{database}: not a whole batch: {batch}"
    assert len(texts) == len(set(texts)), f"{database}: an event is there twice"
    return found


def is_whole(home: Path, killed: int = 0) -> int:
    """Assert that each batch is complete and unique, and that index and run agree; returns the number of events.

    Rules: two databases are not written atomically: a process killed in between leaves a batch in the index.
    Errors: AssertionError.
    """
    in_run, in_index = batches(home, RUN), batches(home, "index")
    ahead = [batch for batch in in_index if batch not in in_run]
    assert [batch for batch in in_index if batch not in ahead] == in_run, "the index says other than the run"
    assert len(ahead) <= killed, f"{len(ahead)} batches are in the index alone"
    return len(in_run) * BATCH


def at_once(home: Path, count: int, number: int) -> int:
    """Several processes each write a number of batches into the history of one run; returns the number of events.

    Rules: the history exists (`assets.orchestration.instance.opened`); the run is new to all of them.
    Errors: AssertionError.
    """
    folder(home).mkdir(parents=True)
    Events(str(folder(home))).dispose()
    context = _processes()
    start, failed = context.Barrier(count), context.Queue()
    writing = [context.Process(target=_write, args=(home, n, number, start, failed)) for n in range(count)]
    for process in writing:
        process.start()
    found = [failed.get(timeout=launcher.HANGS_S) for _ in writing]
    for process in writing:
        process.join()
    assert found == [""] * count, f"{found}"
    written = is_whole(home)
    assert written == count * number * BATCH, f"{written} events"
    return written


def killed(home: Path, times: int) -> int:
    """A writing process is killed a number of times, and the next one continues; returns the number of events.

    Errors: AssertionError.
    """
    folder(home).mkdir(parents=True)
    context, found = _processes(), 0
    failed = context.Queue()
    for number in range(times):
        writing = context.Process(target=_write, args=(home, number, 1_000_000, None, failed))
        writing.start()
        harness.until(lambda found=found: _grown(home, found), "event of a writer")
        os.kill(writing.pid, signal.SIGKILL)
        writing.join()
        assert writing.exitcode == -signal.SIGKILL, f"the writer had ended with {writing.exitcode}"
        found = is_whole(home, killed=number + 1)
    return found


def _grown(home: Path, beyond: int) -> bool:
    try:
        return len(said(home, RUN)) > beyond + BATCH
    except sqlite3.OperationalError:  # its tables are being created
        return False


def _processes() -> Any:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([*launcher.IMPORTS, __name__])
    return context


def _write(home: Path, writer: int, count: int, start: Any, failed: Any) -> None:
    """The work of such a process."""
    try:
        events = Events(str(folder(home)))
        if start:
            start.wait()
        for number in range(count):
            events.store_event_batch(entries(writer, number * BATCH))
        events.dispose()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer
        failed.put(f"{type(error).__name__}: {error}")
        if start:
            start.abort()  # no process waits for a failed one
    else:
        failed.put("")


def forked(home: Path) -> int:
    """A process writes, forks, and both continue to write; returns the number of events.

    Errors: AssertionError.
    """
    folder(home).mkdir(parents=True)
    context = _processes()
    failed = context.Queue()
    writing = context.Process(target=_fork, args=(home, failed))
    writing.start()
    writing.join()
    assert failed.get(timeout=launcher.HANGS_S) == ""
    return is_whole(home)


def _fork(home: Path, failed: Any) -> None:
    events = Events(str(folder(home)))
    events.store_event_batch(entries(0, 0))
    own = _connection(events)
    if not (child := os.fork()):
        events.store_event_batch(entries(1, 0))
        os._exit(1 if _connection(events) is own else 0)  # SQLite forbids it, although it often works
    _, status = os.waitpid(child, 0)
    events.store_event_batch(entries(0, BATCH))
    failed.put(f"the child ended with {status}" if status else "")


def _connection(events: Events) -> Any:
    with events.run_connection(RUN) as connection:
        return connection.connection.dbapi_connection
