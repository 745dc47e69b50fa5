"""The losses of creditors if one AI lab cannot pay."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import polars as pl

from assets.core.formatting import BILLION, NOT_MEASURABLE, day, listing, percent, usd
from assets.report.charts.dues import SCENARIO
from assets.report.data import Context, Question
from assets.report.model import Cells, Column, Drawing, Figure, Picture, Section
from assets.report.theme import INK, MUTED, PANEL, RANKS, TIP, billions_axis
from assets.report.vegalite import POINTED_AT, Spec, coloured, layer, layered, quantity, word

STRESS = Question(
    "stress",
    ("metrics.stress",),
    f"""select as_of_date, shock, entity_id, year, shocked_entity_id, shock_kind, shock_size, owed_usd, paid_usd,
    shortfall_usd, is_in_default, unreceived_usd, not_measurable_because from stress_as_of('{{day}}')
    where scenario_id = '{SCENARIO}' and shock_kind in ('none', 'revenue')
    order by shocked_entity_id nulls first, shock_size, entity_id""",  # noqa: S608 - a constant
)

SHOWN = 8

LEGEND = (("box rank2", "no shock"), ("box rank3", "revenue −20 %"), ("box rank4", "−40 %"), ("box rank6", "−80 %"))

SIZES = {0.0: RANKS[1], 0.2: RANKS[2], 0.4: RANKS[3], 0.8: RANKS[5]}

HEAVY = 0.4

LEAST_USD = 1e6
"""Smaller differences are rounding errors."""


def build(answers: Mapping[str, pl.DataFrame], context: Context) -> Section:
    """For each entity in the foreground that can lose revenue: the amounts that its creditors do not receive."""
    frame = answers["stress"]
    if frame.is_empty():
        return Section(["The stress was not computed for this day or any day before it."], [], [], subjects_rest=True)
    calm = frame.filter(pl.col("shock_kind") == "none")
    figures, said = [], []
    for entity_id in context.subjects:
        name = context.name(entity_id)
        shocked = frame.filter(pl.col("shocked_entity_id") == entity_id)
        because = calm.filter(pl.col("entity_id") == entity_id)["not_measurable_because"].drop_nulls().to_list()
        if because:
            said.append(f"What a loss of revenue would do to {name} cannot be said: {because[0]}.")
            continue
        if shocked.is_empty():
            said.append(f"A loss of revenue of {name} was not tested on this day: its revenue or its dues are unknown.")
            continue
        said.append(_sentences(calm, shocked, entity_id, context))
        figure = _figure(calm, shocked, name, context)
        if figure:
            figures.append(figure)
    return Section(said, figures, [_table(frame, context)], subjects_rest=True)


def _sentences(calm: pl.DataFrame, shocked: pl.DataFrame, entity_id: str, context: Context) -> str:
    name = context.name(entity_id)
    heavy = shocked.filter((pl.col("shock_size") - HEAVY).abs() < 1e-9)  # noqa: PLR2004 - rounding of a fraction
    before = calm.filter(pl.col("entity_id") == entity_id).to_dicts()
    after = heavy.filter(pl.col("entity_id") == entity_id).to_dicts()
    if not before or not after:
        return f"What {name} could not pay after such a loss is unknown."
    owed = f"{usd(before[0]['owed_usd'])} that {name} owes in {before[0]['year']}"
    if _moved(calm, shocked).is_empty():
        return f"Of the {owed} no party receives less, even if it loses {percent(shocked['shock_size'].max(), 0)} of its revenue."  # type: ignore[arg-type]  # noqa: E501
    hit = [
        f"{context.name(r['entity_id'])} ({usd(r['more_usd'])} more)" for r in _moved(calm, heavy).head(3).to_dicts()
    ]
    text = (
        f"Of the {owed}, {usd(before[0]['shortfall_usd'])} stay unpaid without any shock, and "
        f"{usd(after[0]['shortfall_usd'])} if it loses {percent(HEAVY, 0)} of its revenue."
    )
    return f"{text} Not received then: {listing(hit)}." if hit else text


def _moved(calm: pl.DataFrame, shocked: pl.DataFrame) -> pl.DataFrame:
    """The entities that lose more than without the shock, largest loss first."""
    before = calm.select("entity_id", before="unreceived_usd")
    return (
        shocked.join(before, on="entity_id", how="left")
        .with_columns(more_usd=pl.col("unreceived_usd") - pl.col("before").fill_null(0.0))
        .filter(pl.col("more_usd") > LEAST_USD)
        .sort("more_usd", "entity_id", descending=[True, False])
    )


def _figure(calm: pl.DataFrame, shocked: pl.DataFrame, name: str, context: Context) -> Figure | None:
    tested = pl.concat([calm, shocked]).filter(pl.col("unreceived_usd") > 0)
    worst = tested.group_by("entity_id").agg(pl.col("unreceived_usd").max()).sort(
        "unreceived_usd", "entity_id", descending=[True, False]
    )  # fmt: skip
    shown = worst.head(SHOWN)["entity_id"].to_list()
    if not shown or _moved(calm, shocked).is_empty():
        return None
    return Figure(
        f"If {name} loses revenue: not received by its suppliers",
        f"Dots by supplier: what it does not receive when {name} loses none, a fifth, two fifths and four fifths of "
        "its revenue. The table has the figures.",
        Drawing(partial(_chart, tested, shown, context), PANEL, 34 * len(shown) + 44),
        legend=LEGEND,
    )


def _chart(tested: pl.DataFrame, shown: list[str], context: Context) -> Spec:
    rows = [
        {
            "name": context.name(r["entity_id"]),
            "bn": r["unreceived_usd"] / BILLION,
            "size": str(size),
            "tip": f"{TIP}{context.name(r['entity_id'])}: {usd(r['unreceived_usd'])} not received"
            + (f" if revenue falls by {percent(size, 0)}" if size else " without a shock"),
        }
        for size in SIZES
        for r in tested.filter(
            ((pl.col("shock_size") - size).abs() < 1e-9) & pl.col("entity_id").is_in(shown)  # noqa: PLR2004
        ).to_dicts()
    ]
    names = [context.name(e) for e in shown]
    axis = {"title": None, "labelColor": INK, "labelLimit": 120, "grid": True}
    return layered(
        layer("line", {"color": MUTED, "strokeWidth": 2}, detail=word("name")),
        layer(
            "circle",
            {"size": 90, "opacity": 1},
            color=coloured("size", map(str, SIZES), SIZES.values()),
            description=POINTED_AT,
        ),
        rows=rows,
        x=quantity("bn", axis=billions_axis(grid=False)),
        y=word("name", sort=names, axis=axis),
    )


def _table(frame: pl.DataFrame, context: Context) -> Cells:
    hit = frame.filter((pl.col("unreceived_usd") > 0) | (pl.col("shortfall_usd") > 0))
    kept = hit.filter(
        pl.col("shocked_entity_id").is_null()
        | (
            pl.col("shocked_entity_id").is_in(context.subjects)
            & pl.any_horizontal(*((pl.col("shock_size") - s).abs() < 1e-9 for s in SIZES))  # noqa: PLR2004
        )
    )
    rows = kept.sort("shocked_entity_id", "shock_size", "unreceived_usd", descending=[False, False, True]).to_dicts()
    origin = "metrics.stress."
    first = frame.to_dicts()[0]
    return Cells(
        f"Unpaid and not received in {first['year']}, scenario {SCENARIO}, computed as of {day(first['as_of_date'])}",
        (
            Column("shock", f"{origin}shock", is_number=False),
            Column("who", f"{origin}entity_id", is_number=False),
            Column("owes", f"{origin}owed_usd"),
            Column("cannot pay", f"{origin}shortfall_usd"),
            Column("does not receive", f"{origin}unreceived_usd"),
        ),
        [
            (
                _shock(r["shock"], r["shocked_entity_id"], context), context.name(r["entity_id"]), usd(r["owed_usd"]),
                NOT_MEASURABLE if r["not_measurable_because"] else usd(r["shortfall_usd"]), usd(r["unreceived_usd"]),
            )
            for r in rows
        ],
    )  # fmt: skip


def _shock(shock: str, entity_id: str | None, context: Context) -> str:
    return shock.replace(entity_id, context.name(entity_id), 1) if entity_id else shock


PICTURE = Picture(
    "stress",
    "Who is hit when one cannot pay?",
    "Everybody pays what can be paid, creditors in proportion (Eisenberg and Noe), in the calendar year after the "
    "chosen day, scenario base. Only a company of whose outlays the ledger knows enough can fall short here. Of all "
    "others whose revenue is known it is shown what they do not receive; whether they could bear it is not "
    "measurable. Builders and landlords also lose but are not in this table. New funding that is not yet promised is "
    "left out: this is a test, not a forecast.",
    {"stress": STRESS},
    build,
    place=90,
)
