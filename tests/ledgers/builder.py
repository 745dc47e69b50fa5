"""Ledgers built row by row: rows of the seeds with defaults, and the facts derived from them.

A date may be given as text. Values that a test does not set have plain defaults: exact, contracted, seen, preferred.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import polars as pl

from assets.core.table import Table
from assets.core.vocabulary import CERTAINTIES_IN_FORCE
from assets.facts import (
    capacity,
    capacity_schedule,
    commitment_alternatives,
    commitment_outstanding,
    commitment_schedule,
    commitments,
    cost_per_gw,
    entities,
    financials,
    revenue_coverage,
)
from assets.scale.reported_days import days_reported
from assets.staging import assumptions, scenarios
from assets.staging.capacity import CAPACITY
from assets.staging.commitments import COMMITMENTS
from assets.staging.cost_per_gw import COST_PER_GW
from assets.staging.financials import FINANCIALS

BN = 1e9

KNOWN = "2025-01-01"

ASSUMPTIONS = {
    "about_low_ratio": 0.9,
    "about_high_ratio": 1.1,
    "up_to_low_ratio": 0.0,
    "at_least_high_ratio": 1.5,
    "tenor_months_compute_purchase": 60.0,
    "tenor_months_chip_purchase": 48.0,
    "tenor_months_lease": 180.0,
    "tenor_months_infrastructure_build": 36.0,
    "tenor_months_revenue_share": 24.0,
    "tenor_months_equity_investment": 0.0,
    "tenor_months_debt": 72.0,
    "tenor_months_backstop": 120.0,
    "tenor_months_warrant_grant": 84.0,
    "other_cost_ratio": 0.5,
    "long_run_growth_ratio": 0.05,
    "growth_fade_years": 5.0,
    "unknown_growth_ratio": 0.2,
    "extrapolated_growth_max_ratio": 1.07,
    "coverage_last_year": 2030.0,
    "coverage_entity_days_max": 100000.0,
    "capacity_last_year": 2030.0,
}

FACE_VALUE = {
    **{f"p_{c}": 1.0 for c in CERTAINTIES_IN_FORCE},
    "is_expected_amount": 0.0,
    "up_to_mode_share": 1.0,
    "delay_quarters": 0.0,
    "price_multiplier": 1.0,
    "growth_multiplier": 1.0,
}

Row = dict[str, Any]


def day(value: str | dt.date) -> dt.date:
    """A date from text."""
    return dt.date.fromisoformat(value) if isinstance(value, str) else value


def frame(table: Table, rows: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """Rows as a frame of that contract; columns that are not given are empty."""
    schema = table.polars_schema
    dates = {name for name, kind in schema.items() if kind == pl.Date}
    filled = [
        {name: day(v) if name in dates and (v := row.get(name)) is not None else row.get(name) for name in schema}
        for row in rows
    ]
    return pl.DataFrame(filled, schema=schema)


def leg(leg_id: str, amount_usd: float | None = None, **more: Any) -> Row:
    """A leg of money of the seeds: buyer pays seller for computing."""
    return {
        "leg_id": leg_id,
        "deal_id": "d",
        "payer_id": "buyer",
        "payee_id": "seller",
        "flow": "compute_purchase",
        "amount_usd": amount_usd,
        "qualifier": "exact" if amount_usd is not None else "undisclosed",
        "certainty": "contracted",
        "known_from": KNOWN,
        "is_statement": False,
        "reading": "preferred",
        "evidence": "seen",
        "source_id": "s",
        **more,
    }


def power(leg_id: str, gw: float | None = None, **more: Any) -> Row:
    """A leg of power of the seeds: a site that the buyer uses."""
    return {
        "leg_id": leg_id,
        "deal_id": "d",
        "provider_id": "seller",
        "user_id": "buyer",
        "view": "site",
        "power_basis": "facility",
        "gw": gw,
        "qualifier": "exact",
        "stage": "announced",
        "known_from": KNOWN,
        "reading": "preferred",
        "evidence": "seen",
        "source_id": "s",
        **more,
    }


def cost(estimate_id: str, component: str, usd: float | None, **more: Any) -> Row:
    """An estimate of the cost of a gigawatt."""
    return {
        "estimate_id": estimate_id,
        "estimator": "e",
        "component": component,
        "usd_per_gw": usd,
        "known_from": KNOWN,
        "evidence": "seen",
        "source_id": "s",
        **more,
    }


def figure(start: str | None, end: str, value: float | None, **more: Any) -> Row:
    """A company figure: reported revenue of the buyer, known on the last day of its period."""
    return {
        "entity_id": "buyer",
        "metric": "revenue",
        "unit": "USD",
        "period_start": start,
        "period_end": end,
        "value": value,
        "basis": "reported",
        "known_from": end,
        "evidence": "seen",
        "source_id": "s",
        **more,
    }


def scenario(scenario_id: str = "announced", **changed: float) -> list[Row]:
    """The rows of one scenario: face value with the given changes."""
    terms = FACE_VALUE | changed
    return [{"scenario_id": scenario_id, "parameter": p, "value": float(v)} for p, v in terms.items()]


@dataclass(frozen=True)
class Ledger:
    """Seed rows, and every table of facts built from them."""

    legs: list[Row] = field(default_factory=list)
    power: list[Row] = field(default_factory=list)
    costs: list[Row] = field(default_factory=list)
    figures: list[Row] = field(default_factory=list)
    scenarios: list[Row] = field(default_factory=scenario)
    assumptions: dict[str, float] = field(default_factory=lambda: dict(ASSUMPTIONS))

    def table(self, name: str) -> pl.DataFrame | None:
        """A table of staging or facts by `stage.name`; None if this ledger has no such table."""
        made = {
            "staging.assumptions": lambda: self.assumed,
            "facts.entities": lambda: self.entities,
            "facts.commitments": lambda: self.commitments,
            "facts.commitment_alternatives": lambda: self.alternatives,
            "facts.commitment_schedule": lambda: self.schedule,
            "facts.commitment_outstanding": lambda: self.outstanding,
            "facts.capacity": lambda: self.capacity,
            "facts.capacity_schedule": lambda: self.capacity_schedule,
            "facts.cost_per_gw": lambda: self.costs_known,
            "facts.financials": lambda: self.financials,
            "facts.revenue_coverage": lambda: self.coverage,
        }
        return made[name]() if name in made else None

    @cached_property
    def assumed(self) -> pl.DataFrame:
        """staging.assumptions."""
        rows = [{"assumption_id": a, "value": v} for a, v in self.assumptions.items()]
        return frame(assumptions.ASSUMPTIONS, rows)

    @cached_property
    def entities(self) -> pl.DataFrame:
        """facts.entities: every party of a leg."""
        legs, power = self.commitments, self.capacity
        named = {*legs["payer_id"], *legs["payee_id"], *power["user_id"].drop_nulls(), *power["provider_id"]}
        return frame(entities.ENTITIES, [{"entity_id": e, "name": e.title(), "kind": "other"} for e in sorted(named)])

    @cached_property
    def capacity(self) -> pl.DataFrame:
        """facts.capacity."""
        return capacity.intervals(frame(CAPACITY, self.power), self.assumptions)

    @cached_property
    def costs_known(self) -> pl.DataFrame:
        """facts.cost_per_gw."""
        return cost_per_gw.cost_intervals(frame(COST_PER_GW, self.costs))

    @cached_property
    def commitments(self) -> pl.DataFrame:
        """facts.commitments."""
        return commitments.intervals(
            frame(COMMITMENTS, self.legs),
            frame(CAPACITY, self.power),
            self.costs_known,
            self.assumptions,
        )

    @cached_property
    def alternatives(self) -> pl.DataFrame:
        """facts.commitment_alternatives."""
        return commitment_alternatives.alternatives(frame(COMMITMENTS, self.legs), self.assumptions)

    @cached_property
    def schedule(self) -> pl.DataFrame:
        """facts.commitment_schedule."""
        return commitment_schedule.commitment_schedule(self.commitments, self.capacity)

    @cached_property
    def capacity_schedule(self) -> pl.DataFrame:
        """facts.capacity_schedule."""
        return capacity_schedule.capacity_schedule(self.capacity, int(self.assumptions["capacity_last_year"]))

    @cached_property
    def financials(self) -> pl.DataFrame:
        """facts.financials."""
        return financials.figures(frame(FINANCIALS, self.figures))

    @cached_property
    def outstanding(self) -> pl.DataFrame:
        """facts.commitment_outstanding."""
        days = commitment_outstanding.days_of_change(self.commitments, self.capacity, self.financials)
        return commitment_outstanding.outstanding(self.commitments, self.capacity, days)

    @cached_property
    def coverage(self) -> pl.DataFrame:
        """facts.revenue_coverage."""
        return revenue_coverage.coverage(
            self.commitments,
            [self.schedule],
            self.financials,
            frame(scenarios.SCENARIOS, self.scenarios),
            self.assumptions,
            days_reported,
        )


def in_force(intervals: pl.DataFrame, on: str) -> pl.DataFrame:
    """The rows in force on a day."""
    asked = day(on)
    return intervals.filter(
        (pl.col("known_from") <= asked) & (pl.col("known_to").is_null() | (asked < pl.col("known_to")))
    )


def one(intervals: pl.DataFrame, on: str, leg_id: str) -> Row:
    """The row of a leg in force on a day; fails if there is not exactly one."""
    return in_force(intervals, on).row(by_predicate=pl.col("leg_id") == leg_id, named=True)


def by_quarter(schedule: pl.DataFrame, column: str = "amount_usd") -> dict[str, float]:
    """Quarter to figure, of a schedule with one interval."""
    return {q.isoformat(): v for q, v in schedule.sort("quarter_start").select("quarter_start", column).iter_rows()}
