"""The money graphs of a ledger, each solved once: graphs that are equal share their answer.

Not here: which legs are edges (`assets.metrics.graph`), what is solved (`assets.finance.circulation`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

from assets.core.size import every_day
from assets.core.step import Inputs
from assets.core.table import Table
from assets.facts.assumptions import as_dict, scenarios_wide
from assets.metrics import graph, graph_days
from assets.metrics.graph import KEYS

READS = ("facts.commitments", "facts.entities", "staging.assumptions", "staging.scenarios")

BASE = "base"

T = TypeVar("T")


def known_legs(inputs: Inputs) -> pl.DataFrame:
    """The legs of all graphs: those of `graphs.known_legs`, the mode of a ceiling that of the base scenario."""
    scenarios = scenarios_wide(inputs.read("staging.scenarios"))
    mode_share = scenarios.filter(pl.col("scenario_id") == BASE)["up_to_mode_share"].item()
    many = graph.aggregates(inputs.read("facts.entities"))
    return graph_days.known_legs(inputs.read("facts.commitments"), mode_share, many)


def edges_of(inputs: Inputs) -> Iterator[pl.DataFrame]:
    """The edges of the graphs of all days on which the ledger is measured, a few days at a time."""
    settings = as_dict(inputs.read("staging.assumptions"))
    most, reported = settings["graph_leg_days_max"], inputs.by_size(every_day)
    days = graph_days.days_measured(inputs.read("facts.commitments"), most, reported)
    return graph_days.edges_of(known_legs(inputs), days)


def solved(edges: Iterable[pl.DataFrame], solve: Callable[[pl.DataFrame], T]) -> list[tuple[dict[str, Any], T]]:
    """The answer for each graph with its day, basis and amount basis, in their order.

    Rules: the rows of a graph stand together; a graph that equals one before is not solved again, for most days change
    a few edges of one basis.
    """
    known: dict[bytes, T] = {}
    found = []
    for frame in map(graph_days.numbered, edges):
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
