"""How much of the money in a graph of promises could be closed into circles, and through whom.

An edge is one promise, payer → payee; an edge frame has ``payer_id, payee_id, amount_usd``. The measures count money
that *could be closed*; they say nothing about why it was promised. ``maximum_circulation`` is the upper estimate,
``finn_cycling_index`` the cautious one; ``reciprocity`` counts pairs alone.

Not here: which promises are in force and which are counted twice (the tables decide), and whether the share exceeds
chance (``null_model``). Edges to and from an entity of kind aggregate must pass through ``split_aggregates`` first;
otherwise "other investors" closes loops that do not exist.
"""

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl
from ortools.graph.python import min_cost_flow

from assets.finance.cycles import cycles_of
from assets.finance.finn_cycling import cycled_share
from assets.finance.money_graph import EDGE_COLUMNS, Arcs, Floats, Whole, components, id_type, merge_arcs, read_arcs
from assets.finance.round_trips import round_trips_of

ARROW = " → "

IMBALANCE_TOLERANCE = 0.05
"""Published flow networks balance to within a few per cent; enaR's ssCheck uses the same limit."""

FEW_ARCS = 2_000
"""For smaller graphs, finding components takes longer than solving."""


@dataclass(frozen=True, eq=False)
class Circulation:
    """A largest circulation: its value is unique, its ``flows`` are one choice among many."""

    total_usd: float
    circulating_usd: float
    circular_share: float
    flows: pl.DataFrame


@dataclass(frozen=True)
class Measures:
    """The figures of ``maximum_circulation``, ``reciprocity`` and ``money_graph_finn`` for one graph."""

    total_usd: float
    circulating_usd: float
    circular_share: float
    reciprocity: float
    finn_cycling_index: float


def measures(arcs: Arcs) -> Measures:
    """Give all three views of one graph.

    Shapes and units: those of ``maximum_circulation``, ``reciprocity`` and ``money_graph_finn``.
    """
    arcs = merge_arcs(arcs)
    total = int(arcs.units.sum())
    circulating = int(closable_flow(arcs.payer, arcs.payee, arcs.units, len(arcs.names)).sum())
    share = circulating / total if total else 0.0
    return Measures(total / arcs.scale, circulating / arcs.scale, share, _mutual_share(arcs), _mixed_share(arcs))


class Loop(NamedTuple):
    """One circle of parties around which money could flow."""

    loop_id: str
    """A digest of the path: a loop has the same id on every day and basis."""
    path: str
    """For example "nvidia → openai → oracle → nvidia", starting at the first name in alphabetical order."""
    length: int
    """Number of edges."""
    bottleneck_usd: float
    is_truncated: bool
    """The graph has more loops than the limit; equal for every loop of a graph."""


def maximum_circulation(edges: pl.DataFrame, *, entity_ids: Collection[Hashable] | None = None) -> Circulation:
    """Give the largest amount of the edges that could be closed into circles (multilateral set-off).

    It maximises Σ x over 0 ≤ x ≤ w with equal flows into and out of every node.

    Shapes: one row per edge; ``flows`` has one row per pair with a positive flow.
    Units: USD; circular_share is a fraction of the total, 0.0 for a graph without money.
    Errors: ValueError for an edge frame that ``read_arcs`` refuses.
    Hazards: single flows are not unique; only their sum, bounds and balance are.
    Source: Fleischman & Dini 2021, JRFM 14:452. Check: A→B 7000, B→C 5000, C→A 2000 gives 6000.
    """
    arcs = merge_arcs(read_arcs(edges, entity_ids=entity_ids))
    flow = closable_flow(arcs.payer, arcs.payee, arcs.units, len(arcs.names))
    total, circulating = int(arcs.units.sum()), int(flow.sum())
    kept = np.flatnonzero(flow)
    names = pl.Series(arcs.names, dtype=id_type(edges))
    flows = pl.DataFrame(
        {
            "payer_id": names.gather(arcs.payer[kept]),
            "payee_id": names.gather(arcs.payee[kept]),
            "circulating_usd": flow[kept] / arcs.scale,
        }
    )
    share = circulating / total if total else 0.0
    return Circulation(total / arcs.scale, circulating / arcs.scale, share, flows)


def reciprocity(edges: pl.DataFrame, *, entity_ids: Collection[Hashable] | None = None) -> float:
    """Give the share of the money that flows both ways between the same pair: Σ min(w_ij, w_ji) / Σ w.

    The sum runs over ordered pairs, so both directions count. It cannot see loops of three parties.

    Units: fraction; 0.0 for a graph without money.
    Errors: ValueError for an edge frame that ``read_arcs`` refuses.
    Source: Squartini et al. 2013, Scientific Reports 3:2729.
    """
    return _mutual_share(merge_arcs(read_arcs(edges, entity_ids=entity_ids)))


