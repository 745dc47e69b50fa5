"""Who owes whom how much in a year, per scenario, as known on a day; and the days that are looked at.

The weights are those of facts.revenue_coverage: `weighted_dues` is asked with pairs in place of entities.
Not here: what happens when somebody cannot pay (`assets.metrics.stress`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import polars as pl

from assets.facts.coverage import weighted_dues
from assets.metrics.graph import landmark_days
from assets.steps import Inputs

BETWEEN = "|"
PAIR = ["payer_id", "payee_id"]
MEASURES = ("obligations", "funding")
KNOWN = ("facts.commitments", "facts.capacity", "facts.financials")


def days_asked(inputs: Inputs) -> list[dt.date]:
    """The quarter ends since 2025 and the last day on which something in the ledger became known."""
    latest = [day for name in KNOWN if isinstance(day := inputs.read(name)["known_from"].max(), dt.date)]
    return landmark_days(max(latest)) if latest else []


def pairwise_dues(
    commitments: pl.DataFrame, schedule: pl.DataFrame, scenarios: pl.DataFrame, days: Sequence[dt.date], ahead: int
) -> pl.DataFrame:
    """What falls due between two entities from the year of a day to `ahead` years later, in whole cents.

    Grain: as_of_date, scenario_id, year, payer_id, payee_id, is_paid. `obligations` are purchases of the payer,
    `funding` is money for the payee; is_paid: the certainty of the leg is paid. `scenarios` are wide. Sums over payees
    are the obligations of facts.revenue_coverage to the cent.
    """
    pairs = pl.format(f"{{}}{BETWEEN}{{}}{BETWEEN}{{}}", *PAIR, (pl.col("certainty") == "paid").cast(pl.Int8))
    named = commitments.with_columns(pair=pairs).with_columns(payer_id="pair", payee_id="pair")
    changes = weighted_dues(named, _near(schedule, scenarios, days, ahead), scenarios)
    asked = pl.DataFrame({"as_of_date": list(days)}, schema={"as_of_date": pl.Date})
    first = pl.col("as_of_date").dt.year().cast(pl.Int64)
    summed = (
        asked.join(changes, how="cross")
        .filter((pl.col("day") <= pl.col("as_of_date")) & pl.col("year").is_between(first, first + ahead))
        .group_by("as_of_date", "scenario_id", "year", "entity_id")
        .agg(pl.col(MEASURES).sum())
        .filter(pl.any_horizontal(pl.col(MEASURES) != 0))
    )
    parts = pl.col("entity_id").str.split_exact(BETWEEN, 2).struct.rename_fields([*PAIR, "is_paid"])
    split = summed.with_columns(parts=parts).unnest("parts").with_columns(is_paid=pl.col("is_paid") == "1")
    keys = ["as_of_date", "scenario_id", "year", *PAIR, "is_paid"]
    return split.select(*keys, *MEASURES).sort(keys)


def _near(schedule: pl.DataFrame, scenarios: pl.DataFrame, days: Sequence[dt.date], ahead: int) -> pl.DataFrame:
    """The quarters that can fall into the years asked, whatever the delay of a scenario."""
    if not days:
        return schedule.clear()
    delay = int(max(scenarios["delay_quarters"].to_list(), default=0))
    earliest = pl.lit(dt.date(min(days).year, 1, 1)).dt.offset_by(f"{-3 * max(0, delay)}mo")
    return schedule.filter(pl.col("quarter_start").is_between(earliest, dt.date(max(days).year + ahead, 12, 31)))


def latest_coverage(coverage: pl.DataFrame, days: Sequence[dt.date], ahead: int) -> pl.DataFrame:
    """The rows of facts.revenue_coverage for the stressed year, as they stand on each day.

    Grain: as_of_date, scenario_id, entity_id; the row taken is the latest of the entity on or before the day.
    """
    asked = pl.DataFrame({"day": list(days)}, schema={"day": pl.Date})
    known = asked.join_where(coverage.select("entity_id", "as_of_date").unique(), pl.col("as_of_date") <= pl.col("day"))
    latest = known.group_by("day", "entity_id").agg(pl.col("as_of_date").max())
    rows = latest.join(coverage, on=["entity_id", "as_of_date"]).filter(
        pl.col("year") == pl.col("day").dt.year() + ahead
    )
    return rows.drop("as_of_date").rename({"day": "as_of_date"}).sort("as_of_date", "scenario_id", "entity_id")
