"""Facts that became known between two days and their effect: legs, figures of entities, the circular share.

Days count as in `headline_as_of`: a fact lies between DAY_A and DAY_B if it became known after DAY_A, and by DAY_B.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from assets.analysis import legs
from assets.analysis.names_and_days import Unclear, day_in
from assets.warehouse.published_file import Book, Row

FIGURES: Mapping[str, tuple[str, str]] = {
    "gross_commitment_usd": ("gross", "USD"),
    "net_commitment_usd": ("net", "USD"),
    "imputed_commitment_usd": ("imputed", "USD"),
    "capacity_gw": ("power, largest view", "GW"),
    "annualised_revenue_usd": ("revenue a year", "USD"),
    "commitment_coverage_ratio": ("coverage", "fraction"),
    "commitment_coverage_ratio_with_imputed": ("coverage with imputed", "fraction"),
}
"""Columns of metrics.headline to compare, with name and unit."""

TERMS = ("certainty", "qualifier", "amount_low_usd", "amount_high_usd", "starts_on", "ends_on", "payer_id", "payee_id")

FIGURES_KNOWN = "from staging.financials where known_from > ? and known_from <= ? order by known_from, source_line"

DEALS_MOVED = """
select
    m.deal_id, d.name as deal, sum(m.gross_change_usd) as gross_usd, sum(m.net_change_usd) as net_usd,
    sum(m.imputed_change_usd) as imputed_usd, sum(m.capacity_change_gw) as capacity_gw
