"""The rules that several tables share: a contract lists those that it needs.

Every rule returns a boolean Series, true where a row offends; the gate shows these rows.
Not here: rules that follow from columns (`assets.core.column_rules`), Great Expectations (`assets.gates.evaluate`), and
rules of a single table (in the module of that table).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from assets.core import plain_text, suggestions
from assets.core.rule import Advice, Read, Rule, Severity
from assets.core.table import Column

BILLION, MILLION = 1e9, 1e6


def assumption(read: Read, name: str) -> float:
    """The value of one row of `staging.assumptions`.

    Errors: KeyError naming the row when it is missing.
    """
    found = read("staging.assumptions").filter(pl.col("assumption_id") == name)["value"]
    if found.len() != 1:
        message = f"seeds/assumptions.csv needs exactly one row with assumption_id {name}"
        raise KeyError(message)
    return float(found[0])


def readable(columns: tuple[str, ...]) -> Rule:
    """The rule that a file exists, is text, and has one complete record per line; the reader reports the offenders."""
    return Rule(
        "readable",
        columns,
        "what cannot be read as one record a line would be lost, or shift every value after it",
        "plain text in UTF-8, the header first, a comma between fields, text with a comma in double quotes",
        native={"type": "problems"},
    )


def parsable(columns: tuple[str, ...]) -> Rule:
    """The rule that every non-empty cell can be read as its type; the typing step reports the offenders."""
    return Rule(
        "parsable",
        columns,
        "a cell that cannot be read would silently become unknown",
        "numbers: digits with an optional point; dates: YYYY-MM-DD; flags: true or false; unknown: leave empty",
        native={"type": "problems"},
    )


def plain(columns: tuple[Column, ...]) -> Rule:
    """Text is as it looks, and not too long: no surrounding blanks, no hidden or look-alike letters, no formula."""
    longest = {c.name: c.longest for c in columns}

    def oddity(column: str, text: str) -> str:
        if len(text) > longest[column]:
            return f"{len(text):,} characters, at most {longest[column]:,} are allowed"
        return plain_text.oddity(text)

    def offends(frame: pl.DataFrame, _read: Read) -> pl.Series:
        odd: dict[str, pl.Series] = {}
        for column, most in longest.items():
            texts = frame[column]
            suspects = texts.filter((texts.str.len_chars() > most) | texts.str.contains(plain_text.SUSPICIOUS)).unique()
            odd[column] = pl.Series([s for s in suspects if oddity(column, s)], dtype=pl.String)
        return frame.select(
            pl.any_horizontal(pl.col(c).is_in(o.implode()).fill_null(value=False) for c, o in odd.items())
        ).to_series()

    def advise(row: Mapping[str, Any], _frame: pl.DataFrame, _read: Read) -> Advice:
        odd = {c: oddity(c, row[c]) for c in longest if row[c] is not None}
        guilty = tuple(c for c, o in odd.items() if o)
        return Advice("; ".join(f"{c} holds {odd[c]}: remove or replace it" for c in guilty), guilty)

    return Rule(
        "plain_text",
        tuple(longest),
        "two names that look alike must be alike, and a spreadsheet must not run what a cell says",
        "write the text as it is read: no blanks around it, no hidden or look-alike letters, no formula, no document",
        offends=offends,
        advise=advise,
    )


def ordered_bounds(low: str, point: str, high: str) -> Rule:
    """Low <= point <= high, for each two of them that are known."""

    def offends(frame: pl.DataFrame, _read: Read) -> pl.Series:
        lo, pt, hi = pl.col(low), pl.col(point), pl.col(high)
        return frame.select(pl.any_horizontal(lo > pt, pt > hi, lo > hi).fill_null(value=False)).to_series()

    return Rule(
        f"ordered:{point}",
        (low, point, high),
        "a lower bound above the point, or a point above the upper bound, is a swapped or wrong figure",
        f"make {low} <= {point} <= {high}",
        offends=offends,
    )


def known_from_plausible(column: str = "known_from") -> Rule:
    """`known_from` lies between the first plausible year and the day of the build."""

    def offends(frame: pl.DataFrame, read: Read) -> pl.Series:
        day = pl.col(column)
        outside = (day < _first_day(read)) | (day > _today())
        return frame.select(outside.fill_null(value=False)).to_series()

    return Rule(
        f"plausible_day:{column}",
        (column,),
        "a day before the first plausible year (assumption earliest_known_year) or after today cannot have been known",
        "write the day on which the fact became public, YYYY-MM-DD",
        offends=offends,
        needs=("staging.assumptions",),
        advise=lambda row, _frame, read: Advice(_day_message(row[column], _first_day(read))),
    )


def not_in_future(column: str) -> Rule:
    """The day is not after the day of the build."""
    return Rule(
        f"plausible_day:{column}",
        (column,),
        "a day after today has not happened yet",
        "write a day up to today, YYYY-MM-DD, or leave the cell empty if it is unknown",
        offends=lambda frame, _read: (frame[column] > _today()).fill_null(value=False),
        advise=lambda row, _frame, _read: Advice(_day_message(row[column], dt.date.min)),
    )


def _first_day(read: Read) -> dt.date:
    return dt.date(int(assumption(read, "earliest_known_year")), 1, 1)


def _today() -> dt.date:
    return dt.datetime.now(dt.UTC).date()


def _day_message(day: dt.date, first: dt.date) -> str:
    today = _today()
    wrong = f"{day} is after today, {today} by the clock of this machine" if day > today else f"{day} is before {first}"
    exchanged = suggestions.day_and_month_exchanged(day)
    meant = f"; if day and month are exchanged, write {exchanged}" if exchanged and first <= exchanged <= today else ""
    return f"{wrong}: write the day on which it became public{meant}"


def plausible_magnitude(columns: tuple[str, ...], low_assumption: str, high_assumption: str, unit: str) -> Rule:
    """Every figure is zero, null or of a plausible magnitude: catches amounts in thousands or billions."""

    def offends(frame: pl.DataFrame, read: Read) -> pl.Series:
        low, high = assumption(read, low_assumption), assumption(read, high_assumption)
        sizes = [pl.col(c).abs() for c in columns]
        return frame.select(
            pl.any_horizontal(((s > 0) & (s < low)) | (s > high) for s in sizes).fill_null(value=False)
        ).to_series()

    def advise(row: Mapping[str, Any], _frame: pl.DataFrame, read: Read) -> Advice:
        low, high = assumption(read, low_assumption), assumption(read, high_assumption)
        guilty = [c for c in columns if row[c] and not low <= abs(row[c]) <= high]
        written = row[guilty[0]]
        readings = {"millions": written * MILLION, "billions": written * BILLION, "thousandths": written / 1000}
        meant = [f"{size:.0f} if {word} are meant" for word, size in readings.items() if low <= abs(size) <= high]
        return Advice(
            f"write the figure in {unit}, between {low:.0f} and {high:.0f}: {' or '.join(meant)}".rstrip(": "),
            tuple(guilty),
        )

    return Rule(
        f"plausible_magnitude:{columns[0] if len(columns) == 1 else 'amounts'}",
        columns,
        f"a figure below {low_assumption} or above {high_assumption} is almost always a mistake of unit",
        f"write the figure in {unit}, not in thousands, millions or billions",
        offends=offends,
        needs=("staging.assumptions",),
        advise=advise,
    )


def keeps_rows(severity: Severity) -> Rule:
    """A file does not lose a large share of its rows between two publications.

    `Inputs.rows_published` gives the rows of the last publication; without a publication the rule holds.
    """
    name, limit = {
        "warning": ("rows_shrunk", "row_loss_warning_share"),
        "error": ("rows_collapsed", "row_loss_refusal_share"),
    }[severity]
    return Rule(
        name,
        (),
        f"compared with the last publication a file loses less than a share of its rows (assumption {limit})",
        "put the missing lines back; if the loss is intended, say so once: closedloop build --intended-loss FILE",
        severity=severity,
        scope="table",
        native={"type": "kept_rows", "limit": limit},
        needs=("staging.assumptions",),
    )


def period_ordered(start: str, end: str) -> Rule:
    """A period does not end before it starts."""

    def offends(frame: pl.DataFrame, _read: Read) -> pl.Series:
        return (frame[start] > frame[end]).fill_null(value=False)

    return Rule(
        f"period:{end}",
        (start, end),
        "a period cannot end before it starts",
        f"make {start} <= {end}",
        offends=offends,
    )


def no_overlap(key: Sequence[str]) -> Rule:
    """Intervals [known_from, known_to) of one key never overlap and never end before they start."""

    def offends(frame: pl.DataFrame, _read: Read) -> pl.Series:
        in_turn = frame.lazy().select(*key, "known_from", "known_to").with_row_index("row")
        in_turn = in_turn.sort(*key, "known_from", maintain_order=True)  # among equal rows always the same one offends
        is_of_key = pl.all_horizontal(pl.col(k).eq_missing(pl.col(k).shift(-1)) for k in key)
        following = pl.when(is_of_key).then(pl.col("known_from").shift(-1))
        wrong = (
            (pl.col("known_to") <= pl.col("known_from")).fill_null(value=False)
            | (following < pl.col("known_to")).fill_null(value=False)
            | (following.is_not_null() & pl.col("known_to").is_null())
        )
        return in_turn.select("row", wrong=wrong).sort("row").collect()["wrong"]

    return Rule(
        "no_overlap",
        (*key, "known_from", "known_to"),
        "on every day one version is in force: overlapping intervals are counted twice",
        "this is a defect of the builder, not of the data: report it with the sample keys",
        offends=offends,
    )
