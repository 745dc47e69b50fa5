"""The rules that follow from a contract's columns and name: columns, keys, required values, words, ranges, references.

Every rule returns a boolean Series, true where a row offends; the gate shows these rows.
Not here: rules that a table asks for by name (`assets.core.shared_rules`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from assets.core import plain_text, second_derivation, suggestions
from assets.core.rule import Advice, Offends, Read, Rule
from assets.core.table import Column, Table
from assets.core.vocabulary import VOCABULARIES

PLACE = ("source_file", "source_line")


def derived_rules(table: Table) -> tuple[Rule, ...]:
    """Every rule of a table: those that follow from its columns, its own, and the one that follows from its name."""
    return (
        *_structure_rules(table),
        *(r for c in table.columns for r in _column_rules(c, table)),
        *table.rules,
        *second_derivation.rules(table),
    )


def needs(table: Table) -> tuple[str, ...]:
    """The other tables that the rules of a table read."""
    return tuple(sorted({n for r in derived_rules(table) for n in r.needs} - {table.full_name}))


def _structure_rules(table: Table) -> list[Rule]:
    columns = tuple(table.column_names)
    rules = [
        Rule(
            "columns",
            columns,
            "everything downstream is written against exactly these columns",
            f"the columns are: {', '.join(c for c in columns if c not in PLACE)}",
            scope="table",
            native={"type": "columns"},
        )
    ]
    if table.min_rows:
        rules.append(
            Rule(
                "row_count",
                (),
                "an empty table passes every other rule: empty is not valid",
                f"at least {table.min_rows} row{'s are' if table.min_rows > 1 else ' is'} needed",
                scope="table",
                native={"type": "row_count", "min": table.min_rows},
            )
        )
    if table.key:
        rules.append(_unique_key(table))
    required = tuple(c.name for c in table.columns if c.required)
    if required:
        rules.append(
            Rule(
                "required_values",
                required,
                "a row without these values cannot be used",
                "fill in the empty cell",
                offends=_missing(required),
                advise=lambda row, _frame, _read: Advice(columns=tuple(c for c in required if row[c] is None)),
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
                advise=lambda row, _frame, _read: Advice(
                    columns=tuple(c for c in floats if row[c] is not None and not math.isfinite(row[c]))
                ),
            )
        )
    return rules


def _unique_key(table: Table) -> Rule:
    return Rule(
        "unique_key",
        table.key,
        f"the grain is {table.grain}: two rows of one key would be counted twice",
        "remove one of the rows, or give it another key",
        offends=_duplicates(table.key),
        native={"type": "unique"},
        advise=lambda row, frame, _read: Advice(twins(row, frame, table.key)),
    )


def twins(row: Mapping[str, Any], frame: pl.DataFrame, key: Sequence[str]) -> str:
    """The lines of the rows that share a key, and the columns in which they differ; empty outside the seeds."""
    if "source_line" not in frame.columns:
        return ""
    alike = frame.filter(pl.all_horizontal(pl.col(k).eq_missing(pl.lit(row[k], frame.schema[k])) for k in key))
    others = [c for c in frame.columns if c not in {*key, *PLACE} and alike[c].n_unique() > 1]
    lines = " and ".join(str(n) for n in alike["source_line"].sort().head(5))
    if not others:
        return f"lines {lines} are alike in every cell: remove all but one"
    return f"lines {lines} differ in {', '.join(others)}: remove the wrong one, or give it another key"


def _column_rules(column: Column, table: Table) -> list[Rule]:
    rules = []
    if column.vocabulary:
        rules.append(_vocabulary(column))
    if column.at_least is not None or column.at_most is not None:
        low, high = column.at_least, column.at_most
        rules.append(
            Rule(
                f"range:{column.name}",
                (column.name,),
                "a value outside its bounds is a mistake of unit or sign",
                f"the value must be {_interval(low, high)} {column.unit}".rstrip(),
                offends=_beyond(column.name, low, high),
                native={"type": "between", "min": low, "max": high},
            )
        )
    if column.pattern:
        rules.append(_pattern(column))
    if column.refers_to:
        rules.append(_foreign_key(column, table))
    return rules


def _vocabulary(column: Column) -> Rule:
    allowed = list(VOCABULARIES[column.vocabulary])
    remedy = f"use one of: {', '.join(allowed)}"

    def advise(row: Mapping[str, Any], _frame: pl.DataFrame, _read: Read) -> Advice:
        meant = suggestions.nearest(row[column.name], allowed)
        return Advice(f"did you mean {meant}? {remedy}" if meant else "")

    return Rule(
        f"vocabulary:{column.name}",
        (column.name,),
        "the vocabulary is closed: every word has one definition",
        remedy,
        offends=_outside(column.name, allowed),
        native={"type": "in_set", "values": allowed},
        advise=advise,
    )


def _pattern(column: Column) -> Rule:
    remedy = f"the value must match {column.pattern}"

    def advise(row: Mapping[str, Any], _frame: pl.DataFrame, _read: Read) -> Advice:
        odd = plain_text.oddity(row[column.name])
        meant = suggestions.pattern(row[column.name], column.pattern)
        return Advice(
            f"{f'it holds {odd}; ' if odd else ''}{f'did you mean {meant}? ' if meant else ''}{remedy}"
            if odd or meant
            else ""
        )

    return Rule(
        f"pattern:{column.name}",
        (column.name,),
        "identifiers and symbols have one form, so that look-alikes cannot slip in",
        remedy,
        offends=_mismatch(column.name, column.pattern),
        native={"type": "pattern", "pattern": column.pattern},
        advise=advise,
    )


def _foreign_key(column: Column, table: Table) -> Rule:
    target, _, key = column.refers_to.rpartition(".")
    own = target == table.full_name
    place = f"seeds/{target.removeprefix('staging.')}.csv" if target.startswith("staging.") else target

    def offends(frame: pl.DataFrame, read: Read) -> pl.Series:
        values, known = frame[column.name], (frame if own else read(target))[key].implode()
        if values.drop_nulls().is_in(known).all():  # most references are empty
            return pl.repeat(value=False, n=frame.height, eager=True)
        return (~values.is_in(known) & values.is_not_null()).fill_null(value=False)

    def advise(row: Mapping[str, Any], frame: pl.DataFrame, read: Read) -> Advice:
        known = frame if own else read(target)
        value = str(row[column.name])
        meant = suggestions.nearest(value, known[key].drop_nulls().unique().sort()) or _called(value, known, key)
        if odd := plain_text.oddity(value):
            return Advice(f"it holds {odd}: write {meant or 'the id without it'}")
        return Advice(f"did you mean {meant}? If not, add a row with {key} {value} to {place}" if meant else "")

    return Rule(
        f"refers_to:{column.name}",
        (column.name,),
        f"every {column.name} must be in the column {key} of {place}",
        f"correct the id, or add a row with this {key} to {place}",
        offends=offends,
        needs=() if own else (target,),
        advise=advise,
    )


def _called(value: str, known: pl.DataFrame, key: str) -> str:
    """The id of the row whose name or ticker was written in place of its id; empty if there is none."""
    names = [c for c in ("name", "ticker") if c in known.columns]
    ids = {row[n]: row[key] for row in known.select(key, *names).iter_rows(named=True) for n in names if row[n]}
    begun = [name for name in ids if suggestions.plain(name).startswith(suggestions.plain(value))]
    return str(ids.get(begun[0] if begun else suggestions.nearest(value, ids, suggestions.SAME_NAME), ""))


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
    bounds = [
        (word, f"{bound:.10f}".rstrip("0").rstrip("."))
        for word, bound in (("least", low), ("most", high))
        if bound is not None
    ]
    return " and ".join(f"at {word} {bound}" for word, bound in bounds)


def _duplicates(key: Sequence[str]) -> Offends:
    """Compare rows by hash first, and then by value where hashes are equal."""

    def offends(frame: pl.DataFrame, _read: Read) -> pl.Series:
        hashes = frame.select(key).hash_rows()
        if hashes.n_unique() == frame.height:
            return pl.repeat(value=False, n=frame.height, eager=True)
        alike = hashes.is_duplicated()
        same = frame.filter(alike).select(pl.struct(key).is_duplicated()).to_series()
        return alike.scatter(alike.arg_true(), same)

    return offends


def _not_finite(columns: Sequence[str]) -> Offends:
    def offends(frame: pl.DataFrame, _read: Read) -> pl.Series:
        return frame.select(
            pl.any_horizontal((~pl.col(c).is_finite()).fill_null(value=False) for c in columns)
        ).to_series()

    return offends
