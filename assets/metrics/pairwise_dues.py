"""Amounts due between two entities in a year, per scenario, as known on a day; and the days of the stress test.

The weights are those of facts.revenue_coverage: `dues_by_party` is called with pairs in place of entities.
Not here: the effect of a default (`assets.metrics.stress`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence

import polars as pl

from assets.core.step import Inputs
from assets.facts.scenario_obligations import dues_by_party
from assets.metrics.graph import landmark_days

BETWEEN = "|"

PAIR = ["payer_id", "payee_id"]

MEASURES = ("obligations", "funding")

KNOWN = ("facts.commitments", "facts.capacity", "facts.financials")


def days_asked(inputs: Inputs) -> list[dt.date]:
    """The quarter ends since 2025 and the last day on which something in the ledger became known."""
    latest = [day for name in KNOWN if isinstance(day := inputs.read(name)["known_from"].max(), dt.date)]
    return landmark_days(max(latest)) if latest else []


def pairwise_dues(
    commitments: pl.DataFrame,
    schedule: Iterable[pl.DataFrame],
    scenarios: pl.DataFrame,
    days: Sequence[dt.date],
    ahead: int,
) -> pl.DataFrame:
    """Amounts due between two entities from the year of a day to `ahead` years later, in whole cents.

    Grain: as_of_date, scenario_id, year, payer_id, payee_id, is_paid, in no order. `obligations` are purchases of the
    payer, `funding` is money for the payee; is_paid: the certainty of the leg is paid. `scenarios` are wide. Names are
    Enums: a large ledger has millions of rows. Sums over payees are the obligations of facts.revenue_coverage to the
    cent.
    """
    pairs = pl.format(f"{{}}{BETWEEN}{{}}{BETWEEN}{{}}", *PAIR, (pl.col("certainty") == "paid").cast(pl.Int8))
    named = commitments.with_columns(pair=pairs).with_columns(payer_id="pair", payee_id="pair")
    years = (min(d.year for d in days), max(d.year for d in days) + ahead) if days else (1, 0)
    changes, parties = dues_by_party(named, _near(schedule, scenarios, years), scenarios, days, years)
    pieces = [
        changes.filter((pl.col("day") <= day) & pl.col("year").is_between(day.year, day.year + ahead))
        .group_by("scenario_id", "year", "party")
        .agg(pl.col(MEASURES).sum())
        .filter(pl.any_horizontal(pl.col(MEASURES) != 0))
        .with_columns(as_of_date=pl.lit(day, pl.Date))
        for day in days
    ]
    summed = pl.concat(pieces) if pieces else changes.clear().rename({"day": "as_of_date"})
    keys = ["as_of_date", "scenario_id", "year", *PAIR, "is_paid"]
    return summed.join(_split(parties), on="party").select(*keys, *MEASURES)


def _split(parties: pl.DataFrame) -> pl.DataFrame:
    """Payer and payee of each pair number, as Enums in the order of their names."""
    parts = pl.col("entity_id").str.split_exact(BETWEEN, 2).struct.rename_fields([*PAIR, "is_paid"])
    split = parties.select("party", parts.alias("parts")).unnest("parts")
    names = pl.Enum(pl.concat([split[end] for end in PAIR]).unique().sort())
    return split.with_columns(pl.col(PAIR).cast(names), is_paid=pl.col("is_paid") == "1")


def _near(schedule: Iterable[pl.DataFrame], scenarios: pl.DataFrame, years: tuple[int, int]) -> Iterator[pl.DataFrame]:
    """The quarters that can fall into the requested years under the delay of any scenario."""
    first, last = years
    delay = int(max(scenarios["delay_quarters"].to_list(), default=0))
    earliest = pl.lit(dt.date(first, 1, 1)).dt.offset_by(f"{-3 * max(0, delay)}mo")
    for frame in schedule:
        yield frame.filter(pl.col("quarter_start").is_between(earliest, pl.lit(dt.date(max(first, last), 12, 31))))


def latest_coverage(coverage: pl.DataFrame, days: Sequence[dt.date], ahead: int) -> pl.DataFrame:
    """The rows of facts.revenue_coverage for the stressed year, as in force on each day.

    Grain: as_of_date, scenario_id, entity_id; the row is the latest of the entity on or before the day.
    """
    asked = pl.DataFrame({"day": list(days)}, schema={"day": pl.Date})
    known = asked.join_where(coverage.select("entity_id", "as_of_date").unique(), pl.col("as_of_date") <= pl.col("day"))
    latest = known.group_by("day", "entity_id").agg(pl.col("as_of_date").max())
    rows = latest.join(coverage, on=["entity_id", "as_of_date"]).filter(
        pl.col("year") == pl.col("day").dt.year() + ahead
    )
    return rows.drop("as_of_date").rename({"day": "as_of_date"}).sort("as_of_date", "scenario_id", "entity_id")
