"""Gives a seed its types: every cell becomes a value of its type, or null.

Not here: rules for the values (the modules of the seeds), guesses at the intended value (`assets.core.suggestions`),
arithmetic (`assets.facts`).
"""

from __future__ import annotations

import polars as pl

from assets.core import suggestions
from assets.core.rule import Problem
from assets.core.step import Built, Inputs, Step
from assets.core.table import WRITTEN_FORMS, Kind, Table
from assets.staging.seeds import TABLES

RULE = "parsable"


def typed(raw: pl.DataFrame, table: Table) -> Built:
    """Give every cell its type; an empty cell is null, an unreadable cell is a problem for the gate.

    Grain: the rows of the raw table, in their order.
    """
    kinds = {c.name: c.kind for c in table.columns if c.name != "source_line"}
    parsed = raw.with_columns(_parse(name, kind) for name, kind in kinds.items())
    problems: list[Problem] = []
    for name, kind in kinds.items():
        if kind == "text":
            continue
        is_required = table.column(name).required
        unread = raw.filter((raw[name] != "") & parsed[name].is_null()).select("source_line", name)
        problems += [
            Problem(RULE, line, name, value, suggestions.cell(value, kind, required=is_required))
            for line, value in unread.iter_rows()
        ]
    return Built(table.conform(parsed), sorted(problems, key=lambda p: p.line))


def _parse(name: str, kind: Kind) -> pl.Expr:
    cell = pl.col(name)
    if kind == "text":
        return pl.when(cell != "").then(cell)
    well_formed = pl.when(cell.str.contains(WRITTEN_FORMS[kind])).then(cell)
    match kind:
        case "date":
            return well_formed.str.to_date("%Y-%m-%d", strict=False)
        case "flag":
            return well_formed == "true"
        case "integer":
            return well_formed.cast(pl.Int64, strict=False)
        case _:
            return well_formed.cast(pl.Float64, strict=False)


def _step(table: Table) -> Step:
    source = f"raw.{table.name}"

    def build(inputs: Inputs) -> Built:
        return typed(inputs.read(source), table)

    return Step(table, (source,), build)


STEPS = tuple(_step(table) for table in TABLES)
