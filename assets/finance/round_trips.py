"""How much of a supplier's own funding could come back to it as sales: maximum flows in a money graph.

Not here: one supplier from edge frames (``circulation.round_trip``).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
from ortools.graph.python import max_flow

from assets.finance.money_graph import Arcs, Whole, components, id_type, merge_arcs, read_arcs

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Suppliers:
    """Who pays funding and is paid purchases: positions in the names of the arcs, and both sums in units."""

    position: Whole
    given: Whole
    sold: Whole

    def foremost(self, most: int) -> "Suppliers":
        """Give those to whom the most could come back, the smaller of both sums; of equal ones the first names."""
        ranked = np.lexsort((self.position, -np.minimum(self.given, self.sold)))
        kept = np.sort(ranked[:most])
        return Suppliers(self.position[kept], self.given[kept], self.sold[kept])


def suppliers_of(arcs: Arcs, is_purchase: Flags) -> Suppliers:
    """Give every entity that pays funding and is paid purchases, in the order of the names."""
    given, sold = (np.zeros(len(arcs.names), np.int64) for _ in range(2))
    np.add.at(given, arcs.payer[~is_purchase], arcs.units[~is_purchase])
    np.add.at(sold, arcs.payee[is_purchase], arcs.units[is_purchase])
    pays, sells = (np.bincount(ends, minlength=len(arcs.names)) > 0 for ends in _ends(arcs, is_purchase))
    position = np.flatnonzero(pays & sells)
    return Suppliers(position, given[position], sold[position])


def _ends(arcs: Arcs, is_purchase: Flags) -> tuple[Whole, Whole]:
    return arcs.payer[~is_purchase], arcs.payee[is_purchase]


def foremost_round_trips(edges: pl.DataFrame, most: int) -> pl.DataFrame:
    """Give the round trip of the suppliers to whom the most could come back.

    Shapes: edges with a column is_purchase, all others fund. Columns supplier_id, funding_usd, purchases_usd,
    round_trip_usd, by supplier.
    Units: USD.
    Errors: ValueError for an edge frame as ``read_arcs`` refuses it.
    """
    arcs, is_purchase = read_arcs(edges), edges["is_purchase"].to_numpy()
    found = suppliers_of(arcs, is_purchase).foremost(most)
    trips = round_trips_of(arcs, is_purchase, found.position.tolist())
    return pl.DataFrame(
        {
            "supplier_id": [arcs.names[place] for place in found.position.tolist()],
            "funding_usd": found.given / arcs.scale,
            "purchases_usd": found.sold / arcs.scale,
            "round_trip_usd": trips,
        },
        schema_overrides={"supplier_id": id_type(edges), "round_trip_usd": pl.Float64},
    )


def round_trips_of(arcs: Arcs, is_purchase: Flags, suppliers: Sequence[int]) -> list[float]:
    """Give the maximum flow in USD from each supplier by its funding back to it by purchases from it.

    A way back is a circle through the supplier: only arcs of its strongly connected component can be on it.
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
