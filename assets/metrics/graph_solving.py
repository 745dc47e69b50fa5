"""The money graphs of a ledger, each solved once: equal graphs share their result.

Not here: which legs are edges (`assets.metrics.graph`), the measures (`assets.finance.circulation`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, NamedTuple, TypeVar, cast

import numpy.typing as npt
import polars as pl

from assets.core.size import every_day
from assets.core.step import Inputs
from assets.core.table import Table
from assets.facts.assumptions import as_dict, scenarios_wide
from assets.finance.money_graph import EDGE_COLUMNS, Arcs, arcs_of
from assets.metrics import graph, graph_days
from assets.metrics.graph import KEYS

READS = ("facts.commitments", "facts.entities", "staging.assumptions", "staging.scenarios")

BASE = "base"

Key = tuple[Any, ...]
"""Day, basis and amount basis of a graph."""

T = TypeVar("T")

R = TypeVar("R", bound=NamedTuple)


def known_legs(inputs: Inputs) -> pl.DataFrame:
    """The legs of all graphs (`graph_days.known_legs`); the mode of an up_to is that of the base scenario."""
    scenarios = scenarios_wide(inputs.read("staging.scenarios"))
    mode_share = scenarios.filter(pl.col("scenario_id") == BASE)["up_to_mode_share"].item()
    many = graph.aggregates(inputs.read("facts.entities"))
    return graph_days.known_legs(inputs.read("facts.commitments"), mode_share, many)


def edges_of(inputs: Inputs) -> Iterator[pl.DataFrame]:
    """The edges of the graphs of all measured days, a few days at a time."""
    settings = as_dict(inputs.read("staging.assumptions"))
    most, reported = settings["graph_leg_days_max"], inputs.by_size(every_day)
    days = graph_days.days_measured(inputs.read("facts.commitments"), most, reported)
    return graph_days.edges_of(known_legs(inputs), days)


@dataclass(frozen=True, eq=False)
class Graph:
    """One money graph: arcs between parties, and the other columns of its edges."""

    arcs: Arcs
    columns: Mapping[str, npt.NDArray[Any]]


def solved(edges: Iterable[pl.DataFrame], solve: Callable[[Graph], T]) -> list[tuple[Key, T]]:
    """The result for each graph with its day, basis and amount basis, in their order.

    Rules: the rows of a graph are consecutive. A graph that equals an earlier one is not solved again; most days change
    a few edges of one basis.
    """
    known: dict[bytes, T] = {}
    found = []
    for frame in map(graph_days.numbered, edges):
        names = cast(pl.Enum, frame.schema["payer_id"]).categories.to_list()
        columns = {name: frame[name].to_physical().to_numpy() for name in frame.columns if name not in KEYS}
        start = 0
        for *key, rows in frame.group_by(KEYS, maintain_order=True).len().iter_rows():
            own = {name: column[start : start + rows] for name, column in columns.items()}
            mark = _digest(own.values())
            if mark not in known:
                known[mark] = solve(Graph(arcs_of(names, *(own[name] for name in EDGE_COLUMNS)), own))
            found.append((tuple(key), known[mark]))
            start += rows
    return found


def _digest(columns: Iterable[npt.NDArray[Any]]) -> bytes:
    digest = blake2b(digest_size=20)
    for column in columns:
        digest.update(column.tobytes())
    return digest.digest()


def as_table(found: Iterable[tuple[Key, Iterable[R]]], kind: type[R], table: Table) -> pl.DataFrame:
    """The rows of each graph with its day, basis and amount basis; the fields of a row become columns of the table."""
    schema = {name: table.polars_schema[name] for name in (*KEYS, *kind._fields)}
    return pl.DataFrame([(*key, *row) for key, rows in found for row in rows], schema=schema, orient="row")
