"""Amounts due per scenario, in whole cents: every row of the schedule is weighted, delayed and repriced.

Reads the schedule in frames: sums of whole cents are equal in any order.
Not here: coverage by revenue (`assets.facts.revenue_coverage`), dues between pairs (`assets.metrics.pairwise_dues`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from assets.core.vocabulary import CERTAINTIES_IN_FORCE, FUNDING, PURCHASES
from assets.facts.intervals import CENTS_PER_USD, in_units
from assets.finance.estimates import MODE_WEIGHT, PERT_DIVISOR

MEASURES = ("obligations", "imputed", "funding")

CELL = ["scenario_id", "entity_id", "year"]

INTERVAL = ["leg_id", "known_from"]

DUE_COLUMNS = (*INTERVAL, "quarter_start", "net_amount_usd")
"""The columns of the schedule that are used here."""

ROWS_AT_ONCE = 2_000_000
"""The most changes of one scenario held in memory before they are summed."""

MONTHS_IN_QUARTER, MONTHS_IN_YEAR = 3, 12

YEARS = 1 << 14
"""More than the largest year, including delays, so that a place and a year fit into one number."""


def weighted_dues(
    commitments: pl.DataFrame,
    schedule: Iterable[pl.DataFrame],
    scenarios: pl.DataFrame,
    days: Sequence[dt.date] | None = None,
    years: tuple[int, int] | None = None,
) -> pl.DataFrame:
    """Amounts due per scenario, entity and calendar year, as changes by day of knowledge, in whole cents.

    Grain: scenario, entity, year and day of change. Rules: own shares times the realisation probability of their
    certainty; expected amounts if the scenario uses them; unpaid purchases are delayed and repriced; a quarter that had
    begun when the interval became known is not delayed. With `days` a change is reported on the first of these days on
    or after it, and not at all after the last; with `years`, only amounts due in this range are reported.
    """
    changes, parties = dues_by_party(commitments, schedule, scenarios, days, years)
    named = changes.join(parties, on="party").with_columns(pl.col("scenario_id").cast(pl.String))
    return named.select(*CELL, "day", *MEASURES)


def dues_by_party(
    commitments: pl.DataFrame,
    schedule: Iterable[pl.DataFrame],
    scenarios: pl.DataFrame,
    days: Sequence[dt.date] | None = None,
    years: tuple[int, int] | None = None,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The changes of `weighted_dues` with a number in place of each entity, and the entities by number."""
    legs = _legs(commitments)
    places, reported = _places(legs, _reporting_days(legs, days))
    names = pl.Enum(scenarios["scenario_id"])
    weights = [_weights(legs, scenario) for scenario in scenarios.iter_rows(named=True)]
    found = [[_no_changes()] for _ in weights]
    delays = scenarios["delay_quarters"].to_list()
    alike = [[n for n, delay in enumerate(delays) if delay == each] for each in dict.fromkeys(delays)]
    for frame in schedule:
        rows = _rows(frame, legs, reported)
        for group in alike:
            for changes in _changes(rows, [weights[n] for n in group], years):
                for n, due in zip(group, changes.columns[1:], strict=True):
                    found[n].append(changes.select("place_year", due=due))
        for pieces in found:
            if sum(piece.height for piece in pieces[1:]) > ROWS_AT_ONCE:
                pieces[:] = [_summed(pieces)]
    scenario = [pl.lit(name, names).alias("scenario_id") for name in names.categories]
    both = pl.concat(
        _by_measure(_summed(pieces), places).with_columns(s) for s, pieces in zip(scenario, found, strict=True)
    )
    return both, legs.select("party", "entity_id").unique()


def _no_changes() -> pl.DataFrame:
    return pl.DataFrame(schema={"place_year": pl.Int64, "due": pl.Int64})


