"""Lets a DuckDB connection read frames and larger tables in place, without a copy."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import duckdb
import polars as pl

from assets.core.size import ROWS_AT_ONCE, Frame
from assets.warehouse.identifiers import literal, quoted

ROWS_READ_AT_ONCE = 122_880
"""Rows per slice of a frame for DuckDB, equal to its row group; one long slice takes twice as long."""

HELD_BYTES = 1 << 30
"""The cache size for tables already read; most are read several times in a run."""


@contextmanager
def readable(connection: duckdb.DuckDBPyConnection, name: str, frame: Frame) -> Iterator[None]:
    """Let SQL read a frame, or the files of a larger table in order, under a name."""
    if isinstance(frame, pl.DataFrame):
        connection.register(name, in_slices(frame))
    else:
        files = ", ".join(literal(str(f)) for f in frame.files)
        connection.execute(f"CREATE OR REPLACE TEMP VIEW {quoted(name)} AS FROM read_parquet([{files}])")
    try:
        yield
    finally:
        if isinstance(frame, pl.DataFrame):
            connection.unregister(name)
        else:
            connection.execute(f"DROP VIEW IF EXISTS {quoted(name)}")


def in_slices(frame: pl.DataFrame) -> pl.DataFrame:
    """The same frame in slices that DuckDB reads in parallel, without a copy if the chunks of all columns agree.

    Otherwise Polars would pass one piece, which only one core can read.
    """
    if not frame.height:
        return frame
    slices = frame.iter_slices(ROWS_READ_AT_ONCE)
    is_cut_alike = len(set(frame.n_chunks("all"))) == 1
    return pl.concat(slices if is_cut_alike else (s.rechunk() for s in slices), rechunk=False)


def streamed(connection: duckdb.DuckDBPyConnection, sql: str, rows: int | None = None) -> Iterator[pl.DataFrame]:
    """The result of a SELECT in frames of limited length (default ROWS_AT_ONCE); an empty result is one empty frame.

    The connection must not be used for anything else meanwhile.
    """
    answer = connection.sql(sql)
    batches = iter(answer.to_arrow_reader(rows or ROWS_AT_ONCE))
    first = next(batches, None)
    if first is None:
        yield pl.DataFrame(connection.sql(f"FROM ({sql}) LIMIT 0"))
        return
    yield pl.DataFrame(first)
    yield from map(pl.DataFrame, batches)


def ahead(frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """The same frames; the next one is fetched while the caller works on the last one."""
    with ThreadPoolExecutor(1) as beside:
        coming = beside.submit(next, frames, None)
        while (frame := coming.result()) is not None:
            coming = beside.submit(next, frames, None)
            yield frame


class Held:
    """A cache of tables already read; the least recently used are dropped when the cache is full."""

    def __init__(self, most_bytes: int = HELD_BYTES) -> None:
        self._frames: OrderedDict[str, pl.DataFrame] = OrderedDict()
        self._most_bytes = most_bytes

    def get(self, name: str) -> pl.DataFrame | None:
        """The frame of a table, if it is in the cache."""
        if name in self._frames:
            self._frames.move_to_end(name)
        return self._frames.get(name)

    def keep(self, name: str, frame: pl.DataFrame) -> None:
        """Put a frame into the cache, replacing the previous one."""
        self._frames[name] = frame
        self._frames.move_to_end(name)
        while sum(f.estimated_size() for f in self._frames.values()) > self._most_bytes:
            self._frames.popitem(last=False)

    def drop(self, name: str) -> None:
        """Drop a table from the cache."""
        self._frames.pop(name, None)

    def drop_all(self) -> None:
        """Empty the cache."""
        self._frames.clear()
