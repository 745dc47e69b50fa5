"""facts.revenue_coverage: whether revenue and funding cover what falls due, per entity, year and scenario, as known on a day.

Not here: how revenue is projected (`assets.finance.revenue`), how promises are scheduled (`assets.facts.schedules`).
"""

from __future__ import annotations

import numpy as np
import polars as pl

from assets.contracts.facts import REVENUE_COVERAGE
from assets.contracts.vocabulary import CERTAINTIES_IN_FORCE, FUNDING, PURCHASES
from assets.facts.assumptions import as_dict, scenarios_wide
from assets.facts.knowledge import CENTS_PER_USD
from assets.facts.revenue_path import revenue_paths
from assets.steps import Built, Inputs, Step

MEASURES = ("obligations", "imputed", "funding")
CELL = ["scenario_id", "entity_id", "year"]


def weighted_dues(commitments: pl.DataFrame, schedule: pl.DataFrame, scenarios: pl.DataFrame) -> pl.DataFrame:
    """What falls due per scenario, entity and calendar year, as changes by day of knowledge, in whole cents.

    Grain: scenario, entity, year and day on which something changed. Rules: own shares times the realisation probability
    of their certainty; expected amounts where the scenario says so; purchases not yet paid come later and at another
    price; a quarter that had begun when the interval became known is not delayed.
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
    months = (
        pl.when(moves & (pl.col("quarter_start") > pl.col("known_from")))
        .then(3 * pl.col("delay_quarters"))
        .otherwise(0)
    )
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
    closed = valued.filter(pl.col("known_to").is_not_null()).select(
        *CELL, *(-pl.col(m) for m in MEASURES), day="known_to"
    )
    return pl.concat([opened, closed]).group_by(*CELL, "day").agg(pl.col(MEASURES).sum())


def expected_ratio() -> pl.Expr:
    """Expected over point amount: the PERT mean where the scenario asks for it; the mode of an up_to is the scenario's."""
    ceiling = pl.col("low") + pl.col("up_to_mode_share") * (pl.col("high") - pl.col("low"))
    mode = pl.when(pl.col("qualifier") == "up_to").then(ceiling).otherwise(pl.col("point"))
    mean = (pl.col("low") + 4 * mode + pl.col("high")) / 6
    wanted = (pl.col("is_expected_amount") == 1) & (pl.col("point") > 0)
    return pl.when(wanted).then(mean / pl.col("point")).otherwise(1.0)


def entity_days(commitments: pl.DataFrame, financials: pl.DataFrame) -> pl.DataFrame:
    """Every day on which something of an entity with revenue changed, from its first revenue figure on.

    Grain: entity_id and as_of_date.
    """
    revenue = financials.filter((pl.col("metric") == "revenue") & pl.col("value").is_not_null())
    first = revenue.group_by("entity_id").agg(first_day=pl.col("known_from").min())
    counted = commitments.filter(~pl.col("is_statement"))
    return (
        pl.concat(
            [
                counted.filter(pl.col("flow").is_in(PURCHASES)).select(entity_id="payer_id", as_of_date="known_from"),
                counted.filter(pl.col("flow").is_in(FUNDING)).select(entity_id="payee_id", as_of_date="known_from"),
                financials.filter(pl.col("metric").is_in(["revenue", "cash"])).select(
                    "entity_id", as_of_date="known_from"
                ),
            ]
        )
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

    Grain: as-of day on which something of the entity changed, scenario, entity, year from that of the day to the last year.
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
        .with_columns(pl.col(MEASURES).fill_null(0) / CENTS_PER_USD)
        .join_asof(
            paths.rename({"day": "as_of_date"}).sort("as_of_date"),
            on="as_of_date",
            by=["entity_id", "growth_multiplier", "year"],
            strategy="backward",
            check_sortedness=False,
        )
        .join_asof(
            _balances(financials),
            on="as_of_date",
            by="entity_id",
            strategy="backward",
            check_sortedness=False,
        )
        .sort("as_of_date", "entity_id", "scenario_id", "year")
    )
    return REVENUE_COVERAGE.conform(_with_gap(joined, assumptions["other_cost_ratio"]))


def _balances(financials: pl.DataFrame) -> pl.DataFrame:
    """The last known cash balance of an entity, by day on which one became known."""
    cash = financials.filter(
        (pl.col("metric") == "cash") & pl.col("definition").is_null() & pl.col("value").is_not_null()
    )
    ordered = cash.sort("entity_id", "known_from", "period_end", "source_id")
    best = ordered.with_columns(newest=pl.col("period_end").cum_max().over("entity_id")).filter(
        pl.col("period_end") == pl.col("newest")
    )
    return (
        best.select("entity_id", as_of_date="known_from", cash="value")
        .unique(["entity_id", "as_of_date"], keep="last")
        .sort("as_of_date")
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
