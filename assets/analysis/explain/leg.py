"""Explains the figures of one promise of money: its row of the seeds, gigawatts and their cost, its parts."""

from __future__ import annotations

import math

from assets.analysis import legs
from assets.analysis.explain.model import Found, Term, grounds, summed
from assets.core.vocabulary import COMPONENT_OF_FLOW
from assets.warehouse.published_file import Book, Row

COST = {"amount_low_usd": "cost_low_usd_per_gw", "amount_usd": "cost_median_usd_per_gw"}

COST["amount_high_usd"] = "cost_high_usd_per_gw"

WHICH = {"amount_low_usd": "lowest", "amount_usd": "median", "amount_high_usd": "highest"}


def commitment(book: Book, row: Row, column: str) -> Found:
    """Explain an amount of facts.commitments."""
    day = row["known_from"]
    in_force = legs.money(book, day)
    leg = next(x for x in in_force if x["leg_id"] == row["leg_id"])
    amount = column.removeprefix("net_")
    formula, terms = _amount(book, leg, amount)
    if not column.startswith("net_"):
        return formula, terms
    parts = [
        x
        for x in in_force
        if x["part_of_leg_id"] == leg["leg_id"]
        and not x["is_statement"]
        and (leg["is_imputed_amount"] or not x["is_imputed_amount"])
    ]
    found = [legs.of_leg(x, x[amount]) for x in parts]
    about = "parts of this promise that are in the ledger themselves"
    own = summed("parts", "USD", about, found, math.fsum(c.value or 0.0 for c in found))
    return f"what the parts leave of the amount, at least 0; amount: {formula}", [*terms, own]


def _amount(book: Book, leg: Row, amount: str) -> Found:
    if not leg["is_imputed_amount"]:
        about = f"as the row of the seeds states it ({leg['qualifier']})"
        if amount != "amount_usd":
            about = f"the bound that is stated, or that follows from the qualifier {leg['qualifier']}"
        return about, [summed("amount", "USD", about, [legs.of_leg(leg, leg[amount])], leg[amount])]
    sites = [s for s in legs.power(book, leg["known_from"]) if s["leg_id"] == leg["capacity_leg_id"]]
    gigawatts = [legs.of_power(s, s["capacity_gw"]) for s in sites]
    component = COMPONENT_OF_FLOW[leg["flow"]]
    (cost,) = book.rows(
        "from facts.cost_per_gw where component = $component and known_from <= $day "
        "and (known_to is null or $day < known_to)",
        component=component,
        day=leg["known_from"],
    )
    known = legs.estimates(book, component, leg["known_from"])
    estimates = [legs.of_estimate(e, e["usd_per_gw"]) for e in known]
    terms: list[Term] = [
        grounds("amount", "USD", "no figure was given", [legs.of_leg(leg, leg[amount])], leg[amount]),
        summed("power", "GW", "gigawatts that the money buys", gigawatts, sum(g.value or 0.0 for g in gigawatts)),
        grounds(
            "cost", "USD/GW", f"{WHICH[amount]} estimate for {component} known then", estimates, cost[COST[amount]]
        ),
    ]
    return "power times cost, within bounds that were stated", terms


def schedule(book: Book, row: Row, column: str) -> Found:
    """Explain an amount of facts.commitment_schedule."""
    leg = next(x for x in legs.money(book, row["known_from"]) if x["leg_id"] == row["leg_id"])
    whole, part = leg[column], row[column]
    share = f"{part / whole * 100:.2f} % of {whole:,.0f}" if whole and part is not None else "nothing of it"
    how = "as its power comes on" if leg["first_power_on"] else "evenly"
    about = f"spread {how} from {leg['starts_on']} to {leg['ends_on']}{', assumed' if leg['is_imputed_dates'] else ''}"
    quarter = row["quarter_start"]
    return f"the part of the promise that falls into the quarter from {quarter} on; {about}", [
        summed("due", "USD", about, [legs.of_leg(leg, part, share)], part)
    ]


def financial(book: Book, row: Row, column: str) -> Found:
    """Explain a figure of facts.financials: one row of the seeds."""
    names = ("metric", "definition", "period_start", "period_end", "known_from", "source_id", "basis")
    found = [
        f
        for f in legs.figures(book, row["entity_id"], row["known_from"])
        if all(f[n] == row[n] for n in names) and f["value"] == row["value"]
    ]
    unit = row["unit"] if column != "period_months" else "mixed"
    value = float(row[column]) if isinstance(row[column], int | float) else None
    return "as the row of the seeds states it", [
        summed("figure", unit, "one figure of one source", [legs.of_figure(f, value) for f in found[:1]], value)
        if value is not None
        else grounds("figure", unit, "one figure of one source", [legs.of_figure(f, None) for f in found[:1]], None)
    ]
