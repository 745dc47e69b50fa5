"""The sentences of the founding article, each with its measurement from the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import polars as pl

from assets.core.formatting import day, figure, listing, plain
from assets.report.data import Context, Question
from assets.report.model import Cells, Column, Drawing, Figure, Picture, Section
from assets.report.theme import INK, MUTED, PAGE, PANEL, TIP, percent_axis
from assets.report.vegalite import POINTED_AT, Spec, coloured, layer, layered, quantity, word

CLAIMS = Question(
    "claims",
    ("metrics.claims", "staging.claims"),
    """select c.claim_id, c.statement, c.as_of_date, c.unit, c.expected_low, c.expected_value, c.expected_high,
    c.measured_value, c.verdict, c.explanation, s.source_id
    from metrics.claims as c left join staging.claims as s using (claim_id) order by c.claim_id""",
)

VERDICTS = ("confirmed", "close", "contradicted", "not_measurable")

COLOURS = ("var(--earn)", "var(--fund)", "var(--warn)", "var(--muted)")

LEGEND = (("dot earn", "confirmed"), ("dot fund", "close: within 15 %"), ("dot warn", "contradicted"))

MEASURES = ("USD", "GW", "ratio")
"""Units whose figures can be compared as a ratio; yes or no cannot."""

WIDE_LETTERS, NARROW_LETTERS = 90, 54


def build(answers: Mapping[str, pl.DataFrame], context: Context) -> Section:
    """The measured figure as a share of the stated one, and every sentence with its verdict."""
    frame = answers["claims"]
    rows = [
        r for r in frame.to_dicts() if r["unit"] in MEASURES and r["expected_value"] and r["measured_value"] is not None
    ]
    rows.sort(key=lambda r: abs(r["measured_value"] / r["expected_value"] - 1), reverse=True)
    figures = []
    if rows:
        figures.append(
            Figure(
                "Measured, as a share of what was stated",
                "Dots by sentence: at 100 % the ledger holds what the article says. The table has every sentence.",
                Drawing(partial(_chart, rows, WIDE_LETTERS), PAGE, 44 * len(rows) + 40),
                Drawing(partial(_chart, rows, NARROW_LETTERS), PANEL, 44 * len(rows) + 40),
                LEGEND,
            )
        )
    del context
    return Section(_sentences(frame), figures, [_table(frame)])


def _sentences(frame: pl.DataFrame) -> list[str]:
    if frame.is_empty():
        return ["The ledger holds no sentence to be measured."]
    counts = dict(frame.group_by("verdict").len().rows())
    verdicts = listing([f"{counts[v]} {plain(v)}" for v in VERDICTS if v in counts])
    said = [f"Of {frame.height} sentences, measured as known on {day(frame['as_of_date'].max())}: {verdicts}."]  # type: ignore[arg-type]
    said += [
        f"Contradicted: “{r['statement']}”. Measured: {figure(r['measured_value'], r['unit'])}, stated: "
        f"{figure(r['expected_value'], r['unit'])}."
        for r in frame.filter(pl.col("verdict") == "contradicted").to_dicts()
    ]
    return said


def _chart(rows: list[dict[str, Any]], letters: int) -> Spec:
    values: list[dict[str, Any]] = []
    for r in rows:
        statement = str(r["statement"])
        text = statement if len(statement) <= letters else f"{statement[: letters - 1].rsplit(' ', 1)[0]} …"
        ratio = r["measured_value"] / r["expected_value"]
        measured, stated = figure(r["measured_value"], r["unit"]), figure(r["expected_value"], r["unit"])
        tip = f"{TIP}{plain(r['verdict'])}: {measured} measured, {stated} stated"
        values.append(
            {"id": r["claim_id"], "text": text, "ratio": ratio, "one": 1, "verdict": r["verdict"], "tip": tip}
        )
    ratios = [v["ratio"] for v in values]
    ends = [min(0.5, *ratios, 1), max(1.25, *(r * 1.05 for r in ratios), 1)]
    x = quantity("ratio", scale={"domain": ends, "nice": False, "zero": False}, axis=percent_axis(grid=False))
    y = word("id", sort=[v["id"] for v in values], axis=None, scale={"padding": 0.5})
    return layered(
        layer("rule", {"color": MUTED, "strokeDash": [3, 3]}, [{"ratio": 1}], x=x),
        layer("rule", {"color": MUTED, "strokeWidth": 2}, x=x, x2={"field": "one"}, y=y),
        layer(
            "circle",
            {"size": 130, "opacity": 1},
            x=x,
            y=y,
            color=coloured("verdict", VERDICTS, COLOURS),
            description=POINTED_AT,
        ),
        layer(
            "text",
            {"align": "left", "dy": -15, "fontSize": 13, "color": INK},
            x={"value": 0},
            y=y,
            text=word("text"),
        ),
        rows=values,
    )


def _table(frame: pl.DataFrame) -> Cells:
    origin = "metrics.claims."
    rows = sorted(frame.to_dicts(), key=lambda r: (VERDICTS[::-1].index(r["verdict"]), r["claim_id"]))
    return Cells(
        "Sentences of the article of October 2025, measured",
        (
            Column("sentence", f"{origin}statement", is_number=False),
            Column("verdict", f"{origin}verdict", is_number=False),
            Column("measured", f"{origin}measured_value"),
            Column("stated", f"{origin}expected_value"),
            Column("how it was measured", f"{origin}explanation", is_number=False),
        ),
        [
            (
                r["statement"], plain(r["verdict"]), figure(r["measured_value"], r["unit"]),
                "no figure" if r["expected_value"] is None else figure(r["expected_value"], r["unit"]),
                r["explanation"] or "",
            )
            for r in rows
        ],
        [[r["source_id"]] if r["source_id"] else [] for r in rows],
    )  # fmt: skip


PICTURE = Picture(
    "claims",
    "Was the article right?",
    "Each sentence of the founding article is measured in the ledger as known on its own day. Confirmed: inside the "
    "stated bounds, or within 5 % of “about”. Close: within 15 %. A verdict says what the ledger holds.",
    {"claims": CLAIMS},
    build,
    "Each on its own day, whatever day is chosen",
    place=100,
)