def _mutual_share(arcs: Arcs) -> float:
    """Give the reciprocity of merged arcs."""
    if not arcs.units.size:
        return 0.0
    key = arcs.payer * len(arcs.names) + arcs.payee  # ascending: merged arcs are in order
    reverse = arcs.payee * len(arcs.names) + arcs.payer
    place = np.minimum(np.searchsorted(key, reverse), key.size - 1)
    answer = np.where(key[place] == reverse, arcs.units[place], 0)
    return int(np.minimum(arcs.units, answer).sum()) / int(arcs.units.sum())


def loops(
    edges: pl.DataFrame,
    max_length: int,
    *,
    limit: int | None = None,
    entity_ids: Collection[Hashable] | None = None,
) -> pl.DataFrame:
    """Give one row per simple cycle of at most ``max_length`` edges, the largest bottleneck first: see ``loops_of``.

    Shapes: one row per ``Loop``, its fields as columns.
    Units: USD.
    Errors: ValueError for an edge frame that ``read_arcs`` refuses, max_length < 2, limit < 1.
    """
    found = loops_of(read_arcs(edges, entity_ids=entity_ids), max_length, limit)
    kinds = (pl.String, pl.String, pl.Int64, pl.Float64, pl.Boolean)
    return pl.DataFrame(found, schema=dict(zip(Loop._fields, kinds, strict=True)), orient="row")


def loops_of(arcs: Arcs, max_length: int, limit: int | None = None) -> list[Loop]:
    """Give the simple cycles of at most ``max_length`` edges, the largest bottleneck first.

    Edges are added from the largest to the smallest; each closes the loops of which it is the bottleneck. Loops beyond
    ``limit`` are never visited.

    Shapes: at most ``limit`` loops: those with the largest bottlenecks, then the fewest edges, then the first path.
    Units: USD.
    Errors: ValueError for max_length < 2, limit < 1.
    Hazards: loops share edges, so bottlenecks do not add up; dense graphs have very many loops.
    """
    if max_length < 2:  # noqa: PLR2004
        raise ValueError(f"max_length must be at least 2 (A → B → A), got {max_length!r}")
    if limit is not None and limit < 1:
        raise ValueError(f"limit must be at least 1, or None for all loops, got {limit!r}")
    arcs = merge_arcs(arcs)
    found = cycles_of(arcs, max_length, limit)
    kept = found[:limit]
    is_truncated = len(found) > len(kept)
    loops = []
    for units, length, cycle in kept:
        path = ARROW.join(str(arcs.names[node]) for node in (*cycle, cycle[0]))
        mark = "loop_" + blake2b(path.encode(), digest_size=6).hexdigest()
        loops.append(Loop(mark, path, length, -units / arcs.scale, is_truncated))
    return loops


def finn_cycling_index(flows: npt.ArrayLike, inputs: npt.ArrayLike, outputs: npt.ArrayLike) -> float:
    """Give the share of throughflow that returns to its node, if every node mixes its inflows.

    FCI = Σ T_i (n_ii - 1) / n_ii / Σ T_i with N = (I - G)⁻¹ and G = flows / throughflow of the donor. A component
    without inputs and outputs cycles all of its throughflow: its FCI is 1.

    Shapes: flows (n, n) donor × receiver; inputs and outputs (n,), the flows across the border of the system.
    Units: any one unit for all three; the result is a fraction, 0.0 without flows.
    Errors: ValueError unless all are finite and not negative, the shapes fit, and the inflow of each node equals its
    outflow (within 5 %; the throughflow is the larger of the two).
    Source: Finn 1980, Ecology 61(3). Check: the three-node example of maximum_circulation gives 0.2857.
    """
    matrix, entering, leaving = (
        _non_negative(values, name) for values, name in ((flows, "flows"), (inputs, "inputs"), (outputs, "outputs"))
    )
    size = entering.size
    if matrix.shape != (size, size) or entering.shape != (size,) or leaving.shape != (size,):
        raise ValueError(
            "flows must be a square matrix, inputs and outputs vectors of its length; "
            f"got {matrix.shape}, {entering.shape}, {leaving.shape}"
        )
    received, given = entering + matrix.sum(axis=0), leaving + matrix.sum(axis=1)
    throughflow = np.maximum(received, given)
    apart = np.flatnonzero(np.abs(received - given) > IMBALANCE_TOLERANCE * throughflow)
    if apart.size:
        node = int(apart[0])
        raise ValueError(
            "inputs and outputs must balance the flows at every node (within 5 %): "
            f"node {node} receives {received[node]!r} and gives {given[node]!r}"
        )
    donor, receiver = np.nonzero(matrix)
    return cycled_share(donor, receiver, matrix[donor, receiver], throughflow)


