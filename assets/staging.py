"""staging: the seeds typed, every cell either its type or unknown.

Not here: what the values must be (`assets.contracts.staging`), and any arithmetic (`assets.facts`).
"""

from __future__ import annotations

import re

import polars as pl

from assets.contracts.model import Kind, Problem, Table
from assets.contracts.staging import TABLES
from assets.steps import Built, Inputs, Step

RULE = "parsable"
FORMS: dict[Kind, str] = {
    "number": r"^-?[0-9]+(\.[0-9]+)?$",
    "integer": r"^-?[0-9]+$",
    "date": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
    "flag": r"^(true|false)$",
}
ADVICE: dict[Kind, str] = {
    "number": "write digits with an optional decimal point",
    "integer": "write a whole number",
    "date": "write a day that exists as YYYY-MM-DD",
    "flag": "write true or false",
}
MULTIPLES = {
    "k": 1e3,
    "thousand": 1e3,
    "m": 1e6,
    "mn": 1e6,
    "million": 1e6,
    "b": 1e9,
    "bn": 1e9,
    "billion": 1e9,
}
MULTIPLES |= {"t": 1e12, "tn": 1e12, "trillion": 1e12, "": 1.0, "%": 0.01}


def typed(raw: pl.DataFrame, table: Table) -> Built:
    """Give every cell its type; an empty cell is unknown, a cell that cannot be read is a problem for the gate.

    Grain: the rows of the raw table, in their order.
    """
    kinds = {c.name: c.kind for c in table.columns if c.name != "source_line"}
    parsed = raw.with_columns(_parse(name, kind) for name, kind in kinds.items())
    problems: list[Problem] = []
    for name, kind in kinds.items():
        if kind == "text":
            continue
        unread = raw.filter((raw[name] != "") & parsed[name].is_null()).select("source_line", name)
        problems += [Problem(RULE, line, name, value, advice(value, kind)) for line, value in unread.iter_rows()]
    return Built(table.conform(parsed), problems)


def _parse(name: str, kind: Kind) -> pl.Expr:
    cell = pl.col(name)
    if kind == "text":
        return pl.when(cell != "").then(cell)
    well_formed = pl.when(cell.str.contains(FORMS[kind])).then(cell)
    match kind:
        case "date":
            return well_formed.str.to_date("%Y-%m-%d", strict=False)
        case "flag":
            return well_formed == "true"
        case "integer":
            return well_formed.cast(pl.Int64, strict=False)
        case _:
            return well_formed.cast(pl.Float64, strict=False)


def advice(value: str, kind: Kind) -> str:
    """How to write the value: what was probably meant, where that can be told."""
    amount = re.fullmatch(r"\s*(?:USD|US\$|[$€£])?\s*(-?[0-9][0-9,_ ]*(?:\.[0-9]+)?)\s*([a-zA-Z%]*)\.?\s*", value)
    if kind in {"number", "integer"} and amount and amount[2].lower() in MULTIPLES:
        plain = float(re.sub(r"[,_ ]", "", amount[1])) * MULTIPLES[amount[2].lower()]
        return f"{ADVICE[kind]}: {plain:.10f}".rstrip("0").rstrip(".")
    return ADVICE[kind]


def _step(table: Table) -> Step:
    source = f"raw.{table.name}"

    def build(inputs: Inputs) -> Built:
        return typed(inputs.read(source), table)

    return Step(table, (source,), build)


STEPS = tuple(_step(table) for table in TABLES)
