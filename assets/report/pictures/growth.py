"""Picture 6: how the loop grew, and what moved it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt
import polars as pl

from assets.report.data import Context, Question
from assets.report.model import Cells, Column, Figure, Picture, Section
from assets.report.theme import (
    BUY,
    CONTINGENT,
    FUND,
    INK,
    PAGE,
    PANEL,
    PAPER,
    TIP,
    Drawn,
    billions_axis,
    finished,
    percent_axis,
    rows_of,
)
from assets.report.words import BILLION, change_usd, day, listing, percent, points, usd

FROM = "2025-01-01"
EVENTS, MARKED = 12, 6
SHARE = Question(
    "share",
    ("metrics.circularity",),
    f"""select as_of_date, total_usd, circulating_usd, circular_share from metrics.circularity
    where basis = 'disclosed' and amount_basis = 'point' and as_of_date >= date '{FROM}' order by as_of_date""",  # noqa: S608 - a constant
)
TOTALS = Question(
    "totals",
    ("metrics.changes",),
    f"""from (select as_of_date, sum(sum(gross_change_usd)) over (order by as_of_date) as gross_usd,
    max(total_net_usd) as net_usd from metrics.changes group by as_of_date)
    where as_of_date >= date '{FROM}' order by as_of_date""",  # noqa: S608 - a constant
)
EVENTS_OF_DAYS = Question(
    "events",
    ("metrics.changes", "facts.deals"),
    f"""select c.as_of_date, c.deal_id, d.name, c.gross_change_usd, c.net_change_usd, c.capacity_change_gw,
    c.circular_share, c.circular_share_change, d.source_id
    from metrics.changes as c left join facts.deals as d using (deal_id) where c.as_of_date >= date '{FROM}'
    order by c.as_of_date, abs(c.net_change_usd) desc nulls last, c.deal_id""",  # noqa: S608 - a constant
)


def build(answers: Mapping[str, pl.DataFrame], context: Context) -> Section:
    """The course of the circular share, of gross and of net, with the days that moved the share most."""
    share, totals = answers["share"], answers["totals"]
    marked = _days_that_moved(answers["events"])
    figures = []
    if share.height > 1:
        figures.append(
            Figure(
                "Share of the promised money that could be passed in circles",
                "A line over time. The numbered days moved it most; the table names what became known on them.",
                finished(_share(share, marked), PAGE, 260),
                finished(_share(share, marked), PANEL, 240),
            )
        )
    if totals.height > 1:
        figures.append(
            Figure(
                "All promises in the ledger: as announced, and each dollar once",
                "Two lines over time: gross, and net of what is counted twice.",
                finished(_totals(totals), PAGE, 220),
                finished(_totals(totals), PANEL, 220),
                (("line contingent", "gross: as headlines add it"), ("line buy", "net: each dollar once")),
            )
        )
    return Section(_told(share, totals, marked), figures, [_table(marked, context)])


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
            pl.col("net_change_usd").sum(),
            pl.col("gross_change_usd").sum(),
            pl.col("source_id").drop_nulls().unique().sort(),
        )
        .sort(pl.col("circular_share_change").abs(), "as_of_date", descending=[True, False])
        .head(EVENTS)
    )
    ranked = [{**r, "rank": i} for i, r in enumerate(days.to_dicts())]
    ranked.sort(key=lambda r: r["as_of_date"])
    return [{**r, "number": i} for i, r in enumerate(ranked, start=1)]


def _time(frame: pl.DataFrame) -> list[dict[str, Any]]:
    return [{**r, "on": f"{r.pop('as_of_date')}T00:00:00"} for r in frame.to_dicts()]


def _x() -> alt.X:
    return alt.X(
        "on:T",
        title=None,
        axis=alt.Axis(grid=False, tickCount=6, labelExpr="timeFormat(datum.value, '%b %Y')", labelFlush=True),
    )


def _share(share: pl.DataFrame, marked: list[dict[str, Any]]) -> Drawn:
    y = alt.Y("circular_share:Q", axis=percent_axis())
    line = (
        alt.Chart(rows_of(_time(share.select("as_of_date", "circular_share"))))
        .mark_line(interpolate="step-after", color=FUND, strokeWidth=2.2)
        .encode(_x(), y)
    )
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
    base = alt.Chart(rows_of(dots)).encode(_x(), y)
    return alt.layer(
        line,
        base.mark_circle(size=250, color=INK, opacity=1).encode(description=alt.Description("tip:N")),
        base.mark_text(fontSize=11, fontWeight="bold", color=PAPER, dy=0.5).encode(text=alt.Text("number:N")),
    )


def _totals(totals: pl.DataFrame) -> Drawn:
    rows = _time(totals.with_columns(gross=pl.col("gross_usd") / BILLION, net=pl.col("net_usd") / BILLION).drop(
        "gross_usd", "net_usd"))  # fmt: skip
    base = alt.Chart(rows_of(rows)).encode(_x())
    return alt.layer(
        base.mark_line(interpolate="step-after", color=CONTINGENT, strokeWidth=2).encode(
            alt.Y("gross:Q", axis=billions_axis())
        ),
        base.mark_line(interpolate="step-after", color=BUY, strokeWidth=2.4).encode(alt.Y("net:Q")),
    )


def _names(moved: Mapping[str, Any]) -> str:
    names = [n for n in moved["name"] if n]
    more = moved["deals"] - len(names)
    return "; ".join(names) + (f"; {more} more" if more > 0 else "")


def _told(share: pl.DataFrame, totals: pl.DataFrame, marked: list[dict[str, Any]]) -> list[str]:
    if share.is_empty() or totals.is_empty():
        return ["The ledger holds no money that could be followed over time."]
    last, sums = share.to_dicts()[-1], totals.to_dicts()[-1]
    said = [
        (
            f"On {day(last['as_of_date'])} {usd(last['circulating_usd'])}, or {percent(last['circular_share'])} of the "
            f"promised money, could be passed in circles. All promises together come to {usd(sums['gross_usd'])} as "
            f"announced and to {usd(sums['net_usd'])} with each dollar counted once."
        )
    ]
    top = sorted((m for m in marked if m["rank"] < 3), key=lambda m: m["rank"])  # noqa: PLR2004 - the first three
    if top:
        moves = listing([f"{day(m['as_of_date'])} ({points(m['circular_share_change'])})" for m in top])
        said.append(f"The share moved most on {moves}.")
    return said


def _table(marked: list[dict[str, Any]], context: Context) -> Cells:
    del context
    origin = "metrics.changes."
    return Cells(
        "The days that moved the circular share most",
        (
            Column("no."),
            Column("day", f"{origin}as_of_date", is_number=False),
            Column("what became known", "facts.deals.name", is_number=False),
            Column("net change", f"{origin}net_change_usd"),
            Column("share moved by", f"{origin}circular_share_change"),
            Column("share after", f"{origin}circular_share"),
        ),
        [
            (
                str(m["number"]), day(m["as_of_date"]), _names(m), change_usd(m["net_change_usd"]),
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
)
