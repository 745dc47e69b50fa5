"""Versions: the rows known on a day, compared with a loop over rows."""

from datetime import date, datetime, timedelta
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from assets.finance import versions

FIRST = date(2025, 1, 1)

SCHEMA = {"leg_id": pl.String, "site": pl.String, "known_from": pl.Date, "amount": pl.Float64}


def frame_of(rows):
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def payrolls():
    return pl.DataFrame(
        {
            "month": [date(2023, 7, 1)] * 3,
            "known_from": [date(2023, 8, 4), date(2023, 9, 1), date(2023, 10, 6)],
            "jobs": [187_000, 157_000, 236_000],
        }
    )


# ------------------------------------------------------------------------------------- as_of


@pytest.mark.parametrize(
    ("day", "jobs"),
    [
        (date(2023, 8, 1), []),
        (date(2023, 8, 3), []),
        (date(2023, 8, 4), [187_000]),
        (date(2023, 8, 15), [187_000]),
        (date(2023, 8, 31), [187_000]),
        (date(2023, 9, 1), [157_000]),
        (date(2023, 9, 15), [157_000]),
        (date(2023, 10, 31), [236_000]),
    ],
)
def test_payrolls_as_they_were_known_then(day, jobs) -> None:
    without_end = payrolls()
    with_end = versions.intervals(without_end, "month")
    for frame in (without_end, without_end.reverse(), with_end, with_end.reverse()):
        assert versions.as_of(frame, day, "month")["jobs"].to_list() == jobs
        lazy = versions.as_of(frame.lazy(), day, ["month"])
        assert isinstance(lazy, pl.LazyFrame)
        assert lazy.collect()["jobs"].to_list() == jobs


def test_a_withdrawn_version_is_not_in_force_afterwards() -> None:
    frame = payrolls().head(1).with_columns(known_to=date(2023, 8, 20))
    assert versions.as_of(frame, date(2023, 8, 19), "month").height == 1
    assert versions.as_of(frame, date(2023, 8, 20), "month").height == 0


def test_rows_keep_their_order_and_null_keys_are_keys() -> None:
    frame = frame_of([("b", None, FIRST, 1), ("a", "x", FIRST, 2), ("b", "x", FIRST, 3), ("a", None, None, 4)])
    assert versions.as_of(frame, FIRST, ["leg_id", "site"])["amount"].to_list() == [1, 2, 3]
    later = frame_of([("b", None, FIRST, 1), ("b", None, FIRST + timedelta(1), 2)])
    assert versions.as_of(later, FIRST + timedelta(1), ["leg_id", "site"])["amount"].to_list() == [2]


def test_an_untyped_empty_known_to_means_still() -> None:
    frame = payrolls().tail(1).with_columns(known_to=pl.lit(None))
    assert versions.as_of(frame, date(2024, 1, 1), "month").height == 1
    assert versions.as_of(frame.clear(), date(2024, 1, 1), "month").is_empty()


def test_two_rows_of_one_key_in_force_are_refused() -> None:
    twice = frame_of([("l", None, FIRST, 1), ("l", None, FIRST, 2)])
    message = r"frame must have at most one row per key in force on 2025-02-01; offending: leg_id l \(1 in all\)"
    open_twice = twice.with_columns(known_from=pl.Series([FIRST, FIRST + timedelta(1)]), known_to=pl.lit(None, pl.Date))
    for frame in (twice, twice.lazy(), open_twice, open_twice.lazy()):
        with pytest.raises(ValueError, match=message):
            versions.as_of(frame, date(2025, 2, 1), "leg_id")
        assert versions.as_of(frame, date(2024, 2, 1), "leg_id").lazy().collect().is_empty()


# --------------------------------------------------------------------------------- intervals


def test_an_interval_ends_where_the_next_of_its_key_begins() -> None:
    frame = frame_of(
        [
            ("b", None, FIRST + timedelta(5), 1),
            ("a", None, FIRST, 2),
            ("b", None, FIRST, 3),
            ("a", "x", FIRST, 4),
        ]
    ).with_columns(known_to=FIRST)
    found = versions.intervals(frame, ["leg_id", "site"])
    assert found.columns == frame.columns
    assert found["amount"].to_list() == [1, 2, 3, 4]
    assert found["known_to"].to_list() == [None, None, FIRST + timedelta(5), None]
    assert_frame_equal(versions.intervals(frame.lazy(), ["leg_id", "site"]).collect(), found)


