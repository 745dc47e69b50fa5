"""The text of a refusal: a few lines for the user who must act, without a traceback.

Not here: the verdict (`assets.gates.evaluate`), guesses at the intended value (`assets.core.suggestions`).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from assets.core import suggestions
from assets.gates.result import AT_FAULT, REASON, REMEDY, GateResult, RuleResult

NOT_VALUES = ("source_file", "source_line", REASON, REMEDY, AT_FAULT, "")

SAYS_IT_BETTER = {"row_count": "readable", "unique_key": "one_preferred_version"}
"""A rule whose message repeats that of another rule, and the rule with the better message."""

OF_THE_FILE = ("rows_shrunk", "rows_collapsed")
"""Rules about a whole file: their single sample contains the full message."""

LONGEST = 100


def lines(gate: GateResult, *, warnings: bool = False) -> list[str]:
    """The failed rules of a gate as lines of text, with a blank line after each mistake; each mistake is shown once."""
    found = gate.warnings if warnings else gate.refusals
    failed = {r.rule for r in found}
    shown: list[RuleResult] = []
    for result in found:
        if SAYS_IT_BETTER.get(result.rule) not in failed and not _is_shown(result, shown):
            shown.append(result)
    return [line for r in shown for line in _rule(gate.table, r)]


def _is_shown(result: RuleResult, shown: Sequence[RuleResult]) -> bool:
    """Whether rules shown before contain every cell of this one."""
    shown_cells = set().union(*(_cells(r) for r in shown))
    return bool(shown) and result.rows_failed <= max(r.rows_failed for r in shown) and _cells(result) <= shown_cells


def _cells(result: RuleResult) -> set[tuple[str, str, str]]:
    return {
        (str(s.get("source_line")), column, str(s[column])) for s in result.samples for column in _at_fault(s, result)
    }


def _at_fault(sample: Mapping[str, Any], result: RuleResult) -> list[str]:
    """The columns of a sample that broke the rule; the others identify the row."""
    values = [c for c in sample if c not in NOT_VALUES]
    return [c for c in values if c in sample.get(AT_FAULT, result.columns)] or values


def _rule(table: str, result: RuleResult) -> list[str]:
    stage, _, name = table.partition(".")
    place = f"seeds/{name}.csv" if stage in {"raw", "staging"} else table
    if result.rule == "columns" and result.samples:
        heads, remedy = _columns(place, result.samples[0])
        return _block(heads, result, result.reason, remedy)
    if not result.samples:
        rows = f"  {result.rows_checked} rows" if result.rule == "row_count" else ""
        return _block([f"{place}{rows}"], result, result.reason, result.remedy)
    alike: dict[tuple[str, str], list[str]] = {}
    for sample in result.samples:
        key = str(sample.get(REASON) or result.reason), str(sample.get(REMEDY) or result.remedy)
        alike.setdefault(key, []).append(_sample(place, sample, result))
    more = result.rows_failed - len(result.samples)
    if more > 0 and result.rule not in OF_THE_FILE:
        next(reversed(alike.values())).append(f"... and {more} more row{'s' * (more > 1)}")
    return [line for (reason, remedy), heads in alike.items() for line in _block(heads, result, reason, remedy)]


def _block(heads: Sequence[str], result: RuleResult, reason: str, remedy: str) -> list[str]:
    return [
        *heads,
        f"  rule    {result.rule} ({result.severity}): {shown(reason)}",
        f"  remedy  {shown(remedy)}",
        "",
    ]


def _sample(place: str, sample: Mapping[str, Any], result: RuleResult) -> str:
    line = f":{sample['source_line']}" if sample.get("source_line") else ""
    own = _at_fault(sample, result)
    key = [c for c in sample if c not in {*NOT_VALUES, *own} and sample[c] is not None]
    values = ", ".join(f"{c} = {_value(sample[c])}" for c in own) or (_value(sample[""]) if sample.get("") else "")
    where = ", ".join(f"{c} {_value(sample[c])}" for c in key)
    return f"{place}{line}  {values}{f'  ({where})' if where else ''}".rstrip()


def _value(value: object) -> str:
    if value is None:
        return "(empty)"
    if isinstance(value, float) and value.is_integer():
        return f"{value:.0f}"
    return f'"{shown(_cut(value))}"' if isinstance(value, str) else str(value)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def shown(text: str) -> str:
    """A text in which characters that a terminal would hide or execute are visible."""
    return "".join(c if c == " " or unicodedata.category(c)[0] not in "CZ" else _escaped(c) for c in text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def _columns(place: str, sample: Mapping[str, Any]) -> tuple[list[str], str]:
    hidden = {"source_file", "source_line"}
    expected = [c for c in sample["expected"] if c not in hidden]
    found = [c for c in sample["found"] if c not in hidden]
    missing = [c for c in expected if c not in found]
    extra = [c for c in found if c not in expected]
    findings, remedies = [], []
    for column in extra:
        first = column.partition(" (again")[0]
        meant = suggestions.nearest(column, missing) or (missing[0] if len(missing) == len(extra) == 1 else "")
        if first != column and first:
            findings.append(f"column {_value(first)} appears twice")
            remedies.append(f"remove the second {shown(first)}")
        elif not first:
            findings.append("a column without a name")
            remedies.append("remove the comma too many in the header, and the empty column with it")
        elif meant:
            findings.append(f"column {_value(column)} is not in the contract, column {_value(meant)} is missing")
            remedies.append(f"rename {_value(column)} to {_value(meant)}")
            missing = [c for c in missing if c != meant]
        else:
            findings.append(f"column {_value(column)} is not in the contract")
            remedies.append(f"remove {_value(column)}")
    findings += [f"column {_value(column)} is missing" for column in missing]
    remedies += [f"add {_value(column)}" for column in missing]
    return [f"{place}:1  {t}" for t in findings] or [place], "; ".join(remedies) or "use the order of the contract"
