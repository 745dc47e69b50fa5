"""The amount of a supplier's funding that could return to it as sales: maximum flows in a money graph.

Not here: one supplier from edge frames (``circulation.round_trip``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from ortools.graph.python import max_flow

from assets.finance.money_graph import Arcs, Whole, components, merge_arcs

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Suppliers:
    """Entities that pay funding and receive purchases: positions in the names of the arcs, and both sums in units."""

    position: Whole
    given: Whole
    sold: Whole

    def foremost(self, most: int) -> "Suppliers":
        """Give the suppliers with the largest possible return (the smaller of both sums); ties by name."""
        ranked = np.lexsort((self.position, -np.minimum(self.given, self.sold)))
        kept = np.sort(ranked[:most])
        return Suppliers(self.position[kept], self.given[kept], self.sold[kept])


def suppliers_of(arcs: Arcs, is_purchase: Flags) -> Suppliers:
    """Give every entity that pays funding and receives purchases, in the order of the names."""
    given, sold = (np.zeros(len(arcs.names), np.int64) for _ in range(2))
    np.add.at(given, arcs.payer[~is_purchase], arcs.units[~is_purchase])
    np.add.at(sold, arcs.payee[is_purchase], arcs.units[is_purchase])
    pays, sells = (np.bincount(ends, minlength=len(arcs.names)) > 0 for ends in _ends(arcs, is_purchase))
    position = np.flatnonzero(pays & sells)
    return Suppliers(position, given[position], sold[position])


def _ends(arcs: Arcs, is_purchase: Flags) -> tuple[Whole, Whole]:
    return arcs.payer[~is_purchase], arcs.payee[is_purchase]


class RoundTrip(NamedTuple):
    """The amount that could return to one supplier."""

    supplier_id: Any
    funding_usd: float
    purchases_usd: float
    round_trip_usd: float


def foremost_round_trips(arcs: Arcs, is_purchase: Flags, most: int) -> list[RoundTrip]:
    """Give the round trips of the suppliers with the largest possible return, by supplier.

    Shapes: is_purchase (arcs,): all other arcs are funding.
    Units: USD.
    """
    found = suppliers_of(arcs, is_purchase).foremost(most)
    trips = round_trips_of(arcs, is_purchase, found.position.tolist())
    names = [arcs.names[place] for place in found.position.tolist()]
    given, sold = ((units / arcs.scale).tolist() for units in (found.given, found.sold))
    return list(map(RoundTrip, names, given, sold, trips))


def round_trips_of(arcs: Arcs, is_purchase: Flags, suppliers: Sequence[int]) -> list[float]:
    """Give the maximum flow in USD from each supplier by its funding back to it by purchases from it.

    A return path is a circle through the supplier, so only arcs of its strongly connected component matter.
    """
    if not suppliers:
        return []
    labels = components(arcs.payer, arcs.payee, len(arcs.names))
    sink = len(arcs.names)
    found = []
    for supplier in suppliers:
        label = labels[supplier]
        banned = np.where(is_purchase, arcs.payer, arcs.payee) == supplier
        kept = np.flatnonzero((labels[arcs.payer] == label) & (labels[arcs.payee] == label) & ~banned)
        payee = np.where(is_purchase & (arcs.payee == supplier), sink, arcs.payee)
        split = Arcs([*arcs.names, None], arcs.payer[kept], payee[kept], arcs.units[kept], arcs.scale)
        found.append(maximum_flow(split, supplier, sink) / arcs.scale)
    return found


def maximum_flow(arcs: Arcs, source: int, sink: int) -> int:
    """Give the units that can flow from source to sink."""
    merged = merge_arcs(arcs)
    solver = max_flow.SimpleMaxFlow()
    solver.add_arcs_with_capacity(merged.payer, merged.payee, merged.units)
    if max(source, sink) >= solver.num_nodes():
        return 0  # no funding leaves the supplier, or no purchase reaches it
    status = solver.solve(source, sink)
    if status != solver.OPTIMAL:
        raise RuntimeError(f"the maximum-flow solver stopped with {status}")
    return int(solver.optimal_flow())
