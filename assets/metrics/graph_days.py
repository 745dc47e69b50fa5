"""All money graphs of a ledger of any size: the days measured, and the edges of a few days at a time.

Not here: which legs are edges (`assets.metrics.graph`), the measures (`assets.metrics.circularity`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence

import numpy as np
import polars as pl

from assets.core.size import DaysReported, every_day
from assets.core.vocabulary import PURCHASES
from assets.finance.money_graph import split_aggregates
from assets.metrics.graph import (
    AMOUNT_BASES,
    BASES,
    COUNTS,
    EDGE,
    IN_CENTS,
    by_basis,
    counted,
    days_of_change,
    in_cents,
    landmark_days,
    on_days,
    usd,
)

LEGS_AT_ONCE = 1_000_000
"""The most pairs of leg and day held in memory at once; more days are processed in batches."""

WORDS = {"basis": pl.Enum(sorted(BASES)), "amount_basis": pl.Enum(sorted(AMOUNT_BASES))}


def days_measured(
    commitments: pl.DataFrame, most_leg_days: float, days_reported: DaysReported = every_day
) -> list[dt.date]:
    """The days on which the graph is measured: every day of change.

    Rules: `days_reported` may choose the landmark days if there are more pairs of leg and day than `most_leg_days`.
    """
    days = days_of_change(commitments)
    every = pl.DataFrame({"as_of_date": days}, schema={"as_of_date": pl.Date})
    work = sum(legs_on_days(counted(commitments), days))
    landmarks = landmark_days(days[-1]) if days else ()
    return days_reported(every, work, most_leg_days, landmarks)["as_of_date"].to_list()


def legs_on_days(legs: pl.DataFrame, days: Sequence[dt.date]) -> list[int]:
    """The number of legs in force on each day; `days` ascend."""
    asked = np.array(days, "datetime64[D]")
    first, after = (
        np.searchsorted(asked, legs[day].drop_nulls().to_numpy().astype("datetime64[D]"))
        for day in ("known_from", "known_to")
    )
    begun, ended = (np.bincount(found, minlength=len(days) + 1).cumsum() for found in (first, after))
    counts: list[int] = (begun - ended)[: len(days)].tolist()
    return counts


def known_legs(commitments: pl.DataFrame, up_to_mode_share: float, many: Collection[str]) -> pl.DataFrame:
    """All counted intervals with an own share, with only the columns that a graph needs and aggregates split in two.

    Grain: leg interval. The parties are an Enum in the order of their names, so that they have the same numbers in
    every graph of a ledger.
    """
    terms = ["amount_low_usd", "amount_usd", "amount_high_usd", "qualifier"]
    kept = ["known_from", "known_to", *EDGE, "flow", "is_imputed_amount"]
    legs = counted(commitments.select("is_statement", "net_amount_usd", *terms, *kept))
    split = split_aggregates(
        in_cents(legs, up_to_mode_share).select(*kept, *IN_CENTS.values(), amount_usd="net_amount_usd"), many
    )
    return numbered(split.drop("amount_usd"))


def numbered(edges: pl.DataFrame) -> pl.DataFrame:
    """The edges with parties as numbers in the order of their names; unchanged if they already are."""
    if edges.schema["payer_id"] != pl.String:
        return edges
    names = pl.Enum(pl.concat([edges[end].unique() for end in EDGE]).unique().sort())
    return edges.with_columns(pl.col(EDGE).cast(names))


def edges_of(legs: pl.DataFrame, days: Sequence[dt.date]) -> Iterator[pl.DataFrame]:
    """The edges of the graphs of a few days at a time, in the order of the days.

    Grain: as_of_date, basis, amount_basis, payer, payee and is_purchase, in that order; `legs` are those of
    `known_legs`. Only a batch of days is in memory at once; edges are encoded as one number for summing and sorting.
    """
    parties, number = legs["payer_id"].dtype, legs["payer_id"].to_physical().dtype
    if not isinstance(parties, pl.Enum):
        message = "the parties of the legs must be an Enum, as known_legs gives them"
        raise TypeError(message)
    size = parties.categories.len()
    payer, payee = (pl.col(end).to_physical().cast(pl.Int64) for end in EDGE)
    slim = legs.select(
        "known_from",
        "known_to",
        *IN_CENTS.values(),
        *(wanted.alias(basis) for basis, wanted in COUNTS.items()),
        edge=(payer * size + payee) * 2 + pl.col("flow").is_in(PURCHASES),
    )
    pairs = 2 * size * size
    graph = (pl.col("as_of_date").to_physical().cast(pl.Int64) * len(BASES) + _number("basis")) * len(AMOUNT_BASES)
    for batch in batches(slim, days):
        money = on_days(slim, batch).group_by("as_of_date", "edge", *BASES).agg(pl.col(IN_CENTS.values()).sum())
        based = by_basis(money, {basis: pl.col(basis) for basis in BASES}).select(
            "cents", place=(graph + _number("amount_basis")) * pairs + pl.col("edge")
        )
        summed = based.group_by("place").agg(pl.col("cents").sum()).sort("place")
        of_graph, edge = pl.col("place") // pairs, pl.col("place") % pairs
        amount, basis = of_graph % len(AMOUNT_BASES), of_graph // len(AMOUNT_BASES) % len(BASES)
        yield summed.select(
            (of_graph // (len(AMOUNT_BASES) * len(BASES))).cast(pl.Int32).cast(pl.Date).alias("as_of_date"),
            basis.cast(pl.UInt8).cat.to(WORDS["basis"]).alias("basis"),
            amount.cast(pl.UInt8).cat.to(WORDS["amount_basis"]).alias("amount_basis"),
            (edge // (2 * size)).cast(number).cat.to(parties).alias("payer_id"),
            (edge // 2 % size).cast(number).cat.to(parties).alias("payee_id"),
            (edge % 2 == 1).alias("is_purchase"),
            "cents",
            usd(),
        )


def _number(word: str) -> pl.Expr:
    return pl.col(word).cast(WORDS[word]).to_physical().cast(pl.Int64)


def batches(legs: pl.DataFrame, days: Sequence[dt.date]) -> list[list[dt.date]]:
    """Batches of consecutive days with at most LEGS_AT_ONCE legs, or of a single day."""
    found: list[list[dt.date]] = []
    held = 0
    for day, count in zip(days, legs_on_days(legs, days), strict=True):
        if not found or held + count > LEGS_AT_ONCE:
            found.append([])
            held = 0
        found[-1].append(day)
        held += count
    return found


def based_on(legs: pl.DataFrame, day: dt.date) -> pl.DataFrame:
    """The legs of `known_legs` in force on a day, once per amount basis and basis that counts them."""
    return by_basis(on_days(legs, [day]), COUNTS)
