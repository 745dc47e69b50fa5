"""The rules that several tables share, each on a few rows: accepted rows, offenders, advice."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from assets.core import column_rules, shared_rules
from assets.core.table import Column, Table

ASSUMPTIONS = {"earliest_known_year": 2015.0, "least": 10.0, "most": 1e9}


def read(name: str) -> pl.DataFrame:
    assert name == "staging.assumptions"
    return pl.DataFrame({"assumption_id": list(ASSUMPTIONS), "value": list(ASSUMPTIONS.values())})


def offends(rule, **columns) -> list[bool]:
    return rule.offends(pl.DataFrame(columns), read).to_list()


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def advised(rule, row, frame=None):
    return rule.advise(row, frame if frame is not None else pl.DataFrame([row]), read)


@pytest.mark.parametrize(
    ("low", "point", "high", "is_wrong"),
    [
        (1.0, 2.0, 3.0, False),
        (2.0, 2.0, 2.0, False),
        (3.0, 2.0, None, True),
        (None, 3.0, 2.0, True),
        (3.0, None, 2.0, True),
        (None, None, None, False),
        (1.0, None, None, False),
    ],
)
def test_bounds_are_ordered_wherever_two_are_known(low, point, high, is_wrong):
    rule = shared_rules.ordered_bounds("low", "point", "high")
    schema = {"low": pl.Float64, "point": pl.Float64, "high": pl.Float64}
    frame = pl.DataFrame({"low": [low], "point": [point], "high": [high]}, schema=schema)
    assert rule.offends(frame, read).to_list() == [is_wrong]
    assert (rule.name, rule.columns, rule.remedy) == (
        "ordered:point",
        ("low", "point", "high"),
        "make low <= point <= high",
    )


def test_a_day_is_known_from_the_first_plausible_year_to_today():
    rule = shared_rules.known_from_plausible("seen_on")
    today = dt.datetime.now(dt.UTC).date()
    days = [day("2014-12-31"), day("2015-01-01"), today, today + dt.timedelta(1), None]
    assert offends(rule, seen_on=days) == [True, False, False, True, False]
    assert rule.needs == ("staging.assumptions",)
    assert (rule.name, rule.columns) == ("plausible_day:seen_on", ("seen_on",))


def test_a_day_too_early_or_too_late_is_reported_with_a_suggestion():
    rule = shared_rules.known_from_plausible("seen_on")
    assert advised(rule, {"seen_on": day("2001-05-13")}).remedy == (
        "2001-05-13 is before 2015-01-01: write the day on which it became public"
    )
    year = dt.datetime.now(dt.UTC).date().year + 1
    assert f"{year}-01-02 is after today" in advised(rule, {"seen_on": dt.date(year, 1, 2)}).remedy


def test_a_day_that_has_happened_may_be_any_day_up_to_today():
    rule = shared_rules.not_in_future("seen_on")
    today = dt.datetime.now(dt.UTC).date()
    assert offends(rule, seen_on=[day("1900-01-01"), today, today + dt.timedelta(1), None]) == [
        False,
        False,
        True,
        False,
    ]
    assert "is after today" in advised(rule, {"seen_on": today + dt.timedelta(400)}).remedy


def test_a_figure_is_zero_unknown_or_of_a_plausible_size():
    rule = shared_rules.plausible_magnitude(("usd",), "least", "most", "US dollars")
    sizes = [0.0, None, 9.9, 10.0, 1e9, 1.1e9, -9.9, -10.0, -1.1e9]
    assert offends(rule, usd=sizes) == [False, False, True, False, False, True, True, False, True]
    assert (rule.name, rule.needs) == ("plausible_magnitude:usd", ("staging.assumptions",))


def test_any_of_several_figures_makes_a_row_implausible_and_only_that_one_is_named():
    rule = shared_rules.plausible_magnitude(("a", "b"), "least", "most", "US dollars")
    assert rule.name == "plausible_magnitude:amounts"
    assert offends(rule, a=[20.0, 20.0], b=[20.0, 2e9]) == [False, True]
    answer = advised(rule, {"a": 20.0, "b": 2e9})
    assert answer.columns == ("b",)
    assert "between 10 and 1000000000" in answer.remedy


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (0.5, "500000 if millions are meant or 500000000 if billions are meant"),
        (2e9, "2000000 if thousandths are meant"),
    ],
)
def test_the_probable_unit_is_suggested(written, meant):
    rule = shared_rules.plausible_magnitude(("usd",), "least", "most", "US dollars")
    assert advised(rule, {"usd": written}).remedy.endswith(meant)


def test_a_period_may_be_one_day_but_not_end_before_it_starts():
    rule = shared_rules.period_ordered("start", "end")
    one, two = day("2025-01-01"), day("2025-01-02")
    assert offends(rule, start=[one, one, two, None, one], end=[two, one, one, one, None]) == [
        False,
        False,
        True,
        False,
        False,
    ]
    assert rule.name == "period:end"


@pytest.mark.parametrize(
    ("first", "second", "found"),
    [
        (("2025-01-01", "2025-02-01"), ("2025-02-01", None), [False, False]),
        (("2025-01-01", "2025-02-01"), ("2025-03-01", None), [False, False]),
        (("2025-01-01", "2025-02-02"), ("2025-02-01", None), [True, False]),
        (("2025-01-01", None), ("2025-02-01", None), [True, False]),
        (("2025-01-01", "2025-01-01"), ("2025-02-01", None), [True, False]),
    ],
)
def test_intervals_of_one_key_do_not_overlap(first, second, found):
    rule = shared_rules.no_overlap(("leg",))
    starts, ends = zip(first, second, strict=True)
    text = {"leg": pl.String, "known_from": pl.String, "known_to": pl.String}
    frame = pl.DataFrame({"leg": ["a", "a"], "known_from": starts, "known_to": ends}, schema=text).with_columns(
        pl.col("known_from", "known_to").str.to_date()
    )
    assert rule.offends(frame, read).to_list() == found
    assert rule.offends(frame.reverse(), read).to_list() == found[::-1]
    others = frame.with_columns(leg=pl.Series(["a", "b"]))
    is_empty = first[0] == first[1]
    assert rule.offends(others, read).to_list() == [is_empty, False]


def test_odd_text_offends_and_only_the_odd_columns_are_named():
    rule = shared_rules.plain((Column("name", "text", "", "name", longest=8), Column("note", "text", "", "note")))
    names, notes = ["Firm", "Firm ", "Firm", "Long name"], [None, "x", "b\u0443yer", None]
    assert offends(rule, name=names, note=notes) == [False, True, True, True]
    assert advised(rule, {"name": "Long name", "note": None}).remedy.startswith("name holds 9 characters, at most 8")
    answer = advised(rule, {"name": "Firm", "note": "b\u0443yer"})
    assert answer.columns == ("note",)
    assert answer.remedy.startswith("note holds the look-alike letter U+0443")


def test_a_missing_or_duplicate_assumption_is_named():
    assert shared_rules.assumption(read, "least") == 10.0
    with pytest.raises(KeyError, match="exactly one row with assumption_id nothing"):
        shared_rules.assumption(read, "nothing")


# --- rules that follow from columns ---------------------------------------------------------------------------------

SIZES = Table(
    "staging",
    "sizes",
    "Sizes.",
    "one row per thing",
    (
        Column("thing", "text", "", "which one", required=True, pattern="^[a-z]+$"),
        Column("share", "number", "fraction", "how much", at_least=0, at_most=1),
        Column("state", "text", "", "how it is", vocabulary="severity"),
        Column("parent", "text", "", "of which", refers_to="staging.sizes.thing"),
        Column("source_file", "text", "", "file"),
        Column("source_line", "integer", "", "line"),
    ),
    key=("thing",),
)

ROWS = {
    "thing": ["a", "b"],
    "share": [0.0, 1.0],
    "state": ["error", None],
    "parent": ["b", None],
    "source_file": ["seeds/sizes.csv"] * 2,
    "source_line": [2, 3],
}


def sizes(**changed) -> pl.DataFrame:
    return pl.DataFrame(ROWS | changed, schema=SIZES.polars_schema)


def rule_of(name: str):
    return next(r for r in column_rules.derived_rules(SIZES) if r.name == name)


@pytest.mark.parametrize(
    ("name", "changed", "found"),
    [
        ("unique_key", {"thing": ["a", "a"]}, [True, True]),
        ("required_values", {"thing": ["a", None]}, [False, True]),
        ("finite_numbers", {"share": [float("nan"), 1.0]}, [True, False]),
        ("finite_numbers", {"share": [None, float("inf")]}, [False, True]),
        ("range:share", {"share": [-0.1, 1.1]}, [True, True]),
        ("range:share", {"share": [None, 0.5]}, [False, False]),
        ("pattern:thing", {"thing": ["A", "b"]}, [True, False]),
        ("vocabulary:state", {"state": ["eror", "warning"]}, [True, False]),
        ("refers_to:parent", {"parent": ["c", "a"]}, [True, False]),
    ],
)
def test_a_rule_of_a_column_finds_the_rows_that_offend_and_no_others(name, changed, found):
    rule = rule_of(name)
    assert rule.offends(sizes(), read).to_list() == [False, False]
    assert rule.offends(sizes(**changed), read).to_list() == found


def test_every_rule_of_the_columns_is_there_once_and_in_order():
    assert [r.name for r in column_rules.derived_rules(SIZES)] == [
        "columns",
        "row_count",
        "unique_key",
        "required_values",
        "finite_numbers",
        "pattern:thing",
        "range:share",
        "vocabulary:state",
        "refers_to:parent",
    ]
    assert rule_of("row_count").native == {"type": "row_count", "min": 1}
    assert rule_of("range:share").native == {"type": "between", "min": 0, "max": 1}
    assert rule_of("vocabulary:state").native == {"type": "in_set", "values": ["error", "warning"]}
    assert rule_of("pattern:thing").native == {"type": "pattern", "pattern": "^[a-z]+$"}


@pytest.mark.parametrize(
    ("name", "row", "remedy"),
    [
        ("vocabulary:state", {"state": "eror"}, "did you mean error? use one of: error, warning"),
        ("vocabulary:state", {"state": "zzz"}, ""),
        ("pattern:thing", {"thing": "A"}, "did you mean a? the value must match ^[a-z]+$"),
        ("refers_to:parent", {"parent": "zzz"}, ""),
    ],
)
def test_advice_is_the_probable_value_or_empty(name, row, remedy):
    assert advised(rule_of(name), row, sizes()).remedy == remedy


def test_bounds_are_shown_as_a_user_writes_them():
    assert rule_of("range:share").remedy == "the value must be at least 0 and at most 1 fraction"
    assert column_rules._interval(0.01, None) == "at least 0.01"
    assert column_rules._interval(None, 1e6) == "at most 1000000"


@pytest.mark.parametrize(
    ("shares", "answer"),
    [
        ([0.5, 0.5], "lines 2 and 3 are alike in every cell: remove all but one"),
        ([0.5, 0.6], "lines 2 and 3 differ in share: remove the wrong one, or give it another key"),
    ],
)
def test_duplicates_are_reported_by_line_and_differing_columns(shares, answer):
    frame = sizes(thing=["a", "a"], share=shares, state=["error"] * 2, parent=[None, None])
    assert column_rules.twins(frame.row(0, named=True), frame, ("thing",)) == answer
    assert column_rules.twins(frame.row(0, named=True), frame.drop("source_line"), ("thing",)) == ""
