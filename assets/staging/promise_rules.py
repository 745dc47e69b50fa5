"""Rules shared by promises of money and of power: versions, containment, cancellation, figures and qualifiers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from assets.core.column_rules import twins
from assets.core.rule import Advice, Offends, Read, Rule


def one_preferred_version(key: str) -> Rule:
    """At most one preferred version per leg and day: two would overlap."""
    columns = (key, "known_from", "reading")

    def offends(frame: pl.DataFrame, _read: Read) -> pl.Series:
        preferred = pl.col("reading") == "preferred"
        twice = pl.len().over(key, "known_from", "reading") > 1
        return frame.select((preferred & twice).fill_null(value=False)).to_series()

    def advise(row: Mapping[str, Any], frame: pl.DataFrame, _read: Read) -> Advice:
        return Advice(
            f"{twins(row, frame, columns)}; a competing figure is an alternative, a newer one has its own day"
        )

    return Rule(
        "one_preferred_version",
        columns,
        "a later row replaces the earlier one from its known_from on: two preferred rows of one day overlap",
        "keep one preferred row for that day; make the other an alternative or give it its own day",
        offends=offends,
        advise=advise,
    )


def cancels_what_was_known(state: str, statements: str = "") -> Rule:
    """A cancelled leg has an earlier version; a warning only, since the ledger may lag."""

    def offends(frame: pl.DataFrame, _read: Read) -> pl.Series:
        counted = pl.col("reading") == "preferred"
        first = pl.col("known_from") == pl.col("known_from").min().over("leg_id", "reading")
        stated = ~pl.col(statements) if statements else pl.lit(value=True)
        cancelled = pl.col(state) == "cancelled"
        return frame.select((counted & first & stated & cancelled).fill_null(value=False)).to_series()

    return Rule(
        "cancels_what_was_known",
        ("leg_id", state),
        "a promise is cancelled that was not in the ledger before: it never counted for anything",
        "check the leg_id, or add the row as it stood before it was cancelled",
        severity="warning",
        offends=offends,
    )


def figure_fits_qualifier(figures: tuple[str, ...], state: str) -> tuple[Rule, Rule]:
    """An undisclosed row has no figure, any other row has one; a cancelled row may have either."""
    stated = pl.any_horizontal(pl.col(figures).is_not_null())
    undisclosed = pl.col("qualifier") == "undisclosed"
    counts = pl.col(state) != "cancelled"

    def chosen(offending: pl.Expr) -> Offends:
        return lambda frame, _read: frame.select((offending & counts).fill_null(value=False)).to_series()

    return (
        Rule(
            "undisclosed_without_figure",
            ("qualifier", *figures),
            "undisclosed means that no figure was given",
            "clear the figure, or say how it is meant: exact, about, up_to, at_least",
            offends=chosen(undisclosed & stated),
        ),
        Rule(
            "qualifier_with_figure",
            ("qualifier", *figures),
            "a qualifier says how a figure is meant, and there is none",
            "fill in the figure, or write undisclosed",
            offends=chosen(~undisclosed & ~stated),
        ),
    )


def containment_acyclic(key: str, parent: str = "part_of_leg_id") -> Rule:
    """No leg contains itself, directly or indirectly."""

    def offends(frame: pl.DataFrame, _read: Read) -> pl.Series:
        links = frame.select(pl.col(key).alias("leg"), pl.col(parent).alias("up")).drop_nulls().unique()
        remaining = links
        while True:  # a leg without parts, or whose wholes are all outside, is on no cycle
            kept = remaining.filter(
                pl.col("up").is_in(remaining["leg"].implode()) & pl.col("leg").is_in(remaining["up"].implode())
            )
            if kept.height == remaining.height:
                break
            remaining = kept
        return frame[key].is_in(remaining["leg"].implode()) & frame[parent].is_in(remaining["up"].implode()).fill_null(
            value=False
        )

    def advise(row: Mapping[str, Any], frame: pl.DataFrame, _read: Read) -> Advice:
        ups: dict[str, list[str]] = {}
        for leg, up in frame.select(key, parent).drop_nulls().unique(maintain_order=True).iter_rows():
            ups.setdefault(leg, []).append(up)
        circle = _way(row[key], row[key], ups)
        return Advice(f"clear {parent} on one of the rows of the circle {' → '.join(circle)}" if circle else "")

    return Rule(
        "containment_acyclic",
        (key, parent),
        "a leg that contains itself has no own share",
        f"clear {parent} on one of the rows of the circle",
        offends=offends,
        advise=advise,
    )


def _way(start: str, end: str, ups: Mapping[str, Sequence[str]]) -> list[str]:
    """The shortest path upwards from `start` to `end`, both included; empty if there is none."""
    ways, seen = [[start]], set[str]()
    while ways:
        way = ways.pop(0)
        for up in ups.get(way[-1], ()):
            if up == end:
                return [*way, up]
            if up not in seen:
                seen.add(up)
                ways.append([*way, up])
    return []
