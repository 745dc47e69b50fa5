"""Frames and larger tables that a DuckDB connection reads where they are: nothing is copied."""

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
"""Rows of a slice of a frame that DuckDB reads, those of a row group of its own: one long slice takes twice as long."""

HELD_BYTES = 1 << 30
"""What is kept of tables already read: most are asked for several times in a run."""


@contextmanager
def readable(connection: duckdb.DuckDBPyConnection, name: str, frame: Frame) -> Iterator[None]:
    """Let SQL read a frame, or the files of a larger table in their order, under a name."""
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
    """The same frame in slices that DuckDB reads side by side; nothing is copied if its columns are cut alike.

    Where they are not, Polars would hand them over in one piece, which one core alone can read.
    """
    if not frame.height:
        return frame
    slices = frame.iter_slices(ROWS_READ_AT_ONCE)
    is_cut_alike = len(set(frame.n_chunks("all"))) == 1
    return pl.concat(slices if is_cut_alike else (s.rechunk() for s in slices), rechunk=False)


def streamed(connection: duckdb.DuckDBPyConnection, sql: str, rows: int | None = None) -> Iterator[pl.DataFrame]:
    """The answer of a SELECT in frames of at most so many rows, else ROWS_AT_ONCE; one of no rows where there are none.

    The connection must do nothing else meanwhile.
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
    """The same frames; the next one is fetched while the last one is worked on."""
    with ThreadPoolExecutor(1) as beside:
        coming = beside.submit(next, frames, None)
        while (frame := coming.result()) is not None:
            coming = beside.submit(next, frames, None)
            yield frame


class Held:
    """Tables already read, the ones asked for last; the others are given up when they are too much together."""

    def __init__(self, most_bytes: int = HELD_BYTES) -> None:
        self._frames: OrderedDict[str, pl.DataFrame] = OrderedDict()
        self._most_bytes = most_bytes

    def get(self, name: str) -> pl.DataFrame | None:
        """The frame of a table, if it is held."""
        if name in self._frames:
            self._frames.move_to_end(name)
        return self._frames.get(name)

    def keep(self, name: str, frame: pl.DataFrame) -> None:
        """Hold a frame in place of the one before."""
        self._frames[name] = frame
        self._frames.move_to_end(name)
        while sum(f.estimated_size() for f in self._frames.values()) > self._most_bytes:
            self._frames.popitem(last=False)

    def drop(self, name: str) -> None:
        """Hold it no longer."""
        self._frames.pop(name, None)

    def drop_all(self) -> None:
        """Hold nothing."""
        self._frames.clear()
