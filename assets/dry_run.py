"""The gates on the seeds only, in memory: what `closedloop check` runs.

Writes nothing, imports neither Dagster nor DuckDB.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import polars as pl

from assets import raw, staging
from assets.fleet import Fleet, Here
from assets.gates import GateResult, evaluate
from assets.parts import Frame, whole
from assets.steps import Step, ancestors, in_chunks, in_order

SEED_STEPS = {s.name: s for s in (*raw.STEPS, *staging.STEPS)}


class Memory:
    """The inputs of the builders, held in memory."""

    def __init__(self, seeds: Path, rows_published: Mapping[str, int]) -> None:
        self.seeds = seeds
        self.fleet: Fleet = Here()
        self.draws: int | None = None
        self.frames: dict[str, pl.DataFrame] = {}
        self._rows_published = rows_published

    def read(self, name: str) -> pl.DataFrame:
        """The frame of a table that passed its gate.

        Errors: KeyError when it was not built.
        """
        return self.frames[name]

    def chunks(self, name: str, columns: Sequence[str] = ()) -> Iterator[pl.DataFrame]:
        """The rows of a table in frames."""
        return in_chunks(self.read(name), columns)

    def query(
        self, sql: str, parameters: Mapping[str, object] | None = None, candidate: Frame | None = None
    ) -> pl.DataFrame:
        """Not to be had without a build file."""
        del parameters, candidate
        message = f"a dry run has no tables to query: {sql[:60]}"
        raise NotImplementedError(message)

    def select(self, sql: str) -> Iterator[pl.DataFrame]:
        """Not to be had without a build file."""
        yield self.query(sql)

    def new_folder(self) -> Path:
        """Nothing is written in a dry run."""
        message = "a dry run builds no table in parts"
        raise NotImplementedError(message)

    def told(self, text: str) -> None:
        """Nobody waits."""

    def rows_published(self, name: str) -> int | None:
        """Rows of a table in the publication that was given, if one was."""
        return self._rows_published.get(name)


def check_seeds(
    seeds: Path, told: Callable[[Step], None] = lambda _step: None, rows_published: Mapping[str, int] | None = None
) -> tuple[list[GateResult], Memory]:
    """Run every gate on the seeds; a table whose ground was refused is left out, so that no mistake is told twice.

    `rows_published` are the rows per table of the publication with which the seeds are compared.
    """
    memory = Memory(seeds, rows_published or {})
    results: list[GateResult] = []
    for step in in_order(SEED_STEPS):
        told(step)
        if all(need in memory.frames for need in ancestors(step.name, SEED_STEPS)):
            built = step.build(memory)
            gate = evaluate(step.table, built.frame, memory, built.problems)
            results.append(gate)
            if gate.is_passed:
                memory.frames[step.name] = whole(built.frame)
    return results, memory