def _summed(pieces: Sequence[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(pieces).group_by("place_year").agg(pl.col("due").sum())


def _by_measure(changes: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    """The changes of one scenario, with place numbers resolved.

    Grain: party, year and day.
    """
    place, year = pl.col("place_year") // YEARS, pl.col("place_year") % YEARS
    due, is_purchase = pl.col("due"), pl.col("is_purchase")
    return (
        changes.select(place=place.cast(pl.UInt32), year=year, due="due")
        .join(places, on="place")
        .group_by("party", "year", "day")
        .agg(
            obligations=due.filter(is_purchase).sum(),
            imputed=due.filter(is_purchase & pl.col("is_imputed_amount")).sum(),
            funding=due.filter(~is_purchase).sum(),
        )
    )


def _legs(commitments: pl.DataFrame) -> pl.DataFrame:
    """The terms of all purchases and funding, numbered, with their party: payer of a purchase, payee of funding.

    Grain: leg interval.
    """
    is_purchase = pl.col("flow").is_in(PURCHASES)
    chosen = commitments.filter(pl.col("flow").is_in([*PURCHASES, *FUNDING]))
    terms = chosen.select(
        *INTERVAL, "known_to", "certainty", "qualifier", "is_imputed_amount",
        is_purchase=is_purchase,
        entity_id=pl.when(is_purchase).then("payer_id").otherwise("payee_id"),
        low="amount_low_usd", point="amount_usd", high="amount_high_usd",
    )  # fmt: skip
    parties = terms.select(pl.col("entity_id").unique().sort()).with_row_index("party")
    return terms.join(parties, on="entity_id", maintain_order="left").with_row_index("leg")


def _weights(legs: pl.DataFrame, scenario: Mapping[str, Any]) -> pl.DataFrame:
    """The factors and the delay that a scenario applies to each leg, in the order of the legs."""
    moves = pl.col("is_purchase") & (pl.col("certainty") != "paid")
    probability = pl.coalesce(
        pl.when(pl.col("certainty") == c).then(pl.lit(scenario[f"p_{c}"], pl.Float64)) for c in CERTAINTIES_IN_FORCE
    )
    months = int(MONTHS_IN_QUARTER * scenario["delay_quarters"])
    return legs.with_columns(
        pl.lit(scenario[name]).alias(name) for name in ("is_expected_amount", "up_to_mode_share")
    ).select(
        ratio=expected_ratio(),
        probability=probability,
        price=pl.when(moves).then(pl.lit(scenario["price_multiplier"], pl.Float64)).otherwise(1.0),
        months=pl.when(moves).then(pl.lit(months, pl.Int32)).otherwise(0),
    )


def expected_ratio() -> pl.Expr:
    """Expected over point amount: the PERT mean if the scenario uses it (the scenario sets the mode of an up_to).

    The mode of an imputed amount is its point: gigawatts times the median cost.
    """
    is_ceiling = (pl.col("qualifier") == "up_to") & ~pl.col("is_imputed_amount")
    ceiling = pl.col("low") + pl.col("up_to_mode_share") * (pl.col("high") - pl.col("low"))
    mode = pl.when(is_ceiling).then(ceiling).otherwise(pl.col("point"))
    mean = in_units(pl.col("low") + MODE_WEIGHT * mode + pl.col("high"), PERT_DIVISOR)
    wanted = (pl.col("is_expected_amount") == 1) & (pl.col("point") > 0)
    return pl.when(wanted).then(mean / pl.col("point")).otherwise(1.0)


def _reporting_days(legs: pl.DataFrame, days: Sequence[dt.date] | None) -> pl.DataFrame:
    """The days on which start and end of each leg are reported, in the order of the legs; null if never."""
    ends = legs.select(opened="known_from", closed="known_to")
    if days is None:
        return ends
    asked = pl.DataFrame({"reported": sorted(days)}, schema={"reported": pl.Date})
    first = pl.concat([ends["opened"], ends["closed"]]).unique().drop_nulls().sort().to_frame("day")
    found = first.join_asof(asked, left_on="day", right_on="reported", strategy="forward", coalesce=False)
    return ends.select(pl.col(c).replace_strict(found["day"], found["reported"], default=None) for c in ends.columns)


def _places(legs: pl.DataFrame, reported: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Number every party, day and kind of due (a place); give the places of each leg, in the order of the legs.

    Grouping the schedule by one number is several times faster than by several columns.
    """
    of_leg = ["party", "is_purchase", "is_imputed_amount"]
    days = [legs.select(of_leg).hstack(reported.select(day=end)) for end in reported.columns]
    places = pl.concat(days).drop_nulls("day").unique().with_row_index("place")
    numbers = (d.join(places, on=[*of_leg, "day"], how="left", maintain_order="left")["place"] for d in days)
    return places, pl.DataFrame(dict(zip(reported.columns, numbers, strict=True)))


def _rows(schedule: pl.DataFrame, legs: pl.DataFrame, reported: pl.DataFrame) -> pl.DataFrame:
    """The rows of the schedule with leg, places, and whether the quarter begins after the leg became known."""
    first, last = (pl.lit(end, pl.String) for end in (schedule["leg_id"].min(), schedule["leg_id"].max()))
    near = legs.filter(pl.col("leg_id").is_between(first, last))
    rows = schedule.filter(pl.col("net_amount_usd").is_not_null()).join(near.select(*INTERVAL, "leg"), on=INTERVAL)
    month = pl.col("quarter_start").dt.year() * MONTHS_IN_YEAR + pl.col("quarter_start").dt.month() - 1
    is_ahead = pl.col("quarter_start") > pl.col("known_from")
    return rows.select("leg", "net_amount_usd", month=month, is_ahead=is_ahead).hstack(reported[rows["leg"]])


def _changes(
    rows: pl.DataFrame, weights: Sequence[pl.DataFrame], years: tuple[int, int] | None
) -> Iterator[pl.DataFrame]:
    """The amounts added on the day on which a leg begins, then those subtracted on the day on which it ends.

    Grain: place_year; one column for each of the given scenarios, which have the same delay.
    """
    legs = rows["leg"]
    due = pl.col("net_amount_usd") * pl.col("ratio") * pl.col("probability") * pl.col("price") * CENTS_PER_USD
    month = pl.col("month") + pl.when("is_ahead").then("months").otherwise(0)
    dues = [
        rows.select("net_amount_usd").hstack(w[legs]).select(due.round().cast(pl.Int64).alias(f"due_{n}"))
        for n, w in enumerate(weights)
    ]
    placed = rows.hstack([weights[0]["months"][legs]]).select("opened", "closed", year=(month // MONTHS_IN_YEAR))
    valued = pl.concat([placed, *dues], how="horizontal")
    if years is not None:
        valued = valued.filter(pl.col("year").is_between(*years))
    for end, sign in (("opened", 1), ("closed", -1)):
        place_year = pl.col(end).cast(pl.Int64) * YEARS + pl.col("year")
        reported = valued.filter(pl.col(end).is_not_null())
        yield reported.group_by(place_year=place_year).agg(pl.col(f"due_{n}").sum() * sign for n in range(len(weights)))
