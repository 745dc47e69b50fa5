"""How every chart of the report looks: sizes, fonts, and colours that follow the light or dark page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import polars as pl

Drawn = alt.Chart | alt.LayerChart | alt.FacetChart
PANEL = 352
"""Pixels: a panel that fills a phone, and half of the page."""
PAGE = 736
"""Pixels: the width of the text."""
FONT = "Helvetica, Arial, sans-serif"
INK, MUTED, GRID, PAPER = "var(--ink)", "var(--muted)", "var(--grid)", "var(--paper)"
BUY, FUND, CONTINGENT, EARN = "var(--buy)", "var(--fund)", "var(--contingent)", "var(--earn)"
BUY_PALE, WARN = "var(--buy-pale)", "var(--warn)"
RANKS = tuple(f"var(--rank{i})" for i in range(1, 7))
"""From weak to strong."""
SERIES = tuple(f"var(--series{i})" for i in range(1, 6))
BILLIONS = "datum.value ? '$' + format(datum.value, ',') + 'bn' : '0'"
"""Expression of Vega for an axis in billions of dollars."""
PERCENT = "format(datum.value * 100, ',') + ' %'"
TIP = "§"
"""Begins a text that is shown when a mark is pointed at."""


def rows_of(values: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """The rows of a chart as a frame: Altair copies plain lists at every step, and frames never."""
    return pl.DataFrame(list(values), infer_schema_length=None)


CONFIG = alt.Config(
    background="transparent",
    padding={"left": 2, "top": 6, "right": 4, "bottom": 2},
    font=FONT,
    view=alt.ViewConfig(stroke=None),
    axis=alt.AxisConfig(
        labelColor=MUTED, titleColor=MUTED, labelFontSize=12, titleFontSize=12, titleFontWeight="normal",
        gridColor=GRID, domainColor=MUTED, tickColor=MUTED, labelPadding=4,
    ),
    axisY=alt.AxisConfig(domain=False, ticks=False),
    legend=alt.LegendConfig(disable=True),
    text=alt.MarkConfig(fontSize=12, color=INK),
)  # fmt: skip


def finished(chart: Drawn, width: int, height: int) -> Drawn:
    """The chart in its size, with the looks that all share."""
    fit = alt.AutoSizeParams(type="fit", contains="padding")
    return chart.properties(width=width, height=height, autosize=fit, config=CONFIG)


def billions_axis(**more: object) -> alt.Axis:
    """An axis in billions of dollars."""
    return alt.Axis(labelExpr=BILLIONS, title=None, tickCount=5, **more)  # type: ignore[arg-type]


def percent_axis(**more: object) -> alt.Axis:
    """An axis in per cent."""
    return alt.Axis(labelExpr=PERCENT, title=None, tickCount=5, **more)  # type: ignore[arg-type]
