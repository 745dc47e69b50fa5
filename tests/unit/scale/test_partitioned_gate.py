"""The gate of a table in parts agrees with the gate of the whole, and finds keys in two parts."""

from collections import Counter

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assets.core.rule import Rule
from assets.core.table import Column, Table
from assets.gates.evaluate import evaluate
from assets.scale import partitioned_gate
from assets.scale.partitioned_table import PartitionedTable
from tests.ledgers.memory import Given, polars_alone

THINGS = Table(
    stage="staging",
    name="things",
    summary="Things.",
    grain="one row per thing and place",
    key=("thing", "place"),
    columns=(
        Column("thing", "text", "", "the thing", required=True, pattern="[a-z]+"),
        Column("place", "integer", "", "its place", required=True, at_least=0, at_most=9),
        Column("usd", "number", "USD", "its worth", at_least=0),
    ),
    rules=(
        Rule(
            "cheap",
            ("usd",),
            "a thing is worth less than a hundred",
            "write less",
            severity="warning",
            offends=lambda frame, _read: (frame["usd"] >= 100).fill_null(value=False),
        ),
    ),
)


def in_parts(folder, frame, rows):
    """The frame split into files of this number of rows."""
    files, heights = [], []
    for n, part in enumerate(frame.iter_slices(rows) if frame.height else [frame]):
        files.append(folder / f"{n}.parquet")
        part.write_parquet(files[-1])
        heights.append(part.height)
    return PartitionedTable(tuple(files), tuple(heights), frame.schema)


@pytest.fixture(autouse=True, params=[1, 3, partitioned_gate.ROWS_JUDGED_AT_ONCE], ids=["apart", "some", "all"])
def _judged_at_once(request, monkeypatch):
    """Judge parts one by one, a few at a time, and all at once."""
    monkeypatch.setattr(partitioned_gate, "ROWS_JUDGED_AT_ONCE", request.param)


def things(rows):
    return pl.DataFrame(rows, schema=THINGS.polars_schema, orient="row")


def verdicts_of(gate):
    return {r.rule: (r.is_passed, r.rows_checked, r.rows_failed, len(r.samples)) for r in gate.results}


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "C", None]),
        st.sampled_from([0, 1, 10, None]),
        st.sampled_from([1.0, -1.0, 200.0, None]),
    ),
    max_size=9,
)


def agree(folder, rows, size, *, is_sorted):
    """Assert that a table in parts of this number of rows is judged like the whole."""
    frame = things(sorted(rows, key=str) if is_sorted else rows)

    whole, parts = (evaluate(THINGS, f, Given({})) for f in (frame, in_parts(folder, frame, size)))

    assert [(r.rule, r.is_passed) for r in parts.results] == [(r.rule, r.is_passed) for r in whole.results]
    once = {"key_unique", "row_count"}
    assert {r: v[1:3] for r, v in verdicts_of(parts).items() if r not in once and "unique" not in r} == {
        r: v[1:3] for r, v in verdicts_of(whole).items() if r not in once and "unique" not in r
    }


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ROWS, st.integers(1, 4), st.booleans())
def test_parts_are_judged_as_the_whole_is(tmp_path, rows, size, is_sorted):
    with polars_alone():
        agree(tmp_path, rows, size, is_sorted=is_sorted)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ROWS, st.integers(1, 4), st.booleans())
def test_parts_are_judged_as_the_whole_is_by_both_judges(tmp_path, rows, size, is_sorted):
    agree(tmp_path, rows, size, is_sorted=is_sorted)


@pytest.mark.parametrize(
    ("most", "expected"), [(1, [2, 3, 1, 1]), (3, [2, 3, 2]), (4, [2, 4, 1]), (5, [5, 2]), (9, [7])]
)
def test_parts_are_judged_together_up_to_so_many_rows(tmp_path, monkeypatch, most, expected):
    monkeypatch.setattr(partitioned_gate, "ROWS_JUDGED_AT_ONCE", most)
    frames = [things([("a", place, float(n)) for place in range(rows)]) for n, rows in enumerate((2, 3, 1, 1))]
    files = tuple(tmp_path / f"{n}.parquet" for n in range(4))
    for frame, file in zip(frames, files, strict=True):
        frame.write_parquet(file)

    found = list(partitioned_gate.gathered(PartitionedTable(files, tuple(f.height for f in frames), frames[0].schema)))

    assert [f.height for f in found] == expected
    assert pl.concat(found).equals(pl.concat(frames))


@pytest.mark.parametrize("places", [[0, 1, 1, 2], [1, 2, 0, 1], [1, 0, 3, 1]])
def test_a_key_in_two_parts_is_refused_and_shown(tmp_path, places):
    frame = things([("a", p, 1.0) for p in places])

    gate = evaluate(THINGS, in_parts(tmp_path, frame, 2), Given({}))

    (refused,) = gate.refusals
    assert "unique" in refused.rule
    assert refused.samples[0] == {"thing": "a", "place": 1}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ROWS, st.integers(1, 4), st.booleans())
def test_repeated_keys_are_found_in_any_position_and_with_nulls(tmp_path, rows, size, is_sorted):
    frame = things(sorted(rows, key=lambda row: tuple((v is None, v) for v in row)) if is_sorted else rows)
    keys = Counter(row[:2] for row in rows)

    found = partitioned_gate.repeated(in_parts(tmp_path, frame, size), THINGS.key)

    standing = Counter(key for part in frame.iter_slices(size) for key in set(part.select(THINGS.key).rows()))
    across = {key for key, parts in standing.items() if parts > 1}
    repeated = {(thing, place): n for thing, place, n in found.rows()}
    assert across <= repeated.keys(), "a key of two parts"
    assert repeated.items() <= {key: n for key, n in keys.items() if n > 1}.items()


def test_a_table_without_rows_in_parts_is_refused_like_one_without_rows(tmp_path):
    gate = evaluate(THINGS, in_parts(tmp_path, things([]), 1), Given({}))

    assert not gate.is_passed
    assert {r.rule for r in gate.refusals} == {r.rule for r in evaluate(THINGS, things([]), Given({})).refusals}


def test_parts_with_other_columns_are_refused_by_the_rule_on_columns(tmp_path):
    frame = things([("a", 1, 1.0), ("b", 1, 1.0)]).rename({"usd": "eur"})

    assert [r.rule for r in evaluate(THINGS, in_parts(tmp_path, frame, 1), Given({})).refusals] == ["columns"]


def test_a_part_that_is_gone_is_a_gate_that_failed(tmp_path):
    parts = in_parts(tmp_path, things([("a", 1, 1.0), ("b", 1, 1.0)]), 1)
    parts.files[1].unlink()

    gate = evaluate(THINGS, parts, Given({}))
    assert not gate.is_passed
    assert "does not see it" in gate.refusals[0].reason
