"""Explains sums of promised money: the headline, counterparties, legs, their schedule, outstanding amounts."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping, Sequence

import polars as pl

from assets.analysis import legs as ledger
from assets.analysis.explain.model import Contribution, Found, Term, summed
from assets.analysis.explain.power import capacity_of_user
from assets.core.vocabulary import PURCHASES
from assets.finance import schedule
from assets.warehouse.published_file import Book, Row

YEAR_MONTHS = 12

SCHEDULED = {
    "leg_id": pl.String,
    "flow": pl.String,
    "starts_on": pl.Date,
    "ends_on": pl.Date,
    "first_power_on": pl.Date,
    "full_power_on": pl.Date,
}
"""The columns of a leg that the schedule needs."""

GROSS = "every disclosed promise as it was stated, parts counted again with their whole"

NET = "the own shares of the disclosed promises: a whole counts only what its parts leave"

IMPUTED = "the own shares of promises without a figure, imputed from gigawatts"


def purchases_of(book: Book, entity: str, day: dt.date) -> list[Row]:
    """The purchases that an entity pays, in force on a day."""
    legs = ledger.money(book, day)
    return [leg for leg in legs if leg["payer_id"] == entity and leg["flow"] in PURCHASES and not leg["is_statement"]]


def contributions(legs: Sequence[Row], column: str, *, imputed: bool) -> list[Contribution]:
    """The contribution of each leg to a sum of disclosed or of imputed amounts."""
    wanted = [leg for leg in legs if leg["amount_usd"] is not None and leg["is_imputed_amount"] == imputed]
    return [ledger.of_leg(leg, leg[column]) for leg in wanted]


def total(name: str, about: str, legs: Sequence[Row], column: str, *, imputed: bool = False) -> Term:
    """A term of legs with its sum."""
    found = contributions(legs, column, imputed=imputed)
    return summed(name, "USD", about, found, math.fsum(c.value or 0.0 for c in found))


def headline(book: Book, row: Row, column: str) -> Found:
    """Explain a figure of metrics.headline."""
    legs = purchases_of(book, row["entity_id"], row["as_of_date"])
    return HEADLINE[column](book, row, legs)


def _gross(_book: Book, _row: Row, legs: Sequence[Row]) -> Found:
    return f"the sum of {GROSS}", [total("gross", GROSS, legs, "amount_usd")]


def _net(_book: Book, _row: Row, legs: Sequence[Row]) -> Found:
    return f"the sum of {NET}", [total("net", NET, legs, "net_amount_usd")]


def _bound(choose: Callable[..., Term], word: str, *, imputed: bool) -> Callable[[Book, Row, Sequence[Row]], Found]:
    def explain(_book: Book, _row: Row, legs: Sequence[Row]) -> Found:
        about = IMPUTED if imputed else NET
        sums = [
            total(word, f"{about}, {word} figure", legs, f"net_amount{c}_usd", imputed=imputed)
            for c in ("_low", "", "_high")
        ]
        return f"the {word}est of three sums (low, point and high own shares)", [
            choose(sums, key=lambda t: t.value or 0)
        ]

    return explain


def _imputed(_book: Book, _row: Row, legs: Sequence[Row]) -> Found:
    return f"the sum of {IMPUTED}", [total("imputed", IMPUTED, legs, "net_amount_usd", imputed=True)]


def _outstanding(_book: Book, row: Row, legs: Sequence[Row]) -> Found:
    return _due(row["as_of_date"], legs, imputed=False)


def _due(day: dt.date, legs: Sequence[Row], *, imputed: bool) -> Found:
    about = f"own shares, only the part scheduled on or after {day}"
    wanted = [leg for leg in legs if leg["net_amount_usd"] is not None and leg["is_imputed_amount"] == imputed]
    found = [
        ledger.of_leg(leg, round(leg["net_amount_usd"] * left, 2), f"{left * 100:.1f} % still to come")
        for leg, left in zip(wanted, _still_to_come(wanted, day), strict=True)
    ]
    return f"the sum of {about}", [summed("outstanding", "USD", about, found, math.fsum(c.value or 0 for c in found))]


def _still_to_come(legs: Sequence[Row], day: dt.date) -> list[float]:
    """The share of each leg that is scheduled on or after a day; legs contain the power-on dates that they follow."""
    frame = pl.DataFrame([{name: leg[name] for name in SCHEDULED} for leg in legs], schema=SCHEDULED)
    ramps = frame.select("leg_id", "first_power_on", "full_power_on")
    profiles = schedule.profiles(frame.with_columns(capacity_leg_id="leg_id"), ramps)
    shares = profiles.select("leg_id", share=1 - schedule.share_before(day)).collect()
    by_leg = dict(shares.iter_rows())
    return [by_leg[leg["leg_id"]] for leg in legs]


def outstanding(book: Book, row: Row, column: str) -> Found:
    """Explain a figure of facts.commitment_outstanding."""
    legs = purchases_of(book, row["payer_id"], row["as_of_date"])
    return _due(row["as_of_date"], legs, imputed=column == "outstanding_imputed_usd")


def _share(column: str, word: str) -> Callable[[Book, Row, Sequence[Row]], Found]:
    def explain(_book: Book, _row: Row, legs: Sequence[Row]) -> Found:
        of_them = total(word, f"own shares that are {word}", [g for g in legs if g[column] == word], "net_amount_usd")
        return f"{word} / net", [of_them, total("net", NET, legs, "net_amount_usd")]

    return explain


def _revenue(book: Book, row: Row, _legs: Sequence[Row]) -> Found:
    return "the best figure known, extrapolated to a year", [revenue(book, row)]


def revenue(book: Book, row: Row) -> Term:
    """The reported figure behind the annualised revenue of an entity."""
    value = row["annualised_revenue_usd"]
    about = "last reported revenue, extrapolated to a year" if row["is_revenue_reported"] else "run rate as reported"
    metric = "revenue" if row["is_revenue_reported"] else "annualised_revenue_run_rate"
    found = []
    for figure in ledger.figures(book, row["entity_id"], row["as_of_date"]):
        usable = figure["metric"] == metric and figure["definition"] is None and figure["value"] is not None
        if usable and figure["basis"] in {"reported", "reported_by_press"} and value is not None:
            months = _months(book, figure) if metric == "revenue" else YEAR_MONTHS
            if months and math.isclose(figure["value"] * YEAR_MONTHS / months, value, rel_tol=1e-9):
                times = f"{figure['value']:,.0f} over {months:g} months" if metric == "revenue" else ""
                found.append(ledger.of_figure(figure, value, times))
    return summed("revenue", "USD", about, found[-1:], value)


def _months(book: Book, figure: Row) -> float | None:
    """Months of a period, as the file has them."""
    found = book.rows(
        "select period_months as m from facts.financials where entity_id = $entity and metric = $metric "
        "and period_start = $start and period_end = $end limit 1",
        entity=figure["entity_id"],
        metric=figure["metric"],
        start=figure["period_start"],
        end=figure["period_end"],
    )
    return found[0]["m"] if found else None


def _ratio(*, imputed: bool, years: bool = False) -> Callable[[Book, Row, Sequence[Row]], Found]:
    def explain(book: Book, row: Row, legs: Sequence[Row]) -> Found:
        terms = [revenue(book, row), total("net", NET, legs, "net_amount_usd")]
        if imputed:
            terms.append(total("imputed", IMPUTED, legs, "net_amount_usd", imputed=True))
        below = "(net + imputed)" if imputed else "net"
        return (f"{below} / revenue" if years else f"revenue / {below}"), terms

    return explain


def _capacity(book: Book, row: Row, _legs: Sequence[Row]) -> Found:
    return capacity_of_user(book, row["entity_id"], row["capacity_view"], row["as_of_date"], row["capacity_gw"])


HEADLINE: Mapping[str, Callable[[Book, Row, Sequence[Row]], Found]] = {
    "gross_commitment_usd": _gross,
    "net_commitment_low_usd": _bound(min, "low", imputed=False),
    "net_commitment_usd": _net,
    "net_commitment_high_usd": _bound(max, "high", imputed=False),
    "imputed_commitment_low_usd": _bound(min, "low", imputed=True),
    "imputed_commitment_usd": _imputed,
    "imputed_commitment_high_usd": _bound(max, "high", imputed=True),
    "outstanding_commitment_usd": _outstanding,
    "rumoured_share": _share("certainty", "rumoured"),
    "unverified_share": _share("evidence", "unverified"),
    "capacity_gw": _capacity,
    "capacity_view": _capacity,
    "annualised_revenue_usd": _revenue,
    "commitment_coverage_ratio": _ratio(imputed=False),
    "commitment_coverage_ratio_with_imputed": _ratio(imputed=True),
    "years_of_revenue": _ratio(imputed=True, years=True),
}


def counterparty(book: Book, row: Row, column: str) -> Found:
    """Explain a figure of metrics.commitments_by_counterparty."""
    names = ("payer_id", "payee_id", "flow", "certainty")
    legs = [
        leg
        for leg in ledger.money(book, row["as_of_date"])
        if all(leg[n] == row[n] for n in names) and not leg["is_statement"]
    ]
    match column:
        case "leg_count":
            found = [ledger.of_leg(leg, 1.0) for leg in legs]
            return "the number of promises in force", [summed("legs", "rows", "promises", found, float(len(found)))]
        case "gross_commitment_usd":
            return f"the sum of {GROSS}", [total("gross", GROSS, legs, "amount_usd")]
        case "net_commitment_usd":
            return f"the sum of {NET}", [total("net", NET, legs, "net_amount_usd")]
        case "imputed_commitment_usd":
            return f"the sum of {IMPUTED}", [total("imputed", IMPUTED, legs, "net_amount_usd", imputed=True)]
        case _:
            word = column.removeprefix("net_").removesuffix("_usd")
            of_them = [leg for leg in legs if leg["evidence"] == word]
            return f"the sum of own shares that are {word}", [total(word, f"{NET}, {word}", of_them, "net_amount_usd")]
