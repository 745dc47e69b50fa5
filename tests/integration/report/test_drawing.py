"""Texts of any kind can be drawn: a file from elsewhere may hold what the gate would refuse."""

import html
import re

import pytest

from assets.report.drawing import svg
from assets.report.model import Drawing
from assets.report.vegalite import coloured, layer, quantity, word


@pytest.mark.parametrize("character", ["\x07", "\x1b", "\x00", "\uffff", "\u2028", "\u2029"])
def test_a_character_that_cannot_be_drawn_is_replaced(character):
    said = f"be{character}fore"
    rows = [{"who": said, "usd": 1.0}]
    chart = layer(
        "bar", {}, rows, y=word("who", sort=[said]), x=quantity("usd"), color=coloured("who", [said], ["#123456"])
    )

    inside, _, _ = svg(Drawing(lambda: chart, 300, 100))

    assert "be\ufffdfore" in [html.unescape(text) for text in re.findall(r">([^<>]+)</text>", inside)]
