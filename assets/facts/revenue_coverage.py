"""facts.revenue_coverage: coverage of obligations by revenue and funding, by entity, year, scenario, as-of day.

Not here: the projection of revenue (`assets.finance.revenue`), the schedule of promises
(`assets.facts.commitment_schedule`), obligations by scenario (`assets.facts.scenario_obligations`).
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import polars as pl

from assets.core import fields
from assets.core.columns import ratio, text, usd
from assets.core.rule import Read, Rule
from assets.core.size import DaysReported, every_day
from assets.core.step import Built, Inputs, Step
from assets.core.table import Latest, Table
from assets.core.vocabulary import FUNDING, PURCHASES
from assets.facts.assumptions import as_dict, scenarios_wide
from assets.facts.intervals import CENTS_PER_USD, in_units
from assets.facts.leg_rules import RELATIVE_TOLERANCE
from assets.facts.revenue_path import REPORTED, revenue_paths
from assets.facts.scenario_obligations import CELL, DUE_COLUMNS, MEASURES, weighted_dues


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
    latest=Latest(("entity_id",)),
    columns=(
        *fields.of("as_of_date", "scenario_id", "entity_id", "year"),
        usd("obligations_usd", "purchases due, net and imputed, weighted, delayed and repriced", required=True),
        usd("imputed_obligations_usd", "the imputed part of obligations_usd", required=True),
        usd("reported_revenue_usd", "the part of revenue_usd that is reported", required=True),
        usd("revenue_usd", "reported where known, else the scenario's path"),
        fields.here("funding_usd"),
        ratio("coverage_ratio", "revenue_usd / obligations_usd, empty when nothing is due"),
        usd(
            "opening_cash_usd",
            "cash at the start of the year: the last balance before it, else the first in it; then what is left",
        ),
        usd("funding_gap_usd", "what obligations exceed revenue after other costs, funding and cash"),
        text("projection_vintage", "month of the projections that the path follows, empty if there are none"),
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

INTERVAL_DAYS = ("known_from", "known_to")


def entity_days(commitments: pl.DataFrame, financials: pl.DataFrame) -> pl.DataFrame:
    """Every day on which data of an entity with revenue changed, from its first revenue figure on.

    Grain: entity_id and as_of_date. Rules: the end of an interval counts as a change, as in the headline.
    """
    revenue = financials.filter((pl.col("metric") == "revenue") & pl.col("value").is_not_null())
    first = revenue.group_by("entity_id").agg(first_day=pl.col("known_from").min())
    counted = commitments.filter(~pl.col("is_statement"))
    bought = counted.filter(pl.col("flow").is_in(PURCHASES)).rename({"payer_id": "entity_id"})
    funded = counted.filter(pl.col("flow").is_in(FUNDING)).rename({"payee_id": "entity_id"})
    figures = financials.filter(pl.col("metric").is_in(["revenue", "cash"]))
    return (
        pl.concat(
            [
                *(legs.select("entity_id", as_of_date=day) for legs in (bought, funded) for day in INTERVAL_DAYS),
                figures.select("entity_id", as_of_date="known_from"),
            ]
        )
        .drop_nulls()
        .unique()
        .join(first, on="entity_id")
        .filter(pl.col("as_of_date") >= pl.col("first_day"))
        .select("entity_id", "as_of_date")
    )


def coverage(
    commitments: pl.DataFrame,
    schedule: Iterable[pl.DataFrame],
    financials: pl.DataFrame,
    scenarios: pl.DataFrame,
    assumptions: dict[str, float],
    days_reported: DaysReported = every_day,
) -> pl.DataFrame:
    """Coverage and funding gap.

    Grain: day of change of the entity, scenario, entity, year (from the year of the day on). Rules: `days_reported` may
    choose other days if there are more than `coverage_entity_days_max` entity days.
    """
    last_year = int(assumptions["coverage_last_year"])
    wide = scenarios_wide(scenarios)
    every = entity_days(commitments, financials)
    days = days_reported(every, every.height, assumptions["coverage_entity_days_max"])
    asked = None if days is every else days["as_of_date"].unique().sort().to_list()
    multipliers = wide["growth_multiplier"].unique().sort().to_list()
    with ThreadPoolExecutor(1) as beside:  # one core is enough for the paths
        paths = beside.submit(revenue_paths, financials, multipliers, last_year, assumptions)
        dues = weighted_dues(_of_entities(commitments, days), schedule, wide, asked, (1, last_year))
    running = dues.sort("day").with_columns(pl.col(MEASURES).cum_sum().over(CELL))
    years = pl.int_ranges(pl.col("as_of_date").dt.year().cast(pl.Int64), last_year + 1)
    grid = (
        days.with_columns(year=years)
        .explode("year", empty_as_null=False)
        .join(wide.select("scenario_id", "growth_multiplier"), how="cross")
        .sort("as_of_date")
    )
    joined = (
        grid.join_asof(
            running.rename({"day": "as_of_date"}),
            on="as_of_date",
            by=CELL,
            strategy="backward",
            check_sortedness=False,
        )
        .with_columns(in_units(pl.col(m).fill_null(0), CENTS_PER_USD) for m in MEASURES)
        .join_asof(
            paths.result().rename({"day": "as_of_date"}).sort("as_of_date"),
            on="as_of_date",
            by=["entity_id", "growth_multiplier", "year"],
            strategy="backward",
            check_sortedness=False,
        )
        .join(opening_cash(days, financials), on=["entity_id", "as_of_date"], how="left")
        .sort("as_of_date", "entity_id", "scenario_id", "year")
    )
    return REVENUE_COVERAGE.conform(_with_gap(joined, assumptions["other_cost_ratio"]))


def _of_entities(commitments: pl.DataFrame, days: pl.DataFrame) -> pl.DataFrame:
    """The legs of the entities whose coverage is reported: their purchases as payer, their funding as payee."""
    known = days["entity_id"].unique().implode()
    is_purchase = pl.col("flow").is_in(PURCHASES)
    return commitments.filter(pl.when(is_purchase).then("payer_id").otherwise("payee_id").is_in(known))


def opening_cash(days: pl.DataFrame, financials: pl.DataFrame) -> pl.DataFrame:
    """Cash of an entity at the start of the year of an as-of day, by the balances known on that day.

    Grain: entity_id and as_of_date; no row if no balance is known. Rules: the last balance before the year, else the
    first one in it; a later one would count funding and earnings of the year twice.
    """
    cash = financials.filter(
        (pl.col("metric") == "cash")
        & pl.col("basis").is_in(REPORTED)
        & pl.col("definition").is_null()
        & pl.col("value").is_not_null()
    ).select("entity_id", "period_end", "known_from", "source_id", cash="value")
    known = days.join(cash, on="entity_id").filter(pl.col("known_from") <= pl.col("as_of_date"))
    since_opening = (pl.col("period_end") - pl.col("as_of_date").dt.truncate("1y")).dt.total_days()
    return (
        known.with_columns(is_late=since_opening >= 0, distance=since_opening.abs())
        .sort("is_late", "distance", "known_from", "source_id", descending=[False, False, True, True])
        .unique(["entity_id", "as_of_date"], keep="first", maintain_order=True)
        .select("entity_id", "as_of_date", "cash")
    )


def _with_gap(rows: pl.DataFrame, other_cost_ratio: float) -> pl.DataFrame:
    """Carry cash from year to year: a surplus is the opening cash of the next year, a shortfall is the gap.

    An unknown revenue makes the gap null from that year on.
    """
    due, revenue, funding = (rows[c].cast(pl.Float64).to_numpy() for c in ("obligations", "revenue_usd", "funding"))
    known_cash = rows["cash"].fill_null(0).to_numpy()
    is_first = (rows["year"] == rows["as_of_date"].dt.year()).to_numpy()
    left = revenue * (1 - other_cost_ratio) + funding - due
    opening = np.empty(len(rows))
    gap = np.empty(len(rows))
    position = np.flatnonzero(is_first)
    cash = known_cash[position]
    ends = np.append(position[1:], len(rows))
    while position.size:
        opening[position] = cash
        after = cash + left[position]
        gap[position] = np.maximum(0.0, -after)
        cash = np.maximum(0.0, after)
        more = position + 1 < ends
        position, cash, ends = position[more] + 1, cash[more], ends[more]
    unknown = pl.Series(is_first) & rows["cash"].is_null()
    return rows.with_columns(
        obligations_usd="obligations",
        imputed_obligations_usd="imputed",
        funding_usd="funding",
        coverage_ratio=pl.when(pl.col("obligations") > 0).then(pl.col("revenue_usd") / pl.col("obligations")),
        opening_cash_usd=pl.when(~unknown).then(pl.Series(opening).fill_nan(None)),
        funding_gap_usd=pl.Series(gap).fill_nan(None),
        reported_revenue_usd=pl.col("reported_revenue_usd").fill_null(0.0),
    )


def _build(inputs: Inputs) -> Built:
    return Built(
        coverage(
            inputs.read("facts.commitments"),
            inputs.chunks("facts.commitment_schedule", DUE_COLUMNS),
            inputs.read("facts.financials"),
            inputs.read("staging.scenarios"),
            as_dict(inputs.read("staging.assumptions")),
            inputs.by_size(every_day),
        )
    )


STEP = Step(
    REVENUE_COVERAGE,
    (
        "facts.commitments",
        "facts.commitment_schedule",
        "facts.financials",
        "staging.scenarios",
        "staging.assumptions",
    ),
    _build,
)
