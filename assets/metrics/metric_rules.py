"""What the contracts of metrics share: hazards, tolerances and rules of more than one table."""

from __future__ import annotations

import polars as pl

from assets.core.rule import Read, Rule

COULD = "counts money that could be closed into a circle, it does not prove that it is"

OFTEN = "day on which a leg changed (beyond assumption graph_leg_days_max: quarter end since 2025, and the last day)"

NOT_OUR_DATA = "this is a defect of the builder: report it with the sample keys"

SPARSE = (
    "one row per day on which something changed: the latest row on or before a day is in force, see the *_as_of macros"
)

RESULT = "a difference is a result, not an error: definitions, scope and day differ"


def difference_off(left: str, right: str, difference: str) -> Rule:
    """The difference is left less right, unknown where either is."""

    def offends(frame: pl.DataFrame, _read: Read) -> pl.Series:
        a, b, d = pl.col(left), pl.col(right), pl.col(difference)
        wrong = (a - b - d).abs() > CENT + TOLERANCE * pl.max_horizontal(a.abs(), b.abs())
        return frame.select(((a.is_null() | b.is_null()) != d.is_null()) | wrong.fill_null(value=False)).to_series()

    return Rule(
        f"difference_consistent:{difference}",
        (difference, left, right),
        f"{difference} is {left} - {right}, and unknown where either is",
        NOT_OUR_DATA,
        offends=offends,
    )


CENT = 0.01

TOLERANCE = 1e-9

LANDMARKS = "a state per day, quarter ends since 2025 and the last day known: choose one, see the *_as_of macros"
