"""The style of all charts of the report: sizes, fonts, and colours that follow the light or dark page."""

from __future__ import annotations

from assets.report.vegalite import Spec

PANEL = 352
"""Pixels: a panel that fills a phone, and half of the page."""
PAGE = 736
"""Pixels: the width of the text."""
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
"""Prefix of the text shown when the pointer is on a mark."""


CONFIG: Spec = {
    "background": "transparent",
    "padding": {"left": 2, "top": 6, "right": 4, "bottom": 2},
    "font": "Helvetica, Arial, sans-serif",
    "view": {"stroke": None},
    "axis": {
        "labelColor": MUTED, "titleColor": MUTED, "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal",
        "gridColor": GRID, "domainColor": MUTED, "tickColor": MUTED, "labelPadding": 4,
    },
    "axisY": {"domain": False, "ticks": False},
    "legend": {"disable": True},
    "text": {"fontSize": 12, "color": INK},
}  # fmt: skip


def finished(chart: Spec, width: int, height: int) -> Spec:
    """The chart in its size, with the common style."""
    fit = {"type": "fit", "contains": "padding"}
    return {**chart, "width": width, "height": height, "autosize": fit, "config": CONFIG}


def billions_axis(**more: object) -> Spec:
    """An axis in billions of dollars."""
    return {"labelExpr": BILLIONS, "title": None, "tickCount": 5, **more}


def percent_axis(**more: object) -> Spec:
    """An axis in per cent."""
    return {"labelExpr": PERCENT, "title": None, "tickCount": 5, **more}
