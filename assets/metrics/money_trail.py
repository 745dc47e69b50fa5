"""metrics.money_trail: the purchases that the money of each funding leg could have paid for.

Not here: circles of money (`assets.metrics.circularity`); this module follows one amount from one leg. A `Book` holds
the legs of a day (`assets.metrics.active_legs`).
"""

from __future__ import annotations

import datetime as dt
import heapq
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from assets.core import fields
from assets.core.columns import flag, integer, text, usd
from assets.core.rule import Read, Rule
from assets.core.step import Built, Inputs, Step
from assets.core.table import Column, Latest, Table
from assets.core.vocabulary import FUNDING
from assets.facts.assumptions import as_dict
from assets.facts.intervals import CENTS_PER_USD
from assets.metrics.active_legs import AMOUNTS, TERMS, Book, Leg, Purchase, Station, book
from assets.metrics.graph import aggregates
from assets.metrics.metric_rules import CENT, LANDMARKS, NOT_OUR_DATA, TOLERANCE
from assets.metrics.outstanding_by_pair import in_force
from assets.metrics.pairwise_dues import days_asked

ORIGIN = ["as_of_date", "funding_leg_id"]

END_REASONS = {
    "aggregate": "the payee stands for many: an end, never a station",
    "already_on_path": "the payee is already on the path: the money has come back",
    "no_purchases": "the payee has no purchases of known size in force",
    "purchases_exceeded": "more money arrives than the payee's purchases can take",
    "leg_exceeded": "more money than the leg that it is said to pay for",
    "too_small": "less than the assumption trail_min_usd",
    "too_many_ways": "more ways on than the assumption trail_branches_max: the largest are followed",
    "max_hops": "the assumption trail_max_hops is reached",
}
"""The reasons why money is followed no further."""


def _beyond(part: str, whole: str) -> Rule:
    def offends(frame: pl.DataFrame, _read: Read) -> pl.Series:
        return (frame[part] > frame[whole] * (1 + TOLERANCE) + CENT).fill_null(value=False)

    return Rule(
        f"{part}_within_{whole}",
        (part, whole),
        f"{part} cannot exceed {whole}",
        NOT_OUR_DATA,
        offends=offends,
    )


def _beyond_origin(frame: pl.DataFrame, _read: Read) -> pl.Series:
    arriving = pl.col("attributed_usd").sum().over(*ORIGIN, "hop")
    origin = pl.col("attributed_usd").filter(pl.col("hop") == 0).sum().over(ORIGIN)
    return frame.select((arriving > origin * (1 + TOLERANCE) + CENT).fill_null(value=False)).to_series()


def _not_conserved(frame: pl.DataFrame, _read: Read) -> pl.Series:
    """The money that arrives at a hop either ends there or arrives at the next one."""
    hops = frame.group_by(*ORIGIN, "hop").agg(arrives=pl.col("attributed_usd").sum(), ends=pl.col("ended_usd").sum())
    following = hops.select(*ORIGIN, hop=pl.col("hop") - 1, goes_on="arrives")
    checked = hops.join(following, on=[*ORIGIN, "hop"], how="left").with_columns(
        lost=(pl.col("arrives") - pl.col("ends") - pl.col("goes_on").fill_null(0)).abs()
        > CENT + TOLERANCE * pl.col("arrives")
    )
    joined = frame.join(checked, on=[*ORIGIN, "hop"], how="left", maintain_order="left")
    return joined["lost"].fill_null(value=True)


def _end_wrong(frame: pl.DataFrame, _read: Read) -> pl.Series:
    ends = pl.col("ended_usd") > 0
    wrong = (ends != pl.col("is_end")) | (pl.col("is_end") != pl.col("end_reason").is_not_null())
    return frame.select(wrong.fill_null(value=False)).to_series()


def _link_wrong(frame: pl.DataFrame, _read: Read) -> pl.Series:
    is_origin = pl.col("link") == "origin"
    wrong = (is_origin != (pl.col("hop") == 0)) | (is_origin & (pl.col("leg_id") != pl.col("funding_leg_id")))
    return frame.select(wrong.fill_null(value=False)).to_series()


