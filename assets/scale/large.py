"""The size of a ledger that may exceed memory: tables in parts, and machines that share the work.

All choices by size are made here. For a small ledger the rows equal those of `assets.core.size.Small`.
Not here: splitting a table (`assets.scale.partitioned_table`), executors (`assets.scale.executors`), substitutes of
ordinary functions (the modules of `WAYS`).
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
"""Substitutes of ordinary functions: the same signature, and the same result for a small ledger."""


class Large:
    """Tables of any size, with or without a warehouse, built by an executor."""

    def __init__(self, paths: Paths | None = None, workers: Executor | None = None) -> None:
        self.workers = workers or Local()
        self._paths = paths
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        self._numbers = count(1)
        self._listener: Callable[[str], None] = _nobody

    @property
    def executor(self) -> Executor:
        """The executor, which reports progress to the listener."""
        return ReportingExecutor(self.workers, self.report)

    def by_rows(self, work: Work, inputs: Reader, name: str, **beside: pl.DataFrame) -> Frame:
        """Apply the work to the rows of a table: a frame if there are few rows, else parts."""
        pieces = partitioned_table.slices(inputs.chunks(name))
        return partitioned_table.built(work, pieces, self, **beside)

    def collected(self, rows: Iterable[pl.DataFrame]) -> Frame:
        """Join consecutive frames into one table: a frame if there is one, else parts."""
        return partitioned_table.gathered(rows, self)

    def way(self, ordinary: Way) -> Way:
        """The substitute of a function in `WAYS`; the function itself if it has none."""
        found: Way = WAYS.get(ordinary, ordinary)
        return found

    def listen(self, listener: Callable[[str], None]) -> None:
        """Set the listener for progress."""
        self._listener = listener

    def report(self, text: str) -> None:
        """Report progress to the listener."""
        self._listener(text)

    def new_folder(self) -> Path:
        """An empty folder for the parts of one table; it is removed when the table is committed, or by `clear`."""
        folder = self._of_parts() / str(next(self._numbers))
        make_folder(folder, partitioned_table.OPTION)
        return folder

    def _of_parts(self) -> Path:
        """The folder of all parts: that of the warehouse, or a temporary one of this process."""
        if self._paths is None:
            self._temporary = self._temporary or tempfile.TemporaryDirectory(prefix="closedloop_parts_")
            return Path(self._temporary.name)
        folder = self._paths.parts
        if not scratch.is_marked(folder):
            is_shared = folder.parent != self._paths.published.parent
            scratch.fresh(folder, scratch.USUAL if is_shared else scratch.PRIVATE, partitioned_table.OPTION)
        return folder

    def clear(self) -> None:
        """Remove leftover parts.

        Errors: EnvironmentFailure if a folder of this name is not ours.
        """
        if self._paths is not None:
            scratch.remove(self._paths.parts, scratch.is_part, partitioned_table.OPTION)
        if self._temporary is not None:
            self._temporary.cleanup()
            self._temporary = None


def _nobody(text: str) -> None:
    """The default listener: ignores progress."""
    del text
