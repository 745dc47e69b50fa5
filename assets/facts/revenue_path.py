"""Yearly revenue of every entity as known on a day: reported figures, completed and extended by a projected path.

The path uses one vintage of projections: those that became known in the month of the latest annual projection. Without
projections, the year in progress is completed at the latest annualised rate.
Not here: the mathematics (`assets.finance.revenue`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from math import isnan
from operator import itemgetter
from typing import Any

import numpy as np
import polars as pl

from assets.core.vocabulary import EVIDENCE_RANK
from assets.finance.revenue import (
    Array,
    CalendarYear,
    Report,
    annual_path,
    calendar_years,
    checked,
    complete_partial,
    latest_annualised,
)

REPORTED = ("reported", "reported_by_press")

FULL_YEAR_MONTHS = 12

CENTS = 2
"""Rounding removes the error of spreading figures over days and summing them again."""

RANKED = ("known_from", "evidence_rank", "source_id", "basis")
"""If there are several projections, the last in this order counts."""

Figure = Mapping[str, Any]
"""A revenue figure and its period."""

SCHEMA = {
    "entity_id": pl.String(),
    "day": pl.Date(),
    "growth_multiplier": pl.Float64(),
    "year": pl.Int64(),
    "reported_revenue_usd": pl.Float64(),
    "revenue_usd": pl.Float64(),
    "projection_vintage": pl.String(),
}


def revenue_paths(
    financials: pl.DataFrame, multipliers: Sequence[float], last_year: int, assumptions: dict[str, float]
) -> pl.DataFrame:
    """Revenue by year for every entity, day on which a revenue figure became known, and growth multiplier.

    Grain: entity, day, growth_multiplier, year. Only rows known on the day are used.
    """
    figures = financials.filter(
        (pl.col("metric") == "revenue")
        & pl.col("definition").is_null()
        & pl.col("value").is_not_null()
        & pl.col("period_start").is_not_null()
    ).with_columns(evidence_rank=pl.col("evidence").replace_strict(EVIDENCE_RANK, return_dtype=pl.Int64))
    rows = figures.sort("entity_id", "known_from").select(
        "entity_id", "basis", "period_months", "source_id", *Report._fields
    )
    found: list[tuple[object, ...]] = []
    for entity, own in groupby(rows.iter_rows(named=True), key=itemgetter("entity_id")):
        known: list[Figure] = []
        for day, new in groupby(own, key=itemgetter("known_from")):
            known += new
            found += _paths_on(entity, day, known, multipliers, last_year, assumptions)
    columns = zip(*found, strict=True) if found else [() for _ in SCHEMA]
    return pl.DataFrame(dict(zip(SCHEMA, columns, strict=True)), schema=SCHEMA)


def _paths_on(
    entity: str,
    day: dt.date,
    known: Sequence[Figure],
    multipliers: Sequence[float],
    last_year: int,
    assumptions: dict[str, float],
) -> Iterator[tuple[object, ...]]:
    """The rows of one entity and day, in the order of SCHEMA, as tuples: building a frame for each would be slow."""
    reported = checked([Report(*(row[name] for name in Report._fields)) for row in known if row["basis"] in REPORTED])
    actuals = [
        year._replace(reported_usd=float(np.round(year.reported_usd, CENTS))) for year in calendar_years(reported)
    ]
    vintage, anchors, totals = _projections(known, actuals)
    if not anchors:
        anchors = _run_rate_anchor(reported, actuals)
    years = range(min([day.year, *(year.year for year in actuals)]), last_year + 1)
    reported_usd = {year.year: year.reported_usd for year in actuals}
    for multiplier in multipliers:
        path = annual_path(
            actuals,
            anchors,
            totals,
            years,
            long_run_growth=assumptions["long_run_growth_ratio"],
            fade_years=int(assumptions["growth_fade_years"]),
            growth_multiplier=multiplier,
            fallback_growth=assumptions["unknown_growth_ratio"],
            highest_growth=assumptions["extrapolated_growth_max_ratio"],
        )
        for year, usd in zip(years, _completed(actuals, years, path), strict=True):
            revenue = None if isnan(usd) else max(0.0, round(usd, CENTS))
            yield entity, day, float(multiplier), year, reported_usd.get(year, 0.0), revenue, vintage


def _completed(actuals: Sequence[CalendarYear], years: range, path: Array) -> list[float]:
    """The path, with reported revenue in the years that have any."""
    if within := [year for year in actuals if year.year in years]:
        year, reported, covered, days = np.array(within).T
        at = (year - years.start).astype(np.int64)
        path[at] = complete_partial(reported, covered, days, path[at])
    completed: list[float] = path.tolist()
    return completed


def _projections(
    known: Sequence[Figure], actuals: Sequence[CalendarYear]
) -> tuple[str | None, dict[int, float], list[tuple[int, int, float]]]:
    """The anchors of the latest vintage for years that are not fully reported, and the latest multi-year total.

    A projection of zero is left out: no growth can be computed from it.
    """
    complete = {year.year for year in actuals if year.covered_days == year.days_in_year}
    ahead = [row for row in known if row["basis"] not in REPORTED and row["value"] > 0 and row["period_months"]]
    annual = [row for row in ahead if row["period_months"] == FULL_YEAR_MONTHS and _middle(row).year not in complete]
    if not annual:
        return None, {}, []
    vintage = max(map(_month, annual))
    latest = sorted((row for row in annual if _month(row) == vintage), key=itemgetter(*RANKED))
    anchors = {_middle(row).year: float(row["value"]) for row in latest}
    long = [row for row in ahead if row["period_months"] > FULL_YEAR_MONTHS and _month(row) >= vintage]
    last = max(long, key=itemgetter(*RANKED, "period_start", "period_end"), default=None)
    if last is None:
        return vintage, anchors, []
    return vintage, anchors, [(last["period_start"].year, last["period_end"].year, float(last["value"]))]


def _middle(row: Figure) -> dt.date:
    """A day in the middle of the period; its calendar year names the period."""
    middle: dt.date = row["period_start"] + dt.timedelta(days=183)
    return middle


def _month(row: Figure) -> str:
    """The vintage of a projection: the month in which it became known."""
    return f"{row['known_from']:%Y-%m}"


def _run_rate_anchor(reported: Sequence[Report], actuals: Sequence[CalendarYear]) -> dict[int, float]:
    """The year of the latest reported period, at the annualised rate of that period."""
    rate = latest_annualised(reported)
    if rate is None:
        return {}
    year = max(report.period_end for report in reported).year
    is_open = any(found.covered_days < found.days_in_year for found in actuals if found.year == year)
    return {year: rate} if is_open and rate > 0 else {}
