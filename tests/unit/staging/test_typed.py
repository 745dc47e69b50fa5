"""Every cell becomes its type or null; an unreadable cell is reported with its line, and no value is guessed."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from assets.core.table import Column, Table
from assets.staging.typed import STEPS, typed

KINDS = {"text": "", "number": "USD", "integer": "rows", "date": "day", "flag": ""}

NAMES = {"text": "word", "number": "size_usd", "integer": "seq", "date": "known_on", "flag": "is_on"}

TABLE = Table(
    "staging",
    "things",
    "Things.",
    "one row per thing",
    (
        *(Column(NAMES[k], k, u, "a value") for k, u in KINDS.items()),
        Column("source_file", "text", "", "file", required=True),
        Column("source_line", "integer", "", "line", required=True, at_least=2),
    ),
    no_key_because="a test",
)


def read(kind: str, *cells: str):
    """Type a column of this kind, with the others empty."""
    columns = {n: [""] * len(cells) for n in NAMES.values()} | {NAMES[kind]: list(cells)}
    lines = pl.Series("source_line", range(2, len(cells) + 2), dtype=pl.Int64)
    built = typed(pl.DataFrame(columns).with_columns(lines, source_file=pl.lit("seeds/things.csv")), TABLE)
    assert built.frame.schema == pl.Schema(TABLE.polars_schema)
    return built.frame[NAMES[kind]].to_list(), [(p.line, p.column, p.value) for p in built.problems]


@pytest.mark.parametrize(
    ("kind", "cells", "values"),
    [
        ("text", ["a", " a ", "1"], ["a", " a ", "1"]),
        ("number", ["1", "-1.5", "0", "0.00001", "135000000000"], [1.0, -1.5, 0.0, 0.00001, 135e9]),
        ("integer", ["1", "-2", "007"], [1, -2, 7]),
        ("date", ["2025-10-09", "2024-02-29"], [dt.date(2025, 10, 9), dt.date(2024, 2, 29)]),
        ("flag", ["true", "false"], [True, False]),
    ],
)
def test_well_formed_cells_are_read(kind, cells, values):
    assert read(kind, *cells) == (values, [])


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_cell_is_unknown_and_no_problem(kind):
    assert read(kind, "") == ([None], [])


@pytest.mark.parametrize(
    ("kind", "cell"),
    [
        *(
            ("number", c)
            for c in ("1,000", "1e3", "$1", "1.", ".5", "+1", " 1", "1 ", "NaN", "inf", "0x10", "1_000", "\u0661")
        ),
        *(("integer", c) for c in ("1.0", "1e3", "", "99999999999999999999", "one") if c),
        *(
            ("date", c)
            for c in ("2025-02-29", "2025-2-9", "20250209", "09/02/2025", "2025-02-09 ", "45000", "0000-00-00")
        ),
        *(("flag", c) for c in ("True", "TRUE", "yes", "1", "0", " true")),
    ],
)
def test_any_other_form_is_null_and_reported_with_its_line(kind, cell):
    values, problems = read(kind, "", cell)
    assert values == [None, None]
    assert problems == [(3, NAMES[kind], cell)]


def test_problems_are_reported_in_the_order_of_the_lines():
    frame = pl.DataFrame({n: ["", "", ""] for n in NAMES.values()}).with_columns(
        size_usd=pl.Series(["", "", "x"]),
        known_on=pl.Series(["x", "", ""]),
        source_file=pl.lit("f"),
        source_line=pl.Series([2, 3, 4], dtype=pl.Int64),
    )
    assert [p.line for p in typed(frame, TABLE).problems] == [2, 4]


def test_rows_and_lines_stay_as_they_are():
    values, _ = read("text", "c", "a", "a", "b")
    assert values == ["c", "a", "a", "b"]


def test_every_staging_table_is_typed_from_its_raw_table_alone():
    assert all(s.reads == (s.name.replace("staging.", "raw."),) for s in STEPS)
