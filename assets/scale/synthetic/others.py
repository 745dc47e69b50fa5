"""The other files of a synthetic ledger: documents, deals, company figures, costs, shares, warrants, and one claim."""

from __future__ import annotations

import numpy as np
import polars as pl

from assets.scale.synthetic import shape
from assets.scale.synthetic.draws import Draws, Whole
from assets.scale.synthetic.legs import Legs, as_ids
from assets.scale.synthetic.parties import Parties
from assets.scale.synthetic.rows import Terms

SOURCE_KINDS = ("filing", "press_release", "company_statement", "news_report", "analysis")
REPORTED_YEARS = range(2021, 2026)
PROJECTED_YEARS = range(2026, 2031)
LEAST_REVENUE_USD, PROMISES_PER_REVENUE = 30_000_000, 100
"""Revenue of the first year: a hundredth of the promises by or to a party; 1 to 7 % a year in the ledger."""
GROWTH_PERCENT = (105, 130)
CASH_PERCENT = (20, 80)
"""Cash as a percentage of a year's revenue."""
DEBTORS = ("ai_lab", "hyperscaler", "chip_vendor")
PROJECTED_ON = "2026-01-15"
SPEND_PERCENT = 40
"""Stated compute spending of a lab in the projected years as a share of its promises: about the amount due then, so
that most labs are measurable (assumption completeness_min) and some are not.
"""
PRICE_DAYS = 7
"""One close a week."""
FIRST_CLOSE_CENTS = (20_00, 400_00)
CHANGE_PER_MILLE = (-60, 65)
"""Weekly: a standard deviation of 3.6 %, a quarter in a year."""
SHARES = 100_000_000


