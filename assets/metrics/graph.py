"""The money graph of the ledger as known on a day: edges between entities, per basis and amount basis.

Not here: all graphs of a ledger of any size (`assets.metrics.graph_days`), their measures
(`assets.metrics.circularity`), the mathematics (`assets.finance.circulation`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import polars as pl

from assets.core.vocabulary import CONTINGENT, FUNDING, PURCHASES
from assets.facts.intervals import CENTS_PER_USD, in_units
from assets.facts.scenario_obligations import expected_ratio

BASES = ("disclosed", "with_imputed", "with_contingent")

AMOUNT_BASES = ("point", "expected")

KEYS = ["as_of_date", "basis", "amount_basis"]

EDGE = ["payer_id", "payee_id"]

FIRST_QUARTER = dt.date(2025, 1, 1)

IS_MONEY = pl.col("flow").is_in([*PURCHASES, *FUNDING])

IS_CONTINGENT = pl.col("flow").is_in(CONTINGENT)

COUNTS = {
    "disclosed": IS_MONEY & ~pl.col("is_imputed_amount"),
    "with_imputed": IS_MONEY,
    "with_contingent": IS_MONEY | IS_CONTINGENT,
}
"""The legs that each basis counts: stated purchases and funding; then also imputed purchases; then also backstops and
warrants.
"""

IN_CENTS = {basis: f"{basis}_cents" for basis in AMOUNT_BASES}


def days_of_change(commitments: pl.DataFrame) -> list[dt.date]:
    """Every day on which a counted leg changed."""
    days: list[dt.date] = commitments.filter(~pl.col("is_statement"))["known_from"].unique().sort().to_list()
    return days


def landmark_days(last: dt.date, first: dt.date = FIRST_QUARTER) -> list[dt.date]:
    """Each quarter end since `first`, and the last day: the days of a measure that is too expensive for every day."""
    ends = pl.date_range(first, last, "1q", eager=True, closed="both").dt.offset_by("1q").dt.offset_by("-1d")
    return [*(d for d in ends.to_list() if d < last), last]


def counted(commitments: pl.DataFrame) -> pl.DataFrame:
    """The legs with an own share, in force or not: no statements, no cancelled legs, no legs without a figure."""
    return commitments.filter(~pl.col("is_statement") & (pl.col("net_amount_usd") > 0))


def on_days(legs: pl.DataFrame, days: Sequence[dt.date]) -> pl.DataFrame:
    """The intervals in force on each day."""
    asked = pl.DataFrame({"as_of_date": days}, schema={"as_of_date": pl.Date})
    return asked.join_where(
        legs,
        pl.col("known_from") <= pl.col("as_of_date"),
        pl.col("known_to").fill_null(dt.date.max) > pl.col("as_of_date"),
    )


def legs_in_force(commitments: pl.DataFrame, days: Sequence[dt.date]) -> pl.DataFrame:
    """The counted legs with an own share in force on each day.

    Grain: day and leg. Statements, cancelled legs and legs without a figure are left out.
    """
    return on_days(counted(commitments), days)


def in_cents(legs: pl.DataFrame, up_to_mode_share: float) -> pl.DataFrame:
    """The legs with their own share in whole cents by amount basis.

    Grain: the rows given. The expected amount is the PERT mean of the own share.
    """
    ratio = legs.with_columns(
        low="amount_low_usd",
        point="amount_usd",
        high="amount_high_usd",
        is_expected_amount=pl.lit(1),
        up_to_mode_share=pl.lit(up_to_mode_share),
    ).select(ratio=expected_ratio())["ratio"]
    share = pl.col("net_amount_usd")
    valued = {"point": share, "expected": share * ratio.fill_null(1.0)}
    return legs.with_columns(
        (usd * CENTS_PER_USD).round().cast(pl.Int64).alias(IN_CENTS[basis]) for basis, usd in valued.items()
    )


def with_bases(legs: pl.DataFrame, up_to_mode_share: float) -> pl.DataFrame:
    """Each leg once per amount basis and basis that counts it, with its amount in whole cents.

    Grain: the rows given, basis, amount_basis.
    """
    return by_basis(in_cents(legs, up_to_mode_share), COUNTS)


def by_basis(valued: pl.DataFrame, counts: Mapping[str, pl.Expr]) -> pl.DataFrame:
    """Each row once per amount basis and basis that counts it; `valued` has the columns of IN_CENTS."""
    return pl.concat(
        valued.filter(wanted)
        .with_columns(basis=pl.lit(basis), amount_basis=pl.lit(amount_basis), cents=IN_CENTS[amount_basis])
        .drop(IN_CENTS.values())
        for basis, wanted in counts.items()
        for amount_basis in AMOUNT_BASES
    )


def usd() -> pl.Expr:
    """Convert whole cents to dollars."""
    return in_units(pl.col("cents"), CENTS_PER_USD).alias("amount_usd")


def edges(legs: pl.DataFrame) -> pl.DataFrame:
    """Sum parallel legs to one edge.

    Grain: as_of_date, basis, amount_basis, payer and payee, in that order.
    """
    keys = [*KEYS, *EDGE]
    return legs.group_by(keys).agg(pl.col("cents").sum()).sort(keys).select(*keys, usd())


def aggregates(entities: pl.DataFrame) -> list[str]:
    """Aggregates: entities that represent many parties. They may end a path, but are never inside a loop."""
    return sorted(entities.filter(pl.col("kind") == "aggregate")["entity_id"].to_list())
