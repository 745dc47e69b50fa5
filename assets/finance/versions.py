"""Knowledge over time: half-open intervals of knowledge and the rows in force on a day.

A version is in force on day d when ``known_from <= d and (known_to is null or d < known_to)``; a null ``known_to``
means still in force. The rows of one key are alternatives in time: at most one of them is in force on any day. A frame
with overlaps is refused, because sums over it would count amounts twice.

All functions take a DataFrame or a LazyFrame and return the same type. They check their input when called, and collect
key and dates of a lazy frame for that.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import TypeVar

import polars as pl

Frame = TypeVar("Frame", pl.DataFrame, pl.LazyFrame)

_FROM, _TO = "known_from", "known_to"
_NAMED = 5  # the number of offending keys that an error names


def as_of(frame: Frame, day: date, key: str | Sequence[str]) -> Frame:
    """Keep the rows in force on a day, at most one per key, in their order.

    Without a column known_to, the row with the latest known_from on or before the day is in force. Rows with
    a null known_from never are.

    Grain and key: ``key``, in which null is a value like any other.
    Errors: ValueError if a column is missing or not a date, ``day`` is not a date, or two rows of one key are in force
    on that day. Check: US payrolls for July 2023: 187,000 known 2023-08-04; 157,000 from 09-01; 236,000 from 10-06.

    Args:
        frame: versions with the key, known_from and usually known_to.
        day: the day of knowledge; a datetime is refused.
        key: the column or columns that identify the item of which a row is a version.
    """
    if isinstance(day, datetime) or not isinstance(day, date):
        raise ValueError(f"day must be a date, got {day!r}")  # noqa: TRY004 (bad input is a ValueError)
    keys: list[str] = _keys(frame, key, _FROM)
    known = frame.filter(pl.col(_FROM) <= day)
    if _TO in frame.collect_schema():
        known = known.filter(pl.col(_TO).is_null() | (pl.col(_TO) > day))
    else:
        known = known.filter((pl.col(_FROM) == pl.col(_FROM).max()).over(keys))
    _refuse(known, keys, pl.len().over(keys) > 1, f"have at most one row per key in force on {day}")
    return known


def intervals(frame: Frame, key: str | Sequence[str]) -> Frame:
    """Set known_to of every row to the next known_from of the same key, null for the last one.

    An existing known_to is overwritten; the rows keep their order and number.

    Grain: that of ``frame``. Key: ``key`` and known_from.
    Errors: ValueError if a column is missing or not a date, known_from is null, or two rows of one key share it.

    Args:
        frame: versions with the key and known_from; a later row replaces the earlier one of its key.
        key: the column or columns that identify the item of which a row is a version.
    """
    keys: list[str] = _keys(frame, key, _FROM)
    _refuse(frame, keys, pl.col(_FROM).is_null(), "have no null known_from")
    _refuse(frame, keys, pl.len().over([*keys, _FROM]) > 1, "have one row per key and known_from")
    in_turn = frame.lazy().select(*keys, _FROM).with_row_index("_row").sort(*keys, _FROM)  # far faster than windows
    ends = in_turn.select("_row", pl.when(_same(keys, -1)).then(pl.col(_FROM).shift(-1)).alias(_TO)).sort("_row")
    return _beside(frame, ends.select(_TO))


def collapse(frame: Frame, key: str | Sequence[str], keep_apart: Sequence[str] | None = None) -> Frame:
    """Merge adjacent intervals of a key with equal values into maximal intervals.

    Two intervals are adjacent if one begins on the day on which the other ends; a gap separates them. Their values are
    equal if every column but known_from and known_to is equal; null equals null, NaN equals NaN.

    Grain: maximal interval. Key: ``key`` and known_from, by which the rows are sorted.
    Errors: ValueError if a column is missing or not a date, known_from is null, an interval does not end after it
    begins, or two intervals of one key overlap.
    Hazards: with ``keep_apart``, any other column keeps the value of the first merged interval.

    Args:
        frame: intervals with the key, known_from and known_to.
        key: the column or columns that identify the item of which a row is a version.
        keep_apart: the columns in which a difference prevents merging; all by default.
    """
    others: list[str] = [name for name in frame.collect_schema() if name not in (_FROM, _TO)]
    keys: list[str] = _keys(frame, key, _FROM, _TO, *(keep_apart or ()))
    begins, ended = pl.col(_FROM), pl.col(_TO).cast(pl.Date).fill_null(date.max)
    _refuse(frame, keys, begins.is_null(), "have no null known_from")
    _refuse(frame, keys, ended <= begins, "have known_to after known_from")
    ordered = frame.sort([*keys, _FROM])
    overlaps = _same(keys, 1) & (begins < ended.shift(1))
    _refuse(ordered, keys, overlaps, "have intervals of one key that do not overlap")
    compared: list[str] = [*keys, *(others if keep_apart is None else keep_apart)]
    breaks = [
        pl.int_range(pl.len()) == 0,
        begins.ne_missing(pl.col(_TO).shift(1)),
        *(pl.col(name).ne_missing(pl.col(name).shift(1)) for name in dict.fromkeys(compared)),
    ]
    marked = ordered.with_columns(pl.any_horizontal(breaks).alias("_begins"))
    ends = marked.filter(pl.col("_begins").shift(-1, fill_value=True)).select(_TO)
    return _beside(marked.filter("_begins").drop("_begins"), ends.lazy())


def _same(keys: Sequence[str], back: int) -> pl.Expr:
    """Whether the row this many rows before (after, if negative) has the same key."""
    return pl.all_horizontal(pl.col(name).eq_missing(pl.col(name).shift(back)) for name in keys)


def _beside(frame: Frame, column: pl.LazyFrame) -> Frame:
    """Add a column to a frame with as many rows, replacing a column of its name."""
    if isinstance(frame, pl.DataFrame):
        return frame.with_columns(column.collect().to_series())
    names = list(dict.fromkeys((*frame.collect_schema(), *column.collect_schema())))
    rest = frame.drop(column.collect_schema().names(), strict=False)
    return pl.concat([rest, column], how="horizontal").select(names)


def _keys(frame: pl.DataFrame | pl.LazyFrame, key: str | Sequence[str], *needed: str) -> list[str]:
    """Return the key as a list of columns, after checking that it and the needed columns are there."""
    keys = [key] if isinstance(key, str) else list(key)
    if not keys:
        raise ValueError("key must name at least one column")
    schema = frame.collect_schema()
    missing = [name for name in (*keys, *needed) if name not in schema]
    if missing:
        raise ValueError(f"frame must have the columns {', '.join(missing)}; it has {', '.join(schema)}")
    for name in (_FROM, _TO):
        if schema.get(name, pl.Date()) not in (pl.Date, pl.Null):
            raise ValueError(f"frame.{name} must have the type Date, got {schema[name]}")
    return keys


def _refuse(frame: pl.DataFrame | pl.LazyFrame, keys: list[str], broken: pl.Expr, wanted: str) -> None:
    """Raise if there are offending rows, naming the keys of a few."""
    needed = [*keys, *(name for name in (_FROM, _TO) if name in frame.collect_schema() and name not in keys)]
    found = frame.lazy().select(needed).filter(broken).select(keys).unique().collect()
    if found.height:
        named = "; ".join(
            ", ".join(f"{name} {part}" for name, part in row.items())
            for row in found.sort(keys).head(_NAMED).iter_rows(named=True)
        )
        more = "; …" if found.height > _NAMED else ""
        raise ValueError(f"frame must {wanted}; offending: {named}{more} ({found.height} in all)")
