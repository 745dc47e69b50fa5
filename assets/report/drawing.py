"""Converts charts to SVG text: small, without any address, with colours set by the page.

Not here: content (`assets.report.charts`) and style (`assets.report.theme`) of a chart.
"""

from __future__ import annotations

import re
from typing import Any

import vl_convert

from assets.report.model import Drawing
from assets.report.theme import finished

OPENING = re.compile(r'<svg [^>]*?viewBox="0 0 ([\d.]+) ([\d.]+)"[^>]*>')
EMPTY = re.compile(
    r'<path [^>]*?\bd="(?:M0,0h0v0h0Z)?"[^>]*?/>|<path class="(?:background|foreground)"[^>]*?/>'
    r"|<g\b[^>]*(?<!/)></g>|<g\b[^>]*/>"
)
NOISE = re.compile(
    r' (?:role|aria-roledescription|aria-hidden|pointer-events|class|xmlns:xlink|stroke-miterlimit)="[^"]*"'
    r'| opacity="1"| transform="translate\(0,0\)"| fill-opacity="1"| font-weight="normal"'
)
TIP = re.compile(r' aria-label="(§?)([^"]*)"')
LONG = re.compile(r"(-?\d+\.\d)\d+")
NUMBERS = re.compile(r'(?<= )(?:d|transform|x|y|x2|y2)="[^"]*"')
UNDRAWABLE = re.compile(r"[^\t\n\r\x20-\u2027\u202a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML does not have, where vl-convert ends the process; and line separators, which end a text of Vega."""


def svg(drawing: Drawing) -> tuple[str, int, int]:
    """The content of the <svg> element of a chart, and its width and height.

    Rules: only the tests check that the chart is valid Vega-Lite.
    """
    chart = _drawable(finished(drawing.make(), drawing.width, drawing.height))
    drawn = vl_convert.vegalite_to_svg(chart)
    opening = OPENING.search(drawn)
    if opening is None:
        raise ValueError("vl-convert gave no SVG with a viewBox")
    inside = drawn[opening.end() : drawn.rindex("</svg>")]
    return slimmed(inside), round(float(opening[1])), round(float(opening[2]))


def _drawable(part: Any) -> Any:
    """A chart whose texts can be drawn."""
    if isinstance(part, dict):
        return {key: _drawable(value) for key, value in part.items()}
    if isinstance(part, list | tuple):
        return [_drawable(value) for value in part]
    return UNDRAWABLE.sub("\ufffd", part) if isinstance(part, str) else part


def slimmed(inside: str) -> str:
    """SVG without parts that a browser does not need; descriptions of marks are kept as data-tip."""
    inside = TIP.sub(lambda m: f' data-tip="{m[2]}"' if m[1] else "", inside)
    inside = NUMBERS.sub(lambda m: LONG.sub(r"\1", m[0]), inside)
    before = None
    while before != inside:
        before = inside
        inside = EMPTY.sub("", inside)
    return NOISE.sub("", inside)
