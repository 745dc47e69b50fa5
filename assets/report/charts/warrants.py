"""The value of the warrants against the share price."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import polars as pl

from assets.core.formatting import BILLION, day, figure, percent, usd
from assets.report.data import Context, Question
from assets.report.model import Cells, Column, Drawing, Figure, Picture, Section
from assets.report.theme import BUY, EARN, FUND, MUTED, PANEL, TIP, billions_axis
from assets.report.vegalite import POINTED_AT, Spec, layer, layered, moment, quantity, word

VALUES = Question(
    "warrants",
    ("metrics.warrant_values",),
    """select as_of_date, warrant_id, issuer_id, holder_id, share_price_usd, max_shares, shares_counted, vested_shares,
    intrinsic_value_usd, top_hurdle_usd, value_at_top_hurdle_usd, model_value_usd, purchases_usd, offset_ratio,
    is_assumed_split from metrics.warrant_values order by warrant_id, as_of_date""",
)

GRID = Question(
    "grid",
    ("metrics.warrant_value_grid",),
    """select warrant_id, share_price_usd, is_hurdle, intrinsic_if_all_vested_usd, model_value_usd, purchases_usd,
    offset_ratio from metrics.warrant_value_grid order by warrant_id, share_price_usd""",
)

SOURCES = Question(
    "warrant_sources",
    ("staging.warrants", "staging.prices"),
    """select warrant_id, list_sort(list(distinct source_id)) as source_ids from (
    select warrant_id, source_id from staging.warrants union select w.warrant_id, p.source_id
    from staging.warrants as w join facts.entities as e on w.issuer_id = e.entity_id
    join staging.prices as p on e.ticker = p.ticker) group by all order by 1""",
)


def build(answers: Mapping[str, pl.DataFrame], context: Context) -> Section:
    """For each warrant with a known price: its value over time, and at other prices; all warrants in the table."""
    values, grid = answers["warrants"], answers["grid"]
    last = values.sort("as_of_date").group_by("warrant_id", maintain_order=True).last()
    last = last.sort("model_value_usd", "warrant_id", descending=[True, False], nulls_last=True)
    figures, said = [], []
    for w in last.filter(pl.col("share_price_usd").is_not_null()).to_dicts():
        own = values.filter((pl.col("warrant_id") == w["warrant_id"]) & pl.col("model_value_usd").is_not_null())
        name = f"{context.name(w['holder_id'])}’s warrant on {context.name(w['issuer_id'])}"
        said.append(_sentences(w, name))
        if own.height > 1:
            figures.append(
                Figure(
                    f"{name}: value day by day",
                    f"A line over time: the model value of {name}. The table has the last day.",
                    Drawing(partial(_course, own), PANEL, 230),
                )
            )
        at = grid.filter(pl.col("warrant_id") == w["warrant_id"])
        if not at.is_empty():
            figures.append(
                Figure(
                    f"{name}: value at other share prices",
                    "A line by share price: what all shares of the warrant would be worth, compared with the "
                    "purchases that it rewards. The second table has the figures.",
                    Drawing(partial(_prices, at, w), PANEL, 230),
                )
            )
    if not said:
        said = ["The ledger knows no warrant with a known share price."]
    documents = dict(answers["sources"].rows())
    rows = last.to_dicts()
    return Section(said, figures, [_table(rows, documents, context), _grid(grid, rows, context)])


def _sentences(w: Mapping[str, Any], name: str) -> str:
    text = (
        f"{name} was worth {usd(w['model_value_usd'])} by the model on {day(w['as_of_date'])}, at a share price of "
        f"{figure(w['share_price_usd'], 'USD/share')}"
    )
    if w["offset_ratio"] is None or w["purchases_usd"] is None:
        return f"{text}."
    return f"{text}: {percent(w['offset_ratio'], 0)} of the {usd(w['purchases_usd'])} of purchases that it rewards."


def _course(own: pl.DataFrame) -> Spec:
    rows = [
        {"on": f"{r['as_of_date']}T00:00:00", "bn": r["model_value_usd"] / BILLION, "price": r["share_price_usd"]}
        for r in own.to_dicts()
    ]
    axis = {"grid": False, "tickCount": 4, "labelExpr": "timeFormat(datum.value, '%b %Y')"}
    end = [{**rows[-1], "text": f"share ${rows[-1]['price']:,.0f}"}]
    return layered(
        layer("line", {"color": FUND, "strokeWidth": 2}),
        layer("text", {"align": "right", "dx": -6, "dy": -4, "color": MUTED}, end, text=word("text")),
        layer("circle", {"color": FUND, "size": 40, "opacity": 1}, end),
        rows=rows,
        x=moment("on", title=None, axis=axis),
        y=quantity("bn", axis=billions_axis()),
    )


def _prices(at: pl.DataFrame, w: Mapping[str, Any]) -> Spec:
    rows = [
        {
            "price": r["share_price_usd"],
            "bn": r["intrinsic_if_all_vested_usd"] / BILLION,
            "tip": f"{TIP}at ${r['share_price_usd']:,.2f}: {usd(r['intrinsic_if_all_vested_usd'])}"
            + (f", {percent(r['offset_ratio'], 0)} of the purchases" if r["offset_ratio"] is not None else ""),
        }
        for r in at.filter(pl.col("intrinsic_if_all_vested_usd").is_not_null()).to_dicts()
    ]
    x = quantity("price", axis={"title": "share price, $", "grid": False, "tickCount": 5, "format": ",.0f"})
    y = quantity("bn", axis=billions_axis())
    layers = [
        layer("line", {"color": FUND, "strokeWidth": 2.4}, x=x, y=y),
        layer("circle", {"color": FUND, "size": 36, "opacity": 1}, x=x, y=y, description=POINTED_AT),
    ]
    if w["purchases_usd"] is not None:
        line = [{"bn": w["purchases_usd"] / BILLION, "text": f"purchases {usd(w['purchases_usd'])}"}]
        style = {"align": "left", "baseline": "bottom", "dy": -3, "color": BUY}
        layers += [
            layer("rule", {"color": BUY, "strokeDash": [4, 3], "strokeWidth": 1.6}, line, y=y),
            layer("text", style, line, x={"value": 4}, y=y, text=word("text")),
        ]
    now = [{"price": w["share_price_usd"], "text": "last price"}]
    style = {"align": "left", "dx": 4, "color": EARN, "baseline": "bottom", "dy": -2}
    layers += [
        layer("rule", {"color": EARN, "strokeWidth": 1.4}, now, x=x),
        layer("text", style, now, x=x, y={"value": "height"}, text=word("text")),
    ]
    return layered(*layers, rows=rows)


def _table(rows: list[dict[str, Any]], documents: Mapping[str, list[str]], context: Context) -> Cells:
    origin = "metrics.warrant_values."

    return Cells(
        "Warrants, as last known",
        (
            Column("holder", f"{origin}holder_id", is_number=False),
            Column("on shares of", f"{origin}issuer_id", is_number=False),
            Column("last change", f"{origin}as_of_date", is_number=False),
            Column("shares at most", f"{origin}max_shares"),
            Column("vested", f"{origin}vested_shares"),
            Column("share price", f"{origin}share_price_usd"),
            Column("worth now if exercised", f"{origin}intrinsic_value_usd"),
            Column("at the top hurdle", f"{origin}value_at_top_hurdle_usd"),
            Column("by the model", f"{origin}model_value_usd"),
            Column("share of purchases", f"{origin}offset_ratio"),
        ),
        [
            (
                context.name(w["holder_id"]), context.name(w["issuer_id"]), day(w["as_of_date"]),
                figure(w["max_shares"], "shares"), figure(w["vested_shares"], "shares"),
                figure(w["share_price_usd"], "USD/share"),
                usd(w["intrinsic_value_usd"]), usd(w["value_at_top_hurdle_usd"]), usd(w["model_value_usd"]),
                percent(w["offset_ratio"], 0),
            )
            for w in rows
        ],
        [documents.get(w["warrant_id"], []) for w in rows],
    )  # fmt: skip


def _grid(grid: pl.DataFrame, rows: list[dict[str, Any]], context: Context) -> Cells:
    names = {w["warrant_id"]: f"{context.name(w['holder_id'])} on {context.name(w['issuer_id'])}" for w in rows}
    origin = "metrics.warrant_value_grid."
    return Cells(
        "Worth at other share prices",
        (
            Column("warrant", f"{origin}warrant_id", is_number=False),
            Column("share price", f"{origin}share_price_usd"),
            Column("a hurdle", f"{origin}is_hurdle", is_number=False),
            Column("if all shares vest", f"{origin}intrinsic_if_all_vested_usd"),
            Column("by the model", f"{origin}model_value_usd"),
            Column("share of purchases", f"{origin}offset_ratio"),
        ),
        [
            (
                names.get(r["warrant_id"], r["warrant_id"]), figure(r["share_price_usd"], "USD/share"),
                "yes" if r["is_hurdle"] else "no", usd(r["intrinsic_if_all_vested_usd"]), usd(r["model_value_usd"]),
                percent(r["offset_ratio"], 0),
            )
            for r in grid.to_dicts()
        ],
    )  # fmt: skip


PICTURE = Picture(
    "warrants",
    "What are the warrants worth?",
    "A warrant lets a customer buy shares of its supplier for a cent once it has bought enough chips and the share has "
    "risen enough: a discount that grows with the share. The model values what is not vested yet; undisclosed splits, "
    "volatility and expiry are flagged assumptions.",
    {"warrants": VALUES, "grid": GRID, "sources": SOURCES},
    build,
    "As last known, whatever day is chosen",
    place=80,
)
