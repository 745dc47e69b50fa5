"""Annual revenue of one entity as known on one day: reported figures, and a path for the rest.

Companies report half-years, fiscal quarters and restated years; for the future there are at most projections. Reported
periods are spread over calendar days (``calendar_year_actuals``). Complete years become known points of a path, which
projections extend (``annual_path``). A partly reported year is completed from the path (``complete_partial``).
``annualised`` gives the figure for headlines.

The caller filters the rows: one entity, one metric, one basis, point values, known on the day.
"""

from calendar import isleap
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from itertools import pairwise
from math import fsum, isfinite, nan
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

Array = npt.NDArray[np.float64]
Total = tuple[int, int, float]
"""First year, last year, USD of both and all between."""

_YEARS: dict[str, type[pl.DataType]] = {
    "year": pl.Int32,
    "reported_usd": pl.Float64,
    "covered_days": pl.Int32,
    "days_in_year": pl.Int32,
}
_MONTHS_IN_YEAR = 12
_DAYS_IN_MONTH = 30.4375  # 365.25 / 12


class Report(NamedTuple):
    """One reported figure; the fields are the columns that ``rows`` must have."""

    period_start: date
    period_end: date
    value: float
    known_from: date
    evidence_rank: int

    @property
    def days(self) -> int:
        """Count the days of the period, the last one included."""
        return (self.period_end - self.period_start).days + 1


class CalendarYear(NamedTuple):
    """The reported part of a year: a row of ``calendar_year_actuals``."""

    year: int
    reported_usd: float
    covered_days: int
    days_in_year: int


def calendar_year_actuals(rows: pl.DataFrame) -> pl.DataFrame:
    """Give one row per calendar year with reported days: the sum over these days.

    Grain and key: year (only years with a reported day), ascending.
    Units: reported_usd in USD; covered_days of days_in_year in days; a year is complete if the two are equal.
    Rules: if a period is reported twice, the latest known_from wins, then the highest evidence_rank, then the lower
    value. Periods are processed from the shortest to the longest (the earlier first). The residual of each, its figure
    less the amounts that shorter ones put inside it, is spread evenly over its uncovered days and is never below zero.
    A period without an uncovered day adds nothing.
    Hazards: shorter periods win, so a restated year does not correct quarters reported before it.
    reported_usd of an incomplete year is not a year's revenue.
    Errors: ValueError if a column is missing, a value null, negative or not finite, or a period ends early.

    Args:
        rows: period_start, period_end (the last day, inclusive), value, known_from, evidence_rank.
    """
    return pl.DataFrame(calendar_years(reports(rows)), schema=_YEARS, orient="row")


def calendar_years(reported: Iterable[Report]) -> list[CalendarYear]:
    """The rows of ``calendar_year_actuals`` without a frame, for callers with many small inputs."""
    latest = {
        (report.period_start, report.period_end): report
        for report in sorted(reported, key=lambda row: (row.known_from, row.evidence_rank, -row.value))
    }
    if not latest:
        return []
    begin, end = min(start for start, _ in latest), max(end for _, end in latest)
    usd = np.zeros((end - begin).days + 1)
    is_covered = np.zeros(usd.size, dtype=np.bool_)
    for report in sorted(latest.values(), key=lambda row: (row.days, row.period_start)):
        first = (report.period_start - begin).days
        period = np.arange(first, first + report.days)
        uncovered = period[~is_covered[period]]
        if uncovered.size:
            usd[uncovered] = max(0.0, report.value - usd[period].sum()) / uncovered.size
            is_covered[uncovered] = True
    found = []
    for year in range(begin.year, end.year + 1):
        days = slice(max(0, (date(year, 1, 1) - begin).days), (date(year + 1, 1, 1) - begin).days)
        if covered := int(is_covered[days].sum()):
            found.append(CalendarYear(year, fsum(usd[days].tolist()), covered, _days_in(year)))
    return found


def annualised(rows: pl.DataFrame) -> float | None:
    """Give the latest reported figure times 12 over the months of its period, or None without rows.

    Units: USD a year.
    Rules: the figure is chosen by the latest period_end, then the shortest period, the latest known_from, the highest
    evidence_rank and the lower value. A period has max(1, round(days / 30.4375)) months.
    Hazards: not for run rates, which are already annual; a strong quarter overstates the year.
    Errors: as ``calendar_year_actuals``.
    Check: 4.5e9 in the first half of 2025 gives 9e9.

    Args:
        rows: as for ``calendar_year_actuals``.
    """
    return latest_annualised(reports(rows))


def latest_annualised(reported: Collection[Report]) -> float | None:
    """``annualised`` without a frame."""
    if not reported:
        return None
    last = max(reported, key=lambda row: (row.period_end, -row.days, row.known_from, row.evidence_rank, -row.value))
    return last.value * _MONTHS_IN_YEAR / max(1, round(last.days / _DAYS_IN_MONTH))


