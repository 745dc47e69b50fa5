"""What a step is: one table, what it reads, and the pure function that builds it.

The same steps run under Dagster (`assets.orchestration.assets`) and in memory for `closedloop check`
(`assets.gates.check_seeds`), whatever the size of the ledger: a builder asks its inputs, and `Small` or another `Size`
answers.
Not here: Dagster, DuckDB, Great Expectations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Protocol

import polars as pl

from assets.core import column_rules
from assets.core.rule import Problem
from assets.core.size import Executor, Frame, Size, Small, Way, Work
from assets.core.table import Table

STAGES = ("raw", "staging", "facts", "metrics", "quality", "bi", "published")


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
