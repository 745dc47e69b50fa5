"""All tables of a ledger, built in memory by the steps of the warehouse: neither Dagster nor a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from assets import refusals, registry
from assets.gates import evaluate
from assets.steps import in_order
from assets.warehouse.in_memory import InMemory


class Ledger(InMemory):
    """Every table that was built, which is also what was published last."""

    def rows_published(self, name: str) -> int | None:
        return self.frames[name].height if name in self.frames else None


class Nothing:
    """Inputs that hold no table."""

    def read(self, name: str) -> pl.DataFrame:
        raise KeyError(name)

    def chunks(self, name: str, columns: Sequence[str] = ()) -> Iterator[pl.DataFrame]:
        raise KeyError(name)

    def query(self, sql: str, parameters: object = None, candidate: object = None) -> pl.DataFrame:
        raise NotImplementedError(sql, parameters, candidate)

    def select(self, sql: str) -> Iterator[pl.DataFrame]:
        raise NotImplementedError(sql)

    def rows_published(self, name: str) -> None:
        return None


def build(seeds: Path) -> Ledger:
    """Every step in its order, no gate asked."""
    ledger = Ledger(seeds)
    for step in in_order(registry.STEPS):
        ledger.keep(step.name, step.build(ledger).frame)
    return ledger


def build_through_gates(seeds: Path) -> Ledger:
    """Every step in its order, each through its gate.

    Errors: AssertionError with the refusal as a person reads it.
    """
    ledger = Ledger(seeds)
    for step in in_order(registry.STEPS):
        built = step.build(ledger)
        gate = evaluate(step.table, built.frame, ledger, built.problems)
        assert gate.is_passed, "\n".join([step.name, *refusals.lines(gate)])
        ledger.keep(step.name, built.frame)
    return ledger
