"""The certainty of the promises."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import polars as pl

from assets.core.formatting import BILLION, percent, plain, usd
from assets.core.vocabulary import CERTAINTIES_IN_FORCE
from assets.report.charts.money import BINDING, MONEY, with_kind
from assets.report.data import Context
from assets.report.model import Cells, Column, Drawing, Figure, Picture, Section
from assets.report.theme import INK, PAGE, PANEL, RANKS, TIP, percent_axis
from assets.report.vegalite import POINTED_AT, Spec, coloured, layer, layered, quantity, word

LEGEND = tuple((f"box rank{i}", plain(c)) for i, c in enumerate(CERTAINTIES_IN_FORCE, start=1))


def build(answers: Mapping[str, pl.DataFrame], context: Context) -> Section:
    """One bar per group of promises, divided by certainty."""
    groups = _groups(with_kind(answers["money"]), context)
    figures = []
    if groups:
        figures.append(
            Figure(
                "Net promises by certainty",
                "Bars of equal length, cut by certainty from rumoured to paid. The table has the amounts.",
                Drawing(partial(_chart, groups), PAGE, 64 * len(groups) + 30),
                Drawing(partial(_chart, groups), PANEL, 64 * len(groups) + 30),
                LEGEND,
            )
        )
    return Section(_sentences(groups), figures, [_table(groups)], subjects_rest=True)


def _groups(frame: pl.DataFrame, context: Context) -> list[tuple[str, dict[str, float]]]:
    """Groups of promises with money, each with its net dollars by certainty."""
    found = []
    for entity_id in context.subjects:
        name = context.name(entity_id)
        found += [
            (f"{name} buys", (pl.col("payer_id") == entity_id) & (pl.col("kind") == "purchase")),
            (f"{name} is funded", (pl.col("payee_id") == entity_id) & (pl.col("kind") == "funding")),
        ]
    found += [
        ("All purchases in the ledger", pl.col("kind") == "purchase"),
        ("All funding", pl.col("kind") == "funding"),
        ("All backstops and warrants", pl.col("kind") == "contingent"),
    ]
    held = []
    for name, chosen in found:
        sums = frame.filter(chosen & pl.col("net_usd").gt(0)).group_by("certainty").agg(pl.col("net_usd").sum())
        by_certainty = {c: dict(sums.rows()).get(c, 0.0) for c in CERTAINTIES_IN_FORCE}
        if sum(by_certainty.values()) > 0:
            held.append((name, by_certainty))
    return held


def _sentences(groups: list[tuple[str, dict[str, float]]]) -> list[str]:
    if not groups:
        return ["How firm the promises are is unknown: the ledger holds no amounts on this day."]
    return [
        f"{name}: {percent(sum(by[c] for c in BINDING) / sum(by.values()), 0)} of {usd(sum(by.values()))} is "
        f"contracted, filed or paid."
        for name, by in groups[:3]
    ]


def _chart(groups: list[tuple[str, dict[str, float]]]) -> Spec:
    rows: list[dict[str, Any]] = []
    names = [f"{name}: {usd(sum(by.values()))}" for name, by in groups]
    for name, (_, by) in zip(names, groups, strict=True):
        total, so_far = sum(by.values()), 0.0
        for rank, certainty in enumerate(CERTAINTIES_IN_FORCE):
            share = by[certainty] / total
            tip = f"{TIP}{plain(certainty)}: {usd(by[certainty])}, {percent(share, 0)}"
            rows.append({"name": name, "certainty": certainty, "rank": rank, "from": so_far, "to": so_far + share,
                         "bn": by[certainty] / BILLION, "tip": tip})  # fmt: skip
            so_far += share
    shown = [r for r in rows if r["to"] > r["from"]]
    y = word("name", sort=names, axis=None, scale={"paddingInner": 0.62, "paddingOuter": 0.5})
    return layered(
        layer(
            "bar",
            {},
            shown,
            x=quantity("from", scale={"domain": [0, 1]}, axis=percent_axis(grid=False, domain=False)),
            x2={"field": "to"},
            color=coloured("certainty", CERTAINTIES_IN_FORCE, RANKS),
            description=POINTED_AT,
        ),
        layer(
            "text",
            {"align": "left", "baseline": "middle", "dy": -21, "fontSize": 13, "color": INK},
            [{"name": n} for n in names],
            x={"value": 0},
            text=word("name"),
        ),
        y=y,
    )


def _table(groups: list[tuple[str, dict[str, float]]]) -> Cells:
    origin = "facts.commitments."
    return Cells(
        "Net promises by certainty",
        (
            Column("promises", is_number=False),
            Column("in all", f"{origin}net_amount_usd"),
            *(Column(plain(c), f"{origin}certainty") for c in CERTAINTIES_IN_FORCE),
        ),
        [(name, usd(sum(by.values())), *(usd(by[c]) for c in CERTAINTIES_IN_FORCE)) for name, by in groups],
    )


PICTURE = Picture(
    "certainty",
    "How firm are the promises?",
    "From weak to strong: rumoured, letter of intent, announced, contracted, filed with an authority, paid. Only the "
    "last three bind.",
    {"money": MONEY},
    build,
    marks="Promises without a stated price are not in the bars.",
    place=50,
)
