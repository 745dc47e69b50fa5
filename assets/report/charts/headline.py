"""The headline figures: promises of the entities in the foreground, their uncertainty, and revenue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from assets.core.formatting import gw, percent, plain, span, times, usd
from assets.report.data import Context, Question
from assets.report.model import Cells, Column

HEADLINE = Question(
    "headline",
    ("metrics.headline",),
    """select entity_id, gross_commitment_usd, net_commitment_low_usd, net_commitment_usd, net_commitment_high_usd,
    imputed_commitment_low_usd, imputed_commitment_usd, imputed_commitment_high_usd, outstanding_commitment_usd,
    capacity_gw, capacity_view, annualised_revenue_usd, is_revenue_reported, commitment_coverage_ratio,
    annualised_revenue_usd / nullif(net_commitment_high_usd, 0) as coverage_low,
    annualised_revenue_usd / nullif(net_commitment_low_usd, 0) as coverage_high,
    commitment_coverage_ratio_with_imputed, years_of_revenue, rumoured_share, unverified_share
    from headline_as_of('{day}') order by net_commitment_usd desc nulls last, entity_id""",
)

RESTS = Question(
    "rests",
    ("facts.commitments", "facts.capacity", "facts.financials"),
    """select payer_id as entity_id, 'promises to buy' as what, source_id from commitments_as_of('{day}')
    where not is_statement and certainty <> 'cancelled' and flow in
    ('compute_purchase', 'chip_purchase', 'lease', 'infrastructure_build', 'revenue_share')
    union select payee_id, 'funding received', source_id from commitments_as_of('{day}')
    where not is_statement and certainty <> 'cancelled' and flow in ('equity_investment', 'debt')
    union select user_id, 'gigawatts', source_id from capacity_as_of('{day}') where stage <> 'cancelled'
    union (select entity_id, 'revenue', source_id from facts.financials
    where metric = 'revenue' and basis in ('reported', 'reported_by_press') and value is not null
    and known_from <= '{day}'
    qualify rank() over (partition by entity_id order by period_end desc, period_months, known_from desc) = 1)
    order by 1, 2, 3""",
)

QUESTIONS = {"headline": HEADLINE, "rests": RESTS}

TABLE = "metrics.headline."


@dataclass(frozen=True)
class Fact:
    """One figure of the headline, with its range and the column that holds it."""

    label: str
    value: str
    beside: str
    origin: str


@dataclass(frozen=True)
class Answer:
    """The headline of one entity on one day."""

    entity_id: str
    sentence: str
    facts: tuple[Fact, ...]


def answers(frame: pl.DataFrame, context: Context) -> list[Answer]:
    """The headline of each entity in the foreground; missing figures are called unknown."""
    rows = {r["entity_id"]: r for r in frame.to_dicts()}
    return [_answer(e, rows.get(e, {}), context) for e in context.subjects]


def _answer(entity_id: str, row: Mapping[str, Any], context: Context) -> Answer:
    def value(name: str) -> Any:
        return row.get(name)

    name = context.name(entity_id)
    view = value("capacity_view")
    facts = (
        Fact("promised, parts counted again (gross)", usd(value("gross_commitment_usd")), "", "gross_commitment_usd"),
        Fact(
            "promised, no promise inside a larger one (net)",
            usd(value("net_commitment_usd")),
            _bounds(row, "net_commitment"),
            "net_commitment_usd",
        ),
        Fact(
            "without a stated price, imputed from gigawatts",
            usd(value("imputed_commitment_usd")),
            _bounds(row, "imputed_commitment"),
            "imputed_commitment_usd",
        ),
        Fact("power, largest single view", gw(value("capacity_gw")), f"{view} view" if view else "", "capacity_gw"),
        Fact(
            "revenue a year",
            usd(value("annualised_revenue_usd")),
            {True: "latest reported, annualised", False: "run rate"}.get(value("is_revenue_reported"), ""),
            "annualised_revenue_usd",
        ),
        Fact(
            "a year's revenue as a share of net promises",
            percent(value("commitment_coverage_ratio")),
            _range(value("coverage_low"), value("coverage_high")),
            "commitment_coverage_ratio",
        ),
        Fact(
            "the same, imputed promises included",
            percent(value("commitment_coverage_ratio_with_imputed")),
            f"{value('years_of_revenue'):,.0f} years of revenue" if value("years_of_revenue") is not None else "",
            "commitment_coverage_ratio_with_imputed",
        ),
    )
    return Answer(entity_id, _sentence(name, row), facts)


def _range(low: float | None, high: float | None) -> str:
    """Bounds of a share; without an upper bound there are none, since the denominator may be 0."""
    if low is None:
        return ""
    return f"{percent(low)} or more" if high is None else f"{percent(low)} to {percent(high)}"


def _bounds(row: Mapping[str, Any], name: str) -> str:
    """Bounds of an amount, if they differ from the amount."""
    low, high = row.get(f"{name}_low_usd"), row.get(f"{name}_high_usd")
    return "" if low == high else span(low, high)


def _sentence(name: str, row: Mapping[str, Any]) -> str:
    net, revenue = row.get("net_commitment_usd"), row.get("annualised_revenue_usd")
    if net is None:
        return f"What {name} has promised to buy is unknown to the ledger on this day."
    if not revenue:
        return f"{name} has promised to buy for {usd(net)}; its revenue is unknown to the ledger on this day."
    return f"{name} has promised to buy for {usd(net)}: {times(net / revenue)} what it earns in a year."


def table(frame: pl.DataFrame, context: Context) -> Cells:
    """Every entity with promises, in one table."""
    held = frame.filter(pl.col("net_commitment_usd").is_not_null() | pl.col("imputed_commitment_usd").gt(0))
    rows = [
        (
            context.name(r["entity_id"]), usd(r["gross_commitment_usd"]), usd(r["net_commitment_usd"]),
            span(r["net_commitment_low_usd"], r["net_commitment_high_usd"]), usd(r["imputed_commitment_usd"]),
            gw(r["capacity_gw"]) + (f" ({plain(r['capacity_view'])})" if r["capacity_view"] else ""),
            usd(r["annualised_revenue_usd"]), percent(r["commitment_coverage_ratio"]),
            percent(r["rumoured_share"]), percent(r["unverified_share"]),
        )
        for r in held.to_dicts()
    ]  # fmt: skip
    return Cells(
        "Every buyer in the ledger",
        (
            Column("buyer", f"{TABLE}entity_id", is_number=False),
            Column("gross", f"{TABLE}gross_commitment_usd"),
            Column("net", f"{TABLE}net_commitment_usd"),
            Column("net, low to high", f"{TABLE}net_commitment_low_usd"),
            Column("imputed", f"{TABLE}imputed_commitment_usd"),
            Column("power", f"{TABLE}capacity_gw"),
            Column("revenue a year", f"{TABLE}annualised_revenue_usd"),
            Column("coverage", f"{TABLE}commitment_coverage_ratio"),
            Column("rumoured", f"{TABLE}rumoured_share"),
            Column("unverified", f"{TABLE}unverified_share"),
        ),
        rows,
    )


def rests(frame: pl.DataFrame, entity_id: str) -> list[tuple[str, list[str]]]:
    """The documents behind the figures of an entity, by kind of figure."""
    own = frame.filter((pl.col("entity_id") == entity_id) & pl.col("source_id").is_not_null())
    return [
        (what, own.filter(pl.col("what") == what)["source_id"].unique().sort().to_list())
        for what in own["what"].unique().sort().to_list()
    ]
