"""The money graph: the largest parties on a ring, and an arrow for the promises of one to another."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import polars as pl

from assets.core.formatting import listing, round_usd, usd
from assets.report.charts.money import KINDS, MONEY, pairs
from assets.report.data import ENTITIES, Context, Question
from assets.report.model import Cells, Column, Drawing, Figure, Picture, Section
from assets.report.theme import BUY, CONTINGENT, FUND, INK, PAGE, PANEL, TIP
from assets.report.vegalite import POINTED_AT, Spec, coloured, layer, layered, quantity, word

LOOPS = Question(
    "loops",
    ("metrics.loops",),
    """select path, length, bottleneck_usd from metrics.loops where basis = 'disclosed' and amount_basis = 'point'
    and as_of_date = (select max(as_of_date) from metrics.loops where as_of_date <= '{day}')
    order by bottleneck_usd desc, length, path limit 12""",
)

PARTIES, ROWS, LABELLED, SHOWN_LOOPS = 12, 30, 7, 8

TRADES = ("investor", "chip_vendor", "ai_lab", "neocloud", "developer", "joint_venture", "hyperscaler")

WIDEST = 14.0

STEPS = 18

LETTERS = (48, 17)
"""Width and height of an amount's text, in pixels."""

NEAR_POLE = 0.93

CENTRAL = 12
"""An arrow passes through the middle of the ring if it would come within this number of pixels."""

APART = 0.08
"""Additional bend of the return arrow, so that the two arrows do not overlap."""

Point = tuple[float, float]

COLOURS = {"purchase": BUY, "funding": FUND, "contingent": CONTINGENT}

BENDS = {"purchase": 0.16, "funding": 0.30, "contingent": 0.22}

LEGEND = (
    ("line buy", "buys from"),
    ("line fund", "funds (equity, debt)"),
    ("line pale", "paler: not binding yet (rumour, letter of intent, announcement)"),
)


def build(answers: Mapping[str, pl.DataFrame], context: Context) -> Section:
    """The loop on one day: firm money, contingent money separately, and the circles that could be closed."""
    between = pairs(answers["money"])
    aggregates = answers["entities"].filter(pl.col("kind") == "aggregate")["entity_id"].implode()
    ring = between.filter(
        ~pl.col("payer_id").is_in(aggregates) & ~pl.col("payee_id").is_in(aggregates) & pl.col("net_usd").gt(0)
    )
    firm, contingent = ring.filter(pl.col("kind") != "contingent"), ring.filter(pl.col("kind") == "contingent")
    figures = []
    for edges, title, said in (
        (firm, "Purchases and funding", "promises to buy and to fund"),
        (contingent, "Only if something happens: backstops and warrants", "backstops and warrants"),
    ):
        if not edges.is_empty():
            figures.append(_figure(edges, answers["entities"], context, title, said))
    return Section(
        _summary(between, answers["loops"], context),
        figures,
        [_table(between, context), _loops(answers["loops"], context)],
    )


def _figure(edges: pl.DataFrame, entities: pl.DataFrame, context: Context, title: str, said: str) -> Figure:
    chosen = _largest(edges, entities)
    drawn = edges.filter(pl.col("payer_id").is_in(chosen) & pl.col("payee_id").is_in(chosen))
    is_firm = "contingent" not in edges["kind"].to_list()
    first = ", ".join(
        f"{context.name(r['payer_id'])} to {context.name(r['payee_id'])} {usd(r['net_usd'])}"
        for r in drawn.head(5).to_dicts()
    )

    def ring(width: int, height: int) -> Drawing:
        return Drawing(partial(_ring, drawn, chosen, context, width, height), width, height)

    return Figure(
        title,
        f"Arrows between {len(chosen)} parties, as wide as the {said} in the ledger. The widest: {first}.",
        ring(PAGE, 460 if is_firm else 330),
        ring(PANEL, 400 if is_firm else 340),
        LEGEND if is_firm else (("line contingent", "pays only in a stated event"),),
    )


def _largest(edges: pl.DataFrame, entities: pl.DataFrame) -> list[str]:
    """The parties with the largest payments and receipts, in their order on the ring.

    Rules: the two largest face each other, so that their arrows spread; the others are ordered by trade, then by size.
    """
    ends = pl.concat([edges.select(party=pl.col(c), usd="net_usd") for c in ("payer_id", "payee_id")])
    sizes = ends.group_by("party").agg(pl.col("usd").sum()).sort("usd", "party", descending=[True, False])
    trades = dict(entities.select("entity_id", "kind").rows())
    place = {k: i for i, k in enumerate(TRADES)}
    top = sizes.head(PARTIES)["party"].to_list()
    hubs = top[:2]
    others = sorted(top[2:], key=lambda p: (place.get(trades.get(p, ""), len(place)), top.index(p)))
    middle = (len(others) + 1) // 2
    return [*hubs[:1], *others[:middle], *hubs[1:], *others[middle:]]


