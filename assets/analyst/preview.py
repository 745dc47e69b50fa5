"""What rows would move before they are written: the gates, then facts and headline, in memory, on both sets of seeds.

Simulation, warrants and stress are left out: they move with these, and take long.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import polars as pl

from assets import dry_run, registry, sqlfiles
from assets.analyst.diff import FIGURES, Move
from assets.facts.assumptions import scenarios_wide
from assets.finance import money_graph
from assets.gates import GateResult, evaluate
from assets.metrics import circularity, graph
from assets.steps import ancestors, in_order
from assets.warehouse.quoting import qualified, quoted

HEADLINE = "metrics.headline"
SHOWN = {HEADLINE, *ancestors(HEADLINE, registry.STEPS)}
STEPS = {n: s for n, s in registry.STEPS.items() if n in SHOWN and s.table.stage in {"facts", "metrics"}}


class Ledger:
    """The inputs of the builders, all in memory; a SELECT asks a DuckDB that has no file."""

    def __init__(self, seeds: Path, frames: Mapping[str, pl.DataFrame]) -> None:
        self.seeds = seeds
        self._frames: dict[str, pl.DataFrame] = {}
        self._connection = duckdb.connect()
        self._macros = {name: sqlfiles.text("macros", name) for name in sqlfiles.names("macros")}
        for name, frame in frames.items():
            self.keep(name, frame)

    def read(self, name: str) -> pl.DataFrame:
        """The frame of a table."""
        return self._frames[name]

    def query(
        self, sql: str, parameters: Mapping[str, object] | None = None, candidate: pl.DataFrame | None = None
    ) -> pl.DataFrame:
        """The answer of a SELECT of `sql/`."""
        for name in [n for n in self._macros if f"{n}(" in sql]:
            self._connection.execute(self._macros.pop(name))
        if candidate is not None:
            self._connection.register("candidate", candidate)
        return pl.DataFrame(self._connection.sql(sql, params=dict(parameters) if parameters else None))

    def rows_published(self, name: str) -> int | None:
        """Nothing is published from here."""
        del name
        return None

    def keep(self, name: str, frame: pl.DataFrame) -> None:
        """Let a frame become a table."""
        self._frames[name] = frame
        schema = name.partition(".")[0]
        self._connection.register("incoming", frame)
        self._connection.execute(f"create schema if not exists {quoted(schema)}")
        self._connection.execute(f"create table {qualified(name)} as from incoming")
        self._connection.unregister("incoming")

    def close(self) -> None:
        """Give the memory back."""
        self._connection.close()


@dataclass(frozen=True)
class Preview:
    """What a set of new seeds is worth."""

    refusals: list[GateResult]
    """Gates that did not pass: if there is one, nothing was computed."""
    warnings: list[GateResult]
    """Gates that passed with warnings which the old seeds do not have."""
    moves: dict[dt.date, list[Move]]
    """By day: what moves for the entities touched."""


def preview(old: Path, new: Path, entities: Sequence[str], days: Sequence[dt.date]) -> Preview:
    """Judge new seeds and set them beside the old ones on some days, and on the last day that the new ones know."""
    gates, memory = dry_run.check_seeds(new)
    refused = [g for g in gates if not g.is_passed]
    if refused:
        return Preview(refused, [], {})
    after, refused = _built(new, memory.frames, judged=True)
    if refused:
        return Preview(refused, [], {})
    old_gates, memory = dry_run.check_seeds(old)
    before, _ = _built(old, memory.frames, judged=False)
    known = {(g.table, r.rule, r.rows_failed) for g in old_gates for r in g.warnings}
    warned = [
        replace(g, results=tuple(r for r in g.warnings if (g.table, r.rule, r.rows_failed) not in known)) for g in gates
    ]
    asked = sorted({*days, _last_day(after)})
    shares = [_circular_shares(ledger, asked) for ledger in (before, after)]
    moved = {day: _moves(before, after, entities, day, [s.get(day) for s in shares]) for day in asked}
    before.close()
    after.close()
    return Preview([], [g for g in warned if g.results], moved)


def _built(seeds: Path, frames: Mapping[str, pl.DataFrame], *, judged: bool) -> tuple[Ledger, list[GateResult]]:
    """Facts and headline from staging; if judged, each through its gate."""
    ledger = Ledger(seeds, {n: f for n, f in frames.items() if n.startswith("staging.")})
    for step in in_order({n: s for n, s in registry.STEPS.items() if n in SHOWN}):
        if step.name not in STEPS:
            continue
        built = step.build(ledger)
        if judged:
            gate = evaluate(step.table, built.frame, ledger, built.problems)
            if not gate.is_passed:
                return ledger, [gate]
        ledger.keep(step.name, built.frame)
    return ledger, []


def _last_day(ledger: Ledger) -> dt.date:
    days = [ledger.read(t)["known_from"].max() for t in ("facts.commitments", "facts.capacity", "facts.financials")]
    return max(d for d in days if isinstance(d, dt.date))


def _headline(ledger: Ledger, day: dt.date) -> dict[str, dict[str, object]]:
    frame = ledger.query("from headline_as_of($day)", {"day": day})
    return {str(r["entity_id"]): r for r in frame.iter_rows(named=True)}


def _moves(
    before: Ledger, after: Ledger, entities: Sequence[str], day: dt.date, shares: Sequence[float | None]
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


def _circular_shares(ledger: Ledger, days: Sequence[dt.date]) -> dict[dt.date, float | None]:
    """The circular share of the disclosed ledger on some days, by the builders of metrics.circularity."""
    legs = graph.legs_in_force(ledger.read("facts.commitments"), days)
    scenarios = scenarios_wide(ledger.read("staging.scenarios"))
    mode_share = scenarios.filter(pl.col("scenario_id") == circularity.BASE)["up_to_mode_share"].item()
    based = graph.with_bases(legs, mode_share).filter(
        (pl.col("basis") == "disclosed") & (pl.col("amount_basis") == "point")
    )
    split = money_graph.split_aggregates(based, graph.aggregates(ledger.read("facts.entities")))
    rows = circularity.circularity(graph.edges(split)).iter_rows(named=True)
    return {r["as_of_date"]: r["circular_share"] for r in rows}
