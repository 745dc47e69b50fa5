"""What a table is: its columns, key, rules and hazards, as data.

A `Table` is written once; the Polars schema, the Great Expectations suite, DuckDB types and comments, the Dagster
column schema and `quality.dictionary` are all derived from it.
Not here: what a rule is (`assets.core.rule`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import polars as pl

from assets.core.plain_text import LONGEST
from assets.core.rule import Rule, must

Kind = Literal["text", "number", "integer", "flag", "date", "instant"]

POLARS_TYPES: Mapping[Kind, pl.DataType] = {
    "text": pl.String(),
    "number": pl.Float64(),
    "integer": pl.Int64(),
    "flag": pl.Boolean(),
    "date": pl.Date(),
    "instant": pl.Datetime("us"),
}

DUCKDB_TYPES: Mapping[Kind, str] = {
    "text": "VARCHAR",
    "number": "DOUBLE",
    "integer": "BIGINT",
    "flag": "BOOLEAN",
    "date": "DATE",
    "instant": "TIMESTAMP",
}

WRITTEN_FORMS: Mapping[Kind, str] = {
    "number": r"^-?[0-9]+(\.[0-9]+)?$",
    "integer": r"^-?[0-9]+$",
    "date": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
    "flag": r"^(true|false)$",
}
"""How a value of each kind is written in a seed; text is written as it is."""

UNITS = frozenset(
    {"", "USD", "GW", "USD/GW", "USD/share", "shares", "fraction", "years", "day", "UTC", "rows", "mixed"}
)


@dataclass(frozen=True)
class Column:
    """One column: its type, unit, meaning and the values it allows."""

    name: str
    kind: Kind
    unit: str
    description: str
    required: bool = False
    vocabulary: str = ""
    at_least: float | None = None
    at_most: float | None = None
    pattern: str = ""
    longest: int = LONGEST
    """Characters that a text may have; judged where it comes in, in the seeds."""
    refers_to: str = ""
    """`stage.table.column` that must hold every value of this column."""

    def __post_init__(self) -> None:
        must(self.kind in POLARS_TYPES, f"column {self.name}: kind {self.kind!r} is not one of {sorted(POLARS_TYPES)}")
        must(self.unit in UNITS, f"column {self.name}: unit {self.unit!r} is not one of {sorted(UNITS)}")
        must(self.description.strip() != "", f"column {self.name}: a column must say what it means")
        has_bounds = self.at_least is not None or self.at_most is not None
        is_word = self.vocabulary or self.pattern or self.refers_to
        must(not has_bounds or self.kind in {"number", "integer"}, f"column {self.name}: only numbers have bounds")
        must(not is_word or self.kind == "text", f"column {self.name}: only text has words, patterns and references")
        target = self.refers_to.split(".")
        must(len(target) in {1, 3}, f"column {self.name}: {self.refers_to!r} is not stage.table.column")


@dataclass(frozen=True)
class Latest:
    """Which rows of a table by `as_of_date` are in force on a day: those of the latest day on or before it."""

    of_each: tuple[str, ...] = ()
    """The columns of which each value has a latest day of its own; none: all rows share theirs."""
    only: str = ""
    """A condition in SQL that the rows of that day must meet, such as `leg_count > 0`."""


@dataclass(frozen=True)
class Table:
    """One table of one stage: grain, key, columns, rules and hazards. What it rests on is what its builder reads."""

    stage: str
    name: str
    summary: str
    grain: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    no_key_because: str = ""
    rules: tuple[Rule, ...] = ()
    min_rows: int = 1
    may_be_empty_because: str = ""
    hazards: tuple[str, ...] = ()
    latest: Latest | None = None
    """Of a table that has a macro `<table>_as_of(d)`; a table of intervals has one without it."""

    def __post_init__(self) -> None:
        names, rules = [c.name for c in self.columns], [r.name for r in self.rules]
        must(len(set(names)) == len(names), f"{self.full_name}: a column appears twice in the contract")
        must(len(set(rules)) == len(rules), f"{self.full_name}: two rules have the same name")
        must(bool(self.key or self.no_key_because), f"{self.full_name}: a table without a key must say why")
        is_excused = self.min_rows > 0 or self.may_be_empty_because != ""
        must(is_excused, f"{self.full_name}: a table that may be empty must say why")
        dated = ("as_of_date", *self.latest.of_each) if self.latest else ()
        unknown = sorted({c for r in self.rules for c in r.columns}.union(self.key, dated).difference(names))
        must(not unknown, f"{self.full_name}: a rule, key or latest day names unknown columns {unknown}")

    @property
    def full_name(self) -> str:
        """`stage.name`, as in SQL."""
        return f"{self.stage}.{self.name}"

    @property
    def seed_file(self) -> str:
        """The file of seeds/ that a raw or staging table holds."""
        return f"seeds/{self.name}.csv"

    @property
    def polars_schema(self) -> dict[str, pl.DataType]:
        """Column name to Polars type, in order."""
        return {c.name: POLARS_TYPES[c.kind] for c in self.columns}

    @property
    def column_names(self) -> list[str]:
        """The columns in their order."""
        return [c.name for c in self.columns]

    def column(self, name: str) -> Column:
        """The column of that name."""
        return next(c for c in self.columns if c.name == name)

    def conform(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The frame with the contract's columns in the contract's order and types; a missing column stays missing."""
        present = [c for c in self.columns if c.name in frame.columns]
        return frame.select(pl.col(c.name).cast(POLARS_TYPES[c.kind], strict=True) for c in present)

    def with_rules(self, rules: Sequence[Rule]) -> Table:
        """A copy with these rules added."""
        return replace(self, rules=(*self.rules, *rules))