def _ring(edges: pl.DataFrame, parties: Sequence[str], context: Context, width: int, height: int) -> Spec:
    is_wide = width > PANEL
    radius_x, radius_y = (width / 2 - (120 if is_wide else 84), height / 2 - 36)
    centre = (width / 2, height / 2)
    at = {
        p: (
            centre[0] - radius_x * math.cos(2 * math.pi * i / len(parties)),
            centre[1] + radius_y * math.sin(2 * math.pi * i / len(parties)),
        )
        for i, p in enumerate(parties)
    }
    lines, heads, labels = _edges(edges, at, centre, context, WIDEST if is_wide else WIDEST * 0.7)
    nodes = [{"x": x, "y": y, "name": context.name(p), **_outside(x, y, centre, radius_y)} for p, (x, y) in at.items()]
    x = quantity("x", axis=None, scale={"domain": [0, width], "nice": False, "zero": False})
    y = quantity("y", axis=None, scale={"domain": [0, height], "nice": False, "zero": False})
    colour = coloured("kind", COLOURS, COLOURS.values())
    opacity = quantity("opacity", scale={"domain": [0, 1], "range": [0, 1]}, legend=None)
    layers = [
        layer(
            "line", {"strokeCap": "butt"}, lines, color=colour, detail=word("edge"), order=quantity("step"),
            strokeWidth=quantity("width", scale=None, legend=None), strokeOpacity=opacity, description=POINTED_AT,
        ),
        layer(
            "point", {"shape": "triangle", "filled": True, "strokeWidth": 0}, heads, color=colour,
            angle=quantity("angle", scale=None), size=quantity("size", scale=None, legend=None), opacity=opacity,
            description=POINTED_AT,
        ),
        layer("circle", {"size": 90, "color": INK, "opacity": 1}, nodes),
    ]  # fmt: skip
    if is_wide and labels:
        layers.append(layer("text", {"fontSize": 12}, labels, text=word("text")))
    for align in ("left", "center", "right"):
        named = [{**n, "x": n["label_x"], "y": n["label_y"]} for n in nodes if n["align"] == align]
        if named:
            style = {"align": align, "baseline": "middle", "fontSize": 13, "fontWeight": "bold"}
            layers.append(layer("text", style, named, text=word("name")))
    return layered(*layers, x=x, y=y)


def _outside(x: float, y: float, centre: tuple[float, float], radius_y: float) -> dict[str, Any]:
    """The position of a party's name, outside the ring."""
    if abs(y - centre[1]) > NEAR_POLE * radius_y:
        return {"align": "center", "label_x": x, "label_y": y + (17 if y > centre[1] else -17)}
    side = 1 if x > centre[0] else -1
    return {"align": "left" if side > 0 else "right", "label_x": x + side * 10, "label_y": y}


