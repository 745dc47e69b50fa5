"""The gates: judge a frame by the rules of its contract, before it becomes a table.

A rule is judged twice: by Great Expectations, and by its Polars form, which finds the offending rows. It has passed
only if both accept. A gate that evaluated nothing, or crashed, has failed.
Not here: the type of a rule (`assets.core.rule`), rules as expectations (`assets.gates.gx_suite`), the text of a
refusal (`assets.gates.messages`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from assets.core.column_rules import derived_rules
from assets.core.rule import Advice, Problem, Read, Rule
from assets.core.shared_rules import assumption
from assets.core.size import Frame, judged
from assets.core.step import Inputs
from assets.core.table import Table
from assets.gates.gx_suite import InPandas, great_expectations_accepts
from assets.gates.result import AT_FAULT, REASON, REMEDY, GateResult, RuleResult

SAMPLES = 5

ROUNDING = 1e-9


def evaluate(table: Table, frame: Frame, inputs: Inputs, problems: Sequence[Problem] = ()) -> GateResult:
    """Judge a table of any size against its contract.

    `inputs` gives the other tables that rules refer to; `problems` are cells and lines that could not be read.
    Errors: none; a gate that crashes returns a failed result with the reason.
    """
    try:
        differences = _reconciliations(table, frame, inputs)

        def judge(rows: pl.DataFrame) -> list[RuleResult]:
            return _judge(table, rows, inputs, problems, differences)

        return GateResult(table.full_name, tuple(judged(frame, judge, derived_rules(table), SAMPLES)))
    except Exception as error:  # noqa: BLE001 - whatever happens inside a gate, the gate has failed
        return GateResult(table.full_name, (_crashed(frame, error),))


def _reconciliations(table: Table, frame: Frame, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """The offenders that the SQL rules of a table return, such as its second derivation."""
    if frame.columns != table.column_names:
        return {}
    return {
        rule.name: inputs.query(str(rule.native["sql"]), candidate=frame)
        for rule in derived_rules(table)
        if rule.native.get("type") == "reconcile"
    }


def _judge(
    table: Table,
    frame: pl.DataFrame,
    inputs: Inputs,
    problems: Sequence[Problem],
    reconciled: Mapping[str, pl.DataFrame],
) -> list[RuleResult]:
    rules = derived_rules(table)
    if frame.columns != table.column_names:
        rules = tuple(r for r in rules if r.native.get("type") in {"columns", "row_count", "problems"})
    elif frame.schema != pl.Schema(table.polars_schema):
        wrong = [f"{n} is {t}" for n, t in frame.schema.items() if t != table.polars_schema[n]]
        message = f"types differ from the contract: {', '.join(wrong)}"
        raise TypeError(message)
    rules = tuple(_with_rows_to_keep(r, table, inputs) if r.native.get("type") == "kept_rows" else r for r in rules)
    offenders = {r.name: _offenders(r, frame, inputs.read, problems) for r in rules if r.scope == "row"}
    verdicts = {n: ~o for n, o in offenders.items()}
    verdicts |= {n: pl.repeat(value=d.is_empty(), n=frame.height, eager=True) for n, d in reconciled.items()}
    accepted = great_expectations_accepts(table, rules, frame, verdicts, inputs.by_size(InPandas))
    results = []
    for rule in rules:
        if rule.name in reconciled:
            results.append(_reconciled(rule, frame, reconciled[rule.name], is_accepted=accepted[rule.name]))
        elif rule.native.get("type") == "kept_rows":
            results.append(_kept(rule, table, frame, is_accepted=accepted[rule.name]))
        else:
            results.append(
                _result(
                    table, rule, frame, offenders.get(rule.name), problems, inputs.read, is_accepted=accepted[rule.name]
                )
            )
    return results


def _with_rows_to_keep(rule: Rule, table: Table, inputs: Inputs) -> Rule:
    """The rule with its lower limit of rows, from the last publication; 0 without a publication."""
    before = inputs.rows_published(table.full_name)
    least = 0
    if before is not None:
        least = math.floor(before - assumption(inputs.read, rule.native["limit"]) * before + ROUNDING) + 1
    return replace(rule, native={**rule.native, "min": least, "before": before or 0})


def _kept(rule: Rule, table: Table, frame: pl.DataFrame, *, is_accepted: bool) -> RuleResult:
    is_passed = is_accepted and frame.height >= rule.native["min"]
    before = rule.native["before"]
    lost = max(0, before - frame.height)
    loss = {
        "rows": frame.height,
        "rows_published": before,
        REASON: f"{lost} of {before} rows went missing, {rule.reason}",
        REMEDY: rule.remedy.replace("FILE", table.name),
    }
    return RuleResult(
        rule=rule.name,
        severity=rule.severity,
        is_passed=is_passed,
        rows_checked=frame.height,
        rows_failed=0 if is_passed else max(1, lost),
        columns=rule.columns,
        reason=rule.reason,
        remedy=rule.remedy,
        samples=() if is_passed else (loss,),
    )


def _reconciled(rule: Rule, frame: pl.DataFrame, differences: pl.DataFrame, *, is_accepted: bool) -> RuleResult:
    return RuleResult(
        rule=rule.name,
        severity=rule.severity,
        is_passed=is_accepted and differences.is_empty(),
        rows_checked=frame.height,
        rows_failed=differences.height,
        columns=tuple(differences.columns),
        reason=rule.reason,
        remedy=rule.remedy,
        samples=tuple(differences.head(SAMPLES).to_dicts()),
    )


def _offenders(rule: Rule, frame: pl.DataFrame, read: Read, problems: Sequence[Problem]) -> pl.Series:
    if rule.native.get("type") == "problems":
        lines = [p.line for p in problems if p.rule == rule.name]
        return frame["source_line"].is_in(lines) if lines else pl.repeat(value=False, n=frame.height, eager=True)
    if rule.offends is None:
        message = f"rule {rule.name} has no way to find its offenders"
        raise ValueError(message)
    found = rule.offends(frame, read)
    if found.dtype != pl.Boolean or found.len() != frame.height or found.null_count():
        message = f"rule {rule.name} did not answer true or false for each of {frame.height} rows"
        raise ValueError(message)
    unread = [p.line for p in problems if p.column in rule.columns]
    return found & ~frame["source_line"].is_in(unread) if unread else found  # report an unreadable cell only once


def _result(
    table: Table,
    rule: Rule,
    frame: pl.DataFrame,
    offends: pl.Series | None,
    problems: Sequence[Problem],
    read: Read,
    *,
    is_accepted: bool,
) -> RuleResult:
    unread = [p for p in problems if p.rule == rule.name]
    failed = int(offends.sum()) if offends is not None else (0 if is_accepted else 1)
    failed = max(failed, len({p.line for p in unread}))
    samples: tuple[Mapping[str, Any], ...] = ()
    if unread:
        samples = tuple(
            {"source_file": table.seed_file, "source_line": p.line, p.column: p.value}
            | {k: v for k, v in ((REASON, p.reason), (REMEDY, p.remedy)) if v}
            for p in unread[:SAMPLES]
        )
    elif failed and offends is not None:
        samples = tuple(
            _sample(table, rule, row, frame, read) for row in frame[offends.arg_true().head(SAMPLES)].to_dicts()
        )
    elif rule.name == "columns" and not is_accepted:
        samples = ({"expected": table.column_names, "found": frame.columns},)
    return RuleResult(
        rule=rule.name,
        severity=rule.severity,
        is_passed=is_accepted and failed == 0,
        rows_checked=frame.height,
        rows_failed=failed,
        columns=rule.columns,
        reason=rule.reason,
        remedy=rule.remedy,
        samples=samples,
    )


def _sample(table: Table, rule: Rule, row: Mapping[str, Any], frame: pl.DataFrame, read: Read) -> dict[str, Any]:
    """The fields to show of an offending row: file and line, key, wrong columns, and the remedy."""
    try:
        advice = rule.advise(row, frame, read) if rule.advise else Advice()
    except Exception:  # noqa: BLE001 - the rule has its own remedy: advice that fails must not hide what is refused
        advice = Advice()
    place = ("source_file", "source_line") if "source_line" in table.column_names else ()
    shown = {c: row[c] for c in (*place, *table.key, *(advice.columns or rule.columns))}
    return shown | {k: v for k, v in ((AT_FAULT, advice.columns), (REMEDY, advice.remedy)) if v}


def _crashed(frame: Frame, error: Exception) -> RuleResult:
    return RuleResult(
        rule="gate_runs",
        severity="error",
        is_passed=False,
        rows_checked=frame.height,
        rows_failed=max(1, frame.height),
        columns=(),
        reason=f"the gate itself failed: {type(error).__name__}: {error}",
        remedy="this is a defect of the contract or its builder, or a row of seeds/assumptions.csv is missing",
    )
