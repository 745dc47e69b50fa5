"""A money graph as arrays: reads and checks edge frames, converts to whole numbers, merges arcs, splits aggregates.

An edge is one promise, payer → payee; an edge frame has ``payer_id, payee_id, amount_usd``. Identifiers are text or
integers. Parallel edges are summed, amounts of zero dropped. Sums are of whole numbers (cents if every amount has whole
cents, else 2^-60 of the total), so no figure depends on the order of rows or the names of nodes.
Not here: the measures of the graph (``circulation``, ``null_model``).
"""

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass
from math import frexp, ldexp
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]

EDGE_COLUMNS = ("payer_id", "payee_id", "amount_usd")
SOURCE_SUFFIX, SINK_SUFFIX = "#source", "#sink"

CENTS_PER_USD = 100
UNIT_BITS = 60
"""The sum of all capacities stays below 2^60, so that the solvers can add them in int64."""

LARGEST_TOTAL_USD, LARGEST_EXPONENT = 1e300, 1000
"""Limits of floating point, far beyond any amount of money."""


@dataclass(frozen=True, eq=False)
class Arcs:
    """A money graph as arrays: ends are positions in the ordered ``names``, amounts ``units / scale``."""

    names: list[Any]
    payer: Whole
    payee: Whole
    units: Whole
    scale: float

    def amounts(self) -> Floats:
        """Give the amounts in USD."""
        return self.units / self.scale


def split_aggregates(edges: pl.DataFrame, aggregate_ids: Collection[str]) -> pl.DataFrame:
    """Give the edges with every aggregate split in two: a payer named "…#source" and a payee named "…#sink".

    An aggregate represents many unknown parties: it may be the end of an edge, but is never inside a loop.

    Shapes: the rows and columns of the input; only payer_id and payee_id change.
    Errors: ValueError unless the identifiers are text and no other entity has such a name.
    """
    _check_columns(edges, "edges")
    if id_type(edges) != pl.String:
        raise ValueError("edges: payer_id and payee_id must be text for an aggregate to be renamed")
    aggregates = pl.Series(sorted(aggregate_ids), dtype=pl.String)
    new = pl.concat([aggregates + SOURCE_SUFFIX, aggregates + SINK_SUFFIX])
    taken = new.filter(new.is_in(pl.concat([edges["payer_id"], edges["payee_id"]]).implode()))
    if taken.len():
        raise ValueError(f"edges: {taken[0]!r} is the name of a part of an aggregate, no entity may bear it")
    return edges.with_columns(
        pl.when(pl.col(end).is_in(aggregates.implode())).then(pl.col(end) + suffix).otherwise(end).alias(end)
        for end, suffix in (("payer_id", SOURCE_SUFFIX), ("payee_id", SINK_SUFFIX))
    )


def read_arcs(edges: pl.DataFrame, argument: str = "edges", *, entity_ids: Collection[Hashable] | None = None) -> Arcs:
    """Give an edge frame as arrays, one arc per row, in the order of the rows.

    Errors: ValueError that names the argument for a missing column, identifiers that are null or neither
    text nor integers, amounts that are null, NaN, infinite or negative, a payer that is its own payee, or (if
    ``entity_ids`` is given) an entity that is not among them; a part of an aggregate counts as its whole.
    """
    _check_columns(edges, argument)
    names, payers, payees = _positions(edges, argument)
    if entity_ids is not None:
        known = frozenset(entity_ids)
        for name in names:
            if name not in known and _whole(name) not in known:
                raise ValueError(f"{argument}: {name!r} is not one of the known entities (entity_ids)")
    return _checked(names, payers, payees, edges["amount_usd"].cast(pl.Float64).to_numpy(), argument)


def arcs_of(words: Sequence[Any], payer: Whole, payee: Whole, amounts: Floats) -> Arcs:
    """Give arcs whose ends are positions in ascending words, in their order, without unused words.

    Shapes: payer, payee and amounts (arcs,). Units: USD.
    Errors: ValueError for amounts and ends that ``read_arcs`` refuses.
    """
    used, ends = np.unique(np.concatenate([payer, payee]), return_inverse=True)
    names = [words[place] for place in used.tolist()]
    return _checked(names, ends[: payer.size], ends[payer.size :], amounts, "arcs")


def _checked(names: list[Any], payers: Whole, payees: Whole, amounts: Floats, argument: str) -> Arcs:
    """Give arcs in whole numbers; refuse invalid amounts, and parties that pay themselves."""
    if not np.isfinite(amounts).all() or (amounts < 0).any():
        raise ValueError(f"{argument}: amount_usd must be finite and not negative (zero is dropped)")
    if amounts.sum(dtype=np.longdouble) > LARGEST_TOTAL_USD:
        raise ValueError(f"{argument}: amount_usd must not add up to more than {LARGEST_TOTAL_USD:.0e}")
    itself = np.flatnonzero(payers == payees)
    if itself.size:
        name = names[payers[itself[0]]]
        raise ValueError(f"{argument}: payer_id and payee_id must differ, {name!r} pays itself")
    units, scale = _whole_units(amounts)
    return Arcs(names, payers, payees, units, scale)


