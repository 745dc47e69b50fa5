"""Small frames are judged in pandas, large ones in SQL; both give the same verdicts on any frame."""

from __future__ import annotations

import dataclasses
import datetime as dt
import gc
import weakref

import polars as pl
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from assets.core.rule import Rule
from assets.core.table import Column, Table
from assets.gates.evaluate import evaluate
from assets.scale import gate_in_sql
from assets.scale.large import Large
from assets.warehouse.gx_connection import OneFrame
from tests.ledgers.memory import Given
from tests.unit.gates.proof import result_of


def above_two(frame, _read):
    return (frame["size_usd"] > 2).fill_null(value=False)


THINGS = Table(
    "facts",
    "things",
    "Things.",
    "one row per thing and day",
    (
        Column("thing_id", "text", "", "which thing", required=True, pattern="^[a-z]{1,3}:?(?:_x|y)?$"),
        Column("day", "date", "day", "which day", required=True),
        Column("view", "text", "", "how it is", vocabulary="severity"),
        Column("year", "integer", "", "which year", at_least=2000, at_most=2100),
        Column("share", "number", "fraction", "how much of it", at_least=0, at_most=1),
        Column("size_usd", "number", "USD", "how large", at_least=0),
        Column("is_new", "flag", "", "whether it is new", required=True),
        Column("seen_at", "instant", "UTC", "when it was seen"),
    ),
    key=("thing_id", "day"),
    rules=(Rule("small", ("size_usd",), "why", "how", severity="warning", offends=above_two),),
)

TABLES = [THINGS, dataclasses.replace(THINGS, key=("thing_id",), grain="one row per thing")]

GOOD = {
    "thing_id": st.sampled_from(["a", "b", "abc", "a:", "b_x", "c:y"]),
    "day": st.dates(dt.date(2025, 1, 1), dt.date(2025, 12, 31)),
    "view": st.sampled_from(["error", "warning"]),
    "year": st.integers(2000, 2100),
    "share": st.floats(0, 1),
    "size_usd": st.floats(0, 2),
    "is_new": st.booleans(),
    "seen_at": st.datetimes(dt.datetime(2025, 1, 1), dt.datetime(2026, 1, 1)),  # noqa: DTZ001 - as the column holds it
}

DAMAGE = {
    "thing_id": st.sampled_from([None, "", "A", "a\n", "a'b", "{0}", "a b", "\u0430", "abcd"]),
    "view": st.sampled_from([None, "eror", "ERROR", " error", "it's", "%"]),
    "year": st.sampled_from([None, -1, 1999, 2101, 2**62]),
    "share": st.sampled_from([None, -0.1, 1.1, float("nan"), float("inf"), float("-inf"), -0.0]),
    "size_usd": st.sampled_from([None, -1.0, 2.5, float("nan"), float("inf")]),
    "day": st.none(),
    "is_new": st.none(),
    "seen_at": st.none(),
}

ROWS = st.lists(st.fixed_dictionaries(GOOD), min_size=1, max_size=8, unique_by=lambda r: r["thing_id"])


@st.composite
def frames(draw):
    """A good frame, or one with some cells changed or a row repeated."""
    rows = draw(ROWS)
    for column in draw(st.sets(st.sampled_from(list(DAMAGE)))):
        draw(st.sampled_from(rows))[column] = draw(DAMAGE[column])
    if draw(st.booleans()):
        rows = [*rows, dict(draw(st.sampled_from(rows)))]
    return pl.DataFrame(rows, schema=THINGS.polars_schema)


def judged(table, frame):
    """The gate of a ledger that may be large."""
    inputs = Given({})
    inputs.size = Large()
    return evaluate(table, frame, inputs)


def verdicts(table, frame, rows_in_pandas):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gate_in_sql, "ROWS_IN_PANDAS", rows_in_pandas)
        return judged(table, frame)


@settings(deadline=None, max_examples=20, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(frame=frames(), table=st.sampled_from(TABLES))
def test_both_routes_give_the_same_verdicts(frame, table):
    assert repr(verdicts(table, frame, -1)) == repr(verdicts(table, frame, 20))  # as text, since NaN differs from NaN


@pytest.mark.parametrize(("rows", "is_copied"), [(3, True), (4, False)])
def test_a_frame_beyond_the_limit_never_goes_to_pandas(rows, is_copied, monkeypatch):
    copied = []
    monkeypatch.setattr(gate_in_sql, "ROWS_IN_PANDAS", 3)
    original = pl.DataFrame.to_pandas
    monkeypatch.setattr(pl.DataFrame, "to_pandas", lambda f, *a: copied.append(f.height) or original(f, *a))
    days = pl.date_range(pl.date(2025, 1, 1), pl.date(2025, 1, rows), eager=True)
    frame = pl.select(
        *[pl.lit(None, t).alias(n) for n, t in THINGS.polars_schema.items() if n not in {"thing_id", "day", "is_new"}],
        thing_id=pl.lit("a"),
        day=days,
        is_new=pl.lit(value=True),
    ).select(THINGS.column_names)
    assert judged(THINGS, frame).is_passed
    assert bool(copied) == is_copied


@pytest.mark.parametrize("pattern", ["^a'b$", "^[a-z]{2}:c$", '^"$', r"^\\$", "^%s$", "^:name$", "^Größe$"])
def test_a_pattern_reaches_sql_as_it_is_written(pattern, monkeypatch):
    monkeypatch.setattr(gate_in_sql, "ROWS_IN_PANDAS", -1)
    fits = {"^a'b$": "a'b", "^[a-z]{2}:c$": "xy:c", '^"$': '"', r"^\\$": "\\", "^%s$": "%s", "^:name$": ":name"}
    column = Column("word", "text", "", "a word", pattern=pattern)
    table = Table("facts", "words", "Words.", "one row per word", (column,), no_key_because="a test")
    good, bad = fits.get(pattern, "Größe"), "other"
    assert judged(table, pl.DataFrame({"word": [good, None]})).is_passed
    assert not result_of(judged(table, pl.DataFrame({"word": [good, bad]})), "pattern:word").is_passed


def test_a_large_frame_is_let_go_after_it_was_judged(monkeypatch):
    monkeypatch.setattr(gate_in_sql, "ROWS_IN_PANDAS", -1)
    shown = []
    original = OneFrame.__init__

    def remembered(self, frame):
        original(self, frame)
        shown.append(weakref.ref(self._rows))

    monkeypatch.setattr(OneFrame, "__init__", remembered)
    frame = pl.DataFrame({"word": ["a", "b"]})
    table = Table("facts", "words", "W.", "one row per word", (Column("word", "text", "", "a word"),), key=("word",))
    assert judged(table, frame).is_passed
    gc.collect()
    assert [rows() for rows in shown] == [None]
