"""A step: one table, the tables that it reads, and the pure function that builds it.

The same steps run under Dagster (`assets.orchestration.assets`) and in memory for `closedloop check`
(`assets.gates.check_seeds`), for a ledger of any size: a builder calls its inputs, which delegate to `Small` or another
`Size`.
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
    """The interface that a builder uses. Subclasses have the ordinary size unless they override it."""

    seeds: Path
    draws: int | None
    """Number of simulation draws in this run; None for the default."""
    size: Size = Small()
    """How tables are built; builders use it through the methods below."""

    @property
    def executor(self) -> Executor:
        """The executor of work that is cut into pieces."""
        return self.size.executor

    def by_rows(self, work: Work, name: str, **beside: pl.DataFrame) -> Frame:
        """Apply the work to the rows of a table, each row independently.

        `beside` are small tables that all rows need, passed on as keyword arguments. The work must be a function that
        every machine can import. Errors: those of the work; EnvironmentFailure if a disk or a machine fails.
        """
        return self.size.by_rows(work, self, name, **beside)

    def collected(self, rows: Iterable[pl.DataFrame]) -> Frame:
        """Join consecutive frames into one table."""
        return self.size.collected(rows)

    def by_size(self, ordinary: Way) -> Way:
        """The function, or its substitute for a ledger that is too large for it; both have the same signature."""
        return self.size.way(ordinary)

    def read(self, name: str) -> pl.DataFrame:
        """The frame of a table, by `stage.name`."""
        ...

    def chunks(self, name: str, columns: Sequence[str] = ()) -> Iterator[pl.DataFrame]:
        """The rows of a table in order, in frames of at most ROWS_AT_ONCE rows; a small table is one frame.

        For builders that need not hold all of a large table in memory. With `columns`, only these columns.
        """
        ...

    def query(
        self, sql: str, parameters: Mapping[str, object] | None = None, candidate: Frame | None = None
    ) -> pl.DataFrame:
        """The result of a SELECT over the tables built so far, and over `candidate` if it is given."""
        ...

    def select(self, sql: str) -> Iterator[pl.DataFrame]:
        """The result of a SELECT over the tables built so far, in frames of at most ROWS_AT_ONCE rows."""
        ...

    def rows_published(self, name: str) -> int | None:
        """Rows that a table had in the last publication; None if there was none, or if a loss of rows is intended."""
        ...


@dataclass(frozen=True)
class Built:
    """The frame that is to become a table, and the values that could not be read."""

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
    """The source, if it is not a table."""

    @property
    def name(self) -> str:
        """`stage.name` of the table."""
        return self.table.full_name

    @property
    def rests_on(self) -> str:
        """The sources of the table as text."""
        return ", ".join(self.reads) or self.origin

    @cached_property
    def needs(self) -> tuple[str, ...]:
        """The tables that must exist first: those that the builder reads and those that the rules read."""
        return tuple(dict.fromkeys((*self.reads, *column_rules.needs(self.table))))


def ancestors(name: str, steps: Mapping[str, Step]) -> tuple[str, ...]:
    """Every table that a table depends on, directly or indirectly, nearest first."""
    found: dict[str, None] = {}
    queue = list(steps[name].needs)
    while queue:
        current = queue.pop(0)
        if current not in found:
            found[current] = None
            queue.extend(steps[current].needs)
    return tuple(found)


def in_order(steps: Mapping[str, Step]) -> tuple[Step, ...]:
    """The steps in an order in which each comes after those that it needs.

    Errors: ValueError if steps depend on each other in a cycle or need an unknown table.
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
