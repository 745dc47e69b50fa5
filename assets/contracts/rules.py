"""The rules that several tables share, and how a contract's columns turn into rules.

Every rule answers with a boolean Series, true where a row offends: the same answer that the gate shows to a person.
Not here: Great Expectations (`assets.gates`), and rules of a single table (beside that table).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import polars as pl

from assets.contracts.model import Column, Offends, Read, Rule, Table
from assets.contracts.vocabulary import VOCABULARIES


def assumption(read: Read, name: str) -> float:
    """The value of one row of `staging.assumptions`.

    Errors: KeyError naming the row when it is missing.
    """
    found = read("staging.assumptions").filter(pl.col("assumption_id") == name)["value"]
    if found.len() != 1:
        message = f"seeds/assumptions.csv needs exactly one row with assumption_id {name}"
        raise KeyError(message)
    return float(found[0])


def derived_rules(table: Table) -> tuple[Rule, ...]:
    """Every rule of a table: those that follow from its columns, then its own."""
    return (
        *_structure_rules(table),
        *(r for c in table.columns for r in _column_rules(c, table)),
        *table.rules,
    )


def _structure_rules(table: Table) -> list[Rule]:
    columns = tuple(table.column_names)
    rules = [
        Rule(
            "columns",
            columns,
            "everything downstream is written against exactly these columns",
            f"the columns are: {', '.join(c for c in columns if c not in {'source_file', 'source_line'})}",
            scope="table",
            native={"type": "columns"},
        ),
        Rule(
            "row_count",
            (),
            "an empty table passes every other rule: empty is not valid",
            f"at least {table.min_rows} row(s) are needed",
            scope="table",
            native={"type": "row_count", "min": table.min_rows},
        ),
    ]
    if table.key:
        rules.append(
            Rule(
                "unique_key",
                table.key,
                f"the grain is {table.grain}: two rows of one key would be counted twice",
                "remove one of the rows, or give it another key",
                offends=_duplicates(table.key),
                native={"type": "unique"},
            )
        )
    required = tuple(c.name for c in table.columns if c.required)
    if required:
        rules.append(
            Rule(
                "required_values",
                required,
                "a row without these values cannot be used",
                "fill in the empty cell",
                offends=_missing(required),
            )
        )
    floats = tuple(c.name for c in table.columns if c.kind == "number")
    if floats:
        rules.append(
            Rule(
                "finite_numbers",
                floats,
                "a value that is not a number, or infinite, poisons every sum",
                "write a plain number, or leave the cell empty if it is unknown",
                offends=_not_finite(floats),
            )
        )
    return rules


def _column_rules(column: Column, table: Table) -> list[Rule]:
    rules = []
    if column.vocabulary:
        allowed = list(VOCABULARIES[column.vocabulary])
        rules.append(
            Rule(
                f"vocabulary:{column.name}",
                (column.name,),
                "the vocabulary is closed: every word has one definition",
                f"use one of: {', '.join(allowed)}",
                offends=_outside(column.name, allowed),
                native={"type": "in_set", "values": allowed},
            )
        )
    if column.at_least is not None or column.at_most is not None:
        low, high = column.at_least, column.at_most
        rules.append(
            Rule(
                f"range:{column.name}",
                (column.name,),
                f"a value outside {_interval(low, high)} is a mistake of unit or sign",
                f"the value must lie in {_interval(low, high)} {column.unit}".rstrip(),
                offends=_beyond(column.name, low, high),
                native={"type": "between", "min": low, "max": high},
            )
        )
    if column.pattern:
        rules.append(
            Rule(
                f"pattern:{column.name}",
                (column.name,),
                "identifiers and symbols have one form, so that look-alikes cannot slip in",
                f"the value must match {column.pattern}",
                offends=_mismatch(column.name, column.pattern),
                native={"type": "pattern", "pattern": column.pattern},
            )
        )
    if column.refers_to:
        rules.append(_foreign_key(column, table))
    return rules


def _foreign_key(column: Column, table: Table) -> Rule:
    target, _, key = column.refers_to.rpartition(".")
    own = target == table.full_name

    def offends(frame: pl.DataFrame, read: Read) -> pl.Series:
        known = (frame if own else read(target))[key]
        return (~frame[column.name].is_in(known.unique().implode()) & frame[column.name].is_not_null()).fill_null(
            value=False
        )

    return Rule(
        f"refers_to:{column.name}",
        (column.name,),
        f"every {column.name} must exist in {target}",
        f"correct the id, or add it to {target.replace('staging.', 'seeds/')}{'.csv' if 'staging.' in target else ''}",
        offends=offends,
        needs=() if own else (target,),
    )


def _missing(columns: Sequence[str]) -> Offends:
    def offends(frame: pl.DataFrame, _read: Read) -> pl.Series:
        return frame.select(pl.any_horizontal(pl.col(columns).is_null())).to_series()

    return offends


def _outside(column: str, allowed: Sequence[str]) -> Offends:
    def offends(frame: pl.DataFrame, _read: Read) -> pl.Series:
        return (~frame[column].is_in(list(allowed)) & frame[column].is_not_null()).fill_null(value=False)

    return offends


def _mismatch(column: str, pattern: str) -> Offends:
    def offends(frame: pl.DataFrame, _read: Read) -> pl.Series:
        return (~frame[column].str.contains(pattern)).fill_null(value=False)

    return offends


def _beyond(column: str, low: float | None, high: float | None) -> Offends:
    def offends(frame: pl.DataFrame, _read: Read) -> pl.Series:
        value = pl.col(column)
        below = pl.lit(value=False) if low is None else (value < low).fill_null(value=False)
        above = pl.lit(value=False) if high is None else (value > high).fill_null(value=False)
        return frame.select(_=pl.col(column).is_not_null() & (below | above)).to_series()

    return offends


def _interval(low: float | None, high: float | None) -> str:
    return f"[{'-inf' if low is None else f'{low:g}'}, {'inf' if high is None else f'{high:g}'}]"


def _duplicates(key: Sequence[str]) -> Offends:
    def offends(frame: pl.DataFrame, _read: Read) -> pl.Series:
        return frame.select(pl.struct(key).is_duplicated()).to_series()

    return offends


def _not_finite(columns: Sequence[str]) -> Offends:
    def offends(frame: pl.DataFrame, _read: Read) -> pl.Series:
        return frame.select(
            pl.any_horizontal((~pl.col(c).is_finite()).fill_null(value=False) for c in columns)
        ).to_series()

    return offends


def readable(columns: tuple[str, ...]) -> Rule:
    """The rule that the reader of a file fills: every line could be split into its fields."""
    return Rule(
        "readable",
        columns,
        "a line that cannot be split into its fields would shift every value after it",
        "a comma between fields, text with a comma inside double quotes, UTF-8",
        native={"type": "problems"},
    )


def parsable(columns: tuple[str, ...]) -> Rule:
    """The rule that the typing of a file fills: every non-empty cell could be read as its type."""
    return Rule(
        "parsable",
        columns,
        "a cell that cannot be read would silently become unknown",
        "numbers: digits with an optional point; dates: YYYY-MM-DD; flags: true or false; unknown: leave empty",
        native={"type": "problems"},
    )


def ordered_bounds(low: str, point: str, high: str) -> Rule:
    """Low <= point <= high wherever two of them are known."""

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
    """Nothing is known before the first plausible year, nor after the day of the build."""

    def offends(frame: pl.DataFrame, read: Read) -> pl.Series:
        first = dt.date(int(assumption(read, "earliest_known_year")), 1, 1)
        today = dt.datetime.now(dt.UTC).date()
        day = pl.col(column)
        return frame.select(((day < first) | (day > today)).fill_null(value=False)).to_series()

    return Rule(
        f"plausible_day:{column}",
        (column,),
        "a day before the first plausible year (assumption earliest_known_year) or after today cannot have been known",
        "write the day on which the fact became public, YYYY-MM-DD",
        offends=offends,
        needs=("staging.assumptions",),
    )


def plausible_magnitude(columns: tuple[str, ...], low_assumption: str, high_assumption: str, unit: str) -> Rule:
    """Every figure is zero, unknown or of a plausible order of magnitude: catches thousands, millions and billions."""

    def offends(frame: pl.DataFrame, read: Read) -> pl.Series:
        low, high = assumption(read, low_assumption), assumption(read, high_assumption)
        sizes = [pl.col(c).abs() for c in columns]
        return frame.select(
            pl.any_horizontal(((s > 0) & (s < low)) | (s > high) for s in sizes).fill_null(value=False)
        ).to_series()

    return Rule(
        f"plausible_magnitude:{columns[0] if len(columns) == 1 else 'amounts'}",
        columns,
        f"a figure below {low_assumption} or above {high_assumption} is almost always a mistake of unit",
        f"write the figure in {unit}, not in thousands, millions or billions",
        offends=offends,
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


def one_preferred_version(key: str) -> Rule:
    """One preferred version of a leg a day: two would overlap."""

    def offends(frame: pl.DataFrame, _read: Read) -> pl.Series:
        preferred = pl.col("reading") == "preferred"
        twice = pl.len().over(key, "known_from", "reading") > 1
        return frame.select((preferred & twice).fill_null(value=False)).to_series()

    return Rule(
        "one_preferred_version",
        (key, "known_from", "reading"),
        "a later row replaces the earlier one from its known_from on: two preferred rows of one day overlap",
        "keep one preferred row for that day; make the other an alternative or give it its own day",
        offends=offends,
    )


def no_overlap(key: tuple[str, ...]) -> Rule:
    """Intervals [known_from, known_to) of one key never overlap and never end before they start."""

    def offends(frame: pl.DataFrame, _read: Read) -> pl.Series:
        following = pl.col("known_from").shift(-1).over(key, order_by="known_from")
        return frame.select(
            (pl.col("known_to") <= pl.col("known_from")).fill_null(value=False)
            | (following < pl.col("known_to")).fill_null(value=False)
            | (following.is_not_null() & pl.col("known_to").is_null())
        ).to_series()

    return Rule(
        "no_overlap",
        (*key, "known_from", "known_to"),
        "on every day one version is in force: overlapping intervals are counted twice",
        "this is a defect of the builder, not of the data: report it with the sample keys",
        offends=offends,
    )


def containment_acyclic(key: str, parent: str = "part_of_leg_id") -> Rule:
    """No leg contains itself, over any number of steps."""

    def offends(frame: pl.DataFrame, _read: Read) -> pl.Series:
        links = frame.select(pl.col(key).alias("leg"), pl.col(parent).alias("up")).drop_nulls().unique()
        remaining = links
        while True:  # a leg that is nobody's parent, or whose parents are all outside, lies on no cycle
            kept = remaining.filter(
                pl.col("up").is_in(remaining["leg"].implode()) & pl.col("leg").is_in(remaining["up"].implode())
            )
            if kept.height == remaining.height:
                break
            remaining = kept
        return frame[key].is_in(remaining["leg"].implode()) & frame[parent].is_in(remaining["up"].implode()).fill_null(
            value=False
        )

    return Rule(
        "containment_acyclic",
        (key, parent),
        "a leg that contains itself has no own share",
        f"clear {parent} on one of the rows of the cycle",
        offends=offends,
    )
