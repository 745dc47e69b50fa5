"""facts.revenue_coverage: whether revenue and funding cover what falls due, by entity, year, scenario, as-of day.

Not here: how revenue is projected (`assets.finance.revenue`), how promises are scheduled (`assets.facts.schedules`).
"""

from __future__ import annotations

import numpy as np
import polars as pl

from assets.contracts.facts import REVENUE_COVERAGE
from assets.contracts.vocabulary import CERTAINTIES_IN_FORCE, FUNDING, PURCHASES
from assets.facts.assumptions import as_dict, scenarios_wide
from assets.facts.knowledge import CENTS_PER_USD, in_units
from assets.facts.revenue_path import REPORTED, revenue_paths
from assets.steps import Built, Inputs, Step

MEASURES = ("obligations", "imputed", "funding")
CELL = ["scenario_id", "entity_id", "year"]
INTERVAL_DAYS = ("known_from", "known_to")
MONTHS_IN_QUARTER = 3


def weighted_dues(commitments: pl.DataFrame, schedule: pl.DataFrame, scenarios: pl.DataFrame) -> pl.DataFrame:
    """What falls due per scenario, entity and calendar year, as changes by day of knowledge, in whole cents.

    Grain: scenario, entity, year and day on which something changed. Rules: own shares times the realisation
    probability of their certainty; expected amounts where the scenario says so; purchases not yet paid come later and
    at another price; a quarter that had begun when the interval became known is not delayed.
    """
    legs = commitments.filter(pl.col("flow").is_in([*PURCHASES, *FUNDING])).select(
        "leg_id", "known_from", "payer_id", "payee_id", "flow", "certainty", "qualifier",
        low="amount_low_usd", point="amount_usd", high="amount_high_usd",
    )  # fmt: skip
    rows = schedule.filter(pl.col("net_amount_usd").is_not_null()).join(legs, on=["leg_id", "known_from"])
    crossed = rows.join(scenarios, how="cross")
    is_purchase = pl.col("flow").is_in(PURCHASES)
    moves = is_purchase & (pl.col("certainty") != "paid")
    probability = pl.coalesce(pl.when(pl.col("certainty") == c).then(pl.col(f"p_{c}")) for c in CERTAINTIES_IN_FORCE)
    is_ahead = pl.col("quarter_start") > pl.col("known_from")
    months = pl.when(moves & is_ahead).then(MONTHS_IN_QUARTER * pl.col("delay_quarters")).otherwise(0)
    quarter = pl.col("quarter_start").dt.offset_by(pl.format("{}mo", months.cast(pl.Int64)))
    price = pl.when(moves).then(pl.col("price_multiplier")).otherwise(1.0)
    due = (pl.col("net_amount_usd") * expected_ratio() * probability * price * CENTS_PER_USD).round().cast(pl.Int64)
    valued = crossed.select(
        "scenario_id",
        "known_from",
        "known_to",
        entity_id=pl.when(is_purchase).then("payer_id").otherwise("payee_id"),
        year=quarter.dt.year().cast(pl.Int64),
        obligations=pl.when(is_purchase).then(due).otherwise(0),
        imputed=pl.when(is_purchase & pl.col("is_imputed_amount")).then(due).otherwise(0),
        funding=pl.when(is_purchase).then(0).otherwise(due),
    )
    opened = valued.select(*CELL, *MEASURES, day="known_from")
    closed = valued.filter(pl.col("known_to").is_not_null()).select(*CELL, -pl.col(MEASURES), day="known_to")
    return pl.concat([opened, closed]).group_by(*CELL, "day").agg(pl.col(MEASURES).sum())


def expected_ratio() -> pl.Expr:
    """Expected over point amount: the PERT mean where the scenario asks for it, which sets the mode of an up_to.

    The mode of an imputed amount is its point: gigawatts times the median cost.
    """
    is_ceiling = (pl.col("qualifier") == "up_to") & ~pl.col("is_imputed_amount")
    ceiling = pl.col("low") + pl.col("up_to_mode_share") * (pl.col("high") - pl.col("low"))
    mode = pl.when(is_ceiling).then(ceiling).otherwise(pl.col("point"))
    mean = (pl.col("low") + 4 * mode + pl.col("high")) / 6
    wanted = (pl.col("is_expected_amount") == 1) & (pl.col("point") > 0)
    return pl.when(wanted).then(mean / pl.col("point")).otherwise(1.0)


def entity_days(commitments: pl.DataFrame, financials: pl.DataFrame) -> pl.DataFrame:
    """Every day on which something of an entity with revenue changed, from its first revenue figure on.

    Grain: entity_id and as_of_date. Rules: the end of an interval counts too, as for the headline.
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
    schedule: pl.DataFrame,
    financials: pl.DataFrame,
    scenarios: pl.DataFrame,
    assumptions: dict[str, float],
) -> pl.DataFrame:
    """Coverage and funding gap.

    Grain: as-of day on which something of the entity changed, scenario, entity, year from that of the day on.
    """
    last_year = int(assumptions["coverage_last_year"])
    wide = scenarios_wide(scenarios)
    days = entity_days(commitments, financials)
    running = weighted_dues(commitments, schedule, wide).sort("day").with_columns(pl.col(MEASURES).cum_sum().over(CELL))
    years = pl.int_ranges(pl.col("as_of_date").dt.year().cast(pl.Int64), last_year + 1)
    grid = (
        days.with_columns(year=years)
        .explode("year", empty_as_null=False)
        .join(wide.select("scenario_id", "growth_multiplier"), how="cross")
        .sort("as_of_date")
    )
    paths = revenue_paths(financials, wide["growth_multiplier"].unique().sort().to_list(), last_year, assumptions)
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
            paths.rename({"day": "as_of_date"}).sort("as_of_date"),
            on="as_of_date",
            by=["entity_id", "growth_multiplier", "year"],
            strategy="backward",
            check_sortedness=False,
        )
        .join(opening_cash(days, financials), on=["entity_id", "as_of_date"], how="left")
        .sort("as_of_date", "entity_id", "scenario_id", "year")
    )
    return REVENUE_COVERAGE.conform(_with_gap(joined, assumptions["other_cost_ratio"]))


def opening_cash(days: pl.DataFrame, financials: pl.DataFrame) -> pl.DataFrame:
    """The cash with which an entity opened the year of an as-of day, by the balances known on it.

    Grain: entity_id and as_of_date; no row where no balance is known. Rules: the last balance before the year; if there
    is none, the first one in it: a later one would count again what was raised and earned within the year.
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
    """Carry cash from year to year: what is left over opens the next year, what is missing is the gap.

    An unknown revenue makes the gap unknown from that year on.
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
            inputs.read("facts.commitment_schedule"),
            inputs.read("facts.financials"),
            inputs.read("staging.scenarios"),
            as_dict(inputs.read("staging.assumptions")),
        )
    )


STEPS = (
    Step(
        REVENUE_COVERAGE,
        (
            "facts.commitments",
            "facts.commitment_schedule",
            "facts.financials",
            "staging.scenarios",
            "staging.assumptions",
        ),
        _build,
    ),
)
