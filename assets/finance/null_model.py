"""Tests whether a money graph has more circles than chance explains: a null model that shuffles the payees.

The null model keeps the payer, amount and flow of each leg and shuffles the payees among the legs of the same flow. A
low p-value means that more money *could be closed* into circles than chance explains. It says nothing about intent.

Not here: the measure itself (``circulation``).
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from assets.finance.circulation import closable_flow
from assets.finance.money_graph import Arcs, merge_arcs, read_arcs, split_aggregates

Whole = npt.NDArray[np.int64]

FEWEST_SHUFFLES = 2
"""A standard deviation needs two."""

TRIES_PER_LEG = 100
"""Redraws of self-deals in one flow before its payees are left as observed."""


@dataclass(frozen=True)
class CircularShareNull:
    """The observed circular share and its distribution under the null model."""

    observed: float
    mean: float
    sd: float
    p_value: float
    shuffles: int


def circular_share_null(
    legs: pl.DataFrame, shuffles: int = 200, seed: int = 0, *, aggregate_ids: Collection[str] = ()
) -> CircularShareNull:
    """Give the circular share, that of shuffled legs, and the share of shuffles that reach it.

    Payees are shuffled among legs of the same flow, each leg keeps its payer and amount; if a payer would pay itself,
    the payee is swapped with that of another leg of the flow, drawn from those that resolve the conflict. Aggregates
    are split here (``split_aggregates``). Legs without money are left out.

    Shapes: legs with columns payer_id, payee_id, flow, amount_usd (net, in force on one day).
    Units: fractions; sd is the sample standard deviation (n - 1). The p-value is a plain share and may be 0.
    Errors: ValueError for legs that ``read_arcs`` refuses, a missing or null flow, fewer than two shuffles, a negative
    seed.
    Rules: shuffle k draws from child k of the seed, so threads, the order of rows and the number of later shuffles do
    not matter.
    """
    if shuffles < FEWEST_SHUFFLES:
        raise ValueError(f"shuffles must be at least {FEWEST_SHUFFLES}, got {shuffles!r}")
    if seed < 0:
        raise ValueError(f"seed must not be negative, got {seed!r}")
    arcs, flows = _read_legs(legs, aggregate_ids)
    total = int(arcs.units.sum())
    if total == 0:
        return CircularShareNull(0.0, 0.0, 0.0, 1.0, shuffles)
    observed = _circulating(arcs, arcs.payee)
    drawn = np.array(
        [
            _circulating(arcs, _shuffled(np.random.default_rng(child), arcs, flows))
            for child in np.random.SeedSequence(seed).spawn(shuffles)
        ]
    )
    share = drawn / total
    return CircularShareNull(
        observed=observed / total,
        mean=float(share.mean()),
        sd=float(share.std(ddof=1)),
        p_value=float((drawn >= observed).mean()),  # whole numbers: rounding cannot decide a tie
        shuffles=shuffles,
    )


def _read_legs(legs: pl.DataFrame, aggregate_ids: Collection[str]) -> tuple[Arcs, list[slice]]:
    """Give the legs with money in an order independent of the order of rows, and the position of each flow."""
    if "flow" not in legs.columns or legs["flow"].null_count():
        raise ValueError("legs must have a column flow without nulls: payees are shuffled inside a flow")
    read_arcs(legs, "legs")
    legs = legs.filter(pl.col("amount_usd") > 0)
    legs = split_aggregates(legs, aggregate_ids) if aggregate_ids else legs
    legs = legs.sort("flow", "payer_id", "payee_id", "amount_usd")
    ends = [0, *legs["flow"].rle().struct.field("len").cum_sum()]
    return read_arcs(legs, "legs"), list(map(slice, ends[:-1], ends[1:]))


def _circulating(arcs: Arcs, payee: Whole) -> int:
    """Give the units that could be closed with these payees."""
    merged = merge_arcs(Arcs(arcs.names, arcs.payer, payee, arcs.units, arcs.scale))
    return int(closable_flow(merged.payer, merged.payee, merged.units, len(arcs.names)).sum())


def _shuffled(random: np.random.Generator, arcs: Arcs, flows: list[slice]) -> Whole:
    """Give payees shuffled within each flow, without self-deals."""
    payee = arcs.payee.copy()
    for flow in flows:
        payee[flow] = _redrawn(random, arcs.payer[flow], arcs.payee[flow])
    return payee


def _redrawn(random: np.random.Generator, payer: Whole, observed: Whole) -> Whole:
    """Shuffle the payees of one flow, then swap every self-deal away."""
    payee = random.permutation(observed)
    for _ in range(TRIES_PER_LEG * payee.size):
        (clashes,) = (payer == payee).nonzero()
        if not clashes.size:
            return payee
        clash = random.choice(clashes)
        (settling,) = ((payee != payer[clash]) & (payer != payee[clash])).nonzero()
        other = random.choice(settling) if settling.size else random.integers(payee.size)
        payee[[clash, other]] = payee[[other, clash]]
    return observed
