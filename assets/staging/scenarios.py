"""staging.scenarios: the assumed outcomes of the promises."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from assets.core import fields
from assets.core.columns import text
from assets.core.rule import Advice, Read, Rule
from assets.core.vocabulary import VOCABULARIES
from assets.staging.columns import PERCENT, seed

PARAMETERS = tuple(VOCABULARIES["scenario_parameter"])


def _incomplete(frame: pl.DataFrame, _read: Read) -> pl.Series:
    """The first row of each scenario that lacks a parameter."""
    known = pl.col("parameter").filter(pl.col("parameter").is_in(PARAMETERS)).n_unique().over("scenario_id")
    is_first = pl.int_range(pl.len()).over("scenario_id") == 0
    return frame.select((known < len(PARAMETERS)) & is_first & pl.col("scenario_id").is_not_null()).to_series()


def _parameters_missing(row: Mapping[str, Any], frame: pl.DataFrame, _read: Read) -> Advice:
    found = frame.filter(pl.col("scenario_id") == row["scenario_id"])["parameter"].to_list()
    missing = [p for p in PARAMETERS if p not in found]
    return Advice(f"add to scenario {row['scenario_id']}: {', '.join(missing)}", ("scenario_id",))


def _beyond_one(frame: pl.DataFrame, _read: Read) -> pl.Series:
    share = pl.col("parameter").str.contains(r"^(p_|is_|up_to)")
    return frame.select((share & (pl.col("value") > 1)).fill_null(value=False)).to_series()


def _as_fraction(row: Mapping[str, Any], _frame: pl.DataFrame, _read: Read) -> Advice:
    return Advice(f"write a fraction: {row['value']:g} % is {row['value'] / PERCENT:g}", ("value",))


SCENARIOS = seed(
    "scenarios",
    "Assumptions about the promises, per scenario.",
    "one row per scenario and parameter",
    ("scenario_id", "parameter"),
    (
        fields.here("scenario_id"),
        text("parameter", "what the value sets", required=True, vocabulary="scenario_parameter"),
        fields.here("value", required=True, at_least=0, at_most=100),
        *fields.of("unit", "reason", "source"),
    ),
    (
        Rule(
            "complete_scenarios",
            ("scenario_id", "parameter"),
            "every scenario needs a value for every parameter",
            "add the missing rows: one per scenario and parameter",
            offends=_incomplete,
            advise=_parameters_missing,
        ),
        Rule(
            "probabilities",
            ("parameter", "value"),
            "a probability or share lies between 0 and 1",
            "write 0.3 for 30 %",
            offends=_beyond_one,
            advise=_as_fraction,
        ),
    ),
)
