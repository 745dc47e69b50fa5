"""The size of a ledger that may be too large to be held: tables in parts, and machines that share the work.

What is chosen by size is chosen here: a small ledger is built as `assets.steps.Small` builds it, row by row the same.
Not here: how a table is cut (`assets.scale.partitioned_table`), who works (`assets.scale.executors`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import count
from pathlib import Path

import polars as pl

from assets.scale import partitioned_table
from assets.scale.executors import ReportingExecutor
from assets.steps import Executor, Frame, Inputs, Local, Way, Work
from assets.warehouse import scratch
from assets.warehouse.disk import make_folder
from assets.warehouse.paths import Paths


class Large:
    """Tables of any size of one warehouse, built by some workers."""

    def __init__(self, paths: Paths, workers: Executor | None = None) -> None:
        self.workers = workers or Local()
        self._folder = paths.parts
        self._mode = scratch.PRIVATE if self._folder.parent == paths.published.parent else scratch.USUAL
        self._numbers = count(1)
        self._listener: Callable[[str], None] = _nobody

    @property
    def executor(self) -> Executor:
        """The workers; who waits hears how far they are."""
        return ReportingExecutor(self.workers, self.told)

    def by_rows(self, work: Work, inputs: Inputs, name: str, **beside: pl.DataFrame) -> Frame:
        """What the work makes of the rows of a table: a frame of few rows, else parts."""
        pieces = partitioned_table.slices(inputs.chunks(name))
        return partitioned_table.built(work, pieces, self, **beside)

    def collected(self, rows: Iterable[pl.DataFrame]) -> Frame:
        """The table of some frames that follow one another: a frame if it is one, else parts."""
        return partitioned_table.gathered(rows, self)

    def way(self, ordinary: Way) -> Way:
        """The function that does what the ordinary function does, in bounded time and memory."""
        return ordinary

    def listen(self, listener: Callable[[str], None]) -> None:
        """Who hears from now on how far the work is."""
        self._listener = listener

    def told(self, text: str) -> None:
        """Hear how far the work is."""
        self._listener(text)

    def new_folder(self) -> Path:
        """An empty folder for the parts of one table; it goes when the table is committed, or with `clear`."""
        if not scratch.is_marked(self._folder):
            scratch.fresh(self._folder, self._mode, partitioned_table.OPTION)
        folder = self._folder / str(next(self._numbers))
        make_folder(folder, partitioned_table.OPTION)
        return folder

    def clear(self) -> None:
        """Remove the parts that were left.

        Errors: EnvironmentFailure when what has the name of the folder is not ours.
        """
        scratch.remove(self._folder, scratch.is_part, partitioned_table.OPTION)


def _nobody(text: str) -> None:
    """Nobody waits."""
    del text
