"""staging.assumptions: every assumed figure, with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from assets.core import fields, suggestions
from assets.core.columns import text
from assets.core.rule import Advice, Read, Rule
from assets.core.vocabulary import VOCABULARIES
from assets.staging.columns import ID, PERCENT, seed

ASSUMED = tuple(VOCABULARIES["assumption"])


def _misspelt(frame: pl.DataFrame) -> tuple[dict[str, str], list[str]]:
    """Unknown ids that resemble a missing assumption, with that assumption; and the other missing assumptions."""
    names = frame["assumption_id"].drop_nulls().to_list()
    missing = [a for a in ASSUMED if a not in names]
    near = {n: suggestions.nearest(n, missing) for n in names if missing and n not in ASSUMED}
    meant = {n: a for n, a in near.items() if a}
    return meant, [a for a in missing if a not in meant.values()]


def _incomplete_assumptions(frame: pl.DataFrame, _read: Read) -> pl.Series:
    """The misspelt rows; and the last row, after which to add rows, if other assumptions are missing."""
    meant, missing = _misspelt(frame)
    is_last = pl.int_range(frame.height, eager=True) == frame.height - 1
    return frame["assumption_id"].is_in(list(meant)).fill_null(value=False) | (is_last & bool(missing))


def _assumptions_missing(row: Mapping[str, Any], frame: pl.DataFrame, _read: Read) -> Advice:
    meant, missing = _misspelt(frame)
    if name := meant.get(row["assumption_id"]):
        return Advice(f"did you mean {name}? It is missing, and {row['assumption_id']} is read by nothing")
    return Advice("; ".join(f"add a row for {a}: {VOCABULARIES['assumption'][a]}" for a in missing))


def _implausible(frame: pl.DataFrame, _read: Read) -> pl.Series:
    share = pl.col("unit").str.starts_with("fraction")
    outside = pl.when(share).then(pl.col("value").abs() > 1).otherwise(pl.col("value") < 0)
    return frame.select(outside.fill_null(value=False)).to_series()


def _as_assumed(row: Mapping[str, Any], _frame: pl.DataFrame, _read: Read) -> Advice:
    if not (row["unit"] or "").startswith("fraction"):
        return Advice("write a value of at least 0")
    return Advice(f"write a fraction: {row['value']:g} % is {row['value'] / PERCENT:g}")


ASSUMPTIONS = seed(
    "assumptions",
    "Judgements that have a number.",
    "one row per assumption",
    ("assumption_id",),
    (
        text("assumption_id", "short name of the assumption", required=True, pattern=ID),
        fields.here("value", required=True),
        *fields.of("unit", "reason", "source"),
    ),
    (
        Rule(
            "complete_assumptions",
            ("assumption_id",),
            "a judgement that the computation needs is not there",
            "add the missing row, with its reason and source",
            offends=_incomplete_assumptions,
            advise=_assumptions_missing,
        ),
        Rule(
            "plausible_value",
            ("value", "unit"),
            "a fraction lies between -1 and 1, any other judgement is at least 0",
            "write 0.05 for 5 %",
            offends=_implausible,
            advise=_as_assumed,
        ),
    ),
)
