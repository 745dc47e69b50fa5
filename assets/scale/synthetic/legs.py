"""The promises of a synthetic ledger as on its last day: one position in every array per leg.

Legs are in blocks: the two largest loops, the other planted loops, wholes, their parts, parts of parts, statements, and
the plain rest.
Not here: their earlier versions (`assets.scale.synthetic.rows`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from assets.core.vocabulary import FLOWS_ON_ONE_DAY
from assets.scale.synthetic import shape
from assets.scale.synthetic.draws import Draws, Flags, Whole
from assets.scale.synthetic.parties import Parties

FLOWS = tuple(shape.FLOWS)
CODE = {flow: n for n, flow in enumerate(FLOWS)}
ON_ONE_DAY = tuple(CODE[flow] for flow in FLOWS_ON_ONE_DAY)
WITH_POWER = tuple(CODE[flow] for flow in shape.COMPONENTS)
NONE = -1
LARGEST_LOOPS = ((0, 1), (1, 0), (2, 3), (3, 4), (4, 2))
"""Payers and payees of the first legs: a vendor and its lab; a vendor, its lab and the lab's hyperscaler."""
LARGEST_FLOWS = ("equity_investment", "chip_purchase", "equity_investment", "compute_purchase", "chip_purchase")
PAIR_FLOWS = ("equity_investment", "chip_purchase")
TRIPLE_FLOWS = ("equity_investment", "compute_purchase", "chip_purchase")
ROUND_CENTS = 100_000_00


@dataclass
class Legs:
    """One array per column; positions of legs, parties, deals and capacity legs, -1 for none."""

    flow: Whole
    payer: Whole
    payee: Whole
    cents: Whole
    """The point in whole cents; for a leg without a stated figure, its hidden amount."""
    parent: Whole
    funds: Whole
    deal: Whole
    capacity: Whole
    is_statement: Flags
    is_undisclosed: Flags
    is_fixed: Flags
    """Legs of the two largest loops: one row each, never cancelled."""
    is_plain: Flags

    @property
    def size(self) -> int:
        """Number of legs."""
        return self.flow.size


@dataclass(frozen=True)
class Blocks:
    """The start of each block; it ends at the start of the next one."""

    pairs: int
    triples: int
    wholes: int
    parts: int
    deeper: int
    statements: int
    plain: int


def legs(size: int, who: Parties, draws: Draws) -> Legs:
    """The promises of a ledger with this number of legs."""
    part_counts = 1 + draws.below("parts", shape.MOST_PARTS, _at_least_one(shape.WHOLES_SHARE, size))
    parts = int(part_counts.sum())
    with_parts = np.flatnonzero(draws.chosen("deeper", shape.DEEPER_SHARE, parts))
    deeper_counts = 1 + draws.below("parts of parts", shape.MOST_DEEPER_PARTS, with_parts.size)
    lengths = (
        len(LARGEST_LOOPS),
        len(PAIR_FLOWS) * _at_least_one(shape.PAIRS_SHARE, size),
        len(TRIPLE_FLOWS) * _at_least_one(shape.TRIPLES_SHARE, size),
        part_counts.size,
        parts,
        int(deeper_counts.sum()),
        _at_least_one(shape.STATEMENTS_SHARE, size),
    )
    at = Blocks(*(int(n) for n in np.cumsum(lengths)))
    made = _empty(size)
    made.is_plain[at.plain :] = True
    made.is_statement[at.statements : at.plain] = True
    made.cents = _figures(size, draws)
    wholes = made.cents[at.wholes : at.parts] * shape.WHOLE_MULTIPLE
    made.cents[at.wholes : at.parts] = np.minimum(wholes, shape.MOST_WHOLE_CENTS)
    _free(made, slice(at.statements, size), tuple(shape.FLOWS), who, draws)
    _free(made, slice(at.wholes, at.parts), tuple(shape.COMPONENTS), who, draws)
    _parts(made, at.parts, at.wholes + np.repeat(np.arange(part_counts.size), part_counts), who, draws)
    _parts(made, at.deeper, np.repeat(at.parts + with_parts, deeper_counts), who, draws)
    _loops(made, slice(at.pairs, at.triples), PAIR_FLOWS, who, draws)
    _loops(made, slice(at.triples, at.wholes), TRIPLE_FLOWS, who, draws)
    _largest_loops(made)
    _unstated(made, draws)
    _deals(made, at)
    return made


