"""Coverage of obligations by revenue, by scenario."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import polars as pl

from assets.core.formatting import UNKNOWN, listing, percent, plain
from assets.report.charts.dues import YEARS, extrapolated
from assets.report.data import Context, Question
from assets.report.model import Cells, Column, Drawing, Figure, Picture, Section
from assets.report.theme import INK, PANEL, PERCENT, SERIES, TIP
from assets.report.vegalite import POINTED_AT, Spec, coloured, layer, layered, quantity, step

COVERAGE = Question(
    "coverage",
    ("facts.revenue_coverage",),
    f"""select entity_id, scenario_id, year, coverage_ratio, obligations_usd, revenue_usd, reported_revenue_usd,
    projection_vintage
    from coverage_as_of('{{day}}') where year between year(date '{{day}}') and year(date '{{day}}') + {YEARS - 1}
    order by entity_id, scenario_id, year""",  # noqa: S608 - constants
)

COMPLETENESS = Question(
    "completeness",
    ("metrics.completeness",),
    """select entity_id, not_measurable_because from completeness_as_of('{day}')
    where not_measurable_because is not null order by entity_id""",
)

SCENARIOS = ("announced", "contracted_only", "base", "bear", "bull")

LEGEND = (
    *((f"line series{i}", plain(s)) for i, s in enumerate(SCENARIOS, start=1)),
    ("line ink", "100 %: revenue equals what falls due"),
)

LOWEST, HIGHEST = 0.05, 20.0


def build(answers: Mapping[str, pl.DataFrame], context: Context) -> Section:
    """One chart for each entity in the foreground: revenue over obligations by year, one line per scenario."""
    frame = answers["coverage"]
    reasons = dict(answers["completeness"].rows())
    figures, said = [], []
    for entity_id in context.subjects:
        own = frame.filter(pl.col("entity_id") == entity_id)
        name = context.name(entity_id)
        if own["coverage_ratio"].drop_nulls().is_empty():
            said.append(f"Whether revenue of {name} covers what falls due is unknown on this day.")
            continue
        said.append(_sentences(own, name) + _beware(reasons.get(entity_id)) + extrapolated(own, name))
        figures.append(
            Figure(
                f"{name}: revenue as a share of what falls due",
                f"Lines by year for {name}, one per scenario, on a scale on which each step is ten times the last. "
                "At 100 % revenue equals what falls due; what lies beyond the frame is in the table only.",
                Drawing(partial(_chart, own), PANEL, 270),
                legend=LEGEND,
            )
        )
    return Section(said, figures, [_table(frame, context)], subjects_rest=True)


def _beware(reason: str | None) -> str:
    """A warning if an entity is not measurable."""
    return f" Beware: {reason}. What the ledger does not hold falls due as well." if reason else ""


def _sentences(own: pl.DataFrame, name: str) -> str:
    covered = own.filter(pl.col("coverage_ratio") >= 1).group_by("scenario_id").agg(pl.col("year").sort())
    years = dict(covered.rows())
    parts = [
        f"{plain(s)}: {listing([str(y) for y in years[s]]) if s in years else 'none'}"
        for s in SCENARIOS
        if s in set(own["scenario_id"].to_list())
    ]
    last = max(own["year"].to_list())
    return f"Years up to {last} in which revenue of {name} reaches what falls due: {'; '.join(parts)}."


def _chart(own: pl.DataFrame) -> Spec:
    rows = [
        {
            "year": str(r["year"]),
            "scenario": r["scenario_id"],
            "ratio": r["coverage_ratio"],
            "tip": f"{TIP}{plain(r['scenario_id'])}, {r['year']}: {percent(r['coverage_ratio'], 0)}",
        }
        for r in own.filter(pl.col("coverage_ratio").is_not_null()).to_dicts()
    ]
    x = step("year", title=None, axis={"labelAngle": 0, "ticks": False}, scale={"padding": 0.4})
    y = quantity(
        "ratio",
        scale={"type": "log", "domain": [LOWEST, HIGHEST], "nice": False},
        axis={"title": None, "values": [0.1, 0.3, 1, 3, 10], "labelExpr": PERCENT},
    )
    colour = coloured("scenario", SCENARIOS, SERIES)
    return layered(
        layer("rule", {"color": INK, "strokeWidth": 1.2}, [{"ratio": 1}], y=quantity("ratio")),
        layer("line", {"strokeWidth": 2.4, "clip": True}, x=x, y=y, color=colour),
        layer("circle", {"size": 34, "opacity": 1, "clip": True}, x=x, y=y, color=colour, description=POINTED_AT),
        rows=rows,
    )


def _table(frame: pl.DataFrame, context: Context) -> Cells:
    own = frame.filter(pl.col("entity_id").is_in(context.subjects))
    years = own["year"].unique().sort().to_list()
    ratios = {(r["entity_id"], r["scenario_id"], r["year"]): r["coverage_ratio"] for r in own.to_dicts()}
    keys = sorted({k[:2] for k in ratios}, key=lambda k: (context.subjects.index(k[0]), _place(k[1])))
    origin = "facts.revenue_coverage."

    def cell(entity_id: str, scenario_id: str, year: int) -> str:
        if (entity_id, scenario_id, year) not in ratios:
            return UNKNOWN
        ratio = ratios[entity_id, scenario_id, year]
        return "nothing due" if ratio is None else percent(ratio, 0)

    return Cells(
        "Revenue as a share of what falls due, by scenario and year",
        (
            Column("who", f"{origin}entity_id", is_number=False),
            Column("scenario", f"{origin}scenario_id", is_number=False),
            *(Column(str(y), f"{origin}coverage_ratio") for y in years),
        ),
        [(context.name(e), plain(s), *(cell(e, s, y) for y in years)) for e, s in keys],
    )


def _place(scenario_id: str) -> int:
    return SCENARIOS.index(scenario_id) if scenario_id in SCENARIOS else len(SCENARIOS)


PICTURE = Picture(
    "coverage",
    "Does revenue cover it, under which assumptions?",
    "Announced: everything happens as announced. Contracted only: what is not contracted, filed or paid is left out. "
    "Base, bear and bull weigh each promise by how firm it is and differ in delay, price and growth. Funding and cash "
    "are not counted here, and neither are other costs.",
    {"coverage": COVERAGE, "completeness": COMPLETENESS},
    build,
    place=30,
)