def annual_path(  # noqa: PLR0913 - the known points, and every setting of what lies beyond them
    actuals: pl.DataFrame | Sequence[CalendarYear],
    anchors: Mapping[int, float],
    totals: Sequence[Total],
    years: Sequence[int],
    *,
    long_run_growth: float,
    fade_years: float,
    growth_multiplier: float = 1.0,
    fallback_growth: float | None = None,
    highest_growth: float | None = None,
) -> Array:
    """Give the revenue of each requested year: known years, interpolation between them, fading growth after them.

    Shapes: one number per element of ``years``, NaN before the first known year, or if no year is known.
    Units: USD; growth rates are fractions a year. The result for a year does not depend on the other requested years.
    Rules, in this order:
    1. The known years are the complete actual years and the anchors; an actual beats an anchor of the same year.
    2. Between known years the path is geometric. After the last one the yearly growth of the last known step
       (``fallback_growth`` if there is none, the long-run rate if that is None), at most ``highest_growth``,
       fades linearly, reaching the long-run rate ``fade_years`` years later.
    3. A total scales the projected years inside it so that the period, actual years included, adds up to it; if no
       known year lies beyond, the years after it keep their growth rates. A total is ignored if the path begins after
       it does, or if the actual years leave nothing to scale. Totals apply in order.
    4. After the last complete actual year (the first anchor if there is none) each year's growth rate is
       multiplied by ``growth_multiplier``; no year falls below zero.
    Hazards: of several overlapping totals only the last is sure to add up. An actual year of zero revenue stays zero
    but does not enter growth: the path runs through the positive years.
    Errors: ValueError if an amount is not positive, a growth rate not above -1, a number not finite, or a
    total ends before it begins.

    Args:
        actuals: as ``calendar_year_actuals`` or ``calendar_years`` gives them; incomplete years are not used.
        anchors: year -> USD, the projections of one vintage.
        totals: first year, last year, USD: multi-year projections.
        years: the requested calendar years.
        long_run_growth: the rate to which growth fades.
        fade_years: how long it takes; 0 means at once.
        growth_multiplier: 0.5 halves every growth rate, 1 leaves the path as it is.
        fallback_growth: the growth to fade from if only one year is known.
        highest_growth: the highest growth to fade from: steep growth is not extrapolated without a projection.
    """
    _check_path(anchors, totals, fade_years=fade_years, growth_multiplier=growth_multiplier)
    fallback = long_run_growth if fallback_growth is None else fallback_growth
    rates = {"long_run_growth": long_run_growth, "fallback_growth": fallback, "highest_growth": highest_growth}
    for name, growth in rates.items():
        if growth is not None and not (isfinite(growth) and growth > -1):
            raise ValueError(f"{name} must be finite and above -1, got {growth}")
    actual = _complete_years(actuals)
    known = {year: usd for year, usd in sorted({**anchors, **actual}.items()) if usd > 0}
    path = dict(known)
    if known:
        horizon = max([*years, *known, *(last for _, last, _ in totals)])
        path = _extended(known, horizon, fallback, highest_growth, long_run_growth, fade_years)
        _scale(path, totals, actual, last_known=max(known))
        grown_from = max((year for year in actual if year in known), default=min(known))
        path = _regrown(path, grown_from, growth_multiplier)
    path |= actual
    return np.array([path.get(year, nan) for year in years], dtype=np.float64)


def complete_partial(
    reported_usd: npt.ArrayLike,
    covered_days: npt.ArrayLike,
    days_in_year: npt.ArrayLike,
    path_usd: npt.ArrayLike,
) -> Array | float:
    """Give a year's revenue: the reported part, and the path's daily rate on the unreported days.

    Shapes: scalars or arrays that broadcast; a float for scalars. Units: USD.
    Rules: reported + path x uncovered days / days in the year; a complete year needs no path.
    Errors: ValueError unless reported_usd is finite and 0 <= covered_days <= days_in_year, which is positive.

    Args:
        reported_usd: the sum of the reported days, 0 if there are none.
        covered_days: the number of reported days.
        days_in_year: 365 or 366.
        path_usd: the path's revenue of the whole year, NaN if there is no path.
    """
    reported, covered, days, path = (
        np.asarray(figure, dtype=np.float64) for figure in (reported_usd, covered_days, days_in_year, path_usd)
    )
    if not np.isfinite(reported).all():
        raise ValueError("reported_usd must be finite; give 0 for a year without reported days")
    if not ((days > 0) & (covered >= 0) & (covered <= days)).all():
        raise ValueError("covered_days must lie between 0 and days_in_year, and days_in_year above 0")
    uncovered = days - covered
    completed = reported + np.where(uncovered > 0, path * uncovered / days, 0.0)
    return float(completed) if completed.ndim == 0 else np.asarray(completed)


