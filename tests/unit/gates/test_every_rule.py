"""Every rule of every contract has a separate test, which fails if the rule cannot reject."""

from __future__ import annotations

import dataclasses

import polars as pl
import pytest

from assets.core.rule import Rule
from tests.unit.gates import proof, test_rules_of_results, test_rules_of_seeds
from tests.unit.gates.count import rules
from tests.unit.gates.proof import prove

DEALS = "staging.deals"


def never(frame, _read):
    return pl.repeat(value=False, n=frame.height, eager=True)


def always(frame, _read):
    return pl.repeat(value=True, n=frame.height, eager=True)


def only_for_impossible_text(frame, _read):
    return frame["name"].str.len_chars() > 1000


def with_rule(offends, **more):
    """The table of deals with one additional rule."""
    rule = Rule("new", ("name",), "a reason", "a remedy", offends=offends, **more)
    return dataclasses.replace(proof.TABLES[DEALS], rules=(*proof.TABLES[DEALS].rules, rule))


@pytest.fixture
def added(monkeypatch):
    """Adds a rule to the contract of deals for one test."""
    proof._accepted.cache_clear()
    yield lambda offends, **more: monkeypatch.setitem(proof.TABLES, DEALS, with_rule(offends, **more))
    proof._accepted.cache_clear()


def test_every_rule_of_every_contract_has_a_separate_test():
    tested = [
        case
        for room in (test_rules_of_seeds, test_rules_of_results)
        for mark in room.test_rule_rejects.pytestmark
        for case in mark.args[1]
    ]
    assert sorted(tested) == sorted(rules())
    assert {table for table, _ in rules()} == set(proof.TABLES)


@pytest.mark.parametrize("offends", [never, only_for_impossible_text])
def test_a_rule_that_nothing_breaks_fails_the_suite(offends, added, ledger):
    added(offends)
    with pytest.raises(AssertionError, match="nothing breaks new; write how in OWN_PROOFS"):
        prove(DEALS, "new", ledger)


def test_a_rule_that_refuses_good_rows_fails_the_suite(added, ledger):
    added(always)
    with pytest.raises(AssertionError, match="itself breaks new"):
        prove(DEALS, "new", ledger)


def test_a_new_rule_that_can_be_broken_is_proven_without_being_named(added, ledger):
    added(lambda frame, _read: frame["name"].is_null())
    prove(DEALS, "new", ledger)


def test_a_rule_that_needs_a_special_proof_is_proven_by_it(added, ledger, monkeypatch):
    added(only_for_impossible_text)
    broken = {(DEALS, "new"): lambda good: good.with_columns(name=pl.lit("x" * 2000))}
    monkeypatch.setattr(proof, "OWN_PROOFS", broken)
    prove(DEALS, "new", ledger)


def test_a_rule_that_crashes_is_no_proof(added, ledger):
    added(lambda frame, _read: frame["no_such_column"] > 0)
    with pytest.raises(AssertionError, match="says nothing about new"):
        prove(DEALS, "new", ledger)
