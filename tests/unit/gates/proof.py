"""The proof that a rule can reject: the gate accepts a good frame and refuses a mutant of it because of the rule."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Mapping
from contextlib import ExitStack

import polars as pl

from assets import catalog
from assets.bi import checks
from assets.core.column_rules import derived_rules
from assets.core.rule import Rule
from assets.core.table import Table
from assets.gates.evaluate import evaluate
from assets.gates.gx_suite import has_own_form
from assets.gates.result import GateResult, RuleResult
from assets.quality import own_tables
from tests.ledgers.memory import Ledger, asking_only, polars_alone
from tests.unit.gates.examples import example
from tests.unit.gates.mutations import ALL_MUST_BE_REFUSED, Mutant, mutants, offenders

TABLES: dict[str, Table] = {s.name: s.table for s in catalog.STEPS.values()} | {
    t.full_name: t for t, _ in own_tables.OWN_TABLES
}

MUTANTS_TRIED = 4000


def _named_otherwise(table: Table) -> Callable[[pl.DataFrame], pl.DataFrame]:
    labels = [label for label in checks.LABELS.values() if label in table.column_names]
    return lambda good: good.with_columns(pl.lit("Somebody Else").alias(label) for label in labels)


OWN_PROOFS: Mapping[tuple[str, str], Callable[[pl.DataFrame], pl.DataFrame]] = {
    **{(n, "labels"): _named_otherwise(t) for n, t in TABLES.items() if t.stage == "bi"},
    ("bi.dim_scenario", "columns"): lambda good: good.rename({"scenario_id": "scenario"}),
    ("bi.headline", "second_derivation"): lambda good: good.with_columns(is_current=pl.lit(value=True)),
    ("bi.revenue_coverage", "second_derivation"): lambda good: good.with_columns(is_current=pl.lit(value=True)),
}
"""Table and rule, with a way to break the rule, for rules that no change of one or two cells breaks."""


def rules_of(*stages: str) -> list[tuple[str, str]]:
    """Every rule of the tables of these stages, as table and rule."""
    return [(t.full_name, r.name) for t in TABLES.values() if t.stage in stages for r in derived_rules(t)]


def good_frame(ledger: Ledger, name: str) -> pl.DataFrame:
    """The frame of a table from its builder, or from its contract for tables that only the published file has."""
    frame = ledger.frames.get(name)
    return frame if frame is not None and frame.height else example(TABLES[name])


@functools.cache
def _accepted(ledger: Ledger, name: str) -> GateResult:
    return evaluate(TABLES[name], good_frame(ledger, name), ledger)


def prove(name: str, rule_name: str, ledger: Ledger) -> None:
    """Show that the gate accepts the good frame for this rule and refuses a mutant for it.

    For the mutant, only this rule is evaluated, and Great Expectations only if it has a form of its own for the rule
    (the others share one column of verdicts). For the last rule of each table, the whole gate is evaluated.
    Errors: AssertionError if no mutant is refused.
    """
    table = TABLES[name]
    rules = {r.name: r for r in derived_rules(table)}
    rule = rules[rule_name]
    before = result_of(_accepted(ledger, name), rule_name)
    assert before.is_passed or before.severity == "warning", f"{name} itself breaks {rule_name}: {before.samples}"
    with ExitStack() as gate:
        if rule_name != list(rules)[-1]:
            gate.enter_context(asking_only(rule_name))
            if not has_own_form(rule):
                gate.enter_context(polars_alone())
        _refuse_mutants(rule, table, before, ledger)


def _refuse_mutants(rule: Rule, table: Table, before: RuleResult, ledger: Ledger) -> None:
    name, good = table.full_name, good_frame(ledger, table.full_name)
    if (name, rule.name) in OWN_PROOFS:
        candidates = iter([Mutant(OWN_PROOFS[name, rule.name](good))])
    else:
        candidates = itertools.islice(mutants(rule, table, good), MUTANTS_TRIED)
    if {rule.native.get("type"), rule.name} & ALL_MUST_BE_REFUSED or rule.name.startswith("refers_to"):
        first = next(candidates)
        _assert_refused(rule, table, first, before, ledger)
        for other in candidates:
            _assert_found(rule, table, other, before, ledger)
        return
    broken = next((m for m in candidates if offenders(rule, m, ledger) > before.rows_failed), None)
    assert broken, f"{name}: nothing breaks {rule.name}; write how in OWN_PROOFS (tests/unit/gates/proof.py)"
    _assert_refused(rule, table, broken, before, ledger)


def _assert_refused(rule: Rule, table: Table, mutant: Mutant, before: RuleResult, ledger: Ledger) -> None:
    gate = evaluate(table, mutant.frame, ledger, mutant.problems)
    found = result_of(gate, rule.name)
    assert not found.is_passed, f"{table.full_name}: {rule.name} lets a mutant pass"
    assert found.rows_failed > before.rows_failed
    assert found.rows_checked == mutant.frame.height
    assert found.samples or rule.name == "row_count", "a refusal without an example"
    assert found.reason
    assert found.remedy
    assert gate.is_passed == (not gate.refusals)
    assert found in (gate.refusals if rule.severity == "error" else gate.warnings)


def _assert_found(rule: Rule, table: Table, mutant: Mutant, before: RuleResult, ledger: Ledger) -> None:
    if rule.scope == "table":
        _assert_refused(rule, table, mutant, before, ledger)
    else:
        assert offenders(rule, mutant, ledger) > before.rows_failed, f"{table.full_name}: {rule.name} misses {mutant}"


def result_of(gate: GateResult, rule: str) -> RuleResult:
    """The result of one rule.

    Errors: AssertionError with the other results of the gate.
    """
    found = [r for r in gate.results if r.rule == rule]
    assert len(found) == 1, f"{gate.table} says nothing about {rule}: {gate.results[:1]}"
    return found[0]
