"""Intervals of knowledge: the days on which a derived row changes, sums of parts, and merging of equal neighbours.

History is a running sum of changes: a part adds its figure on its known_from and subtracts it on its known_to. Sums are
in whole cents and whole watts, so that they return to exactly zero. Shared by commitments and capacity.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

CENTS_PER_USD = 100

WATTS_PER_GW = 1_000_000_000


def known_links(versions: pl.DataFrame, columns: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Days on which a link of a leg begins to count: a link is ignored until its target is known.

    `columns` maps a link column to the versions of the legs it points to. Returns leg_id, day.
    """
    days = [
        versions.select("leg_id", pl.col(column).alias("target"))
        .drop_nulls()
        .unique()
        .join(first_known(targets).rename({"leg_id": "target"}), on="target")
        .select("leg_id", day="first_known")
        for column, targets in columns.items()
    ]
    return pl.concat(days) if days else pl.DataFrame(schema={"leg_id": pl.String, "day": pl.Date})


def first_known(versions: pl.DataFrame) -> pl.DataFrame:
    """leg_id, first_known: the first day of each leg."""
    return versions.group_by("leg_id").agg(first_known=pl.col("known_from").min())


def split(versions: pl.DataFrame, days: pl.DataFrame) -> pl.DataFrame:
    """Split the versions of each leg at further days.

    Grain: leg and candidate interval. `known_from` is the day of the split, `seed_known_from` that of the version in
    force.
    """
    own = versions.select("leg_id", day="known_from", row=pl.int_range(pl.len(), dtype=pl.UInt32))
    further = days.select("leg_id", "day", row=pl.lit(None, pl.UInt32)).drop_nulls("day")
    ordered = pl.concat([own, further]).sort("leg_id", "day", "row", nulls_last=True)  # without other columns
    is_repeated = (pl.col("leg_id") == pl.col("leg_id").shift()) & (pl.col("day") == pl.col("day").shift())
    cuts = ordered.filter(~is_repeated.fill_null(value=False)).with_columns(pl.col("row").forward_fill())
    known = cuts.drop_nulls("row")
    known = known.filter(versions["leg_id"][known["row"]] == known["leg_id"])  # not the version of the leg before
    return versions[known["row"]].with_columns(seed_known_from="known_from", known_from=known["day"])


def as_known(rows: pl.DataFrame, versions: pl.DataFrame, by: str) -> pl.DataFrame:
    """The rows in order, each joined with the version of its item in column `by` that was latest on its known_from."""
    numbered = rows.with_row_index("position")
    asked = numbered.filter(pl.col(by).is_not_null()).select("position", "known_from", by).sort("known_from")
    found = asked.join_asof(
        versions.sort("known_from"), on="known_from", by=by, strategy="backward", check_sortedness=False
    ).drop("known_from", by)
    return numbered.join(found, on="position", how="left", maintain_order="left").drop("position")


def hide_unknown(rows: pl.DataFrame, column: str, targets: pl.DataFrame) -> pl.DataFrame:
    """Clear a link on the days on which its target is not yet known."""
    known = first_known(targets).rename({"leg_id": column, "first_known": "target_known"})
    return (
        rows.join(known, on=column, how="left", maintain_order="left")
        .with_columns(pl.when(pl.col("target_known") <= pl.col("known_from")).then(pl.col(column)).alias(column))
        .drop("target_known")
    )


def sums_of_parts(
    rows: pl.DataFrame, parts: pl.DataFrame, by: Sequence[str], quantities: Sequence[str]
) -> pl.DataFrame:
    """For each row (by + known_from), the sum of each quantity of its parts in force, in whole units; 0 without parts.

    `parts` holds the columns of `by` (naming the whole), known_from, known_to and the quantities as whole numbers.
    """
    opened = parts.select(*by, *quantities, day="known_from")
    closed = parts.filter(pl.col("known_to").is_not_null()).select(*by, -pl.col(quantities), day="known_to")
    running = (
        pl.concat([opened, closed])
        .group_by(*by, "day")
        .agg(pl.col(quantities).sum())
        .sort("day")
        .with_columns(pl.col(quantities).cum_sum().over(by))
    )
    asked = rows.select(*by, "known_from").with_row_index("position").sort("known_from")
    found = asked.join_asof(
        running,
        left_on="known_from",
        right_on="day",
        by=list(by),
        strategy="backward",
        check_sortedness=False,
    )
    return found.sort("position").select(pl.col(quantities).fill_null(0))


def bounded(point: pl.Expr, low: pl.Expr, high: pl.Expr, ratios: dict[str, float]) -> tuple[pl.Expr, pl.Expr]:
    """Lower and upper bound of a figure: as stated, otherwise by the qualifier (METHODS)."""
    qualifier = pl.col("qualifier")
    derived_low = (
        pl.when(qualifier == "about")
        .then(point * ratios["about_low_ratio"])
        .when(qualifier == "up_to")
        .then(point * ratios["up_to_low_ratio"])
        .otherwise(point)
    )
    derived_high = (
        pl.when(qualifier == "about")
        .then(point * ratios["about_high_ratio"])
        .when(qualifier == "at_least")
        .then(point * ratios["at_least_high_ratio"])
        .otherwise(point)
    )
    return pl.coalesce(low, derived_low), pl.coalesce(high, derived_high)


def whole(column: str, units: int) -> pl.Expr:
    """A figure as a whole number of cents or watts; null becomes 0."""
    return (pl.col(column).fill_null(0) * units).round().cast(pl.Int64)


def in_units(count: pl.Expr, units: float) -> pl.Expr:
    """Divide (cents to dollars, watts to gigawatts, a sum to a mean): the float nearest to the quotient.

    Polars divides a column by a number through its reciprocal, but a single row exactly, so the last bit would depend
    on the number of rows. Dividing by a column rounds correctly.
    """
    return count / (count * 0 + units)


def own_share(amount: str, parts: pl.Expr, units: int) -> pl.Expr:
    """max(0, amount - parts), exact to the unit; null if the amount is null."""
    left = pl.max_horizontal((pl.col(amount) * units).round().cast(pl.Int64) - parts, pl.lit(0))
    share = pl.when(parts == 0).then(pl.col(amount)).otherwise(in_units(left, units))
    return pl.when(pl.col(amount).is_not_null()).then(share)
