"""All tables of a ledger, built in memory by the steps of the warehouse: neither Dagster nor a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb
import polars as pl

from assets import refusals, registry, sqlfiles
from assets.gates import evaluate
from assets.steps import in_order


class Ledger:
    """The inputs of the builders and gates; every table that was built."""

    def __init__(self, seeds: Path) -> None:
        self.seeds = seeds
        self.frames: dict[str, pl.DataFrame] = {}
        self._connection = duckdb.connect()
        self._macros = {name: sqlfiles.text("macros", name) for name in sqlfiles.names("macros")}

    def read(self, name: str) -> pl.DataFrame:
        return self.frames[name]

    def query(
        self, sql: str, parameters: Mapping[str, object] | None = None, candidate: pl.DataFrame | None = None
    ) -> pl.DataFrame:
        for name in [n for n in self._macros if f"{n}(" in sql]:
            self._connection.execute(self._macros.pop(name))
        if candidate is not None:
            self._connection.register("candidate", candidate)
        return pl.DataFrame(self._connection.sql(sql, params=dict(parameters) if parameters else None))

    def rows_published(self, name: str) -> int | None:
        return self.frames[name].height if name in self.frames else None

    def keep(self, name: str, frame: pl.DataFrame) -> None:
        schema, _, table = name.partition(".")
        self._connection.register("incoming", frame)
        self._connection.execute(
            f"create schema if not exists {schema}; create table {schema}.{table} as from incoming"
        )
        self._connection.unregister("incoming")
        self.frames[name] = frame


class Nothing:
    """Inputs that hold no table."""

    def read(self, name: str) -> pl.DataFrame:
        raise KeyError(name)

    def query(self, sql: str, parameters: object = None, candidate: object = None) -> pl.DataFrame:
        raise NotImplementedError(sql, parameters, candidate)

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
