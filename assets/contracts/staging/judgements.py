"""Judgements that have a number, scenarios, and the claims that are measured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from assets import advice
from assets.contracts import rules
from assets.contracts.model import Advice, Column, Read, Rule
from assets.contracts.staging.columns import NOTE, QUALIFIER, SOURCE, identifier, reference, seed
from assets.contracts.vocabulary import VOCABULARIES

PARAMETERS = tuple(VOCABULARIES["scenario_parameter"])
ASSUMED = tuple(VOCABULARIES["assumption"])
PERCENT = 100


def _incomplete(frame: pl.DataFrame, _read: Read) -> pl.Series:
    """The first row of every scenario that lacks a parameter."""
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
    "What is assumed to become of the promises, per scenario.",
    "one row per scenario and parameter",
    ("scenario_id", "parameter"),
    (
        Column("scenario_id", "text", "", "the scenario", required=True, vocabulary="scenario"),
        Column("parameter", "text", "", "what the value sets", required=True, vocabulary="scenario_parameter"),
        Column("value", "number", "mixed", "the value", required=True, at_least=0, at_most=100),
        Column("unit", "text", "", "unit of the value", required=True),
        Column("reason", "text", "", "why this value", required=True),
        Column("source", "text", "", "where the value comes from", required=True),
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


def _misspelt(frame: pl.DataFrame) -> tuple[dict[str, str], list[str]]:
    """Rows that nothing reads, with the missing assumption that they resemble; and what is missing besides."""
    names = frame["assumption_id"].drop_nulls().to_list()
    missing = [a for a in ASSUMED if a not in names]
    near = {n: advice.nearest(n, missing) for n in names if missing and n not in ASSUMED}
    meant = {n: a for n, a in near.items() if a}
    return meant, [a for a in missing if a not in meant.values()]


def _incomplete_assumptions(frame: pl.DataFrame, _read: Read) -> pl.Series:
    """The misspelt rows; the last row, after which to add, where something is missing besides."""
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
        identifier("assumption_id", "short name of the assumption"),
        Column("value", "number", "mixed", "the value", required=True),
        Column("unit", "text", "", "unit of the value", required=True),
        Column("reason", "text", "", "why this value", required=True),
        Column("source", "text", "", "where the value comes from", required=True),
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

CLAIMS = seed(
    "claims",
    "The measurable sentences of the founding article.",
    "one row per claim",
    ("claim_id",),
    (
        identifier("claim_id", "short name of the claim"),
        SOURCE,
        Column("paragraph", "integer", "", "paragraph of the article", at_least=1),
        reference("subject", "entities", "entity_id", "whom it is about", required=True),
        Column("statement", "text", "", "the claim in a sentence", required=True),
        Column("measure", "text", "", "what is measured in the ledger", required=True),
        QUALIFIER,
        Column("expected_low", "number", "mixed", "lower bound of the claim, in its unit"),
        Column("expected_value", "number", "mixed", "figure of the claim, in its unit"),
        Column("expected_high", "number", "mixed", "upper bound of the claim, in its unit"),
        Column("unit", "text", "", "unit of the claim", required=True, vocabulary="claim_unit"),
        Column("as_of", "date", "day", "day on which it is measured", required=True),
        NOTE,
    ),
    (
        rules.known_from_plausible("as_of"),
        rules.ordered_bounds("expected_low", "expected_value", "expected_high"),
    ),
)
