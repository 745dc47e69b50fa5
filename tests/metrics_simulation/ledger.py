"""The real seeds in memory: every table up to the facts, built without gates, in a second or two."""

from pathlib import Path

import polars as pl

from assets import facts, raw, staging
from assets.contracts.model import Table
from assets.gates import GateResult, evaluate
from assets.steps import Inputs, Step, in_order
from assets.warehouse.in_memory import InMemory

SEEDS = Path(__file__).resolve().parents[2] / "seeds"


class Ledger(InMemory):
    """Tables in memory, each of which may be put again."""

    def __init__(self) -> None:
        super().__init__(SEEDS)

    def put(self, table: Table, frame: pl.DataFrame) -> None:
        self.keep(table.full_name, frame)

    def make(self, step: Step) -> pl.DataFrame:
        self.put(step.table, step.build(self).frame)
        return self.frames[step.name]


class Without:
    """The ledger with other frames for some tables."""

    def __init__(self, inputs: Inputs, frames: dict[str, pl.DataFrame]) -> None:
        self.inputs, self.frames, self.seeds = inputs, frames, SEEDS

    def read(self, name: str) -> pl.DataFrame:
        return self.frames[name] if name in self.frames else self.inputs.read(name)

    def query(self, sql: str, parameters=None, candidate=None) -> pl.DataFrame:
        return self.inputs.query(sql, parameters, candidate)


def real_ledger() -> Ledger:
    ledger = Ledger()
    for step in in_order({s.name: s for s in (*raw.STEPS, *staging.STEPS, *facts.STEPS)}):
        ledger.make(step)
    return ledger


def refused(table: Table, frame: pl.DataFrame, inputs: Inputs) -> set[str]:
    """The names of the error rules that refuse a frame."""
    result: GateResult = evaluate(table, frame, inputs)
    assert result.results
    return {r.rule for r in result.refusals}


def changed(frame: pl.DataFrame, where: pl.Expr, **values: object) -> pl.DataFrame:
    """The frame with other values in the first row that fits."""
    index = frame.with_row_index("index").filter(where)["index"][0]
    is_it = pl.int_range(pl.len()) == index
    return frame.with_columns(
        pl.when(is_it).then(pl.lit(v, frame.schema[c])).otherwise(pl.col(c)).alias(c) for c, v in values.items()
    )
