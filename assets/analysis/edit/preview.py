"""The effect of rows before they are written: gates, facts and headline in memory, for both sets of seeds.

Simulation, warrants and stress are left out: they follow from these, and take long.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from assets import catalog
from assets.analysis.changes import FIGURES, Move
from assets.core.step import ancestors, in_order
from assets.facts.assumptions import scenarios_wide
from assets.finance import money_graph
from assets.gates import check_seeds
from assets.gates.evaluate import evaluate
from assets.gates.result import GateResult
from assets.metrics import circularity, graph, graph_solving
from assets.published.publication import last_known_on
from assets.scale.large import Large
from assets.warehouse.in_memory import InMemory

HEADLINE = "metrics.headline"

SHOWN = {HEADLINE, *ancestors(HEADLINE, catalog.STEPS)}

STEPS = {n: s for n, s in catalog.STEPS.items() if n in SHOWN and s.table.stage in {"facts", "metrics"}}


@dataclass(frozen=True)
class Preview:
    """The result of a preview of new seeds."""

    refusals: list[GateResult]
    """Gates that did not pass; if there is one, nothing else was computed."""
    warnings: list[GateResult]
    """Gates that passed with warnings that the old seeds do not have."""
    moves: dict[dt.date, list[Move]]
    """By day: the changed figures of the affected entities."""


def preview(old: Path, new: Path, entities: Sequence[str], days: Sequence[dt.date]) -> Preview:
    """Judge new seeds and compare them with the old ones on some days, and on the last day of the new ones."""
    gates, after = check_seeds.check_seeds(new, size=Large(), macros=catalog.STATEMENTS)
    refused = [g for g in gates if not g.is_passed]
    if refused:
        return Preview(refused, [], {})
    refused = _build(after, judged=True)
    if refused:
        after.close()
        return Preview(refused, [], {})
    old_gates, before = check_seeds.check_seeds(old, size=Large(), macros=catalog.STATEMENTS)
    _build(before, judged=False)
    known = {(g.table, r.rule, r.rows_failed) for g in old_gates for r in g.warnings}
    warned = [
        replace(g, results=tuple(r for r in g.warnings if (g.table, r.rule, r.rows_failed) not in known)) for g in gates
    ]
    asked = sorted({*days, last_known_on(after)})
    shares = [_circular_shares(ledger, asked) for ledger in (before, after)]
    moved = {day: _moves(before, after, entities, day, [s.get(day) for s in shares]) for day in asked}
    before.close()
    after.close()
    return Preview([], [g for g in warned if g.results], moved)


def _build(ledger: InMemory, *, judged: bool) -> list[GateResult]:
    """Add facts and headline to staging, through their gates if judged; returns the gate that refused, if any."""
    for step in in_order({n: s for n, s in catalog.STEPS.items() if n in SHOWN}):
        if step.name not in STEPS:
            continue
        built = step.build(ledger)
        if judged:
            gate = evaluate(step.table, built.frame, ledger, built.problems)
            if not gate.is_passed:
                return [gate]
        ledger.keep(step.name, built.frame)
    return []


def _headline(ledger: InMemory, day: dt.date) -> dict[str, dict[str, object]]:
    frame = ledger.query("from headline_as_of($day)", {"day": day})
    return {str(r["entity_id"]): r for r in frame.iter_rows(named=True)}


def _moves(
    before: InMemory, after: InMemory, entities: Sequence[str], day: dt.date, shares: Sequence[float | None]
) -> list[Move]:
    was, now = _headline(before, day), _headline(after, day)
    found = []
    for entity in sorted(set(entities) & {*was, *now}):
        for column, (name, unit) in FIGURES.items():
            a, b = was.get(entity, {}).get(column), now.get(entity, {}).get(column)
            found.append(Move(entity, column, name, unit, _number(a), _number(b)))
    return [*found, Move("", "circular_share", "circular share", "fraction", *shares)]


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _circular_shares(ledger: InMemory, days: Sequence[dt.date]) -> dict[dt.date, float | None]:
    """The circular share of the disclosed ledger on some days, by the builders of metrics.circularity."""
    legs = graph.legs_in_force(ledger.read("facts.commitments"), days)
    scenarios = scenarios_wide(ledger.read("staging.scenarios"))
    mode_share = scenarios.filter(pl.col("scenario_id") == graph_solving.BASE)["up_to_mode_share"].item()
    based = graph.with_bases(legs, mode_share).filter(
        (pl.col("basis") == "disclosed") & (pl.col("amount_basis") == "point")
    )
    split = money_graph.split_aggregates(based, graph.aggregates(ledger.read("facts.entities")))
    rows = circularity.circularity(graph.edges(split)).iter_rows(named=True)
    return {r["as_of_date"]: r["circular_share"] for r in rows}
