"""Gigawatts promised and energised, by view, over time."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import polars as pl

from assets.core.formatting import gw, listing
from assets.report.data import Context, Question
from assets.report.model import Cells, Column, Drawing, Figure, Picture, Section
from assets.report.theme import MUTED, PANEL, SERIES, TIP
from assets.report.vegalite import POINTED_AT, Spec, coloured, layer, layered, moment, quantity, word

PROMISED = Question(
    "promised",
    ("metrics.capacity_by_view",),
    """select p.user_id, p.view, p.capacity_gw, p.gross_capacity_gw, p.is_mixed_power_basis
    from capacity_by_view_as_of('{day}') as p order by 1, 2""",
)

ENERGISED = Question(
    "energised",
    ("metrics.capacity_by_quarter",),
    """select p.user_id, p.view, p.quarter_start, p.energised_gw from capacity_by_quarter_as_of('{day}') as p
    where p.quarter_start >= date '2025-01-01' and p.quarter_start < date '2034-01-01' order by 1, 2, 3""",
)

SOURCES = Question(
    "power_sources",
    ("facts.capacity",),
    """select k.user_id, k.view, list_sort(list(distinct k.source_id)) as source_ids from capacity_as_of('{day}') as k
    where k.stage <> 'cancelled' group by all order by all""",
)

VIEWS = ("site", "chip", "cloud")

LEGEND = (
    ("line series1", "site"),
    ("line series2", "chip"),
    ("line series3", "cloud"),
    ("dots", "dotted: promised in all"),
)

MIDDLE_OF_DECADE = 2030


def build(answers: Mapping[str, pl.DataFrame], context: Context) -> Section:
    """One chart for each entity in the foreground: energised power by quarter, and all promised power."""
    promised, energised = answers["promised"], answers["energised"]
    figures, said = [], []
    for entity_id in context.subjects:
        name = context.name(entity_id)
        mine = promised.filter((pl.col("user_id") == entity_id) & pl.col("view").is_in(VIEWS))
        mine = mine.filter(pl.col("capacity_gw") > 0)
        if mine.is_empty():
            said.append(f"How much power is promised to {name} is unknown to the ledger on this day.")
            continue
        course = energised.filter((pl.col("user_id") == entity_id) & pl.col("view").is_in(VIEWS))
        said.append(_sentences(mine, course, name))
        figures.append(
            Figure(
                f"{name}: gigawatts switched on, and promised",
                f"Lines by quarter for {name}, one per view: power that is on if the dates hold; dotted, what is "
                "promised in all. The table has the figures at each year's end.",
                Drawing(partial(_chart, mine, course), PANEL, 270),
                legend=LEGEND,
            )
        )
    return Section(said, figures, [_table(promised, energised, answers["sources"], context)])


def _sentences(mine: pl.DataFrame, course: pl.DataFrame, name: str) -> str:
    parts = [f"{gw(r['capacity_gw'])} in the {r['view']} view" for r in mine.to_dicts()]
    end = course.filter(pl.col("quarter_start").dt.year() < MIDDLE_OF_DECADE).group_by("view", maintain_order=True)
    on = dict(end.agg(pl.col("energised_gw").last()).rows())
    known = [f"{gw(v)} ({k})" for k, v in on.items()]
    return f"Promised to {name}: {listing(parts)}. " + (
        f"On by the end of {MIDDLE_OF_DECADE - 1} if the dates hold: {listing(known)}."
        if known
        else "When it is switched on is unknown."
    )


def _chart(mine: pl.DataFrame, course: pl.DataFrame) -> Spec:
    colour = coloured("view", VIEWS, SERIES[:3])
    x = moment(
        "on",
        title=None,
        axis={"format": "%Y", "tickCount": "year", "grid": False},
        scale={"domain": [{"year": 2025}, {"year": 2034}]},
    )
    steps = [
        {
            "on": f"{r['quarter_start']}T00:00:00",
            "view": r["view"],
            "gw": r["energised_gw"],
        }
        for r in course.to_dicts()
    ]
    ends = [
        {
            "on": f"{r['quarter_start']}T00:00:00",
            "view": r["view"],
            "gw": r["energised_gw"],
            "tip": f"{TIP}{r['view']}, end of {r['quarter_start'].year}: {gw(r['energised_gw'])} on",
        }
        for r in course.filter(pl.col("quarter_start").dt.month() > 9).to_dicts()  # noqa: PLR2004 - the fourth quarter
    ]
    totals = [{"view": r["view"], "gw": r["capacity_gw"], "text": f"{r['view']} {gw(r['capacity_gw'])}"} for r in
              mine.to_dicts()]  # fmt: skip
    layers = [layer("rule", {"strokeDash": [2, 4], "strokeWidth": 1.6}, totals, color=colour)]
    if steps:
        layers += [
            layer("line", {"strokeWidth": 2.4}, steps, x=x, color=colour),
            layer("circle", {"size": 26, "opacity": 1}, ends, x=x, color=colour, description=POINTED_AT),
        ]
    style = {"align": "left", "baseline": "bottom", "dy": -2, "fontSize": 11, "color": MUTED}
    layers.append(layer("text", style, totals, text=word("text"), x={"value": 4}))
    return layered(*layers, y=quantity("gw", axis={"title": "GW", "tickCount": 5}))


def _table(promised: pl.DataFrame, energised: pl.DataFrame, sources: pl.DataFrame, context: Context) -> Cells:
    years = list(range(2025, 2034, 2))
    at = {
        (r["user_id"], r["view"], r["quarter_start"].year): r["energised_gw"]
        for r in energised.to_dicts()
        if r["quarter_start"].month > 9  # noqa: PLR2004 - the fourth quarter
    }
    documents = {(r["user_id"], r["view"]): r["source_ids"] for r in sources.to_dicts()}
    mine = promised.filter(pl.col("user_id").is_in(context.subjects)).to_dicts()
    mine.sort(key=lambda r: (context.subjects.index(r["user_id"]), r["view"]))
    origin = "metrics.capacity_by_quarter.energised_gw"
    return Cells(
        "Power by view: promised, and on at the end of the year",
        (
            Column("for whom", "metrics.capacity_by_view.user_id", is_number=False),
            Column("view", "metrics.capacity_by_view.view", is_number=False),
            Column("promised, each GW once", "metrics.capacity_by_view.capacity_gw"),
            Column("as announced", "metrics.capacity_by_view.gross_capacity_gw"),
            *(Column(f"on, {y}", origin) for y in years),
        ),
        [
            (
                context.name(r["user_id"]), r["view"], gw(r["capacity_gw"]), gw(r["gross_capacity_gw"]),
                *(gw(at.get((r["user_id"], r["view"], y))) for y in years),
            )
            for r in mine
        ],
        [documents.get((r["user_id"], r["view"]), []) for r in mine],
    )  # fmt: skip


PICTURE = Picture(
    "power",
    "How many gigawatts, and when?",
    "Site, chip and cloud describe the same power from three sides and must never be added. Power without any date "
    "is promised but never shown as switched on. What a company says it aims at in total is the row “statement” of the "
    "table and is in no other figure.",
    {"promised": PROMISED, "energised": ENERGISED, "sources": SOURCES},
    build,
    marks="A line shows power that is switched on if the published dates hold.",
    place=40,
)
