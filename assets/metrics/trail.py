"""metrics.money_trail: what the money of each funding leg could have paid for.

Not here: circles of money (`assets.metrics.circularity`); this follows one sum from one leg. The legs of a day are a
book (`assets.metrics.trail_book`).
"""

from __future__ import annotations

import datetime as dt
import heapq
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from assets.contracts.trail import MONEY_TRAIL
from assets.contracts.vocabulary import FUNDING
from assets.facts.assumptions import as_dict
from assets.facts.knowledge import CENTS_PER_USD
from assets.metrics.dues import days_asked
from assets.metrics.graph import aggregates
from assets.metrics.outside import in_force
from assets.metrics.trail_book import AMOUNTS, TERMS, Book, Leg, Purchase, Station, book
from assets.steps import Built, Inputs, Step

ARROW = " → "


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
class Way:
    """A parcel that could go on, and the arrival that it comes from: there ends what does not fit."""

    giver: Arrival
    parcel: Parcel


@dataclass(frozen=True)
class Share:
    """A parcel that is shared over the purchases of its payee."""

    giver: Arrival
    parcel: Parcel
    station: Station

    @property
    def spent(self) -> int:
        """No more than the purchases come to."""
        return min(self.parcel.cents, self.station.total)

    def way(self, purchase: Purchase) -> Way | None:
        """The part of one purchase: in proportion to its own share, to the cent; None if it is less than one."""
        upto, before = (self.spent * n // self.station.total for n in (purchase.upto, purchase.upto - purchase.own))
        path = (*self.parcel.path, purchase.leg.payee_id)
        return Way(self.giver, Parcel(purchase.leg, "purchase", path, upto - before)) if upto > before else None


def follow(origin: Leg, legs: Book) -> list[tuple[Any, ...]]:
    """Every leg that the money of one funding leg could reach.

    Grain: hop and leg, a row of metrics.money_trail without its day. Rules: a named leg takes what it can hold, whole;
    then the purchases of the payee share in proportion to their own shares, none beyond its own over all hops. Of more
    ways on than `trail_branches_max` at a hop the largest are followed. Money that can go no further ends where it is:
    what arrives at a hop is what ends there and what arrives at the next.
    """
    used: dict[str, int] = defaultdict(int)
    rows: list[tuple[Any, ...]] = []
    parcels = [Parcel(origin, "origin", (origin.payer_id, origin.payee_id), origin.own or 0)]
    for hop in range(legs.max_hops + 1):
        arrivals = _arrivals(parcels)
        parcels = _fitted(_onward(parcels, arrivals, hop, legs), used)
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


def _onward(parcels: Sequence[Parcel], arrivals: Mapping[str, Arrival], hop: int, legs: Book) -> list[Way]:
    """Where the parcels of a hop go next; what of them goes nowhere ends at its arrival."""
    ways: list[Way] = []
    shares: list[Share] = []
    for parcel in parcels:
        giver, station = arrivals[parcel.leg.leg_id], parcel.leg.payee_id
        target = legs.named(parcel.leg) if parcel.leg.flow in FUNDING else None
        stopped = _stopped(parcel, target, hop, legs)
        if stopped is not None:
            giver.ends[stopped] += parcel.cents
        elif target is not None:
            cents = parcel.cents if target.whole is None else min(parcel.cents, target.whole)
            detour = () if target.payer_id == station else (target.payer_id,)
            ways.append(Way(giver, Parcel(target, "funds", (*parcel.path, *detour, target.payee_id), cents)))
            _end(giver, "leg_exceeded", parcel.cents - cents)
        else:
            shares.append(Share(giver, parcel, legs.stations[station]))
    return ways + _shared(shares, legs, legs.max_branches - len(ways))


def _end(arrival: Arrival, reason: str, cents: int) -> None:
    if cents:
        arrival.ends[reason] += cents


def _stopped(parcel: Parcel, target: Leg | None, hop: int, legs: Book) -> str | None:
    """Why a parcel goes no further, if it does not."""
    station = parcel.leg.payee_id
    stops = {
        "already_on_path": station in parcel.path[:-1],
        "aggregate": station in legs.many and target is None,
        "no_purchases": station not in legs.stations and target is None,
        "max_hops": hop >= legs.max_hops,
        "too_small": parcel.cents < legs.min_cents,
    }
    return next((reason for reason, stop in stops.items() if stop), None)


def _shared(shares: Sequence[Share], legs: Book, most: int) -> list[Way]:
    """The parts of all parcels that are shared, or the largest of them; the others end where they are."""
    if sum(share.station.count for share in shares) <= most:
        chosen = [(share, row) for share in shares for row in sorted(share.station.largest)]
    else:
        chosen = list(_largest(shares, legs, most))
    gone: dict[int, int] = defaultdict(int)
    ways = []
    for share, row in chosen:
        way = share.way(legs.purchase(row))
        if way is not None:
            ways.append(way)
            gone[id(share)] += way.parcel.cents
    for share in shares:
        _end(share.giver, "purchases_exceeded", share.parcel.cents - share.spent)
        _end(share.giver, "too_many_ways", share.spent - gone[id(share)])
    return ways


def _largest(shares: Sequence[Share], legs: Book, most: int) -> Iterator[tuple[Share, int]]:
    """The largest parts of all parcels: of each station the largest purchases come first, so the rest is not looked at.

    Rules: of equal parts those of the parcel that comes first, then of the purchase that comes first by name.
    """

    def part(place: int, rank: int) -> tuple[int, int, int]:
        share = shares[place]
        own = legs.purchase(share.station.largest[rank]).own
        return (-(share.spent * own // share.station.total), place, rank)

    waiting = [part(place, 0) for place in range(len(shares))]
    heapq.heapify(waiting)
    for _ in range(most):
        if not waiting:
            return
        _, place, rank = waiting[0]
        yield shares[place], shares[place].station.largest[rank]
        if rank + 1 < len(shares[place].station.largest):
            heapq.heapreplace(waiting, part(place, rank + 1))
        else:
            heapq.heappop(waiting)


def _fitted(ways: Sequence[Way], used: dict[str, int]) -> list[Parcel]:
    """Cut the parcels to what their legs can still hold, those of a leg in proportion; the rest ends at its giver."""
    asked: dict[str, int] = defaultdict(int)
    for way in ways:
        asked[way.parcel.leg.leg_id] += way.parcel.cents
    fitted = []
    for way in ways:
        p, wanted = way.parcel, asked[way.parcel.leg.leg_id]
        capacity = p.leg.whole if p.link == "funds" else p.leg.own
        free = wanted if capacity is None else max(0, capacity - used[p.leg.leg_id])
        cents = p.cents if wanted <= free else p.cents * free // wanted
        _end(way.giver, "purchases_exceeded", p.cents - cents)
        if cents:
            fitted.append(Parcel(p.leg, p.link, p.path, cents))
    for p in fitted:
        used[p.leg.leg_id] += p.cents
    return fitted


ROW = [name for name in MONEY_TRAIL.column_names if name != "as_of_date"]


def _row(origin: Leg, hop: int, arrival: Arrival) -> tuple[Any, ...]:
    """The columns of ROW."""
    leg, ended = arrival.leg, sum(arrival.ends.values())
    _, path = max(arrival.paths, key=lambda p: (p[0], p[1]))
    told = {
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
    return tuple(told[name] for name in ROW)


def money_trail(
    commitments: pl.DataFrame, many: Collection[str], days: Sequence[dt.date], assumptions: Mapping[str, float]
) -> pl.DataFrame:
    """The trail of the funding legs with an own share, as known on each day; of very many the largest.

    Grain: as_of_date, funding_leg_id, hop, leg_id. A leg that is divided into parts has no own share: its parts are
    followed.
    """
    counted = commitments.filter(~pl.col("is_statement") & (pl.col("certainty") != "cancelled")).select(
        *TERMS, *AMOUNTS, "known_from", "known_to"
    )
    schema = {name: kind for name, kind in MONEY_TRAIL.polars_schema.items() if name in ROW}
    pieces = [pl.DataFrame(schema=MONEY_TRAIL.polars_schema)]
    for day in days:
        legs = book(in_force(counted, [day]), many, assumptions)
        rows = [row for leg in legs.origins(int(assumptions["trail_legs_max"])) for row in follow(leg, legs)]
        pieces.append(MONEY_TRAIL.conform(pl.DataFrame(rows, schema=schema, orient="row").with_columns(as_of_date=day)))
    return pl.concat(pieces).sort(MONEY_TRAIL.key)


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
