"""The days on which a table of a large ledger is reported: quarter ends, if every day of change would be too many.

Not here: the days of change of a table, their cost, and the assumption that limits it (its builder).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl


def days_reported(days: pl.DataFrame, work: float, most: float, instead: Sequence[date] = ()) -> pl.DataFrame:
    """All days (the frame itself) if their work is at most `most`; else fewer.

    Grain: that of `days`, by as_of_date. Rules: a day is reported at the end of its quarter, or on the last day of all;
    if `instead` is given, its days are reported.
    """
    if work <= most:
        return days
    if instead:
        return pl.DataFrame({"as_of_date": instead}, schema=days.schema)
    quarter_end = pl.col("as_of_date").dt.truncate("1q").dt.offset_by("1q").dt.offset_by("-1d")
    return days.with_columns(as_of_date=pl.min_horizontal(quarter_end, pl.col("as_of_date").max())).unique()
