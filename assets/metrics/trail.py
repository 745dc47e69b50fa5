"""metrics.money_trail: what the money of each funding leg could have paid for.

Not here: circles of money (`assets.metrics.circularity`); this follows one sum from one leg.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from assets.contracts.trail import MONEY_TRAIL
from assets.contracts.vocabulary import FUNDING, PURCHASES
from assets.facts.assumptions import as_dict
from assets.facts.knowledge import CENTS_PER_USD
from assets.metrics.dues import days_asked
from assets.metrics.graph import aggregates
from assets.metrics.outside import in_force
from assets.steps import Built, Inputs, Step

ARROW = " → "


@dataclass(frozen=True)
class Leg:
    """A leg in force on the day, money in whole cents."""

    leg_id: str
    payer_id: str
    payee_id: str
    flow: str
    whole: int | None
    own: int | None
    is_imputed_amount: bool
    part_of_leg_id: str | None
    funds_leg_id: str | None


@dataclass(frozen=True)
class Parcel:
    """Money on its way: the leg on which it arrived, by which link, and whom it has passed."""

    leg: Leg
    link: str
    path: tuple[str, ...]
    cents: int


@dataclass
class Arrival:
    """All parcels of one origin that arrive by one leg at one hop."""

    leg: Leg
    link: str
    capacity: int | None
    cents: int = 0
    paths: list[tuple[int, tuple[str, ...]]] = field(default_factory=list)
    ends: dict[str, int] = field(default_factory=lambda: defaultdict(int))


@dataclass(frozen=True)
class Ledger:
    """The legs in force on one day, and how far money is followed."""

    legs: Mapping[str, Leg]
    purchases: Mapping[str, Sequence[Leg]]
    many: Collection[str]
    """Aggregates: an end of a payment, never a station."""
    max_hops: int
    min_cents: int

    def named(self, leg: Leg) -> Leg | None:
        """The leg that a funding leg, or the nearest larger leg that it is part of, says that it pays for."""
        seen: set[str] = set()
        current: Leg | None = leg
        while current is not None and current.leg_id not in seen:
            seen.add(current.leg_id)
            target = self.legs.get(current.funds_leg_id or "")
            if target is not None:
                return target
            current = self.legs.get(current.part_of_leg_id or "")
        return None


def ledger(rows: pl.DataFrame, many: Collection[str], max_hops: int, min_usd: float) -> Ledger:
    """The legs in force on one day; `rows` are intervals of facts.commitments, at most one per leg."""
    cents = {c: (pl.col(c) * CENTS_PER_USD).round().cast(pl.Int64) for c in ("amount_usd", "net_amount_usd")}
    taken = rows.sort("leg_id").select(
        "leg_id", "payer_id", "payee_id", "flow", "is_imputed_amount", "part_of_leg_id", "funds_leg_id",
        whole=cents["amount_usd"], own=cents["net_amount_usd"],
    )  # fmt: skip
    legs = {r["leg_id"]: Leg(**r) for r in taken.iter_rows(named=True)}
    purchases: dict[str, list[Leg]] = defaultdict(list)
    for leg in legs.values():
        if leg.flow in PURCHASES and leg.own:
            purchases[leg.payer_id].append(leg)
    return Ledger(legs, purchases, many, max_hops, round(min_usd * CENTS_PER_USD))


def follow(origin: Leg, book: Ledger) -> list[dict[str, Any]]:
    """Every leg that the money of one funding leg could reach.

    Grain: hop and leg. Rules: a named leg takes what it can hold, whole; then the purchases of the payee share in
    proportion to their own shares, none beyond its own over all hops. Money that can go no further ends where it is:
    what arrives at a hop is what ends there and what arrives at the next.
    """
    first = Parcel(origin, "origin", (origin.payer_id, origin.payee_id), origin.own or 0)
    used: dict[str, int] = defaultdict(int)
    rows: list[dict[str, Any]] = []
    parcels = [first]
    for hop in range(book.max_hops + 1):
        arrivals = _arrivals(parcels)
        wanted: list[Parcel] = []
        givers: list[Arrival] = []
        for parcel in parcels:
            arrival = arrivals[parcel.leg.leg_id]
            going, reason = _onward(parcel, hop, book)
            wanted += going
            givers += [arrival] * len(going)
            left = parcel.cents - sum(p.cents for p in going)
            if left:
                arrival.ends[reason] += left
        parcels = _fitted(wanted, givers, used)
        rows += [_row(origin, hop, a) for a in arrivals.values()]
        if not parcels:
            break
    return rows


def _arrivals(parcels: Sequence[Parcel]) -> dict[str, Arrival]:
    arrivals: dict[str, Arrival] = {}
    for p in parcels:
        capacity = p.leg.whole if p.link == "funds" else p.leg.own
        arrival = arrivals.setdefault(p.leg.leg_id, Arrival(p.leg, p.link, capacity))
        arrival.cents += p.cents
        arrival.paths.append((p.cents, p.path))
    return arrivals


def _onward(parcel: Parcel, hop: int, book: Ledger) -> tuple[list[Parcel], str]:
    """Where a parcel goes next, and why what is left of it ends."""
    leg, station = parcel.leg, parcel.leg.payee_id
    target = book.named(leg) if leg.flow in FUNDING else None
    purchases = book.purchases.get(station, ())
    stops = {
        "already_on_path": station in parcel.path[:-1],
        "aggregate": station in book.many and target is None,
        "no_purchases": not purchases and target is None,
        "max_hops": hop >= book.max_hops,
        "too_small": parcel.cents < book.min_cents,
    }
    stopped = next((reason for reason, stop in stops.items() if stop), None)
    if stopped is not None:
        return [], stopped
    if target is not None:
        cents = parcel.cents if target.whole is None else min(parcel.cents, target.whole)
        detour = () if target.payer_id == station else (target.payer_id,)
        return [Parcel(target, "funds", (*parcel.path, *detour, target.payee_id), cents)], "leg_exceeded"
    return _shared(parcel, purchases), "purchases_exceeded"


def _shared(parcel: Parcel, purchases: Sequence[Leg]) -> list[Parcel]:
    """Split a parcel over purchases in proportion to their own shares, to the cent and none beyond its own."""
    total = sum(leg.own or 0 for leg in purchases)
    spent = min(parcel.cents, total)
    parts, before, passed = [], 0, 0
    for leg in purchases:
        passed += leg.own or 0
        upto = spent * passed // total
        if upto > before:
            parts.append(Parcel(leg, "purchase", (*parcel.path, leg.payee_id), upto - before))
        before = upto
    return parts


def _fitted(wanted: Sequence[Parcel], givers: Sequence[Arrival], used: dict[str, int]) -> list[Parcel]:
    """Cut the parcels to what their legs can still hold, those of a leg in proportion; the rest ends at its giver."""
    asked: dict[str, int] = defaultdict(int)
    for p in wanted:
        asked[p.leg.leg_id] += p.cents
    fitted = []
    for p, giver in zip(wanted, givers, strict=True):
        capacity = p.leg.whole if p.link == "funds" else p.leg.own
        free = asked[p.leg.leg_id] if capacity is None else max(0, capacity - used[p.leg.leg_id])
        cents = p.cents if asked[p.leg.leg_id] <= free else p.cents * free // asked[p.leg.leg_id]
        if cents < p.cents:
            giver.ends["purchases_exceeded"] += p.cents - cents
        if cents:
            fitted.append(Parcel(p.leg, p.link, p.path, cents))
    for p in fitted:
        used[p.leg.leg_id] += p.cents
    return fitted


def _row(origin: Leg, hop: int, arrival: Arrival) -> dict[str, Any]:
    leg, ended = arrival.leg, sum(arrival.ends.values())
    _, path = max(arrival.paths, key=lambda p: (p[0], p[1]))
    return {
        "funding_leg_id": origin.leg_id,
        "hop": hop,
        "leg_id": leg.leg_id,
        "payer_id": leg.payer_id,
        "payee_id": leg.payee_id,
        "flow": leg.flow,
        "link": arrival.link,
        "amount_usd": None if arrival.capacity is None else arrival.capacity / CENTS_PER_USD,
        "is_imputed_amount": leg.is_imputed_amount,
        "attributed_usd": arrival.cents / CENTS_PER_USD,
        "ended_usd": ended / CENTS_PER_USD,
        "is_end": ended > 0,
        "end_reason": max(arrival.ends, key=lambda r: (arrival.ends[r], r)) if ended else None,
        "path": ARROW.join(path),
        "path_count": len(arrival.paths),
    }


def money_trail(
    commitments: pl.DataFrame, many: Collection[str], days: Sequence[dt.date], assumptions: Mapping[str, float]
) -> pl.DataFrame:
    """The trail of every funding leg with an own share, as known on each day.

    Grain: as_of_date, funding_leg_id, hop, leg_id. A leg that is divided into parts has no own share: its parts are
    followed.
    """
    counted = commitments.filter(~pl.col("is_statement") & (pl.col("certainty") != "cancelled"))
    schema = MONEY_TRAIL.polars_schema
    rows: list[dict[str, Any]] = []
    for day in days:
        book = ledger(in_force(counted, [day]), many, int(assumptions["trail_max_hops"]), assumptions["trail_min_usd"])
        for leg in book.legs.values():
            if leg.flow in FUNDING and leg.own:
                rows += ({"as_of_date": day, **row} for row in follow(leg, book))
    return pl.DataFrame(rows, schema=schema).sort(MONEY_TRAIL.key)


def _build(inputs: Inputs) -> Built:
    return Built(
        money_trail(
            inputs.read("facts.commitments"),
            frozenset(aggregates(inputs.read("facts.entities"))),
            days_asked(inputs),
            as_dict(inputs.read("staging.assumptions")),
        )
    )


STEPS = (
    Step(
        MONEY_TRAIL,
        ("facts.commitments", "facts.capacity", "facts.financials", "facts.entities", "staging.assumptions"),
        _build,
    ),
)
