"""Tables of any size, who works on them, and the ordinary size: every table is a frame in memory.

A builder asks its inputs (`assets.core.step.Inputs`), and a `Size` answers.
Not here: what a large ledger needs (`assets.scale`).
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
"""Rows of a table that are held at once by what works through it in chunks."""


def in_chunks(frame: pl.DataFrame, columns: Sequence[str] = ()) -> Iterator[pl.DataFrame]:
    """The rows of a frame in frames of at most ROWS_AT_ONCE rows; one of no rows where there are none.

    With `columns` only these.
    """
    chosen = frame.select(columns) if columns else frame
    yield from chosen.iter_slices(ROWS_AT_ONCE) if chosen.height else (chosen,)


Judge = Callable[[pl.DataFrame], Sequence[Any]]
"""Gives one result per rule (`assets.gates.result.RuleResult`) on a frame."""


class LargeTable(Protocol):
    """A table that no one frame holds. What a frame does too, it does in the same way; the rest it knows itself."""

    @property
    def height(self) -> int:
        """How many rows there are."""
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
        """The Parquet files in which the rows lie, in their order."""
        ...

    def lazy(self) -> pl.LazyFrame:
        """All rows, not yet read."""
        ...

    def head(self, rows: int) -> pl.DataFrame:
        """The first rows."""
        ...

    def frames(self, columns: Sequence[str] | None = None) -> Iterator[pl.DataFrame]:
        """The rows in their order, in frames: all columns, or some in the order asked for."""
        ...

    def judged(self, judge: Judge, rules: Sequence[Rule], samples: int) -> Sequence[Any]:
        """What a judge of frames says of the table: one result per rule, with so many samples."""
        ...

    def discard(self) -> None:
        """Give back what the rows lie on."""
        ...


Frame = pl.DataFrame | LargeTable


def frames(frame: Frame) -> Iterator[pl.DataFrame]:
    """The rows of a table in frames: a frame is one."""
    return iter((frame,)) if isinstance(frame, pl.DataFrame) else frame.frames()


def whole(frame: Frame) -> pl.DataFrame:
    """All rows at once: for a ledger that fits into memory."""
    return pl.concat(frames(frame))


def judged(frame: Frame, judge: Judge, rules: Sequence[Rule], samples: int) -> Sequence[Any]:
    """What a judge of frames says of a table of any size: one result per rule, with so many samples."""
    return judge(frame) if isinstance(frame, pl.DataFrame) else frame.judged(judge, rules, samples)


Piece = TypeVar("Piece")

Result = TypeVar("Result")

Way = TypeVar("Way", bound=Callable[..., Any])

Work = Callable[..., pl.DataFrame]
"""Takes the rows of a table, and by keyword the small tables that all rows need."""


class Executor(Protocol):
    """Who does work that is cut into pieces."""

    def __hash__(self) -> int:
        """Equal executors are one."""
        ...

    def map(
        self, work: Callable[[Piece], Result], pieces: Sequence[Piece], *, is_threaded: bool = False
    ) -> Iterator[Result]:
        """The results in the order of the pieces. `is_threaded`: the work itself uses every core of its machine.

        Errors: those of the work; EnvironmentFailure of the machines.
        """
        ...


@dataclass(frozen=True)
class Local:
    """The threads of this process: for work that releases Python's lock."""

    threads: int | None = None

    def map(
        self, work: Callable[[Piece], Result], pieces: Sequence[Piece], *, is_threaded: bool = False
    ) -> Iterator[Result]:
        """The results in the order of the pieces; work that uses every core is done one piece after another."""
        if is_threaded:
            yield from map(work, pieces)
            return
        threads = self.threads or os.cpu_count() or 1
        with ThreadPoolExecutor(threads) as pool:
            coming: deque[Future[Result]] = deque()
            try:
                for piece in pieces:
                    coming.append(pool.submit(work, piece))
                    if len(coming) > threads:  # results that nobody has taken yet would fill the memory
                        yield coming.popleft().result()
                while coming:
                    yield coming.popleft().result()
            finally:
                for waiting in coming:
                    waiting.cancel()


class Reader(Protocol):
    """Who gives tables by `stage.name`: see `assets.core.step.Inputs`."""

    def read(self, name: str) -> pl.DataFrame:
        """All rows."""
        ...

    def chunks(self, name: str, columns: Sequence[str] = ()) -> Iterator[pl.DataFrame]:
        """The rows in frames."""
        ...


class Size(Protocol):
    """How tables are built at a size."""

    @property
    def executor(self) -> Executor:
        """Who does work that is cut into pieces."""
        ...

    def by_rows(self, work: Work, inputs: Reader, name: str, **beside: pl.DataFrame) -> Frame:
        """What the work makes of the rows of a table: see `Inputs.by_rows`."""
        ...

    def collected(self, rows: Iterable[pl.DataFrame]) -> Frame:
        """The table of some frames that follow one another."""
        ...

    def way(self, ordinary: Way) -> Way:
        """The function that does, at this size, what the ordinary function does: see `Inputs.by_size`."""
        ...

    def listen(self, listener: Callable[[str], None]) -> None:
        """Who hears from now on how far the work is."""
        ...

    def clear(self) -> None:
        """Remove what was left on disk, by this run or one that was killed."""
        ...


class Small:
    """The ordinary size: every table is a frame, every formula exact, every day of change is reported."""

    executor: Executor = Local()

    def by_rows(self, work: Work, inputs: Reader, name: str, **beside: pl.DataFrame) -> Frame:
        """The work on all rows at once."""
        return work(inputs.read(name), **beside)

    def collected(self, rows: Iterable[pl.DataFrame]) -> Frame:
        """All rows at once."""
        return pl.concat(rows)

    def way(self, ordinary: Way) -> Way:
        """The function itself."""
        return ordinary

    def listen(self, listener: Callable[[str], None]) -> None:
        """Nothing takes long enough to be reported."""

    def clear(self) -> None:
        """Nothing is left on disk."""


def every_day(days: pl.DataFrame, work: float, most: float, instead: Sequence[dt.date] = ()) -> pl.DataFrame:
    """The days on which a table is reported: all on which something changed.

    Grain: that of `days`, by as_of_date. `work` is what all of them cost and `most` the assumption that limits it, both
    in the unit of the assumption; `instead` are the days that stand for all, if not the quarter ends behind them. An
    ordinary ledger needs none of the three; a larger one uses `Inputs.by_size`.
    """
    del work, most, instead
    return days


DaysReported = Callable[..., pl.DataFrame]
"""Called as `every_day` is."""
