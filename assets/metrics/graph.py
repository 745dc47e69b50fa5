"""The money graph of the ledger as known on a day: edges between entities, per basis and amount basis.

Not here: what is measured on it (`assets.metrics.circularity`), the mathematics (`assets.finance.circulation`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import polars as pl

from assets.contracts.vocabulary import CONTINGENT, FUNDING, PURCHASES
from assets.facts.coverage import expected_ratio
from assets.facts.knowledge import CENTS_PER_USD

BASES = ("disclosed", "with_imputed", "with_contingent")
AMOUNT_BASES = ("point", "expected")
EDGE = ["payer_id", "payee_id"]
FIRST_QUARTER = dt.date(2025, 1, 1)


def days_of_change(commitments: pl.DataFrame) -> list[dt.date]:
    """Every day on which a leg that is counted changed."""
    counted = commitments.filter(~pl.col("is_statement"))
    days: list[dt.date] = counted["known_from"].unique().sort().to_list()
    return days


def landmark_days(last: dt.date, first: dt.date = FIRST_QUARTER) -> list[dt.date]:
    """Each quarter end since `first` and the last day itself: where a measure is too dear for every day."""
    ends = pl.date_range(first, last, "1q", eager=True, closed="both").dt.offset_by("1q").dt.offset_by("-1d")
    return [*(d for d in ends.to_list() if d < last), last]


def legs_in_force(commitments: pl.DataFrame, days: Sequence[dt.date]) -> pl.DataFrame:
    """The counted legs with an own share in force on each day.

    Grain: day and leg. Statements, cancelled legs and legs without a figure are left out.
    """
    counted = commitments.filter(~pl.col("is_statement") & (pl.col("net_amount_usd") > 0))
    asked = pl.DataFrame({"as_of_date": days}, schema={"as_of_date": pl.Date})
    return asked.join_where(
        counted,
        pl.col("known_from") <= pl.col("as_of_date"),
        pl.col("known_to").fill_null(dt.date.max) > pl.col("as_of_date"),
    )


def with_bases(legs: pl.DataFrame, up_to_mode_share: float) -> pl.DataFrame:
    """Each leg once per basis that counts it and amount basis, with its amount in whole cents.

    Grain: the rows given, basis, amount_basis. Disclosed: purchases and funding with a stated figure; with_imputed adds
    imputed purchases; with_contingent adds backstops and warrants. Expected: the PERT mean of the own share.
    """
    share = pl.col("net_amount_usd")
    ratio = legs.with_columns(
        low="amount_low_usd",
        point="amount_usd",
        high="amount_high_usd",
        is_expected_amount=pl.lit(1),
        up_to_mode_share=pl.lit(up_to_mode_share),
    ).select(ratio=expected_ratio())["ratio"]
    is_contingent = pl.col("flow").is_in(CONTINGENT)
    is_money = pl.col("flow").is_in([*PURCHASES, *FUNDING])
    counts = {
        "disclosed": is_money & ~pl.col("is_imputed_amount"),
        "with_imputed": is_money,
        "with_contingent": is_money | is_contingent,
    }
    valued = legs.with_columns(point_usd=share, expected_usd=share * ratio.fill_null(1.0))
    return pl.concat(
        valued.filter(wanted).with_columns(
            basis=pl.lit(basis),
            amount_basis=pl.lit(amount_basis),
            cents=(pl.col(f"{amount_basis}_usd") * CENTS_PER_USD).round().cast(pl.Int64),
        )
        for basis, wanted in counts.items()
        for amount_basis in AMOUNT_BASES
    )


def edges(legs: pl.DataFrame) -> pl.DataFrame:
    """Parallel legs summed to one edge.

    Grain: as_of_date, basis, amount_basis, payer and payee, in that order.
    """
    keys = ["as_of_date", "basis", "amount_basis", *EDGE]
    summed = legs.group_by(keys).agg(pl.col("cents").sum()).sort(keys)
    return summed.select(*keys, amount_usd=pl.col("cents") / CENTS_PER_USD)


def aggregates(entities: pl.DataFrame) -> list[str]:
    """Entities that stand for many: an end of an edge, never a station."""
    return sorted(entities.filter(pl.col("kind") == "aggregate")["entity_id"].to_list())
