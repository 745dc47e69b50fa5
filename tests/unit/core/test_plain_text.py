"""Text that is as it looks: hidden, mixed and stacked characters are found by property; formulas in any width."""

import csv
import io
import sys
import unicodedata

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.core import plain_text
from assets.core.formulas import is_formula
from assets.core.plain_text import oddity
from assets.export.as_lines import harmless


def is_suspicious(text):
    return pl.Series([text]).str.contains(plain_text.SUSPICIOUS).item()


@given(st.text(max_size=40))
def test_a_text_that_is_not_suspicious_has_no_oddity(text):
    if not is_suspicious(text):
        assert oddity(text) == ""


def test_no_character_that_is_odd_escapes_suspicion():
    characters = [chr(n) for n in range(sys.maxunicode + 1) if unicodedata.category(chr(n)) != "Cs"]
    texts = pl.Series([f"{c}b" for c in characters])
    trusted = texts.filter(~texts.str.contains(plain_text.SUSPICIOUS))
    assert [t for t in trusted if is_formula(t)] == []
    assert trusted.is_in(["éb", "–b"]).sum() == 2


@pytest.mark.parametrize(
    "text",
    [
        "Größe",
        "naïve – yes",
        "€5bn",
        "αβγ",
        "Москва",
        "C# and F#",
        "a\nb",
        "AI株式会社",
        "5 µm",
        "-5",
        "+2.5%",
        "नमस्ते",
        "#2",
    ],
)
def test_readable_text_is_not_odd(text):
    assert oddity(text) == ""


@pytest.mark.parametrize(
    "text",
    [
        "=1+1", "@SUM(A1)", "-2+3+cmd|' /C calc'!A0", "+1+cmd|' /C calc'!A0", "-$1+HYPERLINK(1)", "- 2+3", "+20 GW",
        "\uff1dcmd", "\ufe66cmd", "\uff0b1+cmd", "\uff0d1+cmd", "\uff20SUM(1)", "\u207a1+1",
        " =1", "\t=1", "\r=1", "\n=1", "\u200b=1", "\u00a0=1",
    ],
)  # fmt: skip
def test_what_a_spreadsheet_may_run_is_refused_and_gets_an_apostrophe(text):
    assert oddity(text) != ""
    assert harmless(text) == f"'{text}"


@given(st.text(max_size=30))
def test_what_the_gate_lets_in_an_export_leaves_as_it_is(text):
    if oddity(text) == "":
        assert harmless(text) == text


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=30))
def test_a_harmless_text_is_no_formula(text):
    assert not is_formula(harmless(text))
    assert next(csv.reader(io.StringIO(harmless("=1")))) == ["'=1"]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("a\u00a0b", "U+00A0"),
        ("a\u200bb", "U+200B"),
        ("a\u202eb", "U+202E"),
        ("a\ufe0fb", "U+FE0F"),
        ("a\u034fb", "U+034F"),
        ("a\u3164b", "U+3164"),
        ("a\u2800b", "U+2800"),
        ("a\U000e0061b", "U+E0061"),
        ("a\x1b[31m", "U+001B"),
        ("\u043epenai", "U+043E"),
        ("Al\u0440habet", "U+0440"),
        ("\u0391MD", "U+0391"),
        ("a" + 300 * "\u0301", "300 marks on one letter"),
        ("a\udcff", "a byte that is not UTF-8"),
        ("#REF!", "a spreadsheet error"),
        ("a ", "a blank at the beginning or the end"),
    ],
)
def test_an_oddity_is_named(text, named):
    assert named in oddity(text)


def test_every_character_without_a_shape_is_hidden():
    """Default_Ignorable_Code_Point by examples of its kinds, and every control, format and unusual blank."""
    for number in range(sys.maxunicode + 1):
        if unicodedata.category(chr(number)) in {"Cc", "Cf", "Zl", "Zp", "Zs"} and chr(number) not in " \n\r\t":
            assert "hidden" in oddity(f"a{chr(number)}b"), hex(number)
