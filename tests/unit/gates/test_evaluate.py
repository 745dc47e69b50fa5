"""A gate that evaluated nothing, or crashed, has failed; its results are counted and shown; warnings do not stop."""

from __future__ import annotations

import polars as pl
import pytest

from assets import catalog
from assets.core.column_rules import derived_rules, needs
from assets.core.rule import Advice, Problem, Rule
from assets.core.table import Column, Table
from assets.gates import evaluate as gates
from assets.gates import result
from assets.gates.evaluate import SAMPLES, evaluate
from assets.quality import own_tables
from tests.ledgers.memory import Given, polars_alone
from tests.unit.gates.examples import example
from tests.unit.gates.proof import TABLES, result_of


def table(*rules: Rule, **more) -> Table:
    columns = (
        Column("thing_id", "text", "", "which thing", required=True),
        Column("size_usd", "number", "USD", "how much", at_least=0, at_most=100),
        Column("state", "text", "", "how it is", vocabulary="severity"),
    )
    return Table("staging", "things", "Things.", "one row per thing", columns, key=("thing_id",), rules=rules, **more)


def frame(**columns) -> pl.DataFrame:
    good = {"thing_id": ["a", "b", "c"], "size_usd": [1.0, 2.0, None], "state": ["error", None, "warning"]}
    return pl.DataFrame(good | columns, schema=table().polars_schema)


def above_one(data, _read):
    return (data["size_usd"] > 1).fill_null(value=False)


def rule(**more) -> Rule:
    return Rule("small", ("size_usd",), "things are small", "make it smaller", **({"offends": above_one} | more))


def judge(contract, data, problems=()):
    return evaluate(contract, data, Given({}), problems)


def refused(gate) -> list[str]:
    return [r.rule for r in gate.refusals]


def test_a_good_frame_passes_every_rule():
    gate = judge(table(), frame())
    assert gate.is_passed
    assert [r.rule for r in gate.results] == [r.name for r in derived_rules(table())]
    assert {r.rows_checked for r in gate.results} == {3}


# --- nothing evaluated ----------------------------------------------------------------------------------------------


def test_a_gate_without_a_single_rule_has_failed(monkeypatch):
    monkeypatch.setattr(gates, "derived_rules", lambda _table: ())
    assert not judge(table(), frame()).is_passed


def test_a_rule_that_great_expectations_did_not_answer_has_failed(monkeypatch):
    monkeypatch.setattr(gates, "great_expectations_accepts", lambda *_: {})
    assert not judge(table(), frame()).is_passed


def test_an_empty_frame_is_refused():
    assert refused(judge(table(), frame().clear())) == ["row_count"]


def test_an_empty_frame_passes_only_if_the_contract_gives_a_reason():
    assert judge(table(min_rows=0, may_be_empty_because="there need not be things"), frame().clear()).is_passed


@pytest.mark.parametrize("name", [n for n, t in TABLES.items() if t.min_rows])
def test_no_table_passes_empty_that_may_not_be(name, ledger):
    """Another test proves that its rule on the number of rows refuses; here no other rule may crash before it."""
    with polars_alone():
        gate = evaluate(TABLES[name], example(TABLES[name]).clear(), ledger)
    assert "row_count" in [r.rule for r in gate.results], gate.results


def test_a_column_that_is_empty_throughout_is_refused_if_it_is_required():
    gate = judge(table(), frame(thing_id=[None] * 3))
    found = result_of(gate, "required_values")
    assert (found.is_passed, found.rows_failed) == (False, 3)


def test_a_column_of_no_type_is_refused():
    gate = judge(table(), frame().with_columns(size_usd=pl.lit(None)))
    assert refused(gate) == ["gate_runs"]
    assert "size_usd is Null" in gate.results[0].reason