def sources(days: Whole, per_day: int) -> pl.DataFrame:
    """Documents: the same number on every day of knowledge."""
    position = np.arange(days.size * per_day)
    return pl.DataFrame(
        {
            "source_id": as_ids("s", position),
            "publisher": "Synthetic wire",
            "title": pl.Series(position + 1).cast(pl.String),
            "published_on": dates(days[position // per_day]),
            "kind": pl.Series(SOURCE_KINDS).gather(position % len(SOURCE_KINDS)),
        }
    ).with_columns(title=pl.format("Synthetic document {}", "title"))


def deals(made: Legs, terms: Terms, days: Whole, per_day: int) -> pl.DataFrame:
    """Deals: announced on the first day on which one of their legs was known."""
    announced = np.full(int(made.deal.max()) + 1, np.iinfo(np.int64).max)
    np.minimum.at(announced, made.deal, terms.first_day)
    position = np.arange(announced.size)
    return pl.DataFrame(
        {
            "deal_id": as_ids("d", position),
            "name": pl.Series(position + 1).cast(pl.String),
            "announced_on": dates(announced),
            "description": "made up, to try the warehouse at a size",
            "source_id": as_ids("s", np.searchsorted(days, announced) * per_day),
        }
    ).with_columns(name=pl.format("Synthetic deal {}", "name"))


def financials(made: Legs, who: Parties, draws: Draws) -> pl.DataFrame:
    """Revenue by year, reported and projected, and cash, of the labs and their large suppliers; spending of the labs.

    Rules: reported in March of the next year; growth between 5 and 30 %, constant over the years. Suppliers state no
    spending.
    """
    rows: list[dict[str, str]] = []
    debtors = [n for n, kind in enumerate(who.kinds) if kind in DEBTORS]
    paid, received = _promised_usd(made, who)
    first = np.maximum(paid, received)[debtors].tolist()
    growth = draws.between("growth", GROWTH_PERCENT, len(debtors)).tolist()
    cash = draws.between("cash", CASH_PERCENT, len(debtors)).tolist()
    for party, promised, grows, kept in zip(debtors, first, growth, cash, strict=True):
        figure = {"entity_id": who.ids[party], "unit": "USD", "evidence": "seen", "source_id": "s0000001"}
        usd = max(promised // PROMISES_PER_REVENUE, LEAST_REVENUE_USD)
        for year in (*REPORTED_YEARS, *PROJECTED_YEARS):
            is_reported = year in REPORTED_YEARS
            shared = {
                "basis": "reported" if is_reported else "projected",
                "known_from": f"{year + 1}-03-02" if is_reported else PROJECTED_ON,
                "period_end": f"{year}-12-31",
            }
            if is_reported or who.kinds[party] == "ai_lab":
                rows.append(figure | shared | {"metric": "revenue", "period_start": f"{year}-01-01", "value": str(usd)})
            if is_reported:
                rows.append(figure | shared | {"metric": "cash", "value": str(usd * kept // 100)})
            usd = usd * grows // 100
        if who.kinds[party] == "ai_lab":
            spends = max(int(paid[party]) * SPEND_PERCENT // 100, LEAST_REVENUE_USD)
            shared = {"basis": "projected", "known_from": PROJECTED_ON, "metric": "compute_spend", "value": str(spends)}
            span = {"period_start": f"{PROJECTED_YEARS[0]}-01-01", "period_end": f"{PROJECTED_YEARS[-1]}-12-31"}
            rows.append(figure | shared | span)
    return pl.DataFrame(rows, schema=dict.fromkeys(rows[0].keys() | rows[1].keys(), pl.String))


def _promised_usd(made: Legs, who: Parties) -> tuple[Whole, Whole]:
    """Amounts promised by each party, and to each party."""
    paid, received = np.zeros(len(who.ids), np.int64), np.zeros(len(who.ids), np.int64)
    counted = np.where(made.is_undisclosed | made.is_statement, 0, made.cents // 100)
    np.add.at(paid, made.payer, counted)
    np.add.at(received, made.payee, counted)
    return paid, received


def costs(days: Whole) -> pl.DataFrame:
    """Three estimates per component, each from another third of the days of knowledge on."""
    rows = [
        {
            "estimate_id": f"g_{component}_{n + 1}",
            "estimator": f"Synthetic analyst {n + 1}",
            "component": component,
            "usd_per_gw": str(per_mw * 1000),
            "known_from": str(dates(days[[n * days.size // 3]])[0]),
            "evidence": "seen",
            "source_id": "s0000001",
        }
        for component, estimates in shape.COSTS_USD_PER_MW.items()
        for n, per_mw in enumerate(estimates)
    ]
    return pl.DataFrame(rows)


def warrants(made: Legs, who: Parties, days: Whole) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Warrants that vendors grant to labs, and their tranches: one vested, one waiting for power, one for a price."""
    count = min(shape.MOST_WARRANTS, 1 + made.size // 500)
    vendors, labs = who.of(("chip_vendor",)), who.of(("ai_lab",))
    shared = {"evidence": "seen", "source_id": "s0000001"}
    issued = str(dates(days[[days.size // 2]])[0])
    granted = [
        {
            "warrant_id": f"w{n + 1}",
            "deal_id": str(as_ids("d", np.array([n]))[0]),
            "issuer_id": who.ids[vendors[n % vendors.size]],
            "holder_id": who.ids[labs[n % labs.size]],
            "max_shares": str(SHARES),
            "strike_usd": "0.01",
            "issued_on": issued,
            "expires_on": "2031-12-31",
            "vesting": "by gigawatts and share price",
            "known_from": issued,
            **shared,
        }
        for n in range(count)
    ]
    conditions = ({"status": "vested"}, {"gw_milestone": "1"}, {"gw_milestone": "6", "share_price_hurdle_usd": "600"})
    parts = [
        {
            "tranche_id": f"{warrant['warrant_id']}_{seq}",
            "warrant_id": warrant["warrant_id"],
            "seq": str(seq),
            "shares": str(SHARES // 4),
            "gw_milestone": "",
            "share_price_hurdle_usd": "",
            "status": "unvested",
            "status_on": issued,
            **shared,
            **condition,
        }
        for warrant in granted
        for seq, condition in enumerate(conditions, start=1)
    ]
    return pl.DataFrame(granted), pl.DataFrame(parts)


def prices(granted: pl.DataFrame, who: Parties, draws: Draws) -> pl.DataFrame:
    """Weekly closes of the vendors that grant warrants."""
    first, last = (np.datetime64(d).astype(np.int64) for d in (shape.FIRST_DAY, shape.LAST_DAY))
    days = np.arange(int(first), int(last) + 1, PRICE_DAYS)
    tickers = [who.tickers()[who.ids.index(i)] for i in granted["issuer_id"].unique(maintain_order=True)]
    closes = draws.between("close", FIRST_CLOSE_CENTS, len(tickers)).tolist()
    rows = []
    for ticker, begun in zip(tickers, closes, strict=True):
        cents = begun
        moves = draws.between(f"moves {ticker}", CHANGE_PER_MILLE, days.size).tolist()
        for day, move in zip(dates(days), moves, strict=True):
            cents = max(100, cents + cents * move // 1000)
            rows.append((ticker, day, f"{cents // 100}.{cents % 100:02d}", "s0000001"))
    return pl.DataFrame(rows, schema=["ticker", "date", "close", "source_id"], orient="row")


def claims(who: Parties) -> pl.DataFrame:
    """One sentence without a measurement: those of the founding article are about real companies."""
    return pl.DataFrame(
        {
            "claim_id": ["synthetic"],
            "source_id": ["s0000001"],
            "subject": [who.ids[1]],
            "statement": ["A made-up ledger says nothing about the world"],
            "measure": ["nothing"],
            "qualifier": ["exact"],
            "expected_value": ["1"],
            "unit": ["flag"],
            "as_of": [str(shape.LAST_DAY)],
        }
    )


def dates(days: Whole) -> pl.Series:
    """Days since 1970-01-01 as YYYY-MM-DD."""
    return pl.Series(days).cast(pl.Int32).cast(pl.Date).cast(pl.String)
