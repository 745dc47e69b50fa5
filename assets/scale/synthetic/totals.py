"""The totals that a warehouse must compute from a synthetic ledger on its last day, from the generator's numbers.

Rules: those of METHODS, applied to arrays of legs, not to versions; no module of the warehouse's computation is
imported. Money is in whole cents, so that sums are equal in any order.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from assets.scale.synthetic import shape
from assets.scale.synthetic.draws import Flags, Floats, Whole
from assets.scale.synthetic.legs import CODE, FLOWS, LARGEST_LOOPS, NONE, ON_ONE_DAY, Legs
from assets.scale.synthetic.parties import Parties
from assets.scale.synthetic.power import Power
from assets.scale.synthetic.rows import UNKNOWN_DAY, Terms

BY_LEVEL = (CODE["compute_purchase"], CODE["lease"])
BY_ADDITION = (CODE["chip_purchase"], CODE["infrastructure_build"])
CENTS_PER_USD = 100


def totals(made: Legs, terms: Terms, found: Power, who: Parties, tenors: Mapping[str, int]) -> dict[str, Any]:
    """Gross and net per flow, imputed amounts, power, the largest loops, and amounts due per year."""
    in_force = ~made.is_statement & ~terms.is_cancelled
    disclosed = in_force & ~made.is_undisclosed
    net = own_shares(made, disclosed)
    imputed = _imputed(made, found)
    is_imputed = in_force & made.is_undisclosed & (made.capacity != NONE)
    return {
        "as_of_date": str(shape.LAST_DAY),
        "by_flow": {
            flow: {
                "legs": _count(in_force & (made.flow == n)),
                "disclosed_legs": _count(disclosed & (made.flow == n)),
                "gross_cents": _sum(made.cents[disclosed & (made.flow == n)]),
                "net_cents": _sum(net[disclosed & (made.flow == n)]),
                "imputed_cents": _sum(imputed[is_imputed & (made.flow == n)]),
            }
            for n, flow in enumerate(FLOWS)
        },
        "capacity_mw_by_view": _power_by_view(made, found),
        "largest_loops": [_loop(made, who, legs) for legs in ((0, 1), (2, 3, 4))],
        "disclosed_net_cents_by_year": _by_year(made, terms, found, np.where(disclosed, net, 0), tenors),
    }


def own_shares(made: Legs, counted: Flags) -> Whole:
    """The own share of each leg, in cents; parts sum to less than their whole by construction."""
    net = made.cents.copy()
    parts = np.flatnonzero(counted & (made.parent != NONE))
    np.subtract.at(net, made.parent[parts], made.cents[parts])
    return net


def _imputed(made: Legs, found: Power) -> Whole:
    """Megawatts times the median of three estimates, in cents."""
    median = [sorted(shape.COSTS_USD_PER_MW[shape.COMPONENTS[f]])[1] if f in shape.COMPONENTS else 0 for f in FLOWS]
    cents = np.zeros(made.size, np.int64)
    cents[found.leg] = found.mw * np.array(median)[made.flow[found.leg]] * CENTS_PER_USD
    return cents


def _power_by_view(made: Legs, found: Power) -> dict[str, int]:
    """Megawatts by view; no capacity leg is a part of another, none is cancelled."""
    mw: dict[str, int] = {}
    for flow, view in shape.VIEWS.items():
        chosen = made.flow[found.leg] == CODE[flow]
        if chosen.any():
            mw[view] = mw.get(view, 0) + _sum(found.mw[chosen])
    return mw


def _loop(made: Legs, who: Parties, legs: tuple[int, ...]) -> dict[str, Any]:
    """A planted loop, starting with the alphabetically first name."""
    names = [who.ids[LARGEST_LOOPS[n][0]] for n in legs]
    turn = names.index(min(names))
    path = [*names[turn:], *names[:turn], names[turn]]
    return {"path": " → ".join(path), "length": len(legs), "bottleneck_cents": int(made.cents[list(legs)].min())}


def _by_year(made: Legs, terms: Terms, found: Power, cents: Whole, tenors: Mapping[str, int]) -> dict[str, int]:
    """Amounts due by calendar year: by day, on one day, or following power."""
    start, end = _periods(made, terms, tenors)
    first, ramp = np.zeros(made.size, np.int64), np.zeros(made.size, np.int64)
    ramped = found.leg[found.has_full]
    first[ramped] = found.first[found.has_full]
    ramp[ramped] = (found.full - found.first)[found.has_full]
    rises = (ramp > 0) & np.isin(made.flow, BY_LEVEL) & (first + 1 < end)
    added_from, added_to = np.maximum(start, first), np.minimum(end, first + ramp)
    adds = (ramp > 0) & np.isin(made.flow, BY_ADDITION) & (added_from < added_to)
    begin = np.where(rises | adds, added_from, start)
    stop = np.where(adds, added_to, end)
    first, ramp = np.where(rises, first, begin - 1), np.where(rises, ramp, 1)
    whole = _weight(stop, first, ramp) - _weight(begin, first, ramp)
    years = range(_year(int(begin.min())), _year(int(stop.max()) - 1) + 1)
    due: dict[str, int] = {}
    before = np.zeros(made.size)
    for year in years:
        reached = np.clip(_new_year(year + 1), begin, stop)
        after = (_weight(reached, first, ramp) - _weight(begin, first, ramp)) / whole
        due[str(year)] = _sum(np.rint(cents * (after - before)).astype(np.int64))
        before = after
    return due


def _periods(made: Legs, terms: Terms, tenors: Mapping[str, int]) -> tuple[Whole, Whole]:
    """First day of payment and the day after the last, assumed if not stated."""
    start = np.where(terms.starts == UNKNOWN_DAY, terms.first_day, terms.starts)
    assumed = np.array([tenors[flow] for flow in FLOWS])[made.flow]
    months = np.where((terms.months == NONE) | (terms.starts == UNKNOWN_DAY), assumed, terms.months)
    frame = pl.DataFrame({"start": start, "months": months}).select(
        pl.col("start").cast(pl.Int32).cast(pl.Date).dt.offset_by(pl.format("{}mo", "months")).cast(pl.Int32)
    )
    end = frame["start"].to_numpy().astype(np.int64)
    return start, np.where(np.isin(made.flow, ON_ONE_DAY), start + 1, end)


def _weight(day: Whole, first: Whole, ramp: Whole) -> Floats:
    """The sum of the levels of all days before a day: 0, 1/n, 2/n ... on the n days of the ramp, then 1."""
    since = day - first
    risen = np.clip(since, 0, ramp)
    weight: Floats = risen * (risen - 1) / (2 * ramp) + np.maximum(since - ramp, 0)
    return weight


def _year(day: int) -> int:
    return int(np.datetime64(day, "D").astype("datetime64[Y]").astype(np.int64)) + 1970


def _new_year(year: int) -> int:
    return int(np.datetime64(f"{year}-01-01").astype(np.int64))


def _count(flags: Flags) -> int:
    return int(np.count_nonzero(flags))


def _sum(numbers: Whole) -> int:
    return int(numbers.sum())