def reports(rows: pl.DataFrame) -> list[Report]:
    """Read the rows for ``calendar_year_actuals``; refuse missing and impossible values.

    Errors: those of ``calendar_year_actuals``.
    """
    missing = [name for name in Report._fields if name not in rows.columns]
    if missing:
        raise ValueError(f"rows must have the columns {', '.join(missing)}; they have {', '.join(rows.columns)}")
    return checked([Report(*row) for row in rows.select(Report._fields).iter_rows()])


def checked(found: list[Report]) -> list[Report]:
    """Return the reports; refuse missing and impossible values.

    Errors: ValueError as ``calendar_year_actuals``.
    """
    for report in found:
        empty = [name for name, value in report._asdict().items() if value is None]
        if empty:
            raise ValueError(f"rows.{empty[0]} must not be null, got {report}")
        if not (isfinite(report.value) and report.value >= 0):
            raise ValueError(f"rows.value must be finite and not negative, got {report}")
        if report.days < 1:
            raise ValueError(f"rows.period_end must not lie before period_start, got {report}")
    return found


def _complete_years(actuals: pl.DataFrame | Sequence[CalendarYear]) -> dict[int, float]:
    """Return year -> USD of the fully reported years."""
    if not isinstance(actuals, pl.DataFrame):
        return {found.year: found.reported_usd for found in actuals if found.covered_days == found.days_in_year}
    missing = [name for name in _YEARS if name not in actuals.columns]
    if missing:
        raise ValueError(f"actuals must have the columns {', '.join(missing)}; see calendar_year_actuals")
    complete = actuals.filter(pl.col("covered_days") == pl.col("days_in_year"))
    return dict(complete.select("year", "reported_usd").iter_rows())


def _check_path(
    anchors: Mapping[int, float], totals: Sequence[Total], *, fade_years: float, growth_multiplier: float
) -> None:
    """Refuse projections that are not positive and settings that are negative."""
    for year, usd in anchors.items():
        if not (isfinite(usd) and usd > 0):
            raise ValueError(f"anchors must be positive and finite, got {usd} for {year}")
    for first, last, usd in totals:
        if last < first or not (isfinite(usd) and usd > 0):
            raise ValueError(f"totals must be (first year, last year, positive USD), got {(first, last, usd)}")
    for name, setting in (("fade_years", fade_years), ("growth_multiplier", growth_multiplier)):
        if not (isfinite(setting) and setting >= 0):
            raise ValueError(f"{name} must be finite and not negative, got {setting}")


def _extended(
    known: Mapping[int, float],
    horizon: int,
    fallback: float,
    highest: float | None,
    long_run: float,
    fade_years: float,
) -> dict[int, float]:
    """Interpolate the known years (ascending) geometrically and continue to the horizon with fading growth."""
    path = dict(known)
    growth = fallback
    for (begin, low), (end, high) in pairwise(known.items()):
        growth = (high / low) ** (1 / (end - begin)) - 1
        path |= {year: low * (high / low) ** ((year - begin) / (end - begin)) for year in range(begin + 1, end)}
    last = max(known)
    growth = growth if highest is None else min(growth, highest)
    for year in range(last + 1, horizon + 1):
        faded = min(1.0, (year - last) / fade_years) if fade_years else 1.0
        path[year] = path[year - 1] * (1 + growth + (long_run - growth) * faded)
    return path


def _scale(path: dict[int, float], totals: Sequence[Total], actual: Mapping[int, float], last_known: int) -> None:
    """Scale the projected years inside each total, and the years that follow from them, in place."""
    for first, last, usd in totals:
        period = range(first, last + 1)
        projected = [year for year in period if year not in actual]
        left = usd - sum(actual[year] for year in period if year in actual)
        if not projected or left <= 0 or any(year not in path for year in projected):
            continue
        following = range(last + 1, max(path) + 1) if last >= last_known and last not in actual else ()
        factor = left / sum(path[year] for year in projected)
        for year in (*projected, *following):
            path[year] *= factor


def _regrown(path: Mapping[int, float], base: int, multiplier: float) -> dict[int, float]:
    """Rebuild the path from the base year on, with every growth rate multiplied."""
    regrown = dict(path)
    for year in range(base + 1, max(path) + 1):
        ratio = path[year] / path[year - 1]  # 1 + m·(ratio − 1), exact for m = 1 and a tiny ratio
        regrown[year] = regrown[year - 1] * max(0.0, (1 - multiplier) + multiplier * ratio)
    return regrown


def _days_in(year: int) -> int:
    """Count the days of a calendar year."""
    return 366 if isleap(year) else 365
