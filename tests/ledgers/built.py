"""A build file in which tables are built on demand, after their ancestors.

A new table therefore does not affect a test that does not read it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from assets.catalog import MACROS, STATEMENTS, STEPS
from assets.core import sql_files
from assets.core.paths import Paths
from assets.core.table import Table
from assets.warehouse.build_file import BuildFile
from tests.ledgers.builder import Ledger, day

Row = dict[str, Any]


class OnDemand(BuildFile):
    """A build file whose tables come from a ledger or, if missing there, from the steps of the warehouse."""

    def __init__(self, folder: Path, ledger: Callable[[str], pl.DataFrame | None]) -> None:
        super().__init__(Paths(folder / "closedloop.duckdb"), folder, STATEMENTS)
        self._ledger = ledger
        self._there: set[str] = set()

    def put(self, table: Table, rows: pl.DataFrame) -> None:
        """Make a frame a table, as if its gate had passed."""
        self.commit(table, rows, {}, {}, "test")
        self._there.add(table.full_name)

    def need(self, *names: str) -> None:
        """Build the missing ones of these tables, and their ancestors.

        Errors: AssertionError if the ledger of the test lacks a table that a metric reads.
        """
        for name in names:
            if name not in self._there:
                rows = self._ledger(name)
                if rows is None:
                    assert name.startswith("metrics."), f"the ledger of this test has no {name}"
                    self.need(*STEPS[name].reads)
                    rows = STEPS[name].build(self).frame
                self.put(STEPS[name].table, rows)

    def read(self, name: str) -> pl.DataFrame:
        self.need(name)
        return super().read(name)

    def query(self, sql: str, parameters: Any = None, candidate: Any = None) -> pl.DataFrame:
        used = [macro.table.full_name for name, macro in MACROS.items() if f"{name}(" in sql]
        self.need(*sql_files.tables_named(sql), *used)
        return super().query(sql, parameters, candidate)


def measured(folder: Path, ledger: Ledger) -> OnDemand:
    """The tables of a ledger."""
    return OnDemand(folder, ledger.table)


def rows_on(build: OnDemand, table: str, on: str, **where: Any) -> list[Row]:
    """The rows of a macro on a day."""
    rows = build.query(f"select * from {table}_as_of($d)", {"d": day(on)})
    return rows.filter(*(pl.col(c) == v for c, v in where.items())).to_dicts()


def headline(build: OnDemand, on: str, entity: str = "buyer") -> Row:
    """The headline of an entity on a day."""
    (row,) = rows_on(build, "headline", on, entity_id=entity)
    return row


def differences(build: OnDemand, name: str, candidate: pl.DataFrame) -> pl.DataFrame:
    """The offenders that the second derivation of a table finds in a candidate."""
    return build.query(sql_files.text("checks", name), candidate=candidate)


def days_of(rows: pl.DataFrame, **where: Any) -> list[dt.date]:
    """The days of a table for some key, in order."""
    found = rows.filter(*(pl.col(c) == v for c, v in where.items()))
    return found["as_of_date"].unique().sort().to_list()


def shown(row: Mapping[str, Any], *columns: str) -> tuple[Any, ...]:
    """Some values of a row."""
    return tuple(row[c] for c in columns)