def _positions(edges: pl.DataFrame, argument: str) -> tuple[list[Any], Whole, Whole]:
    """Give the ordered names, and payers and payees as positions in them."""
    kind = id_type(edges, argument)
    payer, payee = edges["payer_id"], edges["payee_id"]
    if isinstance(payer.dtype, pl.Enum) and payer.dtype == payee.dtype:
        words = payer.dtype.categories
        codes = pl.concat([payer, payee]).to_physical().to_numpy()
        used = np.flatnonzero(np.bincount(codes, minlength=words.len()))
        named = words.gather(used).to_list()
        order = sorted(range(used.size), key=named.__getitem__)
        rank = np.empty(words.len(), np.int64)
        rank[used[order]] = np.arange(used.size)
        return [named[place] for place in order], rank[codes[: edges.height]], rank[codes[edges.height :]]
    ends = [end.cast(kind).to_list() for end in (payer, payee)]
    names = sorted({*ends[0], *ends[1]})
    index = {name: position for position, name in enumerate(names)}
    payers, payees = (np.fromiter(map(index.__getitem__, end), np.int64, len(end)) for end in ends)
    return names, payers, payees


def merge_arcs(arcs: Arcs) -> Arcs:
    """Give one arc per ordered pair with a positive sum, in the order of payer and payee."""
    key, place = np.unique(arcs.payer * len(arcs.names) + arcs.payee, return_inverse=True)
    units = np.zeros(key.size, np.int64)
    np.add.at(units, place, arcs.units)
    key, units = key[units > 0], units[units > 0]
    payer, payee = np.divmod(key, max(len(arcs.names), 1))
    return Arcs(arcs.names, payer, payee, units, arcs.scale)


def components(payer: Whole, payee: Whole, size: int) -> npt.NDArray[np.int32]:
    """Give the label of the strongly connected component of every node."""
    if not size:
        return np.zeros(0, np.int32)
    graph = coo_array((np.ones(payer.size, np.int8), (payer, payee)), shape=(size, size))
    labels: npt.NDArray[np.int32] = connected_components(graph.tocsr(), connection="strong")[1]
    return labels


def _whole_units(amounts: Floats) -> tuple[Whole, float]:
    """Give amounts as whole numbers, and the number of units per dollar: cents if no precision is lost."""
    total = float(amounts.sum())
    if total * CENTS_PER_USD < 2**UNIT_BITS:
        dollars = np.floor(amounts)
        cents = np.rint((amounts - dollars) * CENTS_PER_USD)
        units = dollars.astype(np.int64) * CENTS_PER_USD + cents.astype(np.int64)
        # Two ways to write the same cents, one exact for small amounts, one for large.
        if ((units / CENTS_PER_USD == amounts) | (dollars + cents / CENTS_PER_USD == amounts)).all():
            return units, float(CENTS_PER_USD)
    exponent = min(UNIT_BITS - frexp(total)[1], LARGEST_EXPONENT)
    return np.floor(np.ldexp(amounts, exponent)).astype(np.int64), ldexp(1.0, exponent)


def _check_columns(edges: pl.DataFrame, argument: str) -> None:
    """Refuse a frame that is not an edge frame."""
    missing = [column for column in EDGE_COLUMNS if column not in edges.columns]
    if missing:
        raise ValueError(f"{argument} must have the columns {EDGE_COLUMNS}; missing: {', '.join(missing)}")
    if edges.height and not edges["amount_usd"].dtype.is_numeric():
        raise ValueError(f"{argument}: amount_usd must be a number, got {edges['amount_usd'].dtype}")
    for column in EDGE_COLUMNS:
        if edges[column].null_count():
            raise ValueError(f"{argument}: {column} must not be null; leave out what is unknown")


def id_type(edges: pl.DataFrame, argument: str = "edges") -> pl.DataType | type[pl.DataType]:
    """Give the common type of the identifiers: text (also categories), or integers."""
    kinds = [edges[column].dtype for column in ("payer_id", "payee_id")]
    if all(kind in {pl.String, pl.Null} or isinstance(kind, pl.Categorical | pl.Enum) for kind in kinds):
        return pl.String
    if all(kind.is_integer() for kind in kinds):
        return pl.Int64
    raise ValueError(f"{argument}: payer_id and payee_id must both be text or both integers, got {kinds}")


def _whole(name: Hashable) -> Hashable:
    """Give the aggregate to which a split name belongs; other names are unchanged."""
    return name.removesuffix(SOURCE_SUFFIX).removesuffix(SINK_SUFFIX) if isinstance(name, str) else name
