"""The legs in force on one day for the money trail: a leg, the leg that it pays for, the purchases of a party.

Not here: following the money (`assets.metrics.money_trail`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from assets.core.vocabulary import FUNDING, PURCHASES
from assets.facts.intervals import CENTS_PER_USD

TERMS = ("leg_id", "payer_id", "payee_id", "flow", "is_imputed_amount", "part_of_leg_id", "funds_leg_id")

AMOUNTS = ("amount_usd", "net_amount_usd")


@dataclass(frozen=True)
class Leg:
    """A leg in force on the day, money in whole cents."""

    leg_id: str
    payer_id: str
    payee_id: str
    flow: str
    is_imputed_amount: bool
    part_of_leg_id: str | None
    funds_leg_id: str | None
    whole: int | None
    own: int | None


@dataclass(frozen=True)
class Purchase:
    """A purchase of a party, with the running total of own shares of its purchases in order of leg_id."""

    leg: Leg
    own: int
    upto: int


@dataclass(frozen=True)
class Station:
    """The purchases of a party: number, total and the largest ones."""

    count: int
    total: int
    largest: Sequence[int]
    """Rows of the book, largest own share first, then by leg_id."""


@dataclass(frozen=True, eq=False)
class Book:
    """The legs in force on one day, and the limits of following money.

    Leg objects are created on demand: of a million legs, a few thousand are used.
    """

    rows: pl.DataFrame
    """The columns of a Leg, and `upto` of a Purchase; by leg_id."""
    many: Collection[str]
    """Aggregates: money that reaches one is followed no further."""
    max_hops: int
    min_cents: int
    max_branches: int

    @cached_property
    def _legs(self) -> dict[int, Leg]:
        return {}

    @cached_property
    def _purchases(self) -> dict[int, Purchase]:
        return {}

    @cached_property
    def _named(self) -> Mapping[str, int]:
        """The row of every leg that another leg names."""
        links = pl.concat([self.rows["part_of_leg_id"], self.rows["funds_leg_id"]]).drop_nulls().unique()
        found = self.rows.select("leg_id").with_row_index("row").filter(pl.col("leg_id").is_in(links.implode()))
        return dict(found.select("leg_id", "row").iter_rows())

    @cached_property
    def stations(self) -> Mapping[str, Station]:
        """The purchases of each party."""
        bought = self.rows.with_row_index("row").filter(pl.col("upto").is_not_null())
        by_payer = bought.sort("own", "row", descending=[True, False]).group_by("payer_id")
        found = by_payer.agg(pl.len(), pl.col("own").sum(), pl.col("row").head(self.max_branches))
        return {payer: Station(*terms) for payer, *terms in found.iter_rows()}

    def leg(self, row: int) -> Leg:
        """The leg of a row."""
        if row not in self._legs:
            self._legs[row] = Leg(*self.rows.row(row)[: len(Leg.__dataclass_fields__)])
        return self._legs[row]

    def purchase(self, row: int) -> Purchase:
        """The purchase of a row."""
        if row not in self._purchases:
            leg = self.leg(row)
            self._purchases[row] = Purchase(leg, leg.own or 0, self.rows.item(row, "upto"))
        return self._purchases[row]

    def origins(self, most: int) -> list[Leg]:
        """The funding legs with an own share, by leg_id; at most the `most` largest, ties by leg_id."""
        funding = self.rows.with_row_index("row").filter(pl.col("flow").is_in(FUNDING) & (pl.col("own") > 0))
        kept = funding.sort("own", "row", descending=[True, False]).head(most)
        return [self.leg(row) for row in kept["row"].sort().to_list()]

    def named(self, leg: Leg) -> Leg | None:
        """The leg that a funding leg pays for, as named by the leg itself or by the nearest leg that contains it."""
        seen: set[str] = set()
        current: Leg | None = leg
        while current is not None and current.leg_id not in seen:
            seen.add(current.leg_id)
            target = self._found(current.funds_leg_id)
            if target is not None:
                return target
            current = self._found(current.part_of_leg_id)
        return None

    def _found(self, leg_id: str | None) -> Leg | None:
        row = self._named.get(leg_id or "")
        return None if row is None else self.leg(row)


def book(rows: pl.DataFrame, many: Collection[str], assumptions: Mapping[str, float]) -> Book:
    """The legs in force on one day; `rows` are intervals of facts.commitments, at most one per leg."""
    whole, own = ((pl.col(c) * CENTS_PER_USD).round().cast(pl.Int64) for c in AMOUNTS)
    is_bought = pl.col("flow").is_in(PURCHASES) & (pl.col("own") != 0)
    taken = (
        rows.sort("leg_id")
        .select(*TERMS, whole=whole, own=own)
        .with_columns(upto=pl.when(is_bought).then("own").cum_sum().over("payer_id"))
        .with_columns(upto=pl.when(is_bought).then("upto"))
    )
    return Book(
        taken,
        many,
        int(assumptions["trail_max_hops"]),
        round(assumptions["trail_min_usd"] * CENTS_PER_USD),
        int(assumptions["trail_branches_max"]),
    )
