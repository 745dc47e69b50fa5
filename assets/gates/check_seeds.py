"""Runs the gates on the seeds in memory, for `closedloop check`.

Writes nothing, does not import Dagster.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from assets.core.size import Size
from assets.core.step import ancestors, in_order
from assets.gates import cut_short
from assets.gates.evaluate import evaluate
from assets.gates.result import GateResult
from assets.raw import reader
from assets.staging import typed
from assets.warehouse.in_memory import InMemory

SEED_STEPS = {s.name: s for s in (*reader.STEPS, *typed.STEPS)}


def check_seeds(
    seeds: Path,
    rows_published: Mapping[str, int] | None = None,
    size: Size | None = None,
    macros: Mapping[str, str] | None = None,
    published: Path | None = None,
) -> tuple[list[GateResult], InMemory]:
    """Run every gate on the seeds; a table is skipped if one that it reads was refused, so each error is reported once.

    `rows_published` are the rows per table of the publication with which the seeds are compared, `published` is its
    file; `macros` are those that a later SELECT on the tables uses.
    """
    memory = InMemory(seeds, rows_published, size, macros)
    results: list[GateResult] = []
    for step in in_order(SEED_STEPS):
        if all(need in memory.frames for need in ancestors(step.name, SEED_STEPS)):
            built = step.build(memory)
            if step.table.stage == "raw" and published:
                name = step.table.name
                built = cut_short.judged(built, name, published, memory.rows_published(f"staging.{name}"))
            gate = evaluate(step.table, built.frame, memory, built.problems)
            results.append(gate)
            if gate.is_passed:
                memory.keep(step.name, built.frame)
    return results, memory