@pytest.mark.parametrize("kind", [pl.String, pl.Int64, pl.Float32])
def test_a_wrong_type_is_refused_even_if_every_value_fits(kind):
    gate = judge(table(), frame().with_columns(pl.col("size_usd").cast(kind)))
    assert refused(gate) == ["gate_runs"]
    assert f"size_usd is {kind()}" in gate.results[0].reason


@pytest.mark.parametrize(
    "change",
    [
        lambda f: f.drop("state"),
        lambda f: f.with_columns(more=pl.lit(1)),
        lambda f: f.rename({"state": "status"}),
        lambda f: f.select(reversed(f.columns)),
        lambda f: f.select([]),
    ],
    ids=["missing", "extra", "renamed", "another order", "none at all"],
)
def test_other_columns_than_the_contract_are_refused_as_such(change):
    gate = judge(table(rule()), change(frame()))
    found = result_of(gate, "columns")
    assert not found.is_passed
    assert found.samples[0]["expected"] == ["thing_id", "size_usd", "state"]
    assert not gate.is_passed


# --- crashes --------------------------------------------------------------------------------------------------------


def crash(*_):
    raise ZeroDivisionError("the rule divides by nothing")


@pytest.mark.parametrize(
    "offends",
    [
        crash,
        lambda f, _read: f["no_such_column"] > 0,
        lambda f, _read: f["size_usd"],
        lambda f, _read: (f["size_usd"] > 1).head(2),
        lambda _f, read: read("staging.nowhere")["x"] > 1,
    ],
    ids=[
        "raises",
        "asks for another column",
        "answers with numbers",
        "answers for some rows",
        "reads what is not there",
    ],
)
def test_a_rule_that_crashes_fails_the_gate(offends):
    gate = judge(table(Rule("odd", ("size_usd",), "a reason", "a remedy", offends=offends)), frame())
    assert refused(gate) == ["gate_runs"]
    assert not gate.is_passed
    assert gate.results[0].rows_failed == 3


def test_a_rule_that_answers_unknown_fails_the_gate():
    odd = Rule("odd", ("size_usd",), "a reason", "a remedy", offends=lambda f, _read: f["size_usd"] > 1)
    gate = judge(table(odd), frame())
    assert refused(gate) == ["gate_runs"]
    assert "true or false for each of 3 rows" in gate.results[0].reason


def test_great_expectations_crashing_fails_the_gate(monkeypatch):
    monkeypatch.setattr(gates, "great_expectations_accepts", crash)
    gate = judge(table(), frame())
    assert refused(gate) == ["gate_runs"]
    assert "ZeroDivisionError: the rule divides by nothing" in gate.results[0].reason


# --- two judges -----------------------------------------------------------------------------------------------------


def test_offenders_found_by_polars_are_refused_even_if_great_expectations_accepts(monkeypatch):
    monkeypatch.setattr(gates, "great_expectations_accepts", lambda _t, rules, *_: {r.name: True for r in rules})
    gate = judge(table(rule()), frame(size_usd=[1.0, 2.0, 200.0], state=["error", "none", "error"]))
    assert set(refused(gate)) == {"vocabulary:state", "range:size_usd", "small"}


# --- the text of a refusal ------------------------------------------------------------------------------------------


def test_offenders_are_counted_and_the_first_are_shown_with_their_key():
    ids = [f"t{n}" for n in range(10)]
    data = pl.DataFrame(
        {"thing_id": ids, "size_usd": [-1.0] * 7 + [1.0] * 3, "state": [None] * 10}, schema=table().polars_schema
    )
    found = result_of(judge(table(), data), "range:size_usd")
    assert (found.rows_checked, found.rows_failed) == (10, 7)
    assert [s["thing_id"] for s in found.samples] == ids[:SAMPLES]
    assert {s["size_usd"] for s in found.samples} == {-1.0}


def test_only_the_broken_rule_fails():
    assert refused(judge(table(), frame(state=["eror", None, "warning"]))) == ["vocabulary:state"]


