"""The picture of the front page: the circular share over time, as SVG that contains its data.

It is readable on light and dark pages: its background is transparent and its colours follow the page.
"""

from __future__ import annotations

import html
import json
import re
from typing import Any

from assets.report.charts.growth import TIMES
from assets.report.drawing import svg
from assets.report.model import Drawing
from assets.report.theme import FUND, INK, MUTED, PAGE, percent_axis
from assets.report.vegalite import Spec, layer, layered, quantity, word
from tests.integration.docs.sandbox import Sandbox
from tests.places import PROJECT

FILE = PROJECT / "assets" / "report" / "circular_share.svg"

HEIGHT = 260

QUESTION = """
select as_of_date, c.circular_share, n.null_mean
from (from metrics.circularity where basis = 'disclosed' and amount_basis = 'point') as c
full join (from metrics.circularity_null where basis = 'disclosed' and amount_basis = 'point') as n using (as_of_date)
where as_of_date >= date '2025-01-01'
order by as_of_date
"""

STYLES = PROJECT / "assets" / "report" / "templates" / "style.css"

VARIABLES = ("--ink", "--muted", "--grid", "--fund")

DATA = re.compile(r"<metadata>(.*?)</metadata>", re.DOTALL)

LABELS = {"circular_share": "could be passed in circles", "null_mean": "if payees were shuffled"}


def answers(sandbox: Sandbox) -> list[list[Any]]:
    """Day, circular share, and the mean share of shuffled ledgers if known."""
    rows = sandbox.ask(QUESTION)
    return [[str(day), *(None if v is None else round(v, 6) for v in shares)] for day, *shares in rows]


def shown(drawn: str) -> list[list[Any]]:
    """The data that a picture contains."""
    found = DATA.search(drawn)
    assert found is not None, f"{FILE} carries no data"
    rows: list[list[Any]] = json.loads(html.unescape(found[1]))
    return rows


def draw(rows: list[list[Any]]) -> str:
    """The picture of these rows."""
    inside, width, height = svg(Drawing(lambda: _chart(rows), PAGE, HEIGHT))
    title = "Share of the promised purchases, equity and debt that could be passed in circles"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">\n'
        f"<title>{title}</title>\n<metadata>{html.escape(json.dumps(rows), quote=False)}</metadata>\n"
        f"<style>{_colours()}</style>\n{inside}\n</svg>\n"
    )


def _colours() -> str:
    """The colours of the report, for a light and for a dark page."""
    text = STYLES.read_text(encoding="utf-8")
    found = [re.findall(rf"({re.escape(name)}): (#\w+);", text)[:2] for name in VARIABLES]
    light, dark = (";".join(":".join(pair) for pair in pairs) for pairs in zip(*found, strict=True))
    return f":root{{{light}}}@media (prefers-color-scheme:dark){{:root{{{dark}}}}}"


def _chart(rows: list[list[Any]]) -> Spec:
    lines = [{"on": f"{day}T00:00:00", **dict(zip(LABELS, shares, strict=True))} for day, *shares in rows]
    drawn = {column: [line for line in lines if line[column] is not None] for column in LABELS}
    last = {column: own[-1] for column, own in drawn.items()}
    labels = [  # below the last third of their line
        {
            "on": last[column]["on"],
            "share": min(line[column] for line in own[-max(1, len(own) // 3) :]),
            "label": f"{100 * last[column][column]:.1f} % {LABELS[column]}",
        }
        for column, own in drawn.items()
    ]
    return layered(
        layer(
            "line",
            {"interpolate": "step-after", "color": FUND, "strokeWidth": 2.4},
            drawn["circular_share"],
            y=_share("circular_share"),
        ),
        layer(
            "line",
            {"color": MUTED, "strokeWidth": 1.6, "strokeDash": [4, 3]},
            drawn["null_mean"],
            y=_share("null_mean"),
        ),
        layer("circle", {"size": 30, "color": MUTED, "opacity": 1}, drawn["null_mean"], y=_share("null_mean")),
        layer(
            "text",
            {"align": "right", "dy": 30, "fontSize": 13, "color": INK},
            labels,
            y=_share("share"),
            text=word("label"),
        ),
        x=TIMES,
    )


def _share(column: str) -> Spec:
    return quantity(column, axis=percent_axis())
