"""Dagster's history in SQLite, as Dagster keeps it, over connections that stay open.

Dagster's own storage opens the database again for every statement, some thousand times per run. This one keeps a
connection to each database in use, and groups related writes in one transaction. Files, tables and rows are those of
Dagster, so each storage can read the other's data. `dagster.yaml` names this storage, so that the command, the UI and
every run use it. It depends on private modules of Dagster.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from dagster import AssetKey, EventLogEntry
from dagster._core.event_api import EventHandlerFn
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.event_log.base import AssetRecord
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorageWatchdog
from dagster._core.storage.runs import SqliteRunStorage
from dagster._core.storage.schedules import SqliteScheduleStorage
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, create_engine, event
from watchdog.events import FileSystemEvent
from watchdog.observers import Observer

BUSY_S = 30.0
"""Time that a statement waits for another writer, as in Dagster's own storage."""

KEPT = 8
"""The most databases to keep open; each run has its own, and a server sees many runs."""

AGAIN_S = 0.2
"""The log of a database changes just before the commit becomes readable, so a watcher looks again after this time."""

BATCH_VARIABLE = "DAGSTER_EVENT_BATCH_SIZE"
"""Dagster's setting for the largest batch of planning events of a run."""

BATCH = 1000


class Connections:
    """The databases that a process keeps open: the most recently used ones."""

    def __init__(self) -> None:
        self._engines: defaultdict[int, OrderedDict[str, Engine]] = defaultdict(OrderedDict)
        """By process: after a fork, a connection must not be used or closed in the child."""

    def to(self, address: str) -> Engine:
        """The database of an address: one connection stays open; more are opened only while it is in use."""
        engines = self._engines[os.getpid()]
        if address not in engines:
            engines[address] = _engine(address)
        engines.move_to_end(address)
        while len(engines) > KEPT:
            engines.popitem(last=False)[1].dispose()
        return engines[address]

    def close(self) -> None:
        """Close all databases of this process."""
        for engine in self._engines.pop(os.getpid(), {}).values():
            engine.dispose()


def _engine(address: str) -> Engine:
    options = {"timeout": BUSY_S, "check_same_thread": False}  # the pool ensures one thread at a time
    engine = create_engine(address, pool_size=1, max_overflow=-1, connect_args=options)
    event.listen(engine, "connect", _relax)
    return engine


def _relax(connection: Any, _record: object) -> None:
    """Sync at checkpoints, not at each of some thousand small commits.

    A power cut can then lose the last events of a run's history, but nothing else; a killed process loses nothing.
    """
    connection.execute("PRAGMA synchronous = NORMAL")


class Listener(SqliteEventLogStorageWatchdog):
    """Watches the events of a run, including commits to an open database, which go into its log."""

    def __init__(self, *watched: Any) -> None:
        super().__init__(*watched)
        self._turn = threading.Lock()
        self._again: threading.Timer | None = None
        self._is_over = False

    @property
    def patterns(self) -> list[str]:
        """The files that change at a commit."""
        return [self._log_path, f"{self._log_path}-wal"]

    def on_modified(self, event: FileSystemEvent) -> None:  # noqa: ARG002 - named by watchdog
        """Report new events, and those that become readable a moment later."""
        self._look()
        if self._again:
            self._again.cancel()
        if not self._is_over:
            self._again = threading.Timer(AGAIN_S, self._look)
            self._again.daemon = True
            self._again.start()

    def _look(self) -> None:
        with self._turn:
            if not self._is_over:
                self._process_log()

    def end(self) -> None:
        """Stop watching."""
        self._is_over = True
        if self._again:
            self._again.cancel()