def test_a_warning_is_shown_and_does_not_stop():
    gate = judge(table(rule(severity="warning")), frame())
    assert gate.is_passed
    assert [(r.rule, r.rows_failed) for r in gate.warnings] == [("small", 1)]
    assert gate.refusals == ()


def test_a_warning_together_with_an_error_stops():
    gate = judge(table(rule(severity="warning")), frame(state=["eror", None, None]))
    assert refused(gate) == ["vocabulary:state"]
    assert [r.rule for r in gate.warnings] == ["small"]


def test_advice_gives_the_remedy_for_the_row_and_the_wrong_columns():
    def advise(row, _frame, _read):
        return Advice(f"{row['thing_id']} is too large", ("size_usd",))

    wide = Rule("small", ("size_usd", "state"), "why", "how", offends=above_one, advise=advise)
    (sample,) = result_of(judge(table(wide), frame()), "small").samples
    assert sample[result.REMEDY] == "b is too large"
    assert sample[result.AT_FAULT] == ("size_usd",)
    assert "state" not in sample


def test_advice_that_crashes_does_not_hide_the_refusal():
    contract = table(rule(advise=crash))
    (sample,) = result_of(judge(contract, frame()), "small").samples
    assert sample == {"thing_id": "b", "size_usd": 2.0}


def seed_frame() -> tuple[Table, pl.DataFrame]:
    contract = TABLES["staging.cost_per_gw"]
    return contract, example(contract).with_columns(source_line=pl.int_range(2, 5), usd_per_gw=pl.lit(1e9))


def test_problems_of_the_reader_fail_their_rule_with_line_value_and_remedy(ledger):
    contract, data = seed_frame()
    problems = [Problem("parsable", 3, "usd_per_gw", "35bn", "write 35000000000")]
    found = result_of(evaluate(contract, data, ledger, problems), "parsable")
    assert not found.is_passed
    assert found.samples == (
        {
            "source_file": "seeds/cost_per_gw.csv",
            "source_line": 3,
            "usd_per_gw": "35bn",
            result.REMEDY: "write 35000000000",
        },
    )


def test_an_unreadable_cell_is_not_reported_again_as_missing(ledger):
    contract, data = seed_frame()
    data = data.with_columns(known_from=pl.when(pl.col("source_line") != 3).then("known_from"))
    unread = [Problem("parsable", 3, "known_from", "yesterday", "write a day")]
    assert not result_of(evaluate(contract, data, ledger), "required_values").is_passed
    assert result_of(evaluate(contract, data, ledger, unread), "required_values").is_passed
    assert not evaluate(contract, data, ledger, unread).is_passed


# --- contracts and gates --------------------------------------------------------------------------------------------


def test_rules_of_a_table_have_different_names():
    for name, contract in TABLES.items():
        names = [r.name for r in derived_rules(contract)]
        assert len(set(names)) == len(names), name


def test_every_row_rule_can_name_its_offenders_and_every_table_rule_has_a_form():
    for contract in TABLES.values():
        for found in derived_rules(contract):
            form = found.native.get("type")
            if found.scope == "row":
                assert found.offends or form == "problems", f"{contract.full_name}: {found.name}"
            else:
                assert form in {"columns", "row_count", "kept_rows", "reconcile"}, f"{contract.full_name}: {found.name}"


@pytest.mark.parametrize("name", catalog.STEPS)
def test_rules_read_no_other_tables_than_their_step_waits_for(name, ledger):
    step, asked = catalog.STEPS[name], set()

    def read(other):
        asked.add(other)
        return ledger.read(other)

    for found in derived_rules(step.table):
        if found.offends:
            found.offends(ledger.frames[name], read)
    assert asked <= set(needs(step.table)), f"{name} reads {asked - set(needs(step.table))} without saying so"
    assert set(needs(step.table)) <= set(step.needs)


def test_the_tables_of_the_published_file_alone_have_contracts_that_their_examples_fit(ledger):
    for contract, _ in own_tables.OWN_TABLES:
        assert evaluate(contract, example(contract), ledger).is_passed, contract.full_name
