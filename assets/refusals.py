"""How a refusal reads: for the person who must act, on a few lines, without a traceback.

Not here: what is refused (`assets.gates`), what was probably meant (`assets.advice`).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from assets import advice
from assets.gates import GateResult, RuleResult

NOT_VALUES = ("source_file", "source_line", "reason", "remedy", "")
SAYS_IT_ALREADY = {"readable": {"row_count"}, "one_preferred_version": {"unique_key"}}
"""A failed rule, and the rules that would tell the same mistake again, less well."""
LONGEST = 120


def lines(gate: GateResult, *, warnings: bool = False) -> list[str]:
    """The failed rules of a gate as lines of text, a blank line between mistakes."""
    found = gate.warnings if warnings else gate.refusals
    failed = {r.rule: r for r in found}
    repeated = {s for r in failed for s in SAYS_IT_ALREADY.get(r, ()) if s in failed and _covers(failed[r], failed[s])}
    told = [r for r in found if r.rule not in repeated]
    return [line for r in told for line in _rule(gate.table, r)]


def _covers(better: RuleResult, other: RuleResult) -> bool:
    return better.rule == "readable" or better.rows_failed == other.rows_failed


def _rule(table: str, result: RuleResult) -> list[str]:
    stage, _, name = table.partition(".")
    place = f"seeds/{name}.csv" if stage in {"raw", "staging"} else table
    if result.rule == "columns" and result.samples:
        told, remedy = _columns(place, result.samples[0])
        return _block(told, result, result.reason, remedy)
    if not result.samples:
        rows = f"  {result.rows_checked} rows" if result.rule == "row_count" else ""
        return _block([f"{place}{rows}"], result, result.reason, result.remedy)
    alike: dict[tuple[str, str], list[str]] = {}
    for sample in result.samples:
        key = str(sample.get("reason") or result.reason), str(sample.get("remedy") or result.remedy)
        alike.setdefault(key, []).append(_sample(place, sample, result))
    more = result.rows_failed - len(result.samples)
    if more > 0:
        next(reversed(alike.values())).append(f"... and {more} more row{'s' * (more > 1)}")
    return [line for (reason, remedy), told in alike.items() for line in _block(told, result, reason, remedy)]


def _block(told: Sequence[str], result: RuleResult, reason: str, remedy: str) -> list[str]:
    return [
        *told,
        f"  rule    {result.rule} ({result.severity}): {shown(reason)}",
        f"  remedy  {shown(remedy)}",
        "",
    ]


def _sample(place: str, sample: Mapping[str, Any], result: RuleResult) -> str:
    line = f":{sample['source_line']}" if sample.get("source_line") else ""
    values = [c for c in sample if c not in NOT_VALUES]
    own = [c for c in values if c in result.columns or result.rule == "readable"] or values
    key = [c for c in values if c not in own and sample[c] is not None]
    told = ", ".join(f"{c} = {_value(sample[c])}" for c in own)
    if sample.get(""):
        told = _value(sample[""])
    where = ", ".join(f"{c} {_value(sample[c])}" for c in key)
    return f"{place}{line}  {told}{f'  ({where})' if where else ''}".rstrip()


def _value(value: object) -> str:
    if value is None:
        return "(empty)"
    if isinstance(value, float) and value.is_integer():
        return f"{value:.0f}"
    return f'"{shown(_cut(value))}"' if isinstance(value, str) else str(value)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def shown(text: str) -> str:
    """A text with every character made visible that a terminal would hide or obey."""
    return "".join(c if c == " " or unicodedata.category(c)[0] not in "CZ" else _escaped(c) for c in text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def _columns(place: str, sample: Mapping[str, Any]) -> tuple[list[str], str]:
    hidden = {"source_file", "source_line"}
    expected = [c for c in sample["expected"] if c not in hidden]
    found = [c for c in sample["found"] if c not in hidden]
    missing = [c for c in expected if c not in found]
    told, remedies = [], []
    for column in (c for c in found if c not in expected):
        first = column.partition(" (again")[0]
        meant = advice.nearest(column, missing)
        missing = [c for c in missing if c != meant]
        if first != column and first:
            told.append(f"{place}:1  column {_value(first)} stands twice")
            remedies.append(f"remove the second {shown(first)}")
        elif not first:
            told.append(f"{place}:1  a column without a name")
            remedies.append("remove the comma too many in the header, and the empty column with it")
        elif meant:
            told.append(f"{place}:1  column {_value(column)} is not in the contract, column {_value(meant)} is missing")
            remedies.append(f"rename {shown(_cut(column))} to {meant}")
        else:
            told.append(f"{place}:1  column {_value(column)} is not in the contract")
            remedies.append(f"remove {shown(_cut(column))}")
    told += [f"{place}:1  column {_value(column)} is missing" for column in missing]
    remedies += [f"add {column}" for column in missing]
    return told or [place], "; ".join(remedies) or "put the columns in the order of the contract"