from metrics.changes as m
left join facts.deals as d using (deal_id)
where m.as_of_date > ? and m.as_of_date <= ?
group by all
order by abs(net_usd) desc, abs(gross_usd) desc, m.deal_id
"""

POWER_TERMS = ("stage", "qualifier", "capacity_gw", "first_power_on", "full_power_on")


@dataclass(frozen=True)
class Change:
    """A leg that is new, changed or cancelled."""

    kind: str
    leg_id: str
    unit: str
    known_from: dt.date
    deal_id: str
    deal: str | None
    payer_id: str | None
    payee_id: str | None
    flow: str
    certainty: str
    before: float | None
    after: float | None
    terms: dict[str, tuple[Any, Any]]
    """Other changed columns: before and after."""
    source_file: str | None
    source_line: int | None
    source: str | None
    source_url: str | None


@dataclass(frozen=True)
class Move:
    """A figure before and after."""

    entity_id: str
    figure: str
    name: str
    unit: str
    before: float | None
    after: float | None


@dataclass(frozen=True)
class DealMove:
    """The effect of one deal, including derived changes: metrics.changes, summed over the days."""

    deal_id: str
    deal: str | None
    gross_usd: float
    net_usd: float
    imputed_usd: float
    capacity_gw: float


@dataclass(frozen=True)
class Figure:
    """A figure of a company that became known."""

    entity_id: str
    metric: str
    period_start: dt.date | None
    period_end: dt.date | None
    unit: str
    value: float | None
    basis: str
    known_from: dt.date
    source_file: str
    source_line: int


@dataclass(frozen=True)
class Difference:
    """The differences between two days."""

    day_a: dt.date
    day_b: dt.date
    changes: list[Change]
    figures: list[Figure]
    deals: list[DealMove]
    moves: list[Move]
    remarks: list[str]

    def as_dict(self) -> dict[str, Any]:
        """The content for JSON."""
        return asdict(self)


def difference(book: Book, day_a: dt.date | None, day_b: dt.date | None) -> Difference:
    """Facts that became known after one day, up to another.

    Rules: DAY_B defaults to the last day, DAY_A to the day before the last change up to DAY_B.
    Errors: Unclear for days in the wrong order or before the first fact was known.
    """
    until, said = day_in(book, day_b)
    since = day_a or _before_last_change(book, until)
    if since >= until:
        raise Unclear(f"{since} does not lie before {until}: give the earlier day first")
    first = book.first_day()
    remarks = [said] if said else []
    if since < first:
        remarks.append(f"nothing was known on {since}; the ledger begins on {first}")
    money = _changes(legs.money(book, since), legs.money(book, until), "USD", TERMS)
    power = _changes(legs.power(book, since), legs.power(book, until), "GW", POWER_TERMS)
    changes = sorted([*money, *power], key=lambda c: (c.known_from, c.deal_id, c.leg_id))
    figures = [Figure(**{f: r[f] for f in Figure.__dataclass_fields__}) for r in book.rows(FIGURES_KNOWN, since, until)]
    deals = [DealMove(**r) for r in book.rows(DEALS_MOVED, since, until)]
    return Difference(since, until, changes, figures, deals, moves(book, since, until), remarks)


def _before_last_change(book: Book, until: dt.date) -> dt.date:
    (row,) = book.rows("select max(as_of_date) as day from metrics.changes where as_of_date <= $day", day=until)
    day = row["day"] or until
    before: dt.date = day - dt.timedelta(days=1)
    return before


def _changes(before: Sequence[Row], after: Sequence[Row], unit: str, terms: Sequence[str]) -> list[Change]:
    """The legs with another row of the seeds on the later day; derived changes alone do not count."""
    old = {leg["leg_id"]: leg for leg in before}
    found = []
    for leg in after:
        earlier = old.get(leg["leg_id"])
        if earlier and earlier["seed_known_from"] == leg["seed_known_from"]:
            continue
        state = leg["certainty"] if unit == "USD" else leg["stage"]
        was = None if earlier is None else earlier["certainty" if unit == "USD" else "stage"]
        kind = "new" if earlier is None else "changed"
        if state == "cancelled" and was != "cancelled":
            kind = "cancelled"
        amount = "amount_usd" if unit == "USD" else "capacity_gw"
        found.append(
            Change(
                kind=kind,
                leg_id=leg["leg_id"],
                unit=unit,
                known_from=leg["seed_known_from"],
                deal_id=leg["deal_id"],
                deal=leg["deal"],
                payer_id=leg["payer_id"] if unit == "USD" else leg["provider_id"],
                payee_id=leg["payee_id"] if unit == "USD" else leg["user_id"],
                flow=_flow(leg) if unit == "USD" else f"power, {leg['view']}",
                certainty=state,
                before=earlier[amount] if earlier else None,
                after=leg[amount],
                terms={t: (earlier[t], leg[t]) for t in terms if earlier and t != amount and earlier[t] != leg[t]},
                source_file=leg["source_file"],
                source_line=leg["source_line"],
                source=f"{leg['publisher']}: {leg['title']}" if leg["title"] else leg["source_id"],
                source_url=leg["url"],
            )
        )
    return found


def _flow(leg: Row) -> str:
    """The flow of a leg; a statement is marked, since it changes no total."""
    return f"{leg['flow']}{', statement' if leg['is_statement'] else ''}"


def moves(book: Book, since: dt.date, until: dt.date) -> list[Move]:
    """The figures of the headline that differ between two days, entity by entity, then the circular share."""
    before = {r["entity_id"]: r for r in book.rows("from headline_as_of($day)", day=since)}
    after = {r["entity_id"]: r for r in book.rows("from headline_as_of($day)", day=until)}
    found = [
        Move(entity, column, name, unit, was, now)
        for entity in sorted({*before, *after})
        for column, (name, unit) in FIGURES.items()
        if (was := before.get(entity, {}).get(column)) != (now := after.get(entity, {}).get(column))
    ]
    was, now = (circular_share(book, day) for day in (since, until))
    return found if was == now else [*found, Move("", "circular_share", "circular share", "fraction", was, now)]


def circular_share(book: Book, day: dt.date) -> float | None:
    """The circular share of the disclosed ledger on a day."""
    found = book.rows(
        "select circular_share as share from metrics.circularity where basis = 'disclosed' and amount_basis = 'point' "
        "and as_of_date <= $day order by as_of_date desc limit 1",
        day=day,
    )
    return found[0]["share"] if found else None
