"""The rows of the promises of a synthetic ledger: all versions, the last as on the last day.

A leg has one to five rows on ascending days. Earlier rows have other figures, or none, and less certainty; the last row
may cancel. The first row states dates; later rows repeat them or leave them empty, which means the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assets.scale.synthetic import shape
from assets.scale.synthetic.draws import Draws, Flags, Whole
from assets.scale.synthetic.legs import CODE, NONE, ON_ONE_DAY, Legs

UNKNOWN_DAY = np.iinfo(np.int64).min
CERTAIN = len(shape.CERTAINTIES) - 1
LEAST_DAYS = len(shape.LATER_ROWS) + 1


@dataclass(frozen=True)
class Terms:
    """Terms that hold for all rows of a leg: its period and its final state. Days count from 1970-01-01."""

    starts: Whole
    """UNKNOWN_DAY if not stated."""
    months: Whole
    """-1 if no end is stated."""
    first_day: Whole
    """First day of knowledge."""
    certainty: Whole
    """The final certainty."""
    is_cancelled: Flags
    qualifier: Whole
    has_bound: Flags
    is_low_only: Flags


@dataclass(frozen=True)
class Rows:
    """One position per row; the rows of a leg are consecutive and in order."""

    leg: Whole
    day: Whole
    """Position in the days of knowledge."""
    left: Whole
    """The number of later rows of the leg."""
    percent: Whole
    """The figure as a percentage of the last one."""
    is_undisclosed: Flags
    repeats_dates: Flags
    source: Whole
    evidence: Whole

    @property
    def size(self) -> int:
        """Number of rows."""
        return self.leg.size


def known_days(legs: int) -> Whole:
    """The days of knowledge, counted from 1970-01-01: evenly spaced weekdays from the first day to the last."""
    every = np.arange(np.datetime64(shape.FIRST_DAY), np.datetime64(shape.LAST_DAY) + 1)
    weekdays: Whole = every[np.is_busday(every)].astype(np.int64)
    count = min(weekdays.size, shape.DAYS_PER_ROOT_OF_LEGS * int(np.sqrt(legs)))
    return weekdays[np.arange(count) * (weekdays.size - 1) // (count - 1)]


def next_month(days: Whole) -> Whole:
    """The first day of the next month, on which contracts and power begin."""
    months = days.astype("datetime64[D]").astype("datetime64[M]") + 1
    first: Whole = months.astype("datetime64[D]").astype(np.int64)
    return first


def rows(made: Legs, days: int, draws: Draws) -> Rows:
    """All rows, by leg and day."""
    later = np.searchsorted(np.cumsum(shape.LATER_ROWS[:-1]), draws.uniform("later rows", made.size), side="right")
    count = np.where(made.is_fixed, 1, 1 + later)
    leg = np.repeat(np.arange(made.size), count)
    begins = np.cumsum(count) - count
    place = np.arange(leg.size) - begins[leg]
    left = count[leg] - 1 - place
    day = np.empty(leg.size, np.int64)
    day[begins] = np.sqrt(draws.uniform("first day", made.size)) * (days - LEAST_DAYS)
    for step in range(1, len(shape.LATER_ROWS)):
        at = np.flatnonzero(place == step)
        room = days - 1 - day[at - 1] - left[at]
        day[at] = day[at - 1] + 1 + draws.below(f"day {step}", room, at.size)
    percent = np.where(left == 0, 100, draws.between("factor", shape.FACTOR_PERCENT, leg.size))
    not_yet = (left > 0) & (draws.uniform("not yet disclosed", leg.size) < shape.EARLIER_UNDISCLOSED_SHARE)
    per_day = sources_per_day(leg.size, days)
    return Rows(
        leg=leg,
        day=day,
        left=left,
        percent=percent,
        is_undisclosed=made.is_undisclosed[leg] | not_yet,
        repeats_dates=(place == 0) | (draws.uniform("dates repeated", leg.size) < shape.REPEATED_DATES_SHARE),
        source=day * per_day + draws.below("source", per_day, leg.size),
        evidence=draws.dealt("evidence", shape.EVIDENCE, leg.size),
    )


def sources_per_day(size: int, days: int) -> int:
    """The number of documents on a day of knowledge."""
    return max(1, round(size / (shape.ROWS_PER_SOURCE * days)))


def terms(made: Legs, known: Rows, days: Whole, draws: Draws) -> Terms:
    """The terms that hold for all rows of a leg."""
    size = made.size
    is_first = np.append(True, known.leg[1:] != known.leg[:-1])
    first_day = days[known.day[is_first]]
    has_later = known.left[is_first] > 0
    always = np.isin(made.flow, [CODE[flow] for flow in shape.BOTH_DATES_ALWAYS])
    stated = np.where(always, 0.0, draws.uniform("dates stated", size))
    has_both = stated < shape.BOTH_DATES_SHARE
    has_start = stated < shape.BOTH_DATES_SHARE + shape.START_ONLY_SHARE
    starts = next_month(first_day + draws.below("start", shape.START_WITHIN_DAYS, size))
    skewed = draws.uniform("months", size)
    skewed = skewed * np.sqrt(np.sqrt(skewed))
    months = shape.FEWEST_MONTHS + (skewed * (shape.MOST_MONTHS - shape.FEWEST_MONTHS + 1)).astype(np.int64)
    is_cancelled = np.zeros(size, bool)
    may_end = np.flatnonzero(has_later & ~made.is_statement)
    is_cancelled[may_end[draws.chosen("cancelled", shape.CANCELLED_SHARE, may_end.size)]] = True
    begun = draws.below("certainty", CERTAIN, size)
    return Terms(
        starts=np.where(has_start, starts, UNKNOWN_DAY),
        months=np.where(has_both & ~np.isin(made.flow, ON_ONE_DAY), months, NONE),
        first_day=first_day,
        certainty=np.minimum(begun + known.left[is_first] - is_cancelled, CERTAIN),
        is_cancelled=is_cancelled,
        qualifier=draws.dealt("qualifier", shape.QUALIFIERS, size),
        has_bound=draws.uniform("bound", size) < shape.BOUND_SHARE,
        is_low_only=draws.uniform("low only", size) < shape.LOW_ONLY_SHARE,
    )
