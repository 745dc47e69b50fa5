"""Explains the coverage of a year: dues by leg as weighted by the scenario, revenue, funding."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import replace

from assets.analysis import legs as ledger
from assets.analysis.explain.graph import expected_ratio
from assets.analysis.explain.model import Contribution, Found, Term, grounds, summed
from assets.core.vocabulary import FUNDING, PURCHASES
from assets.warehouse.published_file import Book, Row

MONTHS_IN_QUARTER = 3

SCHEDULED = """
select s.leg_id, s.quarter_start, s.net_amount_usd
from facts.commitment_schedule as s
inner join facts.commitments as c on s.leg_id = c.leg_id and s.known_from = c.known_from
where
    s.known_from <= $day and (s.known_to is null or $day < s.known_to)
    and s.net_amount_usd is not null and (c.payer_id = $entity or c.payee_id = $entity)
order by s.leg_id, s.quarter_start
"""


def coverage(book: Book, row: Row, column: str) -> Found:  # noqa: PLR0911 - one sentence per column
    """Explain a figure of facts.revenue_coverage."""
    match column:
        case "obligations_usd":
            return "the sum of what falls due in the year, weighted as the scenario says", [_dues(book, row, "dues")]
        case "imputed_obligations_usd":
            return "the part of the obligations that is imputed from gigawatts", [_dues(book, row, "imputed")]
        case "funding_usd":
            return "the sum of the funding that arrives in the year, weighted by its certainty", [
                _dues(book, row, "funding")
            ]
        case "coverage_ratio":
            return "revenue / obligations", [_revenue(book, row), _dues(book, row, "dues")]
        case "opening_cash_usd":
            return "the last balance known before the year; later years open with what is left over", [_cash(book, row)]
        case "funding_gap_usd":
            (other,) = book.rows("select value from staging.assumptions where assumption_id = 'other_cost_ratio'")
            kept = f"{1 - other['value']:.4g}"
            terms = [_dues(book, row, "dues"), _revenue(book, row), _dues(book, row, "funding"), _cash(book, row)]
            return f"obligations - {kept} x revenue - funding - opening cash, at least 0", terms
        case "reported_revenue_usd":
            reported = replace(_revenue(book, row), name="reported", value=row[column])
            return "what was reported of the year, as known then", [reported]
        case _:
            return "reported where it is known, completed and continued by a path", [_revenue(book, row)]


def _dues(book: Book, row: Row, what: str) -> Term:
    """The legs that fall due in the year, each with its weight."""
    day, entity = row["as_of_date"], row["entity_id"]
    weights = {
        r["parameter"]: r["value"]
        for r in book.rows(
            "select parameter, value from staging.scenarios where scenario_id = $scenario", scenario=row["scenario_id"]
        )
    }
    legs = {leg["leg_id"]: leg for leg in ledger.money(book, day) if _is_wanted(leg, entity, what)}
    sums: dict[str, list[float]] = {}
    for due in book.rows(SCHEDULED, day=day, entity=entity):
        leg = legs.get(due["leg_id"])
        if leg and _year(leg, due["quarter_start"], weights) == row["year"]:
            sums.setdefault(leg["leg_id"], []).append(round(due["net_amount_usd"] * _weight(leg, weights), 2))
    found: list[Contribution] = []
    for name, amounts in sums.items():
        leg = legs[name]
        found.append(ledger.of_leg(leg, math.fsum(amounts), f"weighted {_weight(leg, weights):.4g}"))
    about = "own shares that fall due in the year, times probability, expected over stated amount, and price"
    column = {"dues": "obligations_usd", "imputed": "imputed_obligations_usd", "funding": "funding_usd"}[what]
    name = {"dues": "obligations", "imputed": "imputed obligations", "funding": "funding"}[what]
    return summed(name, "USD", about, found, row[column])


def _is_wanted(leg: Row, entity: str, what: str) -> bool:
    if what == "funding":
        return leg["payee_id"] == entity and leg["flow"] in FUNDING
    is_due = leg["payer_id"] == entity and leg["flow"] in PURCHASES
    return is_due and (what == "dues" or bool(leg["is_imputed_amount"]))


def _moves(leg: Row) -> bool:
    return leg["flow"] in PURCHASES and leg["certainty"] != "paid"


def _year(leg: Row, quarter: dt.date, weights: Mapping[str, float]) -> int:
    """The year in which a quarter's amount falls due, after the delay of the scenario."""
    if not _moves(leg) or quarter <= leg["known_from"]:
        return quarter.year
    months = quarter.year * 12 + quarter.month - 1 + MONTHS_IN_QUARTER * int(weights["delay_quarters"])
    return months // 12


def _weight(leg: Row, weights: Mapping[str, float]) -> float:
    """Probability, expected amount and price."""
    ratio = expected_ratio(leg, weights["up_to_mode_share"]) if weights["is_expected_amount"] == 1 else 1.0
    price = weights["price_multiplier"] if _moves(leg) else 1.0
    return ratio * weights[f"p_{leg['certainty']}"] * price


def _revenue(book: Book, row: Row) -> Term:
    figures = ledger.figures(book, row["entity_id"], row["as_of_date"])
    known = [f for f in figures if f["metric"] == "revenue" and f["definition"] is None and f["value"] is not None]
    vintage = f", projections of {row['projection_vintage']}" if row["projection_vintage"] else ""
    about = f"${row['reported_revenue_usd']:,.0f} of it reported; the rest by a path through the figures below{vintage}"
    found = [ledger.of_figure(f, None, f"{f['value']:,.0f}") for f in known]
    return grounds("revenue", "USD", about, found, row["revenue_usd"])


def _cash(book: Book, row: Row) -> Term:
    figures = ledger.figures(book, row["entity_id"], row["as_of_date"])
    known = [f for f in figures if f["metric"] == "cash" and f["definition"] is None and f["value"] is not None]
    found = [ledger.of_figure(f, None, f"{f['value']:,.0f}") for f in known]
    about = "unknown, counted as 0" if row["opening_cash_usd"] is None else "known balances; later years carry over"
    return grounds("opening cash", "USD", about, found, row["opening_cash_usd"])
