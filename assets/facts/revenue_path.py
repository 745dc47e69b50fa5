"""Yearly revenue of every entity as known on a day: reported where known, completed and continued by a path.

The path follows one vintage of projections: the month in which the latest annual projection became known. Without one,
the year in progress is completed at the latest annualised rate. Not here: the mathematics (`assets.finance.revenue`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
import polars as pl

from assets.contracts.vocabulary import EVIDENCE_RANK
from assets.finance import revenue

REPORTED = ("reported", "reported_by_press")
FULL_YEAR_MONTHS = 12
CENTS = 2
"""Figures laid on days and summed again come back to the cent."""
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
    rows = financials.filter(
        (pl.col("metric") == "revenue")
        & pl.col("definition").is_null()
        & pl.col("value").is_not_null()
        & pl.col("period_start").is_not_null()
    ).with_columns(evidence_rank=pl.col("evidence").replace_strict(EVIDENCE_RANK, return_dtype=pl.Int64))
    found: list[tuple[object, ...]] = []
    for (entity,), own in rows.sort("entity_id", "known_from").group_by("entity_id", maintain_order=True):
        for day in own["known_from"].unique().sort():
            known = own.filter(pl.col("known_from") <= day)
            found += _paths_on(str(entity), day, known, multipliers, last_year, assumptions)
    columns = zip(*found, strict=True) if found else [() for _ in SCHEMA]
    return pl.DataFrame(dict(zip(SCHEMA, columns, strict=True)), schema=SCHEMA)


def _paths_on(
    entity: str,
    day: dt.date,
    known: pl.DataFrame,
    multipliers: Sequence[float],
    last_year: int,
    assumptions: dict[str, float],
) -> list[tuple[object, ...]]:
    """The rows of one entity and day, in the order of SCHEMA: one frame for each would take longer than its figures."""
    reported = known.filter(pl.col("basis").is_in(REPORTED))
    actuals = revenue.calendar_year_actuals(reported).with_columns(pl.col("reported_usd").round(CENTS))
    vintage, anchors, totals = _projections(known, actuals)
    if not anchors:
        anchors = _run_rate_anchor(reported, actuals)
    first_year = min([day.year, *actuals["year"].to_list()])
    years = range(first_year, last_year + 1)
    by_year = {int(r["year"]): r for r in actuals.iter_rows(named=True)}
    found: list[tuple[object, ...]] = []
    for multiplier in multipliers:
        path = revenue.annual_path(
            actuals,
            anchors,
            totals,
            list(years),
            long_run_growth=assumptions["long_run_growth_ratio"],
            fade_years=int(assumptions["growth_fade_years"]),
            growth_multiplier=multiplier,
            fallback_growth=assumptions["unknown_growth_ratio"],
            highest_growth=assumptions["extrapolated_growth_max_ratio"],
        )
        for year, usd in zip(years, path, strict=True):
            actual = by_year.get(year)
            told = 0.0 if actual is None else actual["reported_usd"]
            found.append((entity, day, float(multiplier), year, told, _completed(actual, float(usd)), vintage))
    return found


def _completed(actual: dict[str, float] | None, path: float) -> float | None:
    value = path
    if actual is not None:
        covered, days = int(actual["covered_days"]), int(actual["days_in_year"])
        value = float(revenue.complete_partial(actual["reported_usd"], covered, days, path))
    return None if np.isnan(value) else max(0.0, round(value, CENTS))


def _projections(
    known: pl.DataFrame, actuals: pl.DataFrame
) -> tuple[str | None, dict[int, float], list[tuple[int, int, float]]]:
    """The anchors of the latest vintage that looks beyond what is reported, and the latest multi-year total.

    Nothing grows out of a projection of zero: it is left out.
    """
    ahead = known.filter(~pl.col("basis").is_in(REPORTED) & (pl.col("value") > 0)).with_columns(
        year=(pl.col("period_start") + pl.duration(days=183)).dt.year(),
        month=pl.col("known_from").dt.strftime("%Y-%m"),
    )
    complete = actuals.filter(pl.col("covered_days") == pl.col("days_in_year"))["year"]
    annual = ahead.filter((pl.col("period_months") == FULL_YEAR_MONTHS) & ~pl.col("year").is_in(complete.implode()))
    if annual.is_empty():
        return None, {}, []
    vintage = str(annual["month"].max())
    rows = annual.filter(pl.col("month") == vintage).sort("known_from", "evidence_rank", "source_id", "basis")
    anchors = {int(r["year"]): float(r["value"]) for r in rows.iter_rows(named=True)}
    long = ahead.filter((pl.col("period_months") > FULL_YEAR_MONTHS) & (pl.col("month") >= vintage)).sort(
        "known_from", "evidence_rank", "source_id", "basis", "period_start", "period_end"
    )
    totals = [
        (r["period_start"].year, r["period_end"].year, float(r["value"])) for r in long.tail(1).iter_rows(named=True)
    ]
    return vintage, anchors, totals


def _run_rate_anchor(reported: pl.DataFrame, actuals: pl.DataFrame) -> dict[int, float]:
    """The year of the latest reported period at the annualised rate of that period, which completes it."""
    rate, latest = revenue.annualised(reported), reported["period_end"].max()
    if rate is None or not isinstance(latest, dt.date):
        return {}
    year = latest.year
    row = actuals.filter(pl.col("year") == year).row(0, named=True)
    is_open = row["covered_days"] < row["days_in_year"]
    return {year: rate} if is_open and rate > 0 else {}
