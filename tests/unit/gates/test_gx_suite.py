"""Negative controls: every form of expectation in use refuses even if our own search for offenders is disabled.

Each is tested in pandas and in SQL, which judges large frames.
"""

from __future__ import annotations

import dataclasses

import polars as pl
import pytest

from assets.core.column_rules import derived_rules
from assets.core.rule import Rule
from assets.core.shared_rules import keeps_rows
from assets.core.table import Column, Table
from assets.gates import evaluate
from assets.gates.gx_suite import InPandas, great_expectations_accepts, has_own_form
from assets.scale.gate_in_sql import InSql
from tests.ledgers.memory import Given
from tests.unit.gates.proof import TABLES, result_of

THINGS = Table(
    "facts",
    "things",
    "Things.",
    "one row per thing and day",
    (
        Column("thing_id", "text", "", "which thing", pattern="^[a-z]+$"),
        Column("day", "date", "day", "which day"),
        Column("share", "number", "fraction", "how much of it", at_least=0, at_most=1),
        Column("state", "text", "", "how it is", vocabulary="severity"),
    ),
    key=("thing_id", "day"),
)

ONE_KEY = dataclasses.replace(THINGS, key=("thing_id",), grain="one row per thing")


def above(limit: float, name: str, **more) -> Rule:
    """A rule that Great Expectations cannot express, so that its verdict is judged."""

    def offends(data, _read):
        return (data["share"] > limit).fill_null(value=False)

    return Rule(name, ("share",), "why", "how", offends=offends, **more)


GOOD = {
    "thing_id": ["a", "b", "c"],
    "day": pl.date_range(pl.date(2025, 1, 1), pl.date(2025, 1, 3), eager=True).to_list(),
    "share": [0.1, 0.2, None],
    "state": ["error", None, "warning"],
}

CONTROLS = {
    ("columns", "ExpectTableColumnsToMatchOrderedList"): (THINGS, "columns", {"renamed": [1, 2, 3]}),
    ("row_count", "ExpectTableRowCountToBeBetween"): (THINGS, "row_count", None),
    ("unique", "ExpectColumnValuesToBeUnique"): (ONE_KEY, "unique_key", {"thing_id": ["a", "a", "c"]}),
    ("unique", "ExpectCompoundColumnsToBeUnique"): (
        THINGS,
        "unique_key",
        {"thing_id": ["a", "a", "c"], "day": [GOOD["day"][0]] * 3},
    ),
    ("in_set", "ExpectColumnValuesToBeInSet"): (THINGS, "vocabulary:state", {"state": ["eror", None, None]}),
    ("between", "ExpectColumnValuesToBeBetween"): (THINGS, "range:share", {"share": [1.5, None, None]}),
    ("pattern", "ExpectColumnValuesToMatchRegex"): (THINGS, "pattern:thing_id", {"thing_id": ["A", "b", "c"]}),
}

IN_SQL = {
    "ExpectColumnValuesToMatchRegex": "UnexpectedRowsExpectation",
    "ExpectColumnValuesToBeUnique": "ExpectTableRowCountToEqual",
    "ExpectCompoundColumnsToBeUnique": "ExpectTableRowCountToEqual",
}
"""Expectations that replace missing or slow ones in SQL."""


def frame(changes):
    if changes is None:
        return pl.DataFrame(GOOD, schema=THINGS.polars_schema).clear()
    schema = THINGS.polars_schema if set(changes) <= set(GOOD) else None
    return pl.DataFrame(GOOD | changes, schema=schema)


@pytest.fixture
def mute(monkeypatch):
    """Rules that never find an offender, so that every refusal comes from Great Expectations."""

    def blind(data, _read):
        return pl.repeat(value=False, n=data.height, eager=True)

    def silent(rule):
        return dataclasses.replace(rule, offends=blind) if rule.offends else rule

    monkeypatch.setattr(evaluate, "derived_rules", lambda table: tuple(silent(r) for r in derived_rules(table)))


@pytest.fixture
def asked(monkeypatch):
    """The expectations that Great Expectations evaluated."""
    import great_expectations as gx

    seen = []
    original = gx.ExpectationSuite

    def suite(**arguments):
        seen.extend(type(e).__name__ for e in arguments["expectations"])
        return original(**arguments)

    monkeypatch.setattr(gx, "ExpectationSuite", suite)
    return seen


@pytest.fixture(params=[InPandas, InSql], ids=["pandas", "SQL"])
def place(request, monkeypatch):
    """Judge frames of any size in pandas, or in SQL."""
    monkeypatch.setattr(Given, "by_size", lambda _self, ordinary: request.param if ordinary is InPandas else ordinary)
    return request.param


@pytest.mark.parametrize("form", CONTROLS, ids=lambda f: f[1])
def test_the_expectation_refuses_on_its_own(form, place, mute, asked):
    table, rule, changes = CONTROLS[form]
    assert evaluate.evaluate(table, frame({}), Given({})).is_passed
    gate = evaluate.evaluate(table, frame(changes), Given({}))
    assert not result_of(gate, rule).is_passed
    assert not gate.is_passed
    assert (IN_SQL.get(form[1], form[1]) if place is InSql else form[1]) in asked


@pytest.mark.parametrize("severity", ["error", "warning"])
def test_the_column_of_verdicts_is_refused_by_great_expectations(severity, place, asked):
    table = THINGS.with_rules([above(0.15, "small", severity=severity)])
    rules = [r for r in derived_rules(table) if r.name == "small"]
    data = frame({})
    verdicts = {"small": ~rules[0].offends(data, None)}
    assert great_expectations_accepts(table, rules, data, verdicts, place) == {"small": False}
    assert asked == ["ExpectColumnValuesToBeInSet"]


@pytest.mark.parametrize(("least", "accepted"), [(3, True), (4, False)])
def test_too_few_rows_kept_are_refused_by_great_expectations(least, accepted, place, asked):
    kept = dataclasses.replace(keeps_rows("error"), native={"type": "kept_rows", "min": least})
    assert great_expectations_accepts(THINGS, [kept], frame({}), {}, place) == {"rows_collapsed": accepted}
    assert asked == ["ExpectTableRowCountToBeBetween"]


def test_every_form_in_use_has_its_control():
    forms = {r.native["type"] for t in TABLES.values() for r in derived_rules(t) if has_own_form(r)}
    assert forms == {form for form, _ in CONTROLS} | {"kept_rows"}


def test_verdicts_of_one_severity_do_not_accuse_the_rules_of_the_other(place):
    table = THINGS.with_rules([above(1, "calm"), above(0.15, "small", severity="warning")])
    gate = evaluate.evaluate(table, frame({}), Given({}))
    assert gate.is_passed
    assert [r.rule for r in gate.warnings] == ["small"]


def test_of_several_rules_in_one_column_of_verdicts_only_the_guilty_one_fails(place):
    gate = evaluate.evaluate(THINGS.with_rules([above(1, "calm"), above(0.15, "small")]), frame({}), Given({}))
    assert [r.rule for r in gate.refusals] == ["small"]
    assert result_of(gate, "small").rows_failed == 1