def _at_least_one(share: float, size: int) -> int:
    return max(1, round(share * size))


def _empty(size: int) -> Legs:
    def numbers() -> Whole:
        return np.full(size, NONE, np.int64)

    def flags() -> Flags:
        return np.zeros(size, bool)

    return Legs(
        flow=numbers(),
        payer=numbers(),
        payee=numbers(),
        cents=numbers(),
        parent=numbers(),
        funds=numbers(),
        deal=numbers(),
        capacity=numbers(),
        is_statement=flags(),
        is_undisclosed=flags(),
        is_fixed=flags(),
        is_plain=flags(),
    )


def _figures(size: int, draws: Draws) -> Whole:
    """Heavy-tailed amounts, most of them round."""
    cents = draws.pareto("amount", (shape.LEAST_CENTS, shape.MOST_CENTS), size)
    in_cents = draws.uniform("in cents", size) < shape.IN_CENTS_SHARE
    return np.where(in_cents, cents, cents // ROUND_CENTS * ROUND_CENTS)


def _free(made: Legs, block: slice, flows: tuple[str, ...], who: Parties, draws: Draws) -> None:
    """Flows in proportion, and parties whose kinds fit the flow."""
    name = f"legs from {block.start}"
    total = sum(shape.FLOWS[f] for f in flows)
    dealt = draws.dealt(f"flow {name}", {f: shape.FLOWS[f] / total for f in flows}, block.stop - block.start)
    made.flow[block] = np.array([CODE[f] for f in flows])[dealt]
    for flow in flows:
        chosen = block.start + np.flatnonzero(made.flow[block] == CODE[flow])
        for ends, kinds in zip((made.payer, made.payee), shape.PARTIES[flow], strict=True):
            role = "payer" if ends is made.payer else "payee"
            ends[chosen] = who.drawn(draws, f"{role} {flow} {name}", kinds, chosen.size)


def _parts(made: Legs, start: int, wholes: Whole, who: Parties, draws: Draws) -> None:
    """Parts of wholes: same flow and payee, some with another payer, together less than the whole."""
    block = slice(start, start + wholes.size)
    made.parent[block] = wholes
    made.flow[block], made.payer[block], made.payee[block] = (a[wholes] for a in (made.flow, made.payer, made.payee))
    crossing = draws.chosen(f"crossing from {start}", shape.CROSSING_SHARE, wholes.size)
    for flow in shape.COMPONENTS:
        chosen = start + np.flatnonzero(crossing & (made.flow[block] == CODE[flow]))
        made.payer[chosen] = who.drawn(draws, f"crossing {flow} {start}", shape.PARTIES[flow][0], chosen.size)
    siblings = np.bincount(wholes, minlength=made.size)[wholes]
    weight = (1.0 + draws.uniform(f"part from {start}", wholes.size)) / 2
    made.cents[block] = (made.cents[wholes] * (shape.PARTS_AT_MOST * weight / siblings)).astype(np.int64)


def _loops(made: Legs, block: slice, flows: tuple[str, ...], who: Parties, draws: Draws) -> None:
    """A supplier funds its customer, whose purchases return to it; the funding leg names the purchase it pays."""
    length, first = len(flows), np.arange(block.start, block.stop, len(flows))
    kinds = [shape.PARTIES[flow][0] for flow in flows[1:]]
    round_trip = [
        who.drawn(draws, f"supplier from {block.start}", shape.PARTIES[flows[-1]][1], first.size),
        *(
            who.drawn(draws, f"station {n} from {block.start}", kind[:1] if n == 0 else ("hyperscaler",), first.size)
            for n, kind in enumerate(kinds)
        ),
    ]
    for n, flow in enumerate(flows):
        made.flow[first + n] = CODE[flow]
        made.payer[first + n] = round_trip[n]
        made.payee[first + n] = round_trip[(n + 1) % length]
    made.funds[first] = first + 1


def _largest_loops(made: Legs) -> None:
    """Give the two largest loops bottlenecks above the supplier funding of any other pair of parties.

    Every loop contains funding by a supplier, since no other flow returns, so no other loop can be as large.
    """
    ends = np.array(LARGEST_LOOPS)
    first = slice(0, len(LARGEST_LOOPS))
    made.payer[first], made.payee[first] = ends[:, 0], ends[:, 1]
    made.flow[first] = [CODE[f] for f in LARGEST_FLOWS]
    made.funds[0], made.funds[2] = 1, 3
    made.is_fixed[first] = True
    funding = np.flatnonzero(made.funds > len(LARGEST_LOOPS))
    pair = made.payer[funding] * (1 + made.payee.max()) + made.payee[funding]
    _, place = np.unique(pair, return_inverse=True)
    sums = np.zeros(place.max() + 1, np.int64)
    np.add.at(sums, place, made.cents[funding])
    above = (int(sums.max()) // ROUND_CENTS + 1) * ROUND_CENTS * 5 // 4
    made.cents[first] = above * np.array([2, 4, 1, 3, 2])


def _unstated(made: Legs, draws: Draws) -> None:
    """Legs without a figure, and legs with gigawatts: only plain ones, which no other leg depends on."""
    plain = np.flatnonzero(made.is_plain)
    powered = plain[np.isin(made.flow[plain], WITH_POWER)]
    has_power = powered[draws.chosen("power", shape.IMPUTED_SHARE + shape.POWERED_SHARE, powered.size)]
    made.capacity[has_power] = np.arange(has_power.size)
    imputed = draws.chosen("imputed", shape.IMPUTED_SHARE / (shape.IMPUTED_SHARE + shape.POWERED_SHARE), has_power.size)
    made.is_undisclosed[has_power[imputed]] = True
    others = plain[made.capacity[plain] == NONE]
    made.is_undisclosed[others[draws.chosen("undisclosed", shape.UNDISCLOSED_SHARE, others.size)]] = True


def _deals(made: Legs, at: Blocks) -> None:
    """One deal per loop and per tree; the other legs in pairs."""
    deal = np.empty(made.size, np.int64)
    deal[: at.pairs] = [0, 0, 1, 1, 1]
    pairs, triples = np.arange(at.triples - at.pairs) // 2, np.arange(at.wholes - at.triples) // 3
    deal[at.pairs : at.triples] = 2 + pairs
    deal[at.triples : at.wholes] = deal[at.triples - 1] + 1 + triples
    deal[at.wholes : at.parts] = deal[at.wholes - 1] + 1 + np.arange(at.parts - at.wholes)
    deal[at.parts : at.deeper] = deal[made.parent[at.parts : at.deeper]]
    deal[at.deeper : at.statements] = deal[made.parent[at.deeper : at.statements]]
    rest = np.arange(made.size - at.statements) // shape.LEGS_PER_DEAL
    deal[at.statements :] = deal[at.parts - 1] + 1 + rest
    made.deal = deal


def as_ids(prefix: str, positions: Whole) -> pl.Series:
    """Names of things by position, empty for -1."""
    numbers = pl.DataFrame({"n": positions})
    named = pl.concat_str(pl.lit(prefix), (pl.col("n") + 1).cast(pl.String).str.zfill(7))
    return numbers.select(pl.when(pl.col("n") >= 0).then(named).alias("id")).to_series()
