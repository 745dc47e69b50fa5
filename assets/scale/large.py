"""The size of a ledger that may be too large to be held: tables in parts, and machines that share the work.

What is chosen by size is chosen here: a small ledger is built as `assets.core.size.Small` builds it, row by row the
same.
Not here: how a table is cut (`assets.scale.partitioned_table`), who works (`assets.scale.executors`), what takes the
place of an ordinary function (the modules of `WAYS`).
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Mapping
from itertools import count
from pathlib import Path
from typing import Any

import polars as pl

from assets.core.paths import Paths
from assets.core.size import Executor, Frame, Local, Reader, Way, Work, every_day
from assets.finance.quantiles import exactly
from assets.gates.gx_suite import InPandas
from assets.metrics import simulation_inputs
from assets.scale import partitioned_table
from assets.scale.executors import ReportingExecutor
from assets.scale.gate_in_sql import place_of
from assets.scale.reported_days import days_reported
from assets.scale.simulation_scope import largest_of
from assets.scale.sketch import by_number
from assets.warehouse import scratch
from assets.warehouse.disk import make_folder

WAYS: Mapping[Callable[..., Any], Any] = {
    every_day: days_reported,
    exactly: by_number,
    InPandas: place_of,
    simulation_inputs.ledger_of: largest_of,
}
"""What takes the place of an ordinary function: called alike, with the same answer as long as a ledger is small."""


class Large:
    """Tables of any size of one warehouse, or without one, built by some workers."""

    def __init__(self, paths: Paths | None = None, workers: Executor | None = None) -> None:
        self.workers = workers or Local()
        self._paths = paths
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        self._numbers = count(1)
        self._listener: Callable[[str], None] = _nobody

    @property
    def executor(self) -> Executor:
        """The workers; who waits hears how far they are."""
        return ReportingExecutor(self.workers, self.report)

    def by_rows(self, work: Work, inputs: Reader, name: str, **beside: pl.DataFrame) -> Frame:
        """What the work makes of the rows of a table: a frame of few rows, else parts."""
        pieces = partitioned_table.slices(inputs.chunks(name))
        return partitioned_table.built(work, pieces, self, **beside)

    def collected(self, rows: Iterable[pl.DataFrame]) -> Frame:
        """The table of some frames that follow one another: a frame if it is one, else parts."""
        return partitioned_table.gathered(rows, self)

    def way(self, ordinary: Way) -> Way:
        """The function of `WAYS` in place of an ordinary one; the ordinary one, if it has none there."""
        found: Way = WAYS.get(ordinary, ordinary)
        return found

    def listen(self, listener: Callable[[str], None]) -> None:
        """Who hears from now on how far the work is."""
        self._listener = listener

    def report(self, text: str) -> None:
        """Hear how far the work is."""
        self._listener(text)

    def new_folder(self) -> Path:
        """An empty folder for the parts of one table; it goes when the table is committed, or with `clear`."""
        folder = self._of_parts() / str(next(self._numbers))
        make_folder(folder, partitioned_table.OPTION)
        return folder

    def _of_parts(self) -> Path:
        """The folder of all parts: that of the warehouse, or one that goes with this process at the latest."""
        if self._paths is None:
            self._temporary = self._temporary or tempfile.TemporaryDirectory(prefix="closedloop_parts_")
            return Path(self._temporary.name)
        folder = self._paths.parts
        if not scratch.is_marked(folder):
            is_shared = folder.parent != self._paths.published.parent
            scratch.fresh(folder, scratch.USUAL if is_shared else scratch.PRIVATE, partitioned_table.OPTION)
        return folder

    def clear(self) -> None:
        """Remove the parts that were left.

        Errors: EnvironmentFailure when what has the name of the folder is not ours.
        """
        if self._paths is not None:
            scratch.remove(self._paths.parts, scratch.is_part, partitioned_table.OPTION)
        if self._temporary is not None:
            self._temporary.cleanup()
            self._temporary = None


def _nobody(text: str) -> None:
    """Nobody waits."""
    del text
