"""A build file with the facts of a small ledger, and the metrics that are one SELECT each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from assets import sqlfiles
from assets.contracts import facts, staging
from assets.contracts.model import Table
from assets.metrics import selects
from assets.warehouse.build_file import BuildFile
from assets.warehouse.paths import Paths
from tests.facts.ledger import Ledger, day, frame

METRICS = {s.table.name: s for s in selects.STEPS}
Row = dict[str, Any]


def opened(folder: Path) -> BuildFile:
    """An empty build file that knows the macros."""
    macros = {name: sqlfiles.text("macros", name) for name in sqlfiles.names("macros")}
    return BuildFile(Paths(folder / "closedloop.duckdb"), folder, macros)


def put(build: BuildFile, table: Table, rows: pl.DataFrame) -> None:
    """Make a frame a table, as if its gate had passed."""
    build.commit(table, rows, {}, {}, "test")


def with_facts(build: BuildFile, ledger: Ledger) -> BuildFile:
    """Commit the facts of a ledger; every name in it is an entity."""
    legs, power = ledger.commitments, ledger.capacity
    named = {*legs["payer_id"], *legs["payee_id"], *power["user_id"].drop_nulls(), *power["provider_id"]}
    entities = [{"entity_id": e, "name": e.title(), "kind": "other"} for e in sorted(named)]
    assumptions = [{"assumption_id": a, "value": v} for a, v in ledger.assumptions.items()]
    for table, rows in (
        (staging.ASSUMPTIONS, frame(staging.ASSUMPTIONS, assumptions)),
        (facts.ENTITIES, frame(facts.ENTITIES, entities)),
        (facts.COMMITMENTS, legs),
        (facts.COMMITMENT_SCHEDULE, ledger.schedule),
        (facts.COMMITMENT_OUTSTANDING, ledger.outstanding),
        (facts.CAPACITY, power),
        (facts.CAPACITY_SCHEDULE, ledger.capacity_schedule),
        (facts.FINANCIALS, ledger.financials),
        (facts.REVENUE_COVERAGE, ledger.coverage),
    ):
        put(build, table, rows)
    return build


def with_metrics(build: BuildFile) -> BuildFile:
    """Commit the metrics that follow from the facts."""
    for step in selects.STEPS:
        put(build, step.table, step.build(build).frame)
    return build


def measured(folder: Path, ledger: Ledger) -> BuildFile:
    """The facts of a ledger and the metrics that follow from them."""
    return with_metrics(with_facts(opened(folder), ledger))


def told(build: BuildFile, table: str, on: str, **where: Any) -> list[Row]:
    """The rows of a macro on a day."""
    rows = build.query(f"select * from {table}_as_of($d)", {"d": day(on)})
    return rows.filter(*(pl.col(c) == v for c, v in where.items())).to_dicts()


def headline(build: BuildFile, on: str, entity: str = "buyer") -> Row:
    """The headline of an entity on a day."""
    (row,) = told(build, "headline", on, entity_id=entity)
    return row


def differences(build: BuildFile, name: str, candidate: pl.DataFrame) -> pl.DataFrame:
    """What the reconciliation of a table finds in a candidate."""
    return build.query(sqlfiles.text("reconcile", name), candidate=candidate)


def days_of(rows: pl.DataFrame, **where: Any) -> list[dt.date]:
    """The days of a table for some key, in order."""
    found = rows.filter(*(pl.col(c) == v for c, v in where.items()))
    return found["as_of_date"].unique().sort().to_list()


def shown(row: Mapping[str, Any], *columns: str) -> tuple[Any, ...]:
    """Some values of a row."""
    return tuple(row[c] for c in columns)
