"""metrics.circularity, loops, supplier_round_trip: how much of the money could run in circles.

Not here: the graph (`assets.metrics.graph`), chance (`assets.metrics.circularity_null`), the mathematics
(`assets.finance.circulation`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from hashlib import blake2b
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

from assets.contracts.circularity import CIRCULARITY, LOOPS, SUPPLIER_ROUND_TRIP
from assets.contracts.model import Table
from assets.facts.assumptions import as_dict, scenarios_wide
from assets.finance import circulation, trips
from assets.metrics import graph, graphs
from assets.metrics.graph import KEYS
from assets.steps import Built, Inputs, Step, every_day

READS = ("facts.commitments", "facts.entities", "staging.assumptions", "staging.scenarios")
BASE = "base"
T = TypeVar("T")


def known_legs(inputs: Inputs) -> pl.DataFrame:
    """The legs of all graphs: those of `graphs.known_legs`, the mode of a ceiling that of the base scenario."""
    scenarios = scenarios_wide(inputs.read("staging.scenarios"))
    mode_share = scenarios.filter(pl.col("scenario_id") == BASE)["up_to_mode_share"].item()
    many = graph.aggregates(inputs.read("facts.entities"))
    return graphs.known_legs(inputs.read("facts.commitments"), mode_share, many)


def edges_of(inputs: Inputs) -> Iterator[pl.DataFrame]:
    """The edges of the graphs of all days on which the ledger is measured, a few days at a time."""
    settings = as_dict(inputs.read("staging.assumptions"))
    most, reported = settings["graph_leg_days_max"], inputs.by_size(every_day)
    days = graphs.days_measured(inputs.read("facts.commitments"), most, reported)
    return graphs.edges_of(known_legs(inputs), days)


def solved(edges: Iterable[pl.DataFrame], solve: Callable[[pl.DataFrame], T]) -> list[tuple[dict[str, Any], T]]:
    """The answer for each graph with its day, basis and amount basis, in their order.

    Rules: the rows of a graph stand together; a graph that equals one before is not solved again, for most days change
    a few edges of one basis.
    """
    known: dict[bytes, T] = {}
    found = []
    for frame in map(graphs.numbered, edges):
        content = [frame[c].to_physical().to_numpy() for c in frame.columns if c not in KEYS]
        start = 0
        for *key, rows in frame.group_by(KEYS, maintain_order=True).len().iter_rows():
            mark = _digest([column[start : start + rows] for column in content])
            if mark not in known:
                known[mark] = solve(frame.slice(start, rows))
            found.append((dict(zip(KEYS, key, strict=True)), known[mark]))
            start += rows
    return found


def _digest(columns: Sequence[npt.NDArray[Any]]) -> bytes:
    digest = blake2b(digest_size=20)
    for column in columns:
        digest.update(column.tobytes())
    return digest.digest()


def told(found: Sequence[tuple[dict[str, Any], pl.DataFrame]], table: Table) -> pl.DataFrame:
    """The rows of each graph with its day, basis and amount basis."""
    if not found:
        return pl.DataFrame(schema=table.polars_schema)
    keys = pl.DataFrame([key for key, _ in found])
    rows = np.repeat(np.arange(len(found)), [frame.height for _, frame in found])
    return table.conform(pl.concat([keys[rows], pl.concat([frame for _, frame in found])], how="horizontal"))


def circularity(*edges: pl.DataFrame) -> pl.DataFrame:
    """Three views of how much returns, per graph.

    Grain: as_of_date, basis, amount_basis.
    """
    rows = [{**key, **vars(measured)} for key, measured in solved(edges, circulation.measures)]
    return pl.DataFrame(rows, schema=CIRCULARITY.polars_schema)


def loops(edges: Iterable[pl.DataFrame], max_length: int, limit: int) -> pl.DataFrame:
    """The circles of each graph, largest bottleneck first.

    Grain: as_of_date, basis, amount_basis, loop.
    """
    return told(solved(edges, partial(circulation.loops, max_length=max_length, limit=limit)), LOOPS)


def round_trips(edges: Iterable[pl.DataFrame], most: int) -> pl.DataFrame:
    """What could come back to each supplier that funds others; where the basis has contingent flows they are funding.

    Grain: as_of_date, basis, amount_basis, supplier. Rules: where more than `most` suppliers of a graph fund others,
    those to whom the most could come back: the smaller of what they give and what they sell.
    """
    found = told(solved(edges, partial(trips.foremost_round_trips, most=most)), SUPPLIER_ROUND_TRIP)
    share = pl.when(pl.col("purchases_usd") > 0).then(pl.col("round_trip_usd") / pl.col("purchases_usd"))
    return SUPPLIER_ROUND_TRIP.conform(found.with_columns(round_trip_share=share))


def _build_circularity(inputs: Inputs) -> Built:
    return Built(circularity(*edges_of(inputs)))


def _build_loops(inputs: Inputs) -> Built:
    settings = as_dict(inputs.read("staging.assumptions"))
    return Built(loops(edges_of(inputs), int(settings["loop_max_length"]), int(settings["loops_kept"])))


def _build_round_trips(inputs: Inputs) -> Built:
    settings = as_dict(inputs.read("staging.assumptions"))
    return Built(round_trips(edges_of(inputs), int(settings["round_trip_suppliers_max"])))


STEPS = (
    Step(CIRCULARITY, READS, _build_circularity),
    Step(LOOPS, READS, _build_loops),
    Step(SUPPLIER_ROUND_TRIP, READS, _build_round_trips),
)