def money_graph_finn(edges: pl.DataFrame, *, entity_ids: Collection[Hashable] | None = None) -> float:
    """Give the Finn cycling index of a money graph; a node's excess of payments over receipts is its input.

    Inputs are max(0, out - in), outputs max(0, in - out); a component without input has FCI 1.

    Units: fraction; 0.0 for a graph without money.
    Errors: ValueError for an edge frame that ``read_arcs`` refuses.
    Source: Finn 1980, Ecology 61(3).
    """
    return _mixed_share(merge_arcs(read_arcs(edges, entity_ids=entity_ids)))


def _mixed_share(arcs: Arcs) -> float:
    """Give the Finn cycling index of merged arcs."""
    amounts, size = arcs.amounts(), len(arcs.names)
    given = np.bincount(arcs.payer, amounts, minlength=size)
    received = np.bincount(arcs.payee, amounts, minlength=size)
    return cycled_share(arcs.payer, arcs.payee, amounts, np.maximum(given, received))


def round_trip(funding: pl.DataFrame, purchases: pl.DataFrame, supplier_id: Hashable) -> float:
    """Give the largest amount that could leave a supplier as funding and return to it as purchases from it.

    In between, the money may take any funding and purchase edges among other parties. Funding that the supplier
    receives and purchases that it pays are excluded.

    Shapes: two edge frames. An aggregate must be split in both (``split_aggregates``).
    Units: USD.
    Errors: ValueError for frames that ``read_arcs`` refuses, or a supplier that is in neither.
    Source: Ahuja, Magnanti & Orlin 1993, Network Flows, chapter 7 (push-relabel maximum flow).
    """
    first, last = read_arcs(funding, "funding"), read_arcs(purchases, "purchases")
    if not first.names and not last.names:
        return 0.0
    if supplier_id not in first.names and supplier_id not in last.names:
        raise ValueError(f"supplier_id must be an entity of funding or purchases, got {supplier_id!r}")
    return _round_trips(funding, purchases, [supplier_id])[0]


def round_trips(funding: pl.DataFrame, purchases: pl.DataFrame) -> pl.DataFrame:
    """Give ``round_trip`` of every entity that pays funding and receives purchases, reading the graph once.

    Shapes, units and errors: those of ``round_trip``. Columns supplier_id, round_trip_usd, by supplier.
    """
    suppliers = sorted(set(funding["payer_id"].to_list()) & set(purchases["payee_id"].to_list()))
    read_arcs(funding, "funding")
    read_arcs(purchases, "purchases")
    found = _round_trips(funding, purchases, suppliers) if suppliers else []
    schema = {"supplier_id": funding.schema["payer_id"], "round_trip_usd": pl.Float64()}
    return pl.DataFrame({"supplier_id": suppliers, "round_trip_usd": found}, schema=schema)


def _round_trips(funding: pl.DataFrame, purchases: pl.DataFrame, suppliers: Sequence[Hashable]) -> list[float]:
    """Give the round trip of each supplier."""
    arcs = read_arcs(pl.concat([frame.select(EDGE_COLUMNS) for frame in (funding, purchases)], how="vertical_relaxed"))
    position = {name: place for place, name in enumerate(arcs.names)}
    is_purchase = np.arange(arcs.units.size) >= funding.height
    return round_trips_of(arcs, is_purchase, [position[supplier] for supplier in suppliers])


def closable_flow(payer: Whole, payee: Whole, units: Whole, size: int) -> Whole:
    """Give the flow of each arc in a largest circulation; one arc per pair, ends from 0 to size - 1.

    Only arcs inside a strongly connected component can carry flow. The rest is a minimum-cost flow that earns 1 per
    unit and arc; cost scaling solves a random graph of 10⁵ nodes and 10⁶ arcs in about 12 s.
    """
    flow = np.zeros(units.size, np.int64)
    inside = np.arange(units.size)
    if units.size > FEW_ARCS:
        labels = components(payer, payee, size)
        inside = np.flatnonzero(labels[payer] == labels[payee])
    if inside.size:
        solver = min_cost_flow.SimpleMinCostFlow()
        arcs = solver.add_arcs_with_capacity_and_unit_cost(
            payer[inside], payee[inside], units[inside], np.full(inside.size, -1, np.int64)
        )
        status = solver.solve()
        if status != solver.OPTIMAL:
            raise RuntimeError(f"the minimum-cost-flow solver stopped with {status}")
        flow[inside] = solver.flows(arcs)
    return flow


def _non_negative(values: npt.ArrayLike, argument: str) -> Floats:
    """Read an array of finite, non-negative figures."""
    try:
        array = np.asarray(values, np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{argument} must be an array of numbers") from error
    if not np.isfinite(array).all() or (array < 0).any():
        raise ValueError(f"{argument} must be finite and not negative")
    return array