def _edges(
    edges: pl.DataFrame, at: Mapping[str, Point], centre: Point, context: Context, widest: float
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
    """Points along bent arrows, their heads, and amounts for the largest."""
    lines: list[dict[str, Any]] = []
    heads: list[dict[str, Any]] = []
    labels: list[dict[str, Any]] = []
    most = max((e["net_usd"] for e in edges.to_dicts()), default=1.0)
    for number, edge in enumerate(edges.to_dicts()):
        start, end = at[edge["payer_id"]], at[edge["payee_id"]]
        width = max(0.8, widest * edge["net_usd"] / most)
        is_binding = (edge["binding_usd"] or 0.0) * 2 >= edge["net_usd"]
        tip = (
            f"{TIP}{context.name(edge['payer_id'])} {KINDS[edge['kind']]} {context.name(edge['payee_id'])}: "
            f"{usd(edge['net_usd'])} net, {usd(edge['binding_usd'] or 0.0)} of it binding"
        )
        shared = {"kind": edge["kind"], "opacity": 0.9 if is_binding else 0.42, "tip": tip}
        bend = BENDS[edge["kind"]] + (APART if edge["payer_id"] > edge["payee_id"] else 0.0)
        path = _bent(start, end, centre, bend, cut=9 + width * 0.9)
        lines += [
            {"x": x, "y": y, "step": i, "edge": number, "width": width, **shared} for i, (x, y) in enumerate(path)
        ]
        (x0, y0), (x1, y1) = path[-2], path[-1]
        angle = math.degrees(math.atan2(x1 - x0, y1 - y0)) % 360
        heads.append({"x": x1, "y": y1, "angle": angle, "size": (6 + 1.9 * width) ** 2, **shared})
        if number < LABELLED:
            x, y = _free(path, labels)
            labels.append({"x": x, "y": y, "text": round_usd(edge["net_usd"])})
    return lines, heads, labels


def _free(path: Sequence[Point], labels: Sequence[Mapping[str, Any]]) -> Point:
    """A point of an arrow where its amount covers no other amount."""
    for share in (0.6, 0.5, 0.7, 0.4, 0.3):
        x, y = path[round(share * STEPS)]
        if all(abs(x - held["x"]) > LETTERS[0] or abs(y - held["y"]) > LETTERS[1] for held in labels):
            return x, y
    return path[round(0.6 * STEPS)]


def _bent(start: Point, end: Point, centre: Point, bend: float, cut: float) -> list[Point]:
    """Points of a curve from start to end, which stops a little short of the end.

    Rules: it bends towards the middle of the ring, to avoid other parties; a curve through the middle bends to its
    right.
    """
    dx, dy = end[0] - start[0], end[1] - start[1]
    middle = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
    inward = dy * (centre[0] - middle[0]) - dx * (centre[1] - middle[1])
    side = -1 if inward < -CENTRAL * math.hypot(dx, dy) else 1
    control = (middle[0] + side * dy * bend, middle[1] - side * dx * bend)
    last = max(0.5, 1 - cut / max(math.hypot(dx, dy), 1.0))

    def at(t: float, i: int) -> float:
        return round((1 - t) ** 2 * start[i] + 2 * t * (1 - t) * control[i] + t**2 * end[i], 1)

    return [(at(t, 0), at(t, 1)) for t in (last * i / STEPS for i in range(STEPS + 1))]


def _summary(between: pl.DataFrame, loops: pl.DataFrame, context: Context) -> list[str]:
    if between.is_empty():
        return ["The ledger knows no promise of money on this day."]
    totals = dict(between.group_by("kind").agg(pl.col("net_usd").sum()).rows())
    first = between.filter(pl.col("net_usd").is_not_null()).head(3).to_dicts()
    said = [
        (
            f"The ledger holds {usd(totals.get('purchase'))} of promises to buy and {usd(totals.get('funding'))} of "
            f"promises to fund; {usd(totals.get('contingent'))} more are due only in a stated event."
        )
    ]
    if first:
        largest = listing(
            [f"{context.name(e['payer_id'])} to {context.name(e['payee_id'])} ({usd(e['net_usd'])})" for e in first]
        )
        said.append(f"The largest: {largest}.")
    if not loops.is_empty():
        loop = loops.to_dicts()[0]
        said.append(
            f"The widest circle around which money could be passed is {_named(loop['path'], context)}: "
            f"{usd(loop['bottleneck_usd'])} could go all the way round."
        )
    return said


def _named(path: str, context: Context) -> str:
    return " → ".join(context.name(step.strip()) for step in path.split("→"))


def _table(between: pl.DataFrame, context: Context) -> Cells:
    shown = between.filter(pl.col("net_usd").is_null() | pl.col("net_usd").gt(0)).head(ROWS).to_dicts()
    return Cells(
        f"Who pays whom: the {len(shown)} largest pairs",
        (
            Column("who pays", "facts.commitments.payer_id", is_number=False),
            Column("whom", "facts.commitments.payee_id", is_number=False),
            Column("what for", "facts.commitments.flow", is_number=False),
            Column("net", "facts.commitments.net_amount_usd"),
            Column("of it binding", "facts.commitments.certainty"),
        ),
        [
            (
                context.name(e["payer_id"]),
                context.name(e["payee_id"]),
                e["kind"],
                usd(e["net_usd"]),
                usd(0.0 if e["binding_usd"] is None and e["net_usd"] is not None else e["binding_usd"]),
            )
            for e in shown
        ],
        [e["source_ids"] for e in shown],
    )


def _loops(loops: pl.DataFrame, context: Context) -> Cells:
    return Cells(
        "Circles around which money could be passed, the widest first",
        (
            Column("circle", "metrics.loops.path", is_number=False),
            Column("parties", "metrics.loops.length"),
            Column("could go all the way round", "metrics.loops.bottleneck_usd"),
        ),
        [
            (_named(r["path"], context), str(r["length"]), usd(r["bottleneck_usd"]))
            for r in loops.head(SHOWN_LOOPS).to_dicts()
        ],
    )


PICTURE = Picture(
    "loop",
    "Who pays whom?",
    "A circle of payments is money that could be passed around, not proof that anybody meant it to be.",
    {"money": MONEY, "loops": LOOPS, "entities": ENTITIES},
    build,
    marks="An arrow runs from who pays to who is paid, as wide as the net promise; its colour says what for. Shown are "
    "the parties through whose hands most goes; groups such as “bank lenders” are in the table only.",
    place=10,
)
