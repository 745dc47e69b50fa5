"""What a step is: one table, what it reads, and the pure function that builds it.

The same steps run under Dagster (`assets.orchestration.assets`) and in memory for `closedloop check`
(`assets.gates.check_seeds`), whatever the size of the ledger: a builder asks its inputs, and `Small` or another `Size`
answers.
Not here: Dagster, DuckDB, Great Expectations.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol, TypeVar

import polars as pl

from assets.core import column_rules
from assets.core.rule import Problem, Rule
from assets.core.table import Table

ROWS_AT_ONCE = 1_000_000
"""Rows of a table that are held at once by what works through it in chunks."""

STAGES = ("raw", "staging", "facts", "metrics", "quality", "bi", "published")


def in_chunks(frame: pl.DataFrame, columns: Sequence[str] = ()) -> Iterator[pl.DataFrame]:
    """The rows of a frame in frames of at most ROWS_AT_ONCE rows; one of no rows where there are none.

    With `columns` only these.
    """
    chosen = frame.select(columns) if columns else frame
    yield from chosen.iter_slices(ROWS_AT_ONCE) if chosen.height else (chosen,)


# --- tables of any size ---------------------------------------------------------------------------------------------


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


# --- who works, and how ---------------------------------------------------------------------------------------------

Piece = TypeVar("Piece")

Result = TypeVar("Result")

Way = TypeVar("Way", bound=Callable[..., Any])

DaysReported = Callable[..., pl.DataFrame]
"""Called as `every_day` is."""

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
        with ThreadPoolExecutor(self.threads or os.cpu_count()) as pool:
            yield from pool.map(work, pieces)


class Size(Protocol):
    """How tables are built at a size."""

    @property
    def executor(self) -> Executor:
        """Who does work that is cut into pieces."""
        ...

    def by_rows(self, work: Work, inputs: Inputs, name: str, **beside: pl.DataFrame) -> Frame:
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

    def by_rows(self, work: Work, inputs: Inputs, name: str, **beside: pl.DataFrame) -> Frame:
        """The work on all rows at once."""
        return work(inputs.read(name), **beside)

    def collected(self, rows: Iterable[pl.DataFrame]) -> Frame:
        """All rows at once."""
        return pl.concat(rows)

    def way(self, ordinary: Way) -> Way:
        """The function itself."""
        return ordinary

    def listen(self, listener: Callable[[str], None]) -> None:
        """Nothing takes long enough to be told."""

    def clear(self) -> None:
        """Nothing is left on disk."""


def every_day(days: pl.DataFrame, work: float, most: float, instead: Sequence[dt.date] = ()) -> pl.DataFrame:
    """The days on which a table is reported: all on which something changed.

    Grain: that of `days`, by as_of_date. `work` is what all of them cost and `most` the assumption that limits it, both
    in the unit of the assumption; `instead` are the days that stand for all, if not the quarter ends behind them. An
    ordinary ledger needs none of the three; another one is told by `Inputs.by_size`.
    """
    del work, most, instead
    return days


# --- steps ----------------------------------------------------------------------------------------------------------


class Inputs(Protocol):
    """What a builder may use. A class that derives from it has the ordinary size, unless it says otherwise."""

    seeds: Path
    draws: int | None
    """Draws of the simulation that this run asks for; None: as many as usual."""
    size: Size = Small()
    """How tables are built: a builder asks by the methods below."""

    @property
    def executor(self) -> Executor:
        """Who does work that is cut into pieces."""
        return self.size.executor

    def by_rows(self, work: Work, name: str, **beside: pl.DataFrame) -> Frame:
        """The table that the work makes of the rows of a table, each of them by itself.

        `beside` are small tables that all rows need; the work gets them by their names. The work must be a function
        that every machine can import. Errors: those of the work; EnvironmentFailure of the disk or the machines.
        """
        return self.size.by_rows(work, self, name, **beside)

    def collected(self, rows: Iterable[pl.DataFrame]) -> Frame:
        """The table of some frames that follow one another."""
        return self.size.collected(rows)

    def by_size(self, ordinary: Way) -> Way:
        """The function, or what stands for it in a ledger for which it would be too much: both are called alike."""
        return self.size.way(ordinary)

    def read(self, name: str) -> pl.DataFrame:
        """The frame of a table, by `stage.name`."""
        ...

    def chunks(self, name: str, columns: Sequence[str] = ()) -> Iterator[pl.DataFrame]:
        """The rows of a table in their order, in frames of at most ROWS_AT_ONCE rows; a small table is one frame.

        For builders that need not hold all of a large table at once. With `columns` only these.
        """
        ...

    def query(
        self, sql: str, parameters: Mapping[str, object] | None = None, candidate: Frame | None = None
    ) -> pl.DataFrame:
        """The answer of a SELECT over the tables built so far, and over `candidate` if it is given."""
        ...

    def select(self, sql: str) -> Iterator[pl.DataFrame]:
        """The answer of a SELECT over the tables built so far, in frames of at most ROWS_AT_ONCE rows."""
        ...

    def rows_published(self, name: str) -> int | None:
        """Rows that a table had in the last publication; None if there is none, or if their loss is intended."""
        ...


@dataclass(frozen=True)
class Built:
    """What wants to become a table, and what could not be read on the way."""

    frame: Frame
    problems: Sequence[Problem] = ()
    detail: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """One table, the tables it reads and its builder."""

    table: Table
    reads: tuple[str, ...]
    build: Callable[[Inputs], Built]
    origin: str = ""
    """What it is made of, where that is no table."""

    @property
    def name(self) -> str:
        """`stage.name` of the table."""
        return self.table.full_name

    @property
    def rests_on(self) -> str:
        """What the builder reads, for people."""
        return ", ".join(self.reads) or self.origin

    @cached_property
    def needs(self) -> tuple[str, ...]:
        """Everything that must exist first: what the builder reads and what the rules read."""
        return tuple(dict.fromkeys((*self.reads, *column_rules.needs(self.table))))


def ancestors(name: str, steps: Mapping[str, Step]) -> tuple[str, ...]:
    """Every table that a table rests on, directly or not, nearest first."""
    found: dict[str, None] = {}
    queue = list(steps[name].needs)
    while queue:
        current = queue.pop(0)
        if current not in found:
            found[current] = None
            queue.extend(steps[current].needs)
    return tuple(found)


def in_order(steps: Mapping[str, Step]) -> tuple[Step, ...]:
    """The steps so that each comes after what it needs.

    Errors: ValueError when steps need one another in a circle or need an unknown table.
    """
    ordered: dict[str, Step] = {}
    waiting = dict(steps)
    while waiting:
        ready = [n for n, s in waiting.items() if all(need in ordered for need in s.needs)]
        if not ready:
            message = f"these steps need one another or an unknown table: {', '.join(waiting)}"
            raise ValueError(message)
        for name in ready:
            ordered[name] = waiting.pop(name)
    return tuple(ordered.values())
