"""Explains figures of the money graph: totals, loops and round trips, leg by leg.

Many flows reach the value of the largest circulation, so no leg has a share of it; the figure is shown with its inputs,
undivided.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import pairwise

from assets.analysis import legs as ledger
from assets.analysis.explain.model import Contribution, Found, Term, grounds, summed
from assets.core.vocabulary import CONTINGENT, FUNDING, PURCHASES
from assets.warehouse.published_file import Book, Row

ARROW = " → "

LOOPS_SHOWN = 5

Weighted = tuple[Row, float]


def weighted(book: Book, row: Row) -> list[Weighted]:
    """The legs in the graph of a row (day, basis and amount basis) with their amounts."""
    flows = {*PURCHASES, *FUNDING} | ({*CONTINGENT} if row["basis"] == "with_contingent" else set())
    disclosed = row["basis"] == "disclosed"
    counted = [
        leg
        for leg in ledger.money(book, row["as_of_date"])
        if leg["flow"] in flows
        and not leg["is_statement"]
        and (leg["net_amount_usd"] or 0) > 0
        and not (disclosed and leg["is_imputed_amount"])
    ]
    if row["amount_basis"] == "point":
        return [(leg, round(leg["net_amount_usd"], 2)) for leg in counted]
    (mode,) = book.rows(
        "select value from staging.scenarios where scenario_id = 'base' and parameter = 'up_to_mode_share'"
    )
    return [(leg, round(leg["net_amount_usd"] * expected_ratio(leg, mode["value"]), 2)) for leg in counted]


def expected_ratio(leg: Row, up_to_mode_share: float) -> float:
    """Expected over point amount: the PERT mean; the mode of an up_to lies between its bounds."""
    low, point, high = leg["amount_low_usd"], leg["amount_usd"], leg["amount_high_usd"]
    if not point or low is None or high is None:
        return 1.0
    mode = point
    if leg["qualifier"] == "up_to" and not leg["is_imputed_amount"]:
        mode = low + up_to_mode_share * (high - low)
    return float((low + 4 * mode + high) / 6 / point)


def _summed(name: str, about: str, legs: Sequence[Weighted]) -> Term:
    found = [ledger.of_leg(leg, value) for leg, value in legs]
    return summed(name, "USD", about, found, math.fsum(v for _, v in legs))


def circularity(book: Book, row: Row, column: str) -> Found:
    """Explain a figure of metrics.circularity."""
    legs = weighted(book, row)
    total = _summed("total", f"own shares of the legs of the graph ({row['basis']}, {row['amount_basis']})", legs)
    match column:
        case "total_usd":
            return "the sum of the own shares of all legs of the graph", [total]
        case "circulating_usd":
            return "the most that could run in circles over these legs at once", [_circulating(book, row), total]
        case "circular_share":
            return "circulating / total", [_circulating(book, row), total]
        case "reciprocity":
            return "mutual / total", [_mutual(legs), total]
        case _:
            return "what would return if every party passed on its money in proportion, over total", [total]


def _circulating(book: Book, row: Row) -> Term:
    widest = book.rows(
        "from metrics.loops where as_of_date = $day and basis = $basis and amount_basis = $amount_basis "
        "order by bottleneck_usd desc, loop_id limit 5",
        day=row["as_of_date"],
        basis=row["basis"],
        amount_basis=row["amount_basis"],
    )
    about = "the value is unique, the way is not: no leg has a share of its own; the widest loops, which share legs"
    found = [Contribution(loop["loop_id"], None, f"{loop['path']}: {loop['bottleneck_usd']:,.0f}") for loop in widest]
    return grounds("circulating", "USD", about, found, row["circulating_usd"])


def _edges(legs: Sequence[Weighted]) -> dict[tuple[str, str], list[Weighted]]:
    found: dict[tuple[str, str], list[Weighted]] = defaultdict(list)
    for leg, value in legs:
        found[leg["payer_id"], leg["payee_id"]].append((leg, value))
    return found


def _mutual(legs: Sequence[Weighted]) -> Term:
    edges = {pair: math.fsum(v for _, v in own) for pair, own in _edges(legs).items()}
    pairs = [(a, b, 2 * min(v, edges[b, a])) for (a, b), v in edges.items() if a < b and (b, a) in edges]
    found = [Contribution(f"{a} ⇄ {b}", v, "twice the smaller of what they promise one another") for a, b, v in pairs]
    return summed(
        "mutual", "USD", "what two parties promise one another", found, math.fsum(c.value or 0 for c in found)
    )


def loop(book: Book, row: Row, _column: str) -> Found:
    """Explain the bottleneck of a loop: its smallest edge."""
    edges = _edges(weighted(book, row))
    stops = row["path"].split(ARROW)
    terms = [
        _summed(f"{a}{ARROW}{b}", "own shares of the legs of this stretch", edges.get((a, b), []))
        for a, b in pairwise(stops)
    ]
    return "the narrowest stretch of the loop", sorted(terms, key=lambda t: t.value or 0.0)


def round_trip(book: Book, row: Row, column: str) -> Found:
    """Explain a figure of metrics.supplier_round_trip."""
    supplier = row["supplier_id"]
    legs = weighted(book, row)
    gives: Callable[[Row], bool] = lambda g: g["flow"] not in PURCHASES and g["payer_id"] == supplier  # noqa: E731
    sells: Callable[[Row], bool] = lambda g: g["flow"] in PURCHASES and g["payee_id"] == supplier  # noqa: E731
    funding = _summed(
        "funding", "what the supplier promises to invest, lend or guarantee", [x for x in legs if gives(x[0])]
    )
    sales = _summed("purchases", "promised purchases from the supplier", [x for x in legs if sells(x[0])])
    about = "the most that could come back along the promises in between: one value, many ways, no share per leg"
    trip = grounds("round trip", "USD", about, [], row["round_trip_usd"])
    match column:
        case "funding_usd":
            return "the sum of what the supplier promises to invest, lend or guarantee", [funding]
        case "purchases_usd":
            return "the sum of promised purchases from the supplier", [sales]
        case "round_trip_usd":
            return "at most funding and at most purchases: the largest flow from the one to the other", [funding, sales]
        case _:
            return "round trip / purchases", [trip, sales, funding]
