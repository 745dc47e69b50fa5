"""Tables of any size, the executors that work on them, and the ordinary size: every table is a frame in memory.

A builder calls its inputs (`assets.core.step.Inputs`), which delegate to a `Size`.
Not here: large ledgers (`assets.scale`).
"""

from __future__ import annotations

import datetime as dt
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

import polars as pl

from assets.core.rule import Rule

ROWS_AT_ONCE = 1_000_000
"""The most rows of a table that are in memory at once when it is read in chunks."""


def in_chunks(frame: pl.DataFrame, columns: Sequence[str] = ()) -> Iterator[pl.DataFrame]:
    """Split a frame into frames of at most ROWS_AT_ONCE rows; an empty frame gives one empty frame.

    With `columns`, only these columns.
    """
    chosen = frame.select(columns) if columns else frame
    yield from chosen.iter_slices(ROWS_AT_ONCE) if chosen.height else (chosen,)


Judge = Callable[[pl.DataFrame], Sequence[Any]]
"""Returns one result per rule (`assets.gates.result.RuleResult`) for a frame."""


class LargeTable(Protocol):
    """A table that is too large for one frame. Members that a frame has too behave as those of a frame."""

    @property
    def height(self) -> int:
        """Number of rows."""
        ...

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        ...

    @property
    def schema(self) -> pl.Schema:
        """Names and types of the columns."""
        ...

    @property
    def files(self) -> Sequence[Path]:
        """The Parquet files that hold the rows, in order."""
        ...

    def lazy(self) -> pl.LazyFrame:
        """All rows as a lazy frame."""
        ...

    def head(self, rows: int) -> pl.DataFrame:
        """The first rows."""
        ...

    def frames(self, columns: Sequence[str] | None = None) -> Iterator[pl.DataFrame]:
        """The rows in order, in frames: all columns, or the given ones in the given order."""
        ...

    def judged(self, judge: Judge, rules: Sequence[Rule], samples: int) -> Sequence[Any]:
        """Judge the table: one result per rule, with at most this many samples."""
        ...

    def discard(self) -> None:
        """Free the disk space of the rows."""
        ...


Frame = pl.DataFrame | LargeTable


def frames(frame: Frame) -> Iterator[pl.DataFrame]:
    """The rows of a table in frames; an ordinary frame is given whole."""
    return iter((frame,)) if isinstance(frame, pl.DataFrame) else frame.frames()


def whole(frame: Frame) -> pl.DataFrame:
    """All rows at once: for a ledger that fits into memory."""
    return pl.concat(frames(frame))


def judged(frame: Frame, judge: Judge, rules: Sequence[Rule], samples: int) -> Sequence[Any]:
    """Judge a table of any size: one result per rule, with at most this many samples."""
    return judge(frame) if isinstance(frame, pl.DataFrame) else frame.judged(judge, rules, samples)


Piece = TypeVar("Piece")

Result = TypeVar("Result")

Way = TypeVar("Way", bound=Callable[..., Any])

Work = Callable[..., pl.DataFrame]
"""Takes the rows of a table, and as keyword arguments the small tables that all rows need."""


class Executor(Protocol):
    """Runs work that is cut into pieces."""

    def __hash__(self) -> int:
        """Equal executors have equal hashes."""
        ...

    def map(
        self, work: Callable[[Piece], Result], pieces: Sequence[Piece], *, is_threaded: bool = False
    ) -> Iterator[Result]:
        """The results in the order of the pieces. `is_threaded`: the work itself uses all cores of its machine.

        Errors: those of the work; EnvironmentFailure if a machine fails.
        """
        ...


@dataclass(frozen=True)
class Local:
    """The threads of this process: for work that releases Python's lock."""

    threads: int | None = None

    def map(
        self, work: Callable[[Piece], Result], pieces: Sequence[Piece], *, is_threaded: bool = False
    ) -> Iterator[Result]:
        """The results in the order of the pieces; work that uses all cores runs one piece at a time."""
        if is_threaded:
            yield from map(work, pieces)
            return
        threads = self.threads or os.cpu_count() or 1
        with ThreadPoolExecutor(threads) as pool:
            coming: deque[Future[Result]] = deque()
            try:
                for piece in pieces:
                    coming.append(pool.submit(work, piece))
                    if len(coming) > threads:  # results that wait for the caller would fill the memory
                        yield coming.popleft().result()
                while coming:
                    yield coming.popleft().result()
            finally:
                for waiting in coming:
                    waiting.cancel()


class Reader(Protocol):
    """Reads tables by `stage.name`: see `assets.core.step.Inputs`."""

    def read(self, name: str) -> pl.DataFrame:
        """All rows."""
        ...

    def chunks(self, name: str, columns: Sequence[str] = ()) -> Iterator[pl.DataFrame]:
        """The rows in frames."""
        ...


class Size(Protocol):
    """How tables of a size are built."""

    @property
    def executor(self) -> Executor:
        """The executor of work that is cut into pieces."""
        ...

    def by_rows(self, work: Work, inputs: Reader, name: str, **beside: pl.DataFrame) -> Frame:
        """Apply the work to the rows of a table: see `Inputs.by_rows`."""
        ...

    def collected(self, rows: Iterable[pl.DataFrame]) -> Frame:
        """Join consecutive frames into one table."""
        ...

    def way(self, ordinary: Way) -> Way:
        """The version of a function for this size: see `Inputs.by_size`."""
        ...

    def listen(self, listener: Callable[[str], None]) -> None:
        """Set the listener for progress."""
        ...

    def clear(self) -> None:
        """Remove files that this run, or a killed one, left on disk."""
        ...


class Small:
    """The ordinary size: every table is a frame, every formula is exact, every day of change is reported."""

    executor: Executor = Local()

    def by_rows(self, work: Work, inputs: Reader, name: str, **beside: pl.DataFrame) -> Frame:
        """Apply the work to all rows at once."""
        return work(inputs.read(name), **beside)

    def collected(self, rows: Iterable[pl.DataFrame]) -> Frame:
        """One frame."""
        return pl.concat(rows)

    def way(self, ordinary: Way) -> Way:
        """The function itself."""
        return ordinary

    def listen(self, listener: Callable[[str], None]) -> None:
        """Does nothing: no work takes long enough."""

    def clear(self) -> None:
        """Does nothing: there are no files."""


def every_day(days: pl.DataFrame, work: float, most: float, instead: Sequence[dt.date] = ()) -> pl.DataFrame:
    """The days on which a table is reported: every day of change.

    Grain: that of `days`, by as_of_date. The other arguments matter only for a large ledger (`Inputs.by_size`): `work`
    is the cost of reporting all days and `most` the assumption that limits it, in the same unit; `instead` are the
    days to report if the limit is exceeded (default: quarter ends).
    """
    del work, most, instead
    return days


DaysReported = Callable[..., pl.DataFrame]
"""Has the signature of `every_day`."""
