"""Suggestions: a guess is right if the input allows one, and is empty otherwise."""

from __future__ import annotations

import datetime as dt

import hypothesis.strategies as st
import pytest
from hypothesis import given

from assets.core import suggestions

NUMBERS = {
    "$1.2bn": "1200000000",
    "US$ 3 million": "3000000",
    "1.2 trillion": "1200000000000",
    "-$5m": "-5000000",
    "$-5m": "-5000000",
    "(5)": "-5",
    "\u22125": "-5",
    "13,000": "13000",
    "13,000,000.50": "13000000.5",
    "13.000.000": "13000000",
    "13'000": "13000",
    "13 000": "13000",
    "13\u00a0000": "13000",
    "13,5": "13.5",
    "1.234,5": "1234.5",
    "1.5": "1.5",
    "12%": "0.12",
    "1E-3": "0.001",
    "168 MW": "0.168",
    "5 GW": "5",
    "\uff15": "5",
}

DAYS = {
    "2025-10-9": "2025-10-09",
    "2025/10/09": "2025-10-09",
    "20251009": "2025-10-09",
    "2025-10-09 12:00": "2025-10-09",
    "25.12.2025": "2025-12-25",
    "12/25/2025": "2025-12-25",
    "05/06/2025": "2025-06-05 or 2025-05-06",
    "07/07/2025": "2025-07-07",
    "9.10.25": "2025-10-09 or 2025-09-10",
    "October 9, 2025": "2025-10-09",
    "9th Oct 2025": "2025-10-09",
    "October 2025": "the day is missing, e.g. 2025-10-01",
    "H2 2026": "the day is missing, e.g. 2026-07-01",
    "2025Q4": "the day is missing, e.g. 2025-10-01",
    "2025": "the day is missing, e.g. 2025-01-01",
    "2025-02-29": "February 2025 has 28 days",
    "2025-14-40": "there is no month 14",
    "45939": "2025-10-09, if this is the day number of a spreadsheet",
}


@pytest.mark.parametrize("written", NUMBERS)
def test_a_number_is_guessed(written):
    assert suggestions.cell(written, "number") == f"{suggestions.HOW['number']}: {NUMBERS[written]}"


@pytest.mark.parametrize("written", DAYS)
def test_a_day_is_guessed(written):
    assert suggestions.cell(written, "date") == f"{suggestions.HOW['date']}: {DAYS[written]}"


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("1.2.3", "number"),
        ("a lot", "number"),
        ("soon", "date"),
        ("99999", "date"),
        ("maybe", "flag"),
        ("1.5", "integer"),
    ],
)
def test_no_guess_is_better_than_a_wrong_one(written, kind):
    assert suggestions.cell(written, kind) == suggestions.HOW[kind]


@pytest.mark.parametrize("kind", suggestions.HOW)
def test_unknown_is_an_empty_cell_unless_the_value_is_required(kind):
    assert suggestions.cell("n/a", kind).endswith("leave the cell empty")
    assert suggestions.cell("n/a", kind, required=True).endswith("this cell must be known")


@given(st.text(max_size=30), st.sampled_from(list(suggestions.HOW)))
def test_advice_never_crashes_and_always_gives_a_remedy(text, kind):
    assert suggestions.cell(text, kind).startswith(suggestions.HOW[kind])


@given(st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31)))
def test_a_day_in_another_form_is_recognised(day):
    for form in ("%Y/%m/%d", "%Y%m%d", "%d.%m.%Y", "%B %d, %Y", "%d %b %Y", "%Y-%m-%dT%H:%M"):
        assert str(day) in suggestions.cell(day.strftime(form), "date")
    serial = (day - dt.date(1899, 12, 30)).days
    assert str(day) in suggestions.cell(str(serial), "date")


@given(st.integers(1, 10**13))
def test_a_figure_with_separators_is_recognised(figure):
    for text in (f"{figure:,}", f"${figure:,}", f"{figure:,} USD"):
        assert suggestions.cell(text, "number") == f"{suggestions.HOW['number']}: {figure}"


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("OpenAI", "openai"),
        (" openai\u00a0", "openai"),
        ("open ai", "openai"),
        ("\u043epenai", "openai"),
        ("opnai", "openai"),
        ("chip-purchase", "chip_purchase"),
        ("CHIP PURCHASE", "chip_purchase"),
        ("oracle", ""),
        ("", ""),
    ],
)
def test_the_nearest_word_is_found_or_none(word, meant):
    assert suggestions.nearest(word, ["openai", "anthropic", "chip_purchase"]) == meant


@pytest.mark.parametrize(
    ("value", "form", "meant"),
    [
        ("OpenAI Inc.", r"^[a-z0-9][a-z0-9_]*$", "openai_inc"),
        ("us", r"^[A-Z]{2}$", "US"),
        ("USA", r"^[A-Z]{2}$", ""),
        ("www.a.com/b", r"^https?://\S+$", "https://www.a.com/b"),
    ],
)
def test_a_value_is_converted_to_the_required_form(value, form, meant):
    assert suggestions.pattern(value, form) == meant


def test_day_and_month_are_exchanged_where_that_gives_a_day():
    assert suggestions.day_and_month_exchanged(dt.date(2025, 12, 3)) == dt.date(2025, 3, 12)
    assert suggestions.day_and_month_exchanged(dt.date(2025, 3, 31)) is None
