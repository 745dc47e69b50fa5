"""Tables of a ledger in memory, built by the steps of the warehouse, without Dagster and without a file.

The tables that a test requests are built with their ancestors; no others are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from unittest import mock

import polars as pl

from assets.catalog import STATEMENTS, STEPS
from assets.core.column_rules import derived_rules
from assets.core.size import in_chunks
from assets.core.step import Inputs, Step, ancestors, in_order
from assets.core.table import Table
from assets.gates import evaluate as gates
from assets.gates import messages
from assets.gates.evaluate import evaluate
from assets.gates.result import GateResult
from assets.warehouse.in_memory import InMemory


class Ledger(InMemory):
    """Tables in memory, each of which can be replaced; they also serve as the last publication."""

    def __init__(self, seeds: Path) -> None:
        super().__init__(seeds, macros=STATEMENTS)

    def put(self, table: Table, frame: pl.DataFrame) -> None:
        """Make a frame the table, replacing any other."""
        self._connection.execute(f"drop table if exists {table.full_name}")
        self.keep(table.full_name, frame)

    def make(self, step: Step) -> pl.DataFrame:
        """Build a table from the existing ones, without its gate."""
        self.put(step.table, step.build(self).frame)
        return self.frames[step.name]

    def complete(self, *names: str) -> Ledger:
        """Build the missing ancestors of these tables, then the tables, without gates."""
        for step in steps_to(*names):
            if step.name not in self.frames:
                self.make(step)
        return self

    def rows_published(self, name: str) -> int | None:
        return self.frames[name].height if name in self.frames else None


class Given(Inputs):
    """Inputs with these tables; others come from `otherwise`, if given."""

    seeds = Path()

    def __init__(self, frames: Mapping[str, pl.DataFrame], otherwise: Inputs | None = None) -> None:
        self.frames, self.otherwise = dict(frames), otherwise

    def read(self, name: str) -> pl.DataFrame:
        if name in self.frames or self.otherwise is None:
            return self.frames[name]
        return self.otherwise.read(name)

    def chunks(self, name: str, columns: Sequence[str] = ()) -> Iterator[pl.DataFrame]:
        return in_chunks(self.read(name), columns)

    def query(self, sql: str, parameters: object = None, candidate: object = None) -> pl.DataFrame:
        if self.otherwise is None:
            raise NotImplementedError(sql)
        return self.otherwise.query(sql, parameters, candidate)

    def select(self, sql: str) -> Iterator[pl.DataFrame]:
        raise NotImplementedError(sql)

    def rows_published(self, name: str) -> None:
        del name


def steps_to(*names: str) -> tuple[Step, ...]:
    """The steps of these tables and of their ancestors, in order."""
    return in_order({n: STEPS[n] for name in names for n in (*ancestors(name, STEPS), name)})


def of_stage(*stages: str) -> list[str]:
    """The tables of these stages."""
    return [name for name, step in STEPS.items() if step.table.stage in stages]


def build(seeds: Path, *names: str) -> Ledger:
    """These tables with their ancestors, or all tables if none is named, without gates."""
    ledger = Ledger(seeds)
    for step in steps_to(*(names or STEPS)):
        ledger.make(step)
    return ledger


def build_through_gates(seeds: Path, *names: str) -> Ledger:
    """These tables with their ancestors, or all tables if none is named, each through its gate.

    Errors: AssertionError with the text of the refusal.
    """
    ledger = Ledger(seeds)
    for step in steps_to(*(names or STEPS)):
        built = step.build(ledger)
        gate = evaluate(step.table, built.frame, ledger, built.problems)
        assert gate.is_passed, "\n".join([step.name, *messages.lines(gate)])
        ledger.keep(step.name, built.frame)
    return ledger


def refused(table: Table, frame: pl.DataFrame, inputs: Inputs) -> set[str]:
    """The names of the error rules that refuse a frame."""
    result: GateResult = evaluate(table, frame, inputs)
    assert result.results
    return {r.rule for r in result.refusals}


@contextmanager
def polars_alone() -> Iterator[None]:
    """Gates without Great Expectations, which gives the same verdicts and takes most of the time.

    `tests.unit.gates.test_gx_suite` proves that it refuses independently, for every form of rule.
    """
    with mock.patch.object(gates, "great_expectations_accepts", lambda _t, rules, *_: {r.name: True for r in rules}):
        yield


@contextmanager
def asking_only(*names: str) -> Iterator[None]:
    """Gates with only these rules of a contract."""
    with mock.patch.object(gates, "derived_rules", lambda t: tuple(r for r in derived_rules(t) if r.name in names)):
        yield


def refused_by(table: Table, frame: pl.DataFrame, inputs: Inputs, *names: str) -> set[str]:
    """The rules among these that refuse a frame, by their own search for offenders if they have one."""
    with ExitStack() as gate:
        gate.enter_context(asking_only(*names))
        if not {"columns", "row_count"} & set(names):
            gate.enter_context(polars_alone())
        results = evaluate(table, frame, inputs).results
    assert {r.rule for r in results} == set(names), results
    return {r.rule for r in results if not r.is_passed}


def changed(frame: pl.DataFrame, where: pl.Expr, **values: object) -> pl.DataFrame:
    """The frame with other values in the first matching row."""
    index = frame.with_row_index("index").filter(where)["index"][0]
    is_it = pl.int_range(pl.len()) == index
    return frame.with_columns(
        pl.when(is_it).then(pl.lit(v, frame.schema[c])).otherwise(pl.col(c)).alias(c) for c, v in values.items()
    )
