"""Figures as a person reads them: one way for each unit, and never 0 for what is small or unknown."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.core import formatting
from assets.core.table import UNITS
from assets.core.vocabulary import VOCABULARIES


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (300e9, "USD", "$300.0bn"),
        (-1.25e9, "USD", "−$1.2bn"),
        (30e6, "USD", "$30.0m"),
        (0.0, "USD", "$0"),
        (40.0, "USD", "under $0.1m"),
        (10.0, "GW", "10 GW"),
        (1.0625, "GW", "1.062 GW"),
        (0.0002, "GW", "under 0.001 GW"),
        (0.41236, "fraction", "41.24 %"),
        (0.00001, "fraction", "under 0.01 %"),
        (35e9, "USD/GW", "$35.0bn/GW"),
        (203.14, "USD/share", "$203.14"),
        (160e6, "shares", "160.0m shares"),
        (17.0, "years", "17.0 years"),
        (1.0, "flag", "yes"),
        (12, "rows", "12"),
        (3.0, "loops", "3 loops"),
        ("openai", "", "openai"),
        (True, "", "True"),
    ],
)
def test_a_figure_is_written_with_its_unit(value: object, unit: str, expected: str) -> None:
    assert formatting.figure(value, unit) == expected


@pytest.mark.parametrize("unit", sorted(UNITS | set(VOCABULARIES["claim_unit"])))
def test_the_unknown_has_one_word_in_every_unit(unit: str) -> None:
    assert formatting.figure(None, unit) == "unknown"


@given(st.floats(min_value=0, exclude_min=True, max_value=1e15))
def test_what_is_more_than_nothing_is_never_written_as_nothing(value: float) -> None:
    assert formatting.usd(value).strip("$0.m")
    assert formatting.gw(value) != "0 GW"
    assert formatting.percent(value).strip("0. %")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (formatting.change_usd(2e9), "+$2.0bn"),
        (formatting.change_usd(-2e9), "−$2.0bn"),
        (formatting.span(None, 2e9), "unknown to $2.0bn"),
        (formatting.span(None, None), "unknown"),
        (formatting.points(-0.012), "−1.2 pp"),
        (formatting.points(0.0), "±0.0 pp"),
        (formatting.times(9.94), "9.9 times"),
        (formatting.times(12.4), "12 times"),
        (formatting.round_usd(1.44e12), "$1.4tn"),
        (formatting.round_usd(38e9), "$38bn"),
        (formatting.day(dt.date(2026, 10, 8)), "8 October 2026"),
        (formatting.iso(None), "unknown"),
        (formatting.listing(["a", "b", "c"]), "a, b and c"),
        (formatting.number(1, "row"), "1 row"),
    ],
)
def test_changes_spans_days_and_lists(written: str, expected: str) -> None:
    assert written == expected
