"""Repeated keys are found by hash first; the result equals that of comparing rows."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.core.column_rules import derived_rules
from assets.core.table import Column, Table

KEY = ("thing_id", "seq")

TABLE = Table(
    "facts",
    "things",
    "Things.",
    "one row per thing and number",
    (
        Column("thing_id", "text", "", "which thing"),
        Column("seq", "integer", "", "which one"),
        Column("word", "text", "", "a word"),
    ),
    key=KEY,
)

ROWS = st.lists(st.tuples(st.sampled_from(["a", "b", "ab", "", None]), st.sampled_from([1, 2, None])), max_size=12)


def repeated(rows) -> list[bool]:
    frame = pl.DataFrame([(*row, str(n)) for n, row in enumerate(rows)], schema=TABLE.polars_schema, orient="row")
    (rule,) = [r for r in derived_rules(TABLE) if r.name == "unique_key"]
    found = rule.offends(frame, lambda name: pytest.fail(f"it reads {name}"))
    assert found.null_count() == 0
    return found.to_list()


@given(rows=ROWS)
def test_every_row_of_a_repeated_key_offends_and_no_other(rows):
    assert repeated(rows) == [rows.count(row) > 1 for row in rows]


@given(rows=ROWS, marks=st.integers(1, 3))
def test_keys_that_share_a_hash_by_chance_do_not_offend(rows, marks):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            pl.DataFrame,
            "hash_rows",
            lambda f: f.select(pl.col("seq").fill_null(0) % marks).to_series().cast(pl.UInt64),
        )
        assert repeated(rows) == [rows.count(row) > 1 for row in rows]