class Events(SqliteEventLogStorage):
    """The events of all runs: a database for each run, and an index over them."""

    _obs: Any
    """The file watcher, created on first use."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._connections = Connections()
        self._turn = threading.RLock()
        self._begun: dict[str, Connection] | None = None
        """Databases with an open transaction that groups several statements."""
        self._ends = ExitStack()
        self._seen: set[str] = set()
        super().__init__(base_dir, inst_data)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._turn:
            if self._begun is None:
                with self._engine(shard).begin() as connection:
                    yield connection
            else:
                if shard not in self._begun:
                    self._begun[shard] = self._ends.enter_context(self._engine(shard).begin())
                yield self._begun[shard]

    def _engine(self, shard: str) -> Engine:
        engine = self._connections.to(self.conn_string_for_shard(shard))
        if shard not in self._initialized_dbs:
            self._initdb(engine)
            self._initialized_dbs.add(shard)
        return engine

    @contextmanager
    def _as_one(self) -> Iterator[None]:
        """All statements inside form one transaction per database."""
        with self._turn:
            if self._begun is not None:
                yield
                return
            with ExitStack() as self._ends:
                self._begun = {}
                self._ends.callback(setattr, self, "_begun", None)
                yield

    def store_event(self, event: EventLogEntry) -> None:
        """Write an event and its index entry."""
        with self._as_one():
            super().store_event(event)

    def store_event_batch(self, events: Sequence[EventLogEntry]) -> None:
        """Write events and their index entries: all or none."""
        with self._as_one():
            for entry in events:
                super().store_event(entry)

    def get_asset_records(self, asset_keys: Sequence[AssetKey] | None = None) -> Sequence[AssetRecord]:
        """The latest records of the assets."""
        with self._as_one():
            return super().get_asset_records(asset_keys)

    def has_table(self, table_name: str) -> bool:
        """Whether the index has a table."""
        return self._has(table_name, lambda: super(Events, self).has_table(table_name))

    def has_secondary_index(self, name: str) -> bool:
        """Whether a data migration has run."""
        return self._has(f"migration {name}", lambda: super(Events, self).has_secondary_index(name))

    def has_asset_key_col(self, column_name: str) -> bool:
        """Whether the table of assets has a column."""
        return self._has(f"column {column_name}", lambda: super(Events, self).has_asset_key_col(column_name))

    def _has_asset_key_col_on_connection(self, conn: Connection, column_name: str) -> bool:
        look = super()._has_asset_key_col_on_connection
        return self._has(f"column {column_name}", lambda: look(conn, column_name))

    def _has(self, what: str, look: Callable[[], bool]) -> bool:
        """Cache a positive result: a history never loses a table, column or migration."""
        if what not in self._seen and look():
            self._seen.add(what)
        return what in self._seen

    def watch(self, run_id: str, cursor: str | None, callback: EventHandlerFn) -> None:
        """Call back at every event of a run, from any process."""
        if not self._obs:
            self._obs = Observer()
            self._obs.start()
        listener = Listener(self, run_id, callback, cursor)
        self._watchers[run_id][callback] = (listener, self._obs.schedule(listener, self._base_dir))

    def end_watch(self, run_id: str, handler: EventHandlerFn) -> None:
        """Stop calling back."""
        if handler in self._watchers[run_id]:
            self._watchers[run_id][handler][0].end()
        super().end_watch(run_id, handler)

    def wipe(self) -> None:
        """Remove everything."""
        self._connections.close()
        super().wipe()

    def dispose(self) -> None:
        """Stop watching runs, and close the databases."""
        for handlers in self._watchers.values():
            for listener, _ in handlers.values():
                listener.end()
        super().dispose()
        self._connections.close()


class Runs(SqliteRunStorage):
    """The runs: origin, request and status."""

    def __init__(self, conn_string: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._connections = Connections()
        super().__init__(conn_string, inst_data)

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """A transaction."""
        with self._connections.to(self._conn_string).begin() as connection:
            yield connection

    def dispose(self) -> None:
        """Close the database."""
        super().dispose()
        self._connections.close()


class History(DagsterSqliteStorage):
    """Runs and events over connections that stay open, schedules as in Dagster's own storage, in the same files."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        os.environ.setdefault(BATCH_VARIABLE, str(BATCH))  # Dagster reads it at every event, in each writing process
        self.base_dir = base_dir
        self._run_storage = Runs.from_local(str(Path(base_dir, "history")))
        self._event_log_storage = Events(str(Path(base_dir, "history", "runs")))
        self._schedule_storage = SqliteScheduleStorage.from_local(str(Path(base_dir, "schedules")))
        self._inst_data = inst_data
        super(DagsterSqliteStorage, self).__init__()  # type: ignore[no-untyped-call]  # that of its base opens stock ones

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData, config_value: Mapping[str, Any]) -> History:
        """Create the storage that `dagster.yaml` configures."""
        return cls.from_local(config_value["base_dir"], inst_data)