@given(st.lists(st.tuples(st.sampled_from(["a", "b", None]), st.integers(0, 5)), unique=True, max_size=12))
def test_intervals_equal_a_window_over_each_key_in_any_order(found) -> None:
    frame = frame_of([(key, "x", FIRST + timedelta(day), n) for n, (key, day) in enumerate(found)])
    window = pl.col("known_from").shift(-1).over("leg_id", order_by="known_from").alias("known_to")

    assert_frame_equal(versions.intervals(frame, "leg_id"), frame.with_columns(window))


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            [("l", "x", FIRST, 1), ("l", "x", FIRST, 2)],
            r"frame must have one row per key and known_from; offending: leg_id l, site x \(1 in all\)",
        ),
        ([("l", "x", None, 1)], "frame must have no null known_from; offending: leg_id l, site x"),
    ],
)
def test_versions_that_cannot_be_ordered_are_refused(rows, message) -> None:
    for frame in (frame_of(rows), frame_of(rows).lazy()):
        with pytest.raises(ValueError, match=message):
            versions.intervals(frame, ["leg_id", "site"])


def test_only_a_few_offenders_are_named() -> None:
    rows = [(f"l{number:02}", None, None, 1) for number in range(30)]
    with pytest.raises(ValueError, match=r"leg_id l03; leg_id l04; … \(30 in all\)"):
        versions.intervals(frame_of(rows), "leg_id")


# ---------------------------------------------------------------------------------- collapse


def with_ends(*rows):
    """Return intervals of (leg_id, first day, end day or None, amount), days counted from FIRST."""
    return pl.DataFrame(
        [
            (leg, None, FIRST + timedelta(begin), end and FIRST + timedelta(end), amount)
            for leg, begin, end, amount in rows
        ],
        schema={
            "leg_id": pl.String,
            "site": pl.String,
            "known_from": pl.Date,
            "known_to": pl.Date,
            "amount": pl.Float64,
        },
        orient="row",
    )


def test_adjacent_intervals_that_say_the_same_are_merged() -> None:
    parts = with_ends(
        ("b", 0, 9, 7.0),
        ("a", 5, 8, 1.0),
        ("a", 0, 5, 1.0),
        ("a", 8, 9, 2.0),
        ("a", 9, None, 1.0),
        ("b", 9, None, 7.0),
    )
    whole = with_ends(("a", 0, 8, 1.0), ("a", 8, 9, 2.0), ("a", 9, None, 1.0), ("b", 0, None, 7.0))
    assert_frame_equal(versions.collapse(parts, "leg_id"), whole)
    assert_frame_equal(versions.collapse(parts.lazy(), "leg_id").collect(), whole)


def test_a_gap_keeps_equal_intervals_apart() -> None:
    parts = with_ends(("a", 0, 5, 1.0), ("a", 6, None, 1.0))
    assert_frame_equal(versions.collapse(parts, "leg_id"), parts)


def test_null_equals_null_but_not_a_value() -> None:
    parts = with_ends(("a", 0, 5, None), ("a", 5, 7, None), ("a", 7, 9, 0.0), ("a", 9, None, float("nan")))
    whole = with_ends(("a", 0, 7, None), ("a", 7, 9, 0.0), ("a", 9, None, float("nan")))
    assert_frame_equal(versions.collapse(parts, "leg_id"), whole)


def test_only_the_columns_kept_apart_are_compared() -> None:
    parts = with_ends(("a", 0, 5, 1.0), ("a", 5, 7, 2.0), ("b", 7, None, 2.0))
    assert_frame_equal(
        versions.collapse(parts, "leg_id", keep_apart=["site"]),
        with_ends(("a", 0, 7, 1.0), ("b", 7, None, 2.0)),
    )
    assert versions.collapse(parts, "leg_id", keep_apart=["amount"]).height == 3
    assert versions.collapse(parts.clear(), "leg_id").is_empty()


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            [("a", 0, 5, 1), ("a", 4, None, 1)],
            "frame must have intervals of one key that do not overlap; offending: leg_id a",
        ),
        ([("a", 0, None, 1), ("a", 4, 5, 1)], "frame must have intervals of one key that do not overlap"),
        ([("a", 4, 4, 1)], "frame must have known_to after known_from; offending: leg_id a"),
    ],
)
def test_bad_intervals_are_refused(rows, message) -> None:
    for frame in (with_ends(*rows), with_ends(*rows).lazy()):
        with pytest.raises(ValueError, match=message):
            versions.collapse(frame, "leg_id")


