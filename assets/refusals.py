"""How a refusal reads: for the person who must act, on a few lines, without a traceback.

Not here: what is refused (`assets.gates`).
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from assets.gates import GateResult, RuleResult

PLACE = ("source_file", "source_line", "remedy")


def lines(gate: GateResult, *, warnings: bool = False) -> list[str]:
    """The failed rules of a gate as lines of text, a blank line between rules."""
    found = gate.warnings if warnings else gate.refusals
    unreadable = any(r.rule == "readable" for r in found)
    told = [r for r in found if not (unreadable and r.rule == "row_count")]
    return [line for r in told for line in (*_rule(gate.table, r), "")]


def _rule(table: str, result: RuleResult) -> list[str]:
    stage, _, name = table.partition(".")
    place = f"seeds/{name}.csv" if stage in {"raw", "staging"} else table
    if result.rule == "columns" and result.samples:
        told, remedy = _columns(place, result.samples[0])
    elif result.samples:
        told, remedy = [_sample(place, s, result) for s in result.samples], _remedy(result)
    else:
        told, remedy = [place], result.remedy
    more = result.rows_failed - len(result.samples)
    if more > 0 and result.samples:
        told.append(f"... and {more} more")
    return [
        *told,
        f"  rule    {result.rule} ({result.severity}): {result.reason}",
        f"  remedy  {remedy}",
    ]


def _sample(place: str, sample: Mapping[str, Any], result: RuleResult) -> str:
    line = f":{sample['source_line']}" if "source_line" in sample else ""
    shown = [c for c in sample if c not in PLACE and c]
    own = [c for c in shown if c in result.columns]
    if result.rule == "required_values":
        own = [c for c in own if sample[c] is None]
    key = [c for c in shown if c not in own]
    values = ", ".join(f"{c} = {_value(sample[c])}" for c in own or shown)
    where = ", ".join(f"{c} {_value(sample[c])}" for c in key) if own else ""
    return f"{place}{line}  {values}{f'  ({where})' if where else ''}".rstrip()


def _value(value: object) -> str:
    if value is None:
        return "(empty)"
    if isinstance(value, float) and value.is_integer():
        return f"{value:.0f}"
    return f'"{value}"' if isinstance(value, str) else str(value)


def _remedy(result: RuleResult) -> str:
    own = list(dict.fromkeys(str(s["remedy"]) for s in result.samples if s.get("remedy")))
    if own:
        return "; ".join(own)
    kind, _, column = result.rule.partition(":")
    if kind == "vocabulary":
        allowed = result.remedy.partition(": ")[2].split(", ")
        guesses = [_nearest(str(s.get(column, "")), allowed) for s in result.samples]
        meant = next((g for g in guesses if g), "")
        return f"{result.remedy}{f'; did you mean {meant}?' if meant else ''}"
    return result.remedy


def _nearest(word: str, allowed: Sequence[str]) -> str:
    found = difflib.get_close_matches(word.strip().lower(), allowed, n=1)
    return found[0] if found else ""


def _columns(place: str, sample: Mapping[str, Any]) -> tuple[list[str], str]:
    hidden = {"source_file", "source_line"}
    expected = [c for c in sample["expected"] if c not in hidden]
    found = [c for c in sample["found"] if c not in hidden]
    if len(found) == 1 and any(d in found[0] for d in ";\t|"):
        return [f"{place}:1  header = {_value(found[0])}"], "separate the fields by commas"
    missing = [c for c in expected if c not in found]
    extra = [c for c in found if c not in expected]
    told, remedies = [], []
    for column in extra:
        meant = _nearest(column, missing)
        again = column.partition(" (again")[0]
        told.append(
            f"{place}:1  column {_value(again if again != column else column)} is not in the contract or stands twice"
        )
        if again != column:
            remedies.append(f"remove the second {again}")
        else:
            remedies.append(f"rename {column} to {meant}" if meant else f"remove {column}")
            missing = [c for c in missing if c != meant]
    for column in missing:
        told.append(f"{place}:1  column {_value(column)} is missing")
        remedies.append(f"add {column}")
    return told or [place], "; ".join(remedies) or "put the columns in the order of the contract"
