"""The amount of a supplier's funding that could return to it as sales."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import polars as pl

from assets.core.formatting import BILLION, percent, usd
from assets.report.data import Context, Question
from assets.report.model import Cells, Column, Drawing, Figure, Picture, Section
from assets.report.theme import BUY, BUY_PALE, FUND, INK, PAGE, PANEL, TIP, billions_axis
from assets.report.vegalite import POINTED_AT, Spec, layer, layered, quantity, word

TRIPS = Question(
    "trips",
    ("metrics.supplier_round_trip",),
    """select supplier_id, funding_usd, purchases_usd, round_trip_usd, round_trip_share from metrics.supplier_round_trip
    where basis = 'disclosed' and amount_basis = 'point'
    and as_of_date = (select max(as_of_date) from metrics.circularity where as_of_date <= '{day}')
    order by round_trip_usd desc, supplier_id""",
)

SOURCES = Question(
    "trip_sources",
    ("facts.commitments",),
    """select supplier_id, list_sort(list(distinct source_id)) as source_ids from (
    select payer_id as supplier_id, source_id from commitments_as_of('{day}')
    where flow in ('equity_investment', 'debt') and not is_statement and net_amount_usd > 0
    union select payee_id, source_id from commitments_as_of('{day}')
    where flow not in ('equity_investment', 'debt', 'backstop', 'warrant_grant') and not is_statement
    and net_amount_usd > 0) group by all order by 1""",
)

SHOWN = 8

LEGEND = (
    ("box buy-pale", "purchases promised to it in the ledger"),
    ("box fund", "possibly paid with its own funding; % of the purchases promised to it in the ledger"),
)


def build(answers: Mapping[str, pl.DataFrame], context: Context) -> Section:
    """For each supplier that funds others: its sales, and the part that its own money could pay for."""
    frame = answers["trips"].filter(pl.col("round_trip_usd") > 0)
    documents = dict(answers["sources"].rows())
    figures = []
    if not frame.is_empty():
        shown = frame.head(SHOWN)
        figures.append(
            Figure(
                "Purchases promised to a supplier, and the part that its own money could pay for",
                "Bars by supplier: purchases promised to it, and inside them the round trip. The table has them.",
                Drawing(partial(_chart, shown, context), PAGE, 46 * shown.height + 40),
                Drawing(partial(_chart, shown, context), PANEL, 46 * shown.height + 40),
                LEGEND,
            )
        )
    origin = "metrics.supplier_round_trip."
    rows = frame.to_dicts()
    table = Cells(
        "Round trips by supplier",
        (
            Column("supplier", f"{origin}supplier_id", is_number=False),
            Column("funds others with", f"{origin}funding_usd"),
            Column("is promised purchases of", f"{origin}purchases_usd"),
            Column("could come back", f"{origin}round_trip_usd"),
            Column("share of the purchases promised to it in the ledger", f"{origin}round_trip_share"),
        ),
        [
            (
                context.name(r["supplier_id"]), usd(r["funding_usd"]), usd(r["purchases_usd"]),
                usd(r["round_trip_usd"]), percent(r["round_trip_share"], 0),
            )
            for r in rows
        ],
        [documents.get(r["supplier_id"], []) for r in rows],
    )  # fmt: skip
    return Section(_sentences(frame, context), figures, [table])


def _sentences(frame: pl.DataFrame, context: Context) -> list[str]:
    if frame.is_empty():
        return ["On this day no supplier in the ledger funds others in a way that could come back to it as sales."]
    first = frame.to_dicts()[0]
    name = context.name(first["supplier_id"])
    return [
        (
            f"The largest round trip is that of {name}: of {usd(first['funding_usd'])} with which it funds others, "
            f"{usd(first['round_trip_usd'])} could come back as sales: {percent(first['round_trip_share'], 0)} of the "
            f"purchases promised to it in the ledger, which are not all its sales."
        )
    ]


def _chart(frame: pl.DataFrame, context: Context) -> Spec:
    rows = [
        {
            "name": context.name(r["supplier_id"]),
            "sales": r["purchases_usd"] / BILLION,
            "back": r["round_trip_usd"] / BILLION,
            "text": percent(r["round_trip_share"], 0),
            "tip": f"{TIP}{context.name(r['supplier_id'])}: {usd(r['round_trip_usd'])} of {usd(r['purchases_usd'])}",
        }
        for r in frame.to_dicts()
    ]
    names = [r["name"] for r in rows]
    x = quantity("sales", axis=billions_axis())
    title = {"align": "left", "dy": -18, "fontSize": 13, "fontWeight": "bold", "color": INK}
    return layered(
        layer("bar", {"color": BUY_PALE}, x=x, description=POINTED_AT),
        layer("bar", {"color": FUND}, x=quantity("back"), description=POINTED_AT),
        layer("text", title, x={"value": 0}, text=word("name")),
        layer("text", {"align": "left", "dx": 5, "color": BUY}, x=x, text=word("text")),
        rows=rows,
        y=word("name", sort=names, axis=None, scale={"paddingInner": 0.55, "paddingOuter": 0.5}),
    )


PICTURE = Picture(
    "round_trips",
    "Whose money comes back as sales?",
    "A round trip is the largest amount that can leave a supplier as equity or debt and reach it again as purchases, "
    "through whatever parties lie between. It says what could happen with the promised money, not what did.",
    {"trips": TRIPS, "sources": SOURCES},
    build,
    place=70,
)
