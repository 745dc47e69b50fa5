"""The gigawatts of a synthetic ledger: one capacity leg for every promise with gigawatts, in one or two rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from assets.scale.synthetic import shape
from assets.scale.synthetic.draws import Draws, Flags, Whole
from assets.scale.synthetic.legs import FLOWS, NONE, Legs, as_ids
from assets.scale.synthetic.parties import Parties
from assets.scale.synthetic.rows import Rows, Terms, next_month

DAYS_PER_MONTH = 30


@dataclass(frozen=True)
class Power:
    """Capacity legs as on the last day; days count from 1970-01-01."""

    leg: Whole
    """The promise of money that names it."""
    mw: Whole
    first: Whole
    """First power; stated only if `has_first`."""
    full: Whole
    has_first: Flags
    has_full: Flags
    known: Whole
    """Position of the first day of knowledge."""
    changed: Whole
    """Position of the day of the second row, -1 for none."""


def power(made: Legs, known: Rows, terms: Terms, days: Whole, draws: Draws) -> Power:
    """The capacity legs."""
    leg = np.flatnonzero(made.capacity != NONE)
    size = leg.size
    is_first = np.append(True, known.leg[1:] != known.leg[:-1])
    first_known = known.day[is_first][leg]
    room = days.size - 1 - first_known
    later = first_known + 1 + draws.below("power changed", room, size)
    stated = draws.uniform("power dates", size)
    has_full = stated < shape.BOTH_POWER_DATES_SHARE
    first = next_month(terms.first_day[leg] + draws.below("first power", shape.START_WITHIN_DAYS, size))
    ramp = draws.between("ramp", shape.RAMP_MONTHS, size) * DAYS_PER_MONTH
    return Power(
        leg=leg,
        mw=draws.pareto("power", (shape.LEAST_MW, shape.MOST_MW), size),
        first=first,
        full=first + ramp,
        has_first=stated < shape.BOTH_POWER_DATES_SHARE + shape.FIRST_POWER_DATE_SHARE,
        has_full=has_full,
        known=first_known,
        changed=np.where(draws.chosen("power later", shape.CAPACITY_LATER_SHARE, size), later, NONE),
    )


def capacity(made: Legs, found: Power, who: Parties, days: Whole, per_day: int, draws: Draws) -> pl.DataFrame:
    """The rows of capacity.csv: the first of two states other gigawatts, half a year sooner."""
    has_later = found.changed != NONE
    place = np.repeat(np.arange(found.leg.size), 1 + has_later)
    is_last = np.append(place[1:] != place[:-1], True)
    percent = np.where(is_last, 100, draws.between("power factor", shape.FACTOR_PERCENT, place.size))
    sooner = np.where(is_last, 0, DAYS_PER_MONTH * shape.RAMP_MONTHS[0])
    day = np.where(is_last & has_later[place], found.changed[place], found.known[place])
    mw = np.maximum(1, found.mw[place] * percent // 100)
    leg = found.leg[place]
    ids = pl.Series(who.ids)
    dates = {
        name: pl.Series(np.where(has[place], at[place] - sooner, 0)).cast(pl.Int32).cast(pl.Date).cast(pl.String)
        for name, at, has in (
            ("first_power_on", found.first, found.has_first),
            ("full_power_on", found.full, found.has_full),
        )
    }
    has = {"first_power_on": found.has_first[place], "full_power_on": found.has_full[place]}
    views = [shape.VIEWS.get(flow, "") for flow in FLOWS]
    return pl.DataFrame(
        {
            "leg_id": as_ids("k", place),
            "deal_id": as_ids("d", made.deal[leg]),
            "provider_id": ids.gather(made.payee[leg]),
            "user_id": ids.gather(made.payer[leg]),
            "view": pl.Series(views).gather(made.flow[leg]),
            "power_basis": "facility",
            "mw": mw,
            "qualifier": "exact",
            **{name: dates[name].set(pl.Series(~has[name]), None) for name in dates},
            "stage": pl.Series(["announced", "under_construction"]).gather(is_last.astype(np.int64)),
            "known_from": pl.Series(days[day]).cast(pl.Int32).cast(pl.Date).cast(pl.String),
            "reading": "preferred",
            "evidence": "seen",
            "source_id": as_ids("s", day * per_day),
        }
    ).with_columns(gw=pl.format("{}.{}", pl.col("mw") // 1000, (pl.col("mw") % 1000).cast(pl.String).str.zfill(3)))
