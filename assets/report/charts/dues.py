"""Obligations of a year compared with revenue and funding, and the simulated gap."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import polars as pl

from assets.core.formatting import BILLION, NOT_MEASURABLE, day, percent, round_usd, usd
from assets.report.data import Context, Question
from assets.report.model import Cells, Column, Drawing, Figure, Picture, Section
from assets.report.theme import BUY, BUY_PALE, EARN, FUND, INK, PANEL, TIP, WARN, billions_axis
from assets.report.vegalite import POINTED_AT, Spec, coloured, layer, layered, quantity, step, word

YEARS = 5

LEAST = 10.0

CUT = 3.0
"""Bars of incoming money are cut at this multiple of the largest yearly obligation; the figure is written above."""

SCENARIO = "base"

DUES = Question(
    "dues",
    ("facts.revenue_coverage",),
    f"""select entity_id, year, obligations_usd, imputed_obligations_usd, revenue_usd, funding_usd, opening_cash_usd,
    funding_gap_usd, coverage_ratio, reported_revenue_usd, projection_vintage
    from coverage_as_of('{{day}}') where scenario_id = '{SCENARIO}'
    and year between year(date '{{day}}') and year(date '{{day}}') + {YEARS - 1} order by entity_id, year""",  # noqa: S608 - constants
)

FAN = Question(
    "fan",
    ("metrics.coverage_simulation",),
    f"""select as_of_date, entity_id, year, p05, p50, p95, funding_gap_p05_usd, funding_gap_p25_usd,
    funding_gap_p50_usd, funding_gap_p75_usd, funding_gap_p95_usd, probability_of_shortfall, draws,
    not_measurable_because
    from coverage_simulation_as_of('{{day}}') where scenario_id = '{SCENARIO}'
    and year between year(date '{{day}}') and year(date '{{day}}') + {YEARS - 1} order by entity_id, year""",  # noqa: S608 - constants
)

PARTS = {
    "obligations with a stated price": ("due", BUY),
    "obligations imputed from gigawatts": ("due", BUY_PALE),
    "revenue": ("comes in", EARN),
    "funding promised": ("comes in", FUND),
}

YEAR_AXIS = {"labelAngle": 0, "domain": True, "ticks": False}

LEGEND = (
    ("box buy", "due, price stated"),
    ("box buy-pale", "due, imputed from GW"),
    ("box earn", "revenue"),
    ("box fund", "funding promised"),
)

FAN_LEGEND = (
    ("box warn-pale", "nine draws in ten"),
    ("box warn-mid", "every second draw"),
    ("line warn", "median"),
)


def build(answers: Mapping[str, pl.DataFrame], context: Context) -> Section:
    """Two charts for each entity in the foreground: money due and money in; the remaining gap."""
    figures, said = [], []
    dues, fan = answers["dues"], answers["fan"]
    for entity_id in context.subjects:
        own = dues.filter(pl.col("entity_id") == entity_id)
        name = context.name(entity_id)
        if own.is_empty():
            said.append(
                f"What falls due for {name} cannot be compared with revenue: its revenue is unknown on this day."
            )
            continue
        simulated = fan.filter(pl.col("entity_id") == entity_id)
        figures.append(_bars(own, name))
        if because := _because(simulated):
            said.append(
                f"Whether {name} can pay what falls due cannot be said: {because}. What falls due here is what "
                f"the ledger holds.{extrapolated(own, name)}"
            )
            continue
        said.append(_sentences(own, name) + extrapolated(own, name))
        if simulated.is_empty():
            said.append(f"The gap of {name} was not simulated for this day.")
            continue
        said.append(_risk(simulated, name))
        if simulated.filter(pl.col("probability_of_shortfall") > 0).height:
            figures.append(_band(simulated, name))
    return Section(said, figures, [_table(dues, fan, context)], subjects_rest=True)


def _because(simulated: pl.DataFrame) -> str | None:
    """Why an entity is not measurable; None if it is, or if nothing was simulated."""
    reasons: list[str] = simulated["not_measurable_because"].drop_nulls().to_list()
    return reasons[0] if reasons else None


def _sentences(own: pl.DataFrame, name: str) -> str:
    worst = own.sort("funding_gap_usd", descending=True).to_dicts()[0]
    if not worst["funding_gap_usd"]:
        return f"For {name} revenue, cash and promised funding cover what falls due in these years (scenario base)."
    return (
        f"{name} needs most new money in {worst['year']}: {usd(worst['obligations_usd'])} fall due, revenue of "
        f"{usd(worst['revenue_usd'])} must also pay other costs, and {usd(worst['funding_gap_usd'])} are not covered "
        f"(scenario base)."
    )


def extrapolated(own: pl.DataFrame, name: str) -> str:
    """A warning if future revenue is extrapolated without a published projection."""
    own = own.filter(pl.col("scenario_id") == SCENARIO) if "scenario_id" in own.columns else own
    ahead = (
        own.filter((pl.col("reported_revenue_usd") < pl.col("revenue_usd")) & pl.col("projection_vintage").is_null())
        .sort("year")
        .to_dicts()
    )
    if not ahead:
        return ""
    return (
        f" Beware: no projection of {name}’s revenue is in the ledger on this day. From {ahead[0]['year']} on it is "
        f"past growth carried forward ({usd(ahead[-1]['revenue_usd'])} in {ahead[-1]['year']}), which says little."
    )


def _risk(simulated: pl.DataFrame, name: str) -> str:
    worst = simulated.sort("probability_of_shortfall", descending=True).to_dicts()[0]
    drawn_on = day(worst["as_of_date"])
    if not worst["probability_of_shortfall"]:
        return f"In none of {worst['draws']:,} draws {name} falls short (simulated as of {drawn_on})."
    return (
        f"In {worst['year']} {name} falls short in {percent(worst['probability_of_shortfall'], 0)} of "
        f"{worst['draws']:,} draws under the assumed spreads (simulated as of {drawn_on})."
    )


def _bars(own: pl.DataFrame, name: str) -> Figure:
    return Figure(
        f"{name}: due each year, and what comes in",
        f"Pairs of bars by year for {name}: obligations, revenue and promised funding. The table has the figures.",
        Drawing(partial(_pairs_of_bars, own), PANEL, 250),
        legend=LEGEND,
    )


def _pairs_of_bars(own: pl.DataFrame) -> Spec:
    rows: list[dict[str, Any]] = []
    for r in own.to_dicts():
        amounts = (
            r["obligations_usd"] - r["imputed_obligations_usd"],
            r["imputed_obligations_usd"],
            r["revenue_usd"],
            r["funding_usd"],
        )
        for (part, (side, _)), amount in zip(PARTS.items(), amounts, strict=True):
            tip = f"{TIP}{r['year']}, {part}: {usd(amount)}"
            rows.append({"year": str(r["year"]), "side": side, "part": part, "bn": amount / BILLION, "tip": tip})
    most = CUT * max(own["obligations_usd"].to_list())
    ends = {r["year"]: r["revenue_usd"] + r["funding_usd"] for r in own.to_dicts()}
    cut = [
        {"year": str(y), "side": "comes in", "bn": most / BILLION, "text": f"↑ {round_usd(v)}"}
        for y, v in ends.items()
        if v > most
    ]
    order = {part: i for i, part in enumerate(PARTS)}
    bars = layer(
        "bar",
        {"clip": True},
        [{**r, "order": order[r["part"]]} for r in rows],
        x=step("year", title=None, axis=YEAR_AXIS, scale={"paddingInner": 0.28, "paddingOuter": 0.1}),
        y=quantity("bn", axis=billions_axis(), scale={"domainMax": most / BILLION} if cut else {}),
        xOffset=word("side", sort=["due", "comes in"], scale={"paddingInner": 0.08}),
        color=coloured("part", PARTS, (c for _, c in PARTS.values())),
        order=quantity("order"),
        description=POINTED_AT,
    )
    above = layer(
        "text",
        {"dy": -7, "fontSize": 11, "baseline": "bottom"},
        cut,
        x=step("year"),
        y=quantity("bn"),
        text=word("text"),
    )
    return layered(bars, above) if cut else bars


def _band(simulated: pl.DataFrame, name: str) -> Figure:
    return Figure(
        f"{name}: money still missing, simulated",
        f"A band by year: the funding gap of {name} in the simulated draws, median and quantiles. The table has them.",
        Drawing(partial(_nested_areas, simulated), PANEL, 250),
        legend=FAN_LEGEND,
    )


def _nested_areas(simulated: pl.DataFrame) -> Spec:
    quantiles = ("p05", "p25", "p50", "p75", "p95")
    rows = [
        {
            "year": str(r["year"]),
            **{q: r[f"funding_gap_{q}_usd"] / BILLION for q in quantiles},
            "tip": f"{TIP}{r['year']}: median gap {usd(r['funding_gap_p50_usd'])}, nine draws in ten "
            f"{usd(r['funding_gap_p05_usd'])} to {usd(r['funding_gap_p95_usd'])}",
        }
        for r in simulated.to_dicts()
    ]
    most = max(LEAST, *(r["p95"] for r in rows))
    x = step("year", title=None, axis=YEAR_AXIS, scale={"padding": 0.4})

    def between(low: str, high: str, opacity: float) -> Spec:
        y = quantity(low, axis=billions_axis(), scale={"domain": [0, most]})
        return layer("area", {"color": WARN, "opacity": opacity, "line": False}, y=y, y2={"field": high})

    return layered(
        between("p05", "p95", 0.2),
        between("p25", "p75", 0.35),
        layer("line", {"color": WARN, "strokeWidth": 2.5}, y=quantity("p50")),
        layer("circle", {"color": INK, "size": 26, "opacity": 1}, y=quantity("p50"), description=POINTED_AT),
        rows=rows,
        x=x,
    )


def _table(dues: pl.DataFrame, fan: pl.DataFrame, context: Context) -> Cells:
    drawn = {(r["entity_id"], r["year"]): r for r in fan.to_dicts()}
    rows = []
    for r in dues.filter(pl.col("entity_id").is_in(context.subjects)).to_dicts():
        s = drawn.get((r["entity_id"], r["year"]), {})
        is_asked = not s.get("not_measurable_because")
        gaps = (r["funding_gap_usd"], *(s.get(f"funding_gap_{q}_usd") for q in ("p05", "p50", "p95")))
        rows.append(
            (
                context.name(r["entity_id"]), str(r["year"]), usd(r["obligations_usd"]),
                usd(r["imputed_obligations_usd"]), usd(r["revenue_usd"]), usd(r["funding_usd"]),
                usd(r["opening_cash_usd"]), *(usd(gap) if is_asked else NOT_MEASURABLE for gap in gaps),
                percent(s.get("probability_of_shortfall"), 0) if is_asked else NOT_MEASURABLE,
            )
        )  # fmt: skip
    table, simulation = "facts.revenue_coverage.", "metrics.coverage_simulation."
    return Cells(
        "Due, coming in and missing, scenario base",
        (
            Column("who", f"{table}entity_id", is_number=False),
            Column("year", f"{table}year"),
            Column("due", f"{table}obligations_usd"),
            Column("of it imputed", f"{table}imputed_obligations_usd"),
            Column("revenue", f"{table}revenue_usd"),
            Column("funding", f"{table}funding_usd"),
            Column("cash at the start", f"{table}opening_cash_usd"),
            Column("gap", f"{table}funding_gap_usd"),
            Column("gap, 5 %", f"{simulation}funding_gap_p05_usd"),
            Column("gap, median", f"{simulation}funding_gap_p50_usd"),
            Column("gap, 95 %", f"{simulation}funding_gap_p95_usd"),
            Column("draws that fall short", f"{simulation}probability_of_shortfall"),
        ),
        rows,
    )


PICTURE = Picture(
    "dues",
    "When is it due, and is there money for it?",
    "Purchases that fall due are weighted by how firm they are, and half a year late (scenario base). Revenue also "
    "pays other costs, so revenue as large as the purchases is not enough.",
    {"dues": DUES, "fan": FAN},
    build,
    marks="Left bar: purchases that fall due in the year. Right bar: revenue and funding already promised. The band "
    "shows the gap that is left when revenue, delays, amounts and prices are drawn many times, for a company whose "
    "outlays the ledger knows well enough.",
    place=20,
)
