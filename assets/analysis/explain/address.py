"""Traces a published number to its rows, files, lines and sources.

Grain: one explanation per number. Rules: contributions of a term add up to it, unless the term is marked as one without
shares. A column that is not explained leg by leg is shown with its row, its meaning and its lineage.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

from assets.analysis import lookup
from assets.analysis.explain import claims, coverage, graph, leg, money, power
from assets.analysis.explain.model import Explanation, Found, Term
from assets.analysis.names_and_days import day_in
from assets.warehouse.published_file import Book, Row

MONEY = ("amount_low_usd", "amount_usd", "amount_high_usd", "net_amount_usd")

EXPLAINED: Mapping[str, tuple[Callable[[Book, Row, str], Found], tuple[str, ...]]] = {
    "metrics.headline": (money.headline, tuple(money.HEADLINE)),
    "metrics.commitments_by_counterparty": (
        money.counterparty,
        (
            "leg_count",
            "gross_commitment_usd",
            "net_commitment_usd",
            "net_relayed_usd",
            "net_unverified_usd",
            "imputed_commitment_usd",
        ),
    ),
    "facts.commitment_outstanding": (
        money.outstanding,
        ("outstanding_commitment_usd", "outstanding_imputed_usd"),
    ),
    "facts.commitments": (leg.commitment, (*MONEY, "net_amount_low_usd", "net_amount_high_usd")),
    "facts.commitment_schedule": (leg.schedule, MONEY),
    "facts.financials": (leg.financial, ("low_value", "value", "high_value")),
    "metrics.capacity_by_view": (power.by_view, ("capacity_gw", "gross_capacity_gw")),
    "metrics.capacity_by_quarter": (power.by_quarter, ("energised_gw",)),
    "facts.capacity": (
        power.capacity,
        ("capacity_low_gw", "capacity_gw", "capacity_high_gw", "net_capacity_gw"),
    ),
    "facts.capacity_schedule": (power.schedule, ("energised_gw", "net_energised_gw")),
    "facts.revenue_coverage": (
        coverage.coverage,
        (
            "obligations_usd",
            "imputed_obligations_usd",
            "reported_revenue_usd",
            "revenue_usd",
            "funding_usd",
            "coverage_ratio",
            "opening_cash_usd",
            "funding_gap_usd",
        ),
    ),
    "metrics.circularity": (
        graph.circularity,
        ("total_usd", "circulating_usd", "circular_share", "reciprocity", "finn_cycling_index"),
    ),
    "metrics.loops": (graph.loop, ("bottleneck_usd",)),
    "metrics.supplier_round_trip": (
        graph.round_trip,
        ("funding_usd", "purchases_usd", "round_trip_usd", "round_trip_share"),
    ),
    "metrics.claims": (claims.claim, ("measured_value",)),
}


def explain(book: Book, asked: str, key: Mapping[str, str], day: dt.date | None) -> Explanation:
    """Explain one number.

    Errors: Unclear for an unknown table, column, key or day, or a key of several rows.
    """
    table, column = lookup.column_of(book, asked)
    shown, said = day_in(book, day)
    row = lookup.row_of(book, table, key, shown)
    dictionary = lookup.dictionary_of(book, table)
    about = next((d for d in dictionary if d["column_name"] == column), None)
    explainer, columns = EXPLAINED.get(table, (None, ()))
    remarks = [said] if said else []
    formula = ""
    found: list[Term] = []
    if explainer and column in columns and row[column] is None and table != "metrics.claims":
        formula = "unknown: no row of the seeds says it, and absence is never zero"
    elif explainer and column in columns:
        formula, found = explainer(book, row, column)
    else:
        remarks.append("not explained row by row: shown are the row and what its table rests on")
    return Explanation(
        table=table,
        column=column,
        unit=_unit(about, row),
        meaning=about["description"] if about else "",
        day=shown,
        key={d["column_name"]: row[d["column_name"]] for d in dictionary if d["is_key"]},
        value=row[column],
        formula=formula,
        terms=found,
        rests_on=about["source"] if about else "",
        remarks=remarks,
        row={} if formula else row,
    )


def _unit(about: Row | None, row: Row) -> str:
    """The unit of the column, or of the row if the unit differs by row."""
    unit = str(about["unit"]) if about else ""
    return str(row["unit"]) if unit == "mixed" and row.get("unit") else unit