# ------------------------------------------------------------------------------------ inputs


@pytest.mark.parametrize("function", [versions.intervals, versions.collapse, lambda f, k: versions.as_of(f, FIRST, k)])
def test_bad_frames_and_keys_are_refused_by_name(function) -> None:
    frame = with_ends(("a", 0, None, 1))
    with pytest.raises(ValueError, match="frame must have the columns deal_id; it has leg_id, site, known_from"):
        function(frame, ["leg_id", "deal_id"])
    with pytest.raises(ValueError, match="frame must have the columns known_from"):
        function(frame.drop("known_from"), "leg_id")
    with pytest.raises(ValueError, match=r"frame.known_from must have the type Date, got String"):
        function(frame.cast({"known_from": pl.String}), "leg_id")
    with pytest.raises(ValueError, match="key must name at least one column"):
        function(frame, [])


@pytest.mark.parametrize("day", ["2025-01-01", None, datetime(2025, 1, 1)])  # noqa: DTZ001
def test_a_day_must_be_a_date(day) -> None:
    with pytest.raises(ValueError, match="day must be a date, got"):
        versions.as_of(payrolls(), day, "month")


# -------------------------------------------------------------------------------- properties

offsets = st.integers(0, 25)


@st.composite
def histories(draw):
    rows = draw(
        st.lists(
            st.tuples(
                st.sampled_from("ab"),
                st.sampled_from([None, "x"]),
                offsets,
                st.sampled_from([None, 1.0, 2.0]),
            ),
            unique_by=lambda row: row[:3],
            max_size=25,
        )
    )
    return frame_of([(leg, site, FIRST + timedelta(offset), amount) for leg, site, offset, amount in rows])


KEY = ["leg_id", "site"]


def in_force(frame, day):
    """The row of each key in force, found by a loop: the latest known one."""
    latest = {}
    for row in sorted(frame.iter_rows(named=True), key=lambda row: row["known_from"]):
        if row["known_from"] <= day:
            latest[row["leg_id"], row["site"]] = row["amount"]
    return latest


def holding(intervals, day):
    """The interval of each key in force on a day, found by a loop: at most one."""
    rows = [
        ((leg, site), amount)
        for leg, site, begin, amount, end in intervals.select(*KEY, "known_from", "amount", "known_to").iter_rows()
        if begin <= day and (end is None or day < end)
    ]
    found = dict(rows)
    assert len(found) == len(rows)
    return found


def found_in_force(frame, day):
    found = versions.as_of(frame, day, KEY)
    assert found.select(KEY).is_unique().all()
    return {(row["leg_id"], row["site"]): row["amount"] for row in found.iter_rows(named=True)}


@settings(deadline=None)
@given(histories(), offsets)
def test_as_of_equals_a_loop_with_and_without_ends(frame, offset) -> None:
    day = FIRST + timedelta(offset - 1)
    expected = in_force(frame, day)
    assert found_in_force(frame, day) == expected
    assert found_in_force(versions.intervals(frame, KEY), day) == expected


@settings(deadline=None)
@given(histories())
def test_intervals_never_overlap_and_leave_no_gap(frame) -> None:
    ended = versions.intervals(frame, KEY)
    assert_frame_equal(ended.drop("known_to"), frame)
    for _, rows in ended.sort("known_from").group_by(KEY, maintain_order=True):
        assert rows["known_to"].to_list() == [*rows["known_from"].to_list()[1:], None]


@settings(deadline=None)
@given(histories(), st.randoms())
def test_collapsing_changes_no_day_and_leaves_nothing_to_merge(frame, random) -> None:
    ended = versions.intervals(frame, KEY)
    whole = versions.collapse(ended, KEY)
    for offset in range(-1, 27):
        day = FIRST + timedelta(offset)
        assert holding(whole, day) == in_force(frame, day)
    assert_frame_equal(versions.collapse(whole, KEY), whole)
    for _, rows in whole.group_by(KEY, maintain_order=True):
        amounts = rows["amount"].to_list()
        assert all(left != right for left, right in pairwise(amounts))
    shuffled = ended.sample(fraction=1.0, shuffle=True, seed=random.randint(0, 9999))
    assert_frame_equal(versions.collapse(shuffled, KEY), whole)
