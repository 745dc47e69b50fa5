"""Costs, figures of companies, and whether revenue and funding cover what falls due."""

from __future__ import annotations

import polars as pl

from assets.contracts import rules, staging
from assets.contracts.facts.columns import EVIDENCE, KNOWN_FROM, KNOWN_TO, RELATIVE_TOLERANCE, SOURCE, key
from assets.contracts.model import Column, Read, Rule, Table

COST_PER_GW = Table(
    stage="facts",
    name="cost_per_gw",
    summary="What a gigawatt costs by the estimates known on a day: lowest, median and highest.",
    grain="one row per component and interval of knowledge",
    key=("component", "known_from"),
    columns=(
        Column("component", "text", "", "what the figure contains", required=True, vocabulary="component"),
        KNOWN_FROM,
        KNOWN_TO,
        Column("estimates", "integer", "rows", "number of estimates known", required=True, at_least=1),
        Column("cost_low_usd_per_gw", "number", "USD/GW", "lowest bound or estimate", required=True, at_least=0),
        Column("cost_median_usd_per_gw", "number", "USD/GW", "median of the estimates with a point", at_least=0),
        Column("cost_high_usd_per_gw", "number", "USD/GW", "highest bound or estimate", required=True, at_least=0),
    ),
    rules=(
        rules.no_overlap(("component",)),
        rules.ordered_bounds("cost_low_usd_per_gw", "cost_median_usd_per_gw", "cost_high_usd_per_gw"),
    ),
)

FINANCIALS = Table(
    stage="facts",
    name="financials",
    summary="Reported, guided and projected figures of the entities, every vintage.",
    grain=staging.FINANCIALS.grain,
    key=staging.FINANCIALS.key,
    columns=(
        key("entity_id", "whose figure it is", "facts.entities.entity_id"),
        *(
            c
            for c in staging.FINANCIALS.columns
            if c not in staging.SOURCE_LINE and c.name not in {"entity_id", "source_id", "evidence", "note"}
        ),
        Column(
            "period_months",
            "integer",
            "",
            "length of the period in whole months, empty for a balance",
            at_least=1,
        ),
        EVIDENCE,
        SOURCE,
        Column("note", "text", "", "remarks of the researcher"),
    ),
    hazards=("sources disagree and figures are revised: choose one vintage before adding",),
)


def _coverage_consistent(frame: pl.DataFrame, _read: Read) -> pl.Series:
    ratio, due, revenue = pl.col("coverage_ratio"), pl.col("obligations_usd"), pl.col("revenue_usd")
    wrong = ((due == 0) != ratio.is_null()) & revenue.is_not_null() | (
        (ratio * due - revenue).abs() > RELATIVE_TOLERANCE * revenue.abs() + RELATIVE_TOLERANCE
    )
    return frame.select(wrong.fill_null(value=False)).to_series()


REVENUE_COVERAGE = Table(
    stage="facts",
    name="revenue_coverage",
    summary="Whether revenue and funding cover what falls due, by entity, calendar year, scenario and day known.",
    grain=(
        "one row per as-of day on which something of the entity changed (beyond coverage_entity_days_max: the "
        "end of the quarter in which it changed, or the last day), scenario, entity and year"
    ),
    key=("as_of_date", "scenario_id", "entity_id", "year"),
    columns=(
        Column("as_of_date", "date", "day", "day of knowledge", required=True),
        Column("scenario_id", "text", "", "the scenario", required=True, vocabulary="scenario"),
        key("entity_id", "the entity", "facts.entities.entity_id"),
        Column("year", "integer", "", "calendar year", required=True, at_least=2015, at_most=2200),
        Column(
            "obligations_usd",
            "number",
            "USD",
            "purchases due, net and imputed, weighted, delayed and repriced",
            required=True,
            at_least=0,
        ),
        Column(
            "imputed_obligations_usd",
            "number",
            "USD",
            "the imputed part of obligations_usd",
            required=True,
            at_least=0,
        ),
        Column(
            "reported_revenue_usd",
            "number",
            "USD",
            "the part of revenue_usd that is reported",
            required=True,
            at_least=0,
        ),
        Column("revenue_usd", "number", "USD", "reported where known, else the scenario's path", at_least=0),
        Column(
            "funding_usd",
            "number",
            "USD",
            "equity and debt that falls due to the entity, weighted",
            required=True,
            at_least=0,
        ),
        Column(
            "coverage_ratio",
            "number",
            "fraction",
            "revenue_usd / obligations_usd, empty when nothing is due",
            at_least=0,
        ),
        Column(
            "opening_cash_usd",
            "number",
            "USD",
            "cash at the start of the year: the last balance before it, else the first in it; then what is left",
            at_least=0,
        ),
        Column(
            "funding_gap_usd",
            "number",
            "USD",
            "what obligations exceed revenue after other costs, funding and cash",
            at_least=0,
        ),
        Column(
            "projection_vintage",
            "text",
            "",
            "month of the projections that the path follows, empty if there are none",
        ),
    ),
    rules=(
        Rule(
            "coverage_consistent",
            ("coverage_ratio", "obligations_usd", "revenue_usd"),
            "the ratio is revenue over obligations, and unknown exactly when nothing is due",
            "this is a defect of the builder: report it with the sample keys",
            offends=_coverage_consistent,
        ),
    ),
    min_rows=0,
    may_be_empty_because="entities without any revenue row have no coverage rows, and a ledger may have none",
    hazards=(
        "one as_of_date and one scenario_id at a time; the latest row on or before a day is in force",
        "an unknown opening balance counts as nothing in funding_gap_usd: the gap is then an upper bound",
    ),
)