MONEY_TRAIL = Table(
    stage="metrics",
    name="money_trail",
    summary=(
        "What the money of each equity or debt leg could have paid for: along the leg that it is said to fund, then in "
        "proportion to the purchases of the recipient."
    ),
    grain=(
        "one row per day, funding leg (beyond assumption trail_legs_max the largest of the day), hop and leg that its "
        "money could reach"
    ),
    key=("as_of_date", "funding_leg_id", "hop", "leg_id"),
    latest=Latest(),
    columns=(
        fields.here("as_of_date"),
        text("funding_leg_id", "the equity or debt whose money is followed", required=True),
        integer("hop", "0 is the funding leg itself", required=True, at_least=0),
        fields.here("leg_id", "the leg that the money could have paid for"),
        *fields.of("payer_id", "payee_id", "flow"),
        text(
            "link",
            "origin; funds: named by the funding leg, or by the larger leg that it is part of; purchase: in proportion",
            required=True,
            pattern="^(?:origin|funds|purchase)$",
        ),
        fields.here(
            "amount_usd", "own share of the leg, empty if undisclosed; with link funds the whole leg, parts included"
        ),
        fields.here("is_imputed_amount"),
        usd("attributed_usd", "money of the funding leg that could have paid for this leg, all paths", required=True),
        usd("ended_usd", "the part of attributed_usd that is followed no further", required=True),
        flag("is_end", "some of the money ends here", required=True),
        text(
            "end_reason",
            "why it ends, for the largest part: " + "; ".join(f"{k}: {v}" for k, v in END_REASONS.items()),
            pattern=f"^(?:{'|'.join(END_REASONS)})$",
        ),
        fields.here("path", "the largest way on which it arrives, in the order of payment"),
        Column("path_count", "integer", "rows", "ways on which it arrives", required=True, at_least=1),
    ),
    rules=(
        _beyond("attributed_usd", "amount_usd"),
        _beyond("ended_usd", "attributed_usd"),
        Rule("within_origin", ("attributed_usd",), "no more money arrives at a hop than the funding leg has",
             NOT_OUR_DATA, offends=_beyond_origin),
        Rule("money_conserved", ("attributed_usd", "ended_usd", "hop"),
             "what arrives at a hop ends there or arrives at the next one", NOT_OUR_DATA, offends=_not_conserved),
        Rule("end_consistent", ("is_end", "ended_usd", "end_reason"), "money that ends has a reason, other money none",
             NOT_OUR_DATA, offends=_end_wrong),
        Rule("origin_consistent", ("link", "hop", "leg_id", "funding_leg_id"),
             "hop 0, and only it, is the funding leg itself", NOT_OUR_DATA, offends=_link_wrong),
    ),
    min_rows=0,
    may_be_empty_because="a ledger may hold no funding",
    hazards=(
        "could have paid for, never paid for: money has no marks, beyond a named leg it is attributed in proportion",
        "choose one hop, or is_end with ended_usd: the same money appears in every hop",
        "several funding legs may be attributed to one purchase: together they can exceed it",
        "only the funding itself is followed: what the payee earns or owns besides is not",
        LANDMARKS,
    ),
)  # fmt: skip

ARROW = " → "


@dataclass(frozen=True)
class Parcel:
    """Money on its way: the leg by which it arrived, the kind of link, and the parties passed."""

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
    """A parcel that could go on, and the arrival that it comes from, where any excess ends."""

    giver: Arrival
    parcel: Parcel


@dataclass(frozen=True)
class Share:
    """A parcel to be divided among the purchases of its payee."""

    giver: Arrival
    parcel: Parcel
    station: Station

    @property
    def spent(self) -> int:
        """The amount of the parcel, at most the total of the purchases."""
        return min(self.parcel.cents, self.station.total)

    def way(self, purchase: Purchase) -> Way | None:
        """The part for one purchase, in proportion to its own share, in whole cents; None if less than one cent."""
        upto, before = (self.spent * n // self.station.total for n in (purchase.upto, purchase.upto - purchase.own))
        path = (*self.parcel.path, purchase.leg.payee_id)
        return Way(self.giver, Parcel(purchase.leg, "purchase", path, upto - before)) if upto > before else None


def follow(origin: Leg, legs: Book) -> list[tuple[Any, ...]]:
    """Every leg that the money of one funding leg could reach.

    Grain: hop and leg, a row of metrics.money_trail without its day. Rules: money goes to the leg that a funding leg
    names, up to its whole amount; otherwise it is divided among the purchases of the payee in proportion to their
    own shares, none beyond its own share over all hops. If a hop has more than `trail_branches_max` continuations,
    the largest are followed. Money that cannot go on ends at its hop: arrivals at a hop equal the amounts that end
    there plus the arrivals at the next.
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
    """The continuations of the parcels of a hop; the rest of each parcel ends at its arrival."""
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
    """Why a parcel goes no further; None if it goes on."""
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
    """The parts of all divided parcels, or the largest of them; the others end at their arrival."""
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
    """The largest parts of all parcels. The purchases of each payee are sorted, so smaller ones need not be examined.

    Rules: equal parts rank by the order of parcels, then by the leg_id of the purchase.
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
    """Reduce parcels to the remaining capacity of their legs, in proportion; the excess ends at the giver."""
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
    cells = {
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
    return tuple(cells[name] for name in ROW)


def money_trail(
    commitments: pl.DataFrame, many: Collection[str], days: Sequence[dt.date], assumptions: Mapping[str, float]
) -> pl.DataFrame:
    """The trail of the funding legs with an own share, as known on each day; of very many, the largest.

    Grain: as_of_date, funding_leg_id, hop, leg_id. A leg that is fully divided into parts has no own share; its parts
    are followed instead.
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


STEP = Step(
    MONEY_TRAIL,
    ("facts.commitments", "facts.capacity", "facts.financials", "facts.entities", "staging.assumptions"),
    _build,
)
