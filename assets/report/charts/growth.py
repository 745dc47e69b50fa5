"""The growth of the loop, and the deals that changed it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import polars as pl

from assets.core.formatting import BILLION, change_usd, day, listing, percent, points, usd
from assets.core.vocabulary import FUNDING, PURCHASES
from assets.report.data import Context, Question
from assets.report.model import Cells, Column, Drawing, Figure, Picture, Section
from assets.report.theme import BUY, FUND, INK, PAGE, PANEL, PAPER, TIP, billions_axis, percent_axis
from assets.report.vegalite import POINTED_AT, Spec, layer, layered, moment, quantity, word

FROM = "2025-01-01"

COUNTED = (*PURCHASES, *FUNDING)

CHANGES = ("purchase_change_usd", "funding_change_usd")

EVENTS, MARKED = 12, 6

SHARE = Question(
    "share",
    ("metrics.circularity",),
    f"""select as_of_date, total_usd, circulating_usd, circular_share from metrics.circularity
    where basis = 'disclosed' and amount_basis = 'point' and as_of_date >= date '{FROM}' order by as_of_date""",  # noqa: S608 - a constant
)

TOTALS = Question(
    "totals",
    ("facts.commitments",),
    f"""with legs as (select known_from, known_to, flow in {FUNDING} as funds, amount_usd as gross,
    net_amount_usd as net from facts.commitments where flow in {COUNTED} and not is_statement
    and not is_imputed_amount),
    moves as (select known_from as as_of_date, funds, gross, net from legs
    union all select known_to, funds, -gross, -net from legs where known_to is not null),
    days as (select as_of_date, sum(gross) filter (not funds) as purchase_gross, sum(net) filter (not funds) as
    purchase_net, sum(gross) filter (funds) as funding_gross, sum(net) filter (funds) as funding_net from moves
    group by all)
    from (select as_of_date, sum(purchase_gross) over known as purchase_gross_usd, sum(purchase_net) over known as
    purchase_net_usd, sum(funding_gross) over known as funding_gross_usd, sum(funding_net) over known as
    funding_net_usd, coalesce(purchase_net, 0) as purchase_change_usd, coalesce(funding_net, 0) as funding_change_usd
    from days window known as (order by as_of_date)) where as_of_date >= date '{FROM}' order by as_of_date""",  # noqa: S608 - constants
)
"""Purchases and funding are separate: funding must not be added to the purchases that it pays for."""

EVENTS_OF_DAYS = Question(
    "events",
    ("metrics.changes", "facts.deals"),
    f"""select c.as_of_date, c.deal_id, d.name, c.gross_change_usd, c.net_change_usd, c.capacity_change_gw,
    c.circular_share, c.circular_share_change, d.source_id
    from metrics.changes as c left join facts.deals as d using (deal_id) where c.as_of_date >= date '{FROM}'
    order by c.as_of_date, abs(c.net_change_usd) desc nulls last, c.deal_id""",  # noqa: S608 - a constant
)

LINES = {
    "purchase_gross": (BUY, 1.4, [2, 3]),
    "purchase_net": (BUY, 2.4, [1, 0]),
    "funding_gross": (FUND, 1.4, [2, 3]),
    "funding_net": (FUND, 2.4, [1, 0]),
}
"""Colour, width and dashes of each line of the totals."""


def build(answers: Mapping[str, pl.DataFrame], _context: Context) -> Section:
    """The circular share, purchases and funding over time, with the days that changed the share most."""
    share, totals = answers["share"], answers["totals"]
    marked = _days_that_moved(answers["events"])
    figures = []
    if share.height > 1:
        figures.append(
            Figure(
                "Share of the promised money that could be passed in circles",
                "A line over time. The numbered days moved it most; the table names what became known on them.",
                Drawing(partial(_share, share, marked), PAGE, 260),
                Drawing(partial(_share, share, marked), PANEL, 240),
            )
        )
    if totals.height > 1:
        figures.append(
            Figure(
                "Promised purchases, and promised equity and debt",
                "Two lines over time, each with a dotted one above it: net of parts of a larger promise, and gross.",
                Drawing(partial(_totals, totals), PAGE, 220),
                Drawing(partial(_totals, totals), PANEL, 220),
                (
                    ("line buy", "purchases, net: no promise inside a larger one"),
                    ("line fund", "equity and debt, net"),
                    ("dots", "gross: parts counted again"),
                ),
            )
        )
    return Section(_sentences(share, totals, marked), figures, [_table(marked, totals)])


def _days_that_moved(events: pl.DataFrame) -> list[dict[str, Any]]:
    """The days with the largest change of the circular share, in order of time, each with the deals that changed."""
    days = (
        events.filter(pl.col("circular_share_change").is_not_null() & (pl.col("circular_share_change") != 0))
        .group_by("as_of_date")
        .agg(
            pl.col("circular_share_change").first(),
            pl.col("circular_share").first(),
            pl.col("name").head(3),
            pl.col("deal_id").len().alias("deals"),
            pl.col("source_id").drop_nulls().unique().sort(),
        )
        .sort(pl.col("circular_share_change").abs(), "as_of_date", descending=[True, False])
        .head(EVENTS)
    )
    ranked = [{**r, "rank": i} for i, r in enumerate(days.to_dicts())]
    ranked.sort(key=lambda r: r["as_of_date"])
    return [{**r, "number": i} for i, r in enumerate(ranked, start=1)]


def _time(frame: pl.DataFrame) -> list[dict[str, Any]]:
    return frame.select(pl.exclude("as_of_date"), on=pl.col("as_of_date").dt.strftime("%Y-%m-%dT00:00:00")).to_dicts()


TIMES = moment(
    "on",
    title=None,
    axis={"grid": False, "tickCount": 6, "labelExpr": "timeFormat(datum.value, '%b %Y')", "labelFlush": True},
)


def _share(share: pl.DataFrame, marked: list[dict[str, Any]]) -> Spec:
    dots = [
        {
            "on": f"{m['as_of_date']}T00:00:00",
            "circular_share": m["circular_share"],
            "number": str(m["number"]),
            "tip": f"{TIP}{day(m['as_of_date'])}: {points(m['circular_share_change'])}, {_names(m)}",
        }
        for m in marked
        if m["rank"] < MARKED
    ]
    return layered(
        layer(
            "line",
            {"interpolate": "step-after", "color": FUND, "strokeWidth": 2.2},
            _time(share.select("as_of_date", "circular_share")),
        ),
        layer("circle", {"size": 250, "color": INK, "opacity": 1}, dots, description=POINTED_AT),
        layer("text", {"fontSize": 11, "fontWeight": "bold", "color": PAPER, "dy": 0.5}, dots, text=word("number")),
        x=TIMES,
        y=quantity("circular_share", axis=percent_axis()),
    )


def _totals(totals: pl.DataFrame) -> Spec:
    rows = _time(totals.select("as_of_date", *(pl.col(f"{line}_usd") / BILLION for line in LINES)))
    lines = [
        layer(
            "line",
            {"interpolate": "step-after", "color": colour, "strokeWidth": width, "strokeDash": dash},
            y=quantity(f"{line}_usd", axis=billions_axis()),
        )
        for line, (colour, width, dash) in LINES.items()
    ]
    return layered(*lines, rows=rows, x=TIMES)


def _names(moved: Mapping[str, Any]) -> str:
    names = [n for n in moved["name"] if n]
    more = moved["deals"] - len(names)
    return "; ".join(names) + (f"; {more} more" if more > 0 else "")


def _sentences(share: pl.DataFrame, totals: pl.DataFrame, marked: list[dict[str, Any]]) -> list[str]:
    if share.is_empty() or totals.is_empty():
        return ["The ledger holds no money that could be followed over time."]
    last, sums = share.to_dicts()[-1], totals.to_dicts()[-1]
    said = [
        (
            f"On {day(last['as_of_date'])} {usd(last['circulating_usd'])}, or {percent(last['circular_share'])} of the "
            "promised purchases, equity and debt, could be passed in circles."
        ),
        (
            f"Promised purchases come to {usd(sums['purchase_net_usd'])} net ({usd(sums['purchase_gross_usd'])} "
            f"gross), equity and debt to {usd(sums['funding_net_usd'])} net ({usd(sums['funding_gross_usd'])} gross). "
            "Net, no promise is counted inside a larger one; gross, parts are counted again. The two are never added: "
            "funding pays for purchases. Backstops, warrants and what is imputed are left out."
        ),
    ]
    top = sorted((m for m in marked if m["rank"] < 3), key=lambda m: m["rank"])  # noqa: PLR2004 - the first three
    if top:
        moves = listing([f"{day(m['as_of_date'])} ({points(m['circular_share_change'])})" for m in top])
        said.append(f"The share moved most on {moves}.")
    return said


def _table(marked: list[dict[str, Any]], totals: pl.DataFrame) -> Cells:
    moved = {d: change for d, *change in totals.select("as_of_date", *CHANGES).rows()}
    origin = "metrics.changes."
    return Cells(
        "The days that moved the circular share most",
        (
            Column("no."),
            Column("day", f"{origin}as_of_date", is_number=False),
            Column("what became known", "facts.deals.name", is_number=False),
            Column("purchases, net change", "facts.commitments.net_amount_usd"),
            Column("equity and debt, net change", "facts.commitments.net_amount_usd"),
            Column("share moved by", f"{origin}circular_share_change"),
            Column("share after", f"{origin}circular_share"),
        ),
        [
            (
                str(m["number"]), day(m["as_of_date"]), _names(m),
                *(change_usd(change) for change in moved.get(m["as_of_date"], [None] * len(CHANGES))),
                points(m["circular_share_change"]), percent(m["circular_share"]),
            )
            for m in marked
        ],
        [m["source_id"] for m in marked],
    )  # fmt: skip


PICTURE = Picture(
    "growth",
    "How did the loop grow?",
    "The circular share is the largest part of the promised money that could be passed around circles of parties "
    "(disclosed purchases and funding). It is an upper bound: it counts money and proves no cause.",
    {"share": SHARE, "totals": TOTALS, "events": EVENTS_OF_DAYS},
    build,
    "The whole history, whatever day is chosen",
    place=60,
)
