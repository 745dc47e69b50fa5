"""Charts of a written report as separate pictures, for Dagster's Markdown metadata.

Not here: the content of a chart (`assets.report.charts`).
"""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Mapping

from assets.orchestration.markdown import text
from assets.report.page import TEMPLATES

STYLE = TEMPLATES / "style.css"

COLOUR = re.compile(r"(--[a-z-]+\d*): (#[0-9a-f]{6})")

SHOWN = ("loop", "growth")
"""The pictures whose first chart is shown."""


def markdown(page: str) -> Mapping[str, str]:
    """Title and Markdown of some charts of a report, in the colours of the light page."""
    light = dict(COLOUR.findall(STYLE.read_text(encoding="utf-8").partition("@media")[0]))
    found = {}
    for key in SHOWN:
        section = page.partition(f'id="{key}"')[2]
        title = re.search(r"<figcaption[^>]*>(.*?)</figcaption>", section, re.DOTALL)
        drawing = re.search(r"<svg([^>]*)>(.*?)</svg>", section, re.DOTALL)
        if title and drawing:
            about = html.unescape(re.sub(r"<[^>]+>", "", title[1]).strip())
            found[about] = f"![{text(about)}](data:image/svg+xml;base64,{_alone(drawing[1], drawing[2], light)})"
    return found


def _alone(opening: str, inside: str, colours: Mapping[str, str]) -> str:
    """A self-contained SVG as base64, with the colours and the background of the page."""
    size = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', opening)
    if size is None:
        raise ValueError("a chart of the report has no viewBox")
    width, height = size.groups()
    paper = f'<rect width="{width}" height="{height}" fill="var(--paper)"/>'
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'font-family="Helvetica, Arial, sans-serif">{paper}{inside}</svg>'
    )
    coloured = re.sub(r"var\((--[a-z0-9-]+)\)", lambda m: colours.get(m[1], "#1b1b1a"), svg)
    return base64.b64encode(coloured.encode()).decode("ascii")
