"""Explains the measure of a claim: the legs and figures that its SELECT in `sql/metrics/claims/` counts.

A claim without an entry here is shown with its SELECT and its explanation, without contributions.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from assets.analysis import legs as ledger
from assets.analysis.explain.model import Contribution, Found, Term, grounds, summed
from assets.analysis.explain.money import revenue
from assets.core.vocabulary import FUNDING, PURCHASES
from assets.warehouse.published_file import Book, Row

STARGATE = ("openai", "stargate_llc")

WARRANT = "w_amd_openai"


def claim(book: Book, row: Row, _column: str) -> Found:
    """Explain the measured value of a claim."""
    explain = CLAIMS.get(row["claim_id"])
    if explain is None or row["measured_value"] is None:
        where = f"sql/metrics/claims/{row['claim_id']}.sql"
        return f"{row['explanation']}; measured by {where}", []
    return explain(book, row)


def _sum(name: str, about: str, found: Sequence[Contribution]) -> Term:
    return summed(name, "USD", about, found, math.fsum(c.value or 0.0 for c in found))


def _one_leg(leg_id: str) -> Callable[[Book, Row], Found]:
    def explain(book: Book, row: Row) -> Found:
        legs = [leg for leg in ledger.money(book, row["as_of_date"]) if leg["leg_id"] == leg_id]
        return f"the amount of {leg_id} as it stood", [
            _sum("amount", "as stated", [ledger.of_leg(leg, leg["amount_usd"]) for leg in legs])
        ]

    return explain


def _bought(book: Book, row: Row, payers: Sequence[str]) -> Term:
    legs = [
        leg
        for leg in ledger.money(book, row["as_of_date"])
        if leg["payer_id"] in payers and leg["flow"] in PURCHASES and not leg["is_statement"]
    ]
    found = [ledger.of_leg(leg, leg["net_amount_usd"]) for leg in legs]
    return _sum("purchases", f"own shares that {' or '.join(payers)} pays, imputed ones included", found)


def _announced(book: Book, row: Row) -> Found:
    return "the sum of the own shares of the announced purchases", [_bought(book, row, STARGATE)]


def _gap(book: Book, row: Row) -> Found:
    (headline,) = book.rows(
        "from headline_as_of($day) where entity_id = 'openai'",
        day=row["as_of_date"],
    )
    return "revenue / purchases", [revenue(book, headline), _bought(book, row, STARGATE)]


def _cannot(book: Book, row: Row) -> Found:
    legs = [
        leg
        for leg in ledger.money(book, row["as_of_date"])
        if leg["payee_id"] == "openai" and leg["flow"] in FUNDING and not leg["is_statement"]
    ]
    funding = _sum("funding", "promised to openai", [ledger.of_leg(leg, leg["net_amount_usd"]) for leg in legs])
    known = [
        f
        for f in ledger.figures(book, "openai", row["as_of_date"])
        if f["metric"] == "cash" and f["definition"] is None and f["value"] is not None
    ]
    last = sorted(known, key=lambda f: (f["period_end"], f["known_from"]))[-1:]
    cash = _sum("cash", "last balance known", [ledger.of_figure(f, f["value"]) for f in last])
    return "1 if funding + cash < purchases, else 0", [funding, cash, _bought(book, row, ["openai"])]


def _gigawatts(book: Book, row: Row) -> Found:
    legs = [x for x in ledger.power(book, row["as_of_date"]) if x["leg_id"] in {"k_nvidia", "k_amd"}]
    found = [ledger.of_power(leg, leg["capacity_gw"]) for leg in legs]
    return "the sum of the two promises", [summed("power", "GW", "as stated", found, row["measured_value"])]


def _first_version(book: Book, row: Row) -> Found:
    (first,) = book.rows("select min(known_from) as day from facts.capacity where leg_id = 'k_stargate_us'")
    legs = [leg for leg in ledger.power(book, first["day"]) if leg["leg_id"] == "k_stargate_us"]
    found = [ledger.of_power(leg, leg["capacity_gw"]) for leg in legs]
    return "the first announced version", [summed("power", "GW", "as stated", found, row["measured_value"])]


def _half_year(book: Book, row: Row) -> Found:
    found = [
        ledger.of_figure(f, f["value"])
        for f in ledger.figures(book, "openai", row["as_of_date"])
        if f["metric"] == "revenue" and f["definition"] is None and f["value"] == row["measured_value"]
    ]
    return "the latest figure known", [summed("revenue", "USD", "as stated", found[-1:], row["measured_value"])]


def _loop(book: Book, row: Row) -> Found:
    legs = [
        leg
        for leg in ledger.money(book, row["as_of_date"])
        if {leg["payer_id"], leg["payee_id"]} == {"nvidia", "openai"}
        and (leg["net_amount_usd"] or 0) > 0
        and leg["flow"] in {*PURCHASES, *FUNDING}
    ]
    found = [ledger.of_leg(leg, None, f"{leg['net_amount_usd']:,.0f}") for leg in legs]
    about = "the direct promises between the two; the loop may run over others, see metrics.loops"
    return "1 if money could flow from nvidia to openai and back, else 0", [
        grounds("loop", "loops", about, found, row["measured_value"])
    ]


def _warrant(book: Book, row: Row) -> tuple[Row, float, list[Term]]:
    """The warrant with its highest hurdle, and their sources."""
    (warrant,) = book.rows(
        "select w.*, s.publisher, s.title, s.url from staging.warrants as w "
        "left join facts.sources as s on w.source_id = s.source_id where w.warrant_id = $warrant",
        warrant=WARRANT,
    )
    tranches = book.rows(
        "select t.*, s.publisher, s.title, s.url from staging.warrant_tranches as t left join facts.sources as s "
        "on t.source_id = s.source_id where t.warrant_id = $warrant and t.status_on <= $day "
        "and t.share_price_hurdle_usd is not null order by t.share_price_hurdle_usd desc limit 1",
        warrant=WARRANT,
        day=row["as_of_date"],
    )
    shares = _row_of(warrant, warrant["warrant_id"], warrant["max_shares"], "shares if everything vests")
    strike = _row_of(warrant, warrant["warrant_id"], warrant["strike_usd"], "price to pay per share")
    terms = [
        summed("shares", "shares", "of the warrant", [shares], warrant["max_shares"]),
        summed("strike", "USD/share", "of the warrant", [strike], warrant["strike_usd"]),
    ]
    hurdle = 0.0
    if tranches:
        hurdle = tranches[0]["share_price_hurdle_usd"]
        own = _row_of(tranches[0], tranches[0]["tranche_id"], hurdle, "price that the share must reach")
        terms.insert(1, summed("hurdle", "USD/share", "the highest of the tranches", [own], hurdle))
    return warrant, hurdle, terms


def _row_of(row: Row, name: str, value: float, about: str) -> Contribution:
    return Contribution(
        name=name,
        value=value,
        told=about,
        evidence=row["evidence"],
        source_file=row["source_file"],
        source_line=row["source_line"],
        source=f"{row['publisher']}: {row['title']}",
        source_url=row["url"],
    )


def _warrant_value(book: Book, row: Row) -> Found:
    return "shares x (hurdle - strike)", _warrant(book, row)[2]


def _warrant_offset(book: Book, row: Row) -> Found:
    legs = [
        leg
        for leg in ledger.money(book, row["as_of_date"])
        if (leg["payer_id"], leg["payee_id"], leg["flow"]) == ("openai", "amd", "chip_purchase")
        and not leg["is_statement"]
    ]
    bought = _sum("purchases", "of chips from amd", [ledger.of_leg(leg, leg["net_amount_usd"]) for leg in legs])
    return "shares x (hurdle - strike) / purchases", [*_warrant(book, row)[2], bought]


def _warrant_share(book: Book, row: Row) -> Found:
    known = [
        f
        for f in ledger.figures(book, "amd", row["as_of_date"])
        if f["metric"] == "shares_outstanding" and f["value"] is not None
    ]
    last = sorted(known, key=lambda f: (f["period_end"], f["known_from"]))[-1:]
    found = [ledger.of_figure(f, f["value"]) for f in last]
    outstanding = summed("outstanding", "shares", "as last reported", found, found[0].value if found else None)
    return "shares / outstanding", [_warrant(book, row)[2][0], outstanding]


CLAIMS: Mapping[str, Callable[[Book, Row], Found]] = {
    "amd_warrant_offset": _warrant_offset,
    "amd_warrant_share": _warrant_share,
    "amd_warrant_value": _warrant_value,
    "announced_total": _announced,
    "broadcom_order": _one_leg("l_broadcom_10b_order"),
    "cannot_fund_itself": _cannot,
    "nvidia_amd_capacity": _gigawatts,
    "nvidia_investment": _one_leg("l_nvidia_loi"),
    "nvidia_loop": _loop,
    "revenue_gap": _gap,
    "revenue_h1_2025": _half_year,
    "stargate_capacity": _first_version,
    "stargate_investment": _one_leg("l_stargate_program"),
}
