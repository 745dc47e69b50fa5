"""Inputs of the simulation of one day and scenario: legs in force, their spreads, revenue paths and cash.

Probabilities, prices, delays and expected amounts are those of `assets.facts.revenue_coverage`: with all spreads at
zero, the simulation gives the figures of that table.
Not here: drawing (`assets.finance.simulation`), which days (`assets.metrics.coverage_simulation`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import polars as pl

from assets.core.vocabulary import COMPONENT_OF_FLOW, FUNDING, PURCHASES
from assets.facts.intervals import in_units
from assets.facts.scenario_obligations import expected_ratio
from assets.finance.estimates import MODE_WEIGHT, PERT_DIVISOR
from assets.finance.simulation import Case, Funding, Obligations
from assets.finance.versions import as_of

QUARTERS = 4

MULTIPLES = ("low_multiple", "mode_multiple", "high_multiple")

SUMS = ("obligations", "funding")

NOTHING = pl.DataFrame(
    schema={
        "as_of_date": pl.Date(), "scenario_id": pl.String(), "entity_id": pl.String(), "year": pl.Int64(),
        **dict.fromkeys(SUMS, pl.Float64()),
    }
)  # fmt: skip
"""The empty remainder of a ledger in which every leg is drawn."""


class Scope(Protocol):
    """The entities and legs that are drawn on a day."""

    def entities(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The coverage rows of the entities that are simulated."""
        ...

    def legs(self, legs: pl.DataFrame) -> pl.DataFrame:
        """The legs that are drawn one by one."""
        ...


@dataclass(frozen=True)
class Everything:
    """All entities, and all of their legs."""

    def entities(self, rows: pl.DataFrame) -> pl.DataFrame:
        """All entities."""
        return rows

    def legs(self, legs: pl.DataFrame) -> pl.DataFrame:
        """All legs."""
        return legs


@dataclass(frozen=True, eq=False)
class Ledger:
    """The frames that the simulation reads."""

    commitments: pl.DataFrame
    schedule: pl.DataFrame
    coverage: pl.DataFrame
    costs: pl.DataFrame
    scenarios: pl.DataFrame
    """One row per scenario, one column per parameter."""
    assumptions: Mapping[str, float]
    rest: pl.DataFrame = field(default_factory=NOTHING.clone)
    """Amounts that are not drawn leg by leg: a row per as_of_date, scenario_id, entity_id and year, in USD."""
    scope: Scope = field(default_factory=Everything)

    @cached_property
    def mark(self) -> tuple[object, ...]:
        """A digest of frames and assumptions: equal ledgers have equal marks."""
        frames = (self.commitments, self.schedule, self.coverage, self.costs, self.scenarios, self.rest)
        return (*(f.hash_rows().to_numpy().tobytes() for f in frames), *sorted(self.assumptions.items()), self.scope)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Ledger) and self.mark == other.mark

    def __hash__(self) -> int:
        return hash(self.mark)


def ledger_of(
    days: Sequence[dt.date],
    commitments: pl.DataFrame,
    schedule: Iterable[pl.DataFrame],
    coverage: pl.DataFrame,
    costs: pl.DataFrame,
    scenarios: pl.DataFrame,
    assumptions: Mapping[str, float],
) -> Ledger:
    """The ledger to simulate on the given days: always all of it."""
    del days
    return Ledger(commitments, pl.concat(schedule), coverage, costs, scenarios, assumptions)


def coverage_on(day: dt.date, coverage: pl.DataFrame) -> pl.DataFrame:
    """The coverage rows in force on a day: the latest of each entity; none if the revenue of a year is unknown."""
    known = coverage.filter(pl.col("as_of_date") <= day)
    latest = known.select("entity_id", "as_of_date").group_by("entity_id").agg(pl.col("as_of_date").max())
    rows = known.join(latest, on=["entity_id", "as_of_date"], how="semi", maintain_order="left")
    return rows.filter(pl.col("revenue_usd").is_not_null().all().over("entity_id")).with_columns(
        first_year=pl.col("year").min().over("entity_id")
    )


def of_entities(day: dt.date, commitments: pl.DataFrame, entities: pl.Series) -> pl.DataFrame:
    """The legs in force on a day that the entities must pay, or that fund them."""
    is_purchase = pl.col("flow").is_in(PURCHASES)
    return commitments.filter(
        (pl.col("known_from") <= day)
        & (pl.col("known_to").is_null() | (pl.col("known_to") > day))
        & (pl.col("net_amount_usd") > 0)
        & pl.col("flow").is_in([*PURCHASES, *FUNDING])
        & pl.when(is_purchase).then("payer_id").otherwise("payee_id").is_in(entities.implode())
    )


def dues_on(day: dt.date, ledger: Ledger) -> pl.DataFrame:
    """Amounts due by leg and quarter, as known on a day.

    Grain: leg in force and quarter with an amount due. Columns: the terms of the leg, the amount due, and the cost per
    gigawatt known on the day as multiples of its median (imputed legs only).
    """
    legs = as_of(ledger.commitments, day, "leg_id").filter(pl.col("flow").is_in([*PURCHASES, *FUNDING]))
    terms = legs.select(
        "leg_id",
        "known_from",
        "certainty",
        "qualifier",
        "flow",
        "is_imputed_amount",
        is_purchase=pl.col("flow").is_in(PURCHASES),
        entity_id=pl.when(pl.col("flow").is_in(PURCHASES)).then("payer_id").otherwise("payee_id"),
        low="amount_low_usd",
        point="amount_usd",
        high="amount_high_usd",
        component=pl.when(pl.col("is_imputed_amount")).then(
            pl.col("flow").replace_strict(COMPONENT_OF_FLOW, default=None, return_dtype=pl.String)
        ),
    )
    scheduled = ledger.schedule.filter(pl.col("net_amount_usd") > 0).select(
        "leg_id", "known_from", "quarter_start", "net_amount_usd"
    )
    return (
        scheduled.join(terms, on=["leg_id", "known_from"])
        .join(costs_on(day, ledger.costs), on="component", how="left")
        .sort("entity_id", "leg_id", "quarter_start")
    )


def costs_on(day: dt.date, costs: pl.DataFrame) -> pl.DataFrame:
    """Lowest and highest cost per gigawatt known on a day, as multiples of the median, by component."""
    median = pl.col("cost_median_usd_per_gw")
    return (
        as_of(costs, day, "component")
        .filter(median > 0)
        .sort("component")
        .select(
            "component",
            cost_row=pl.int_range(pl.len(), dtype=pl.Int64),
            cost_low=pl.col("cost_low_usd_per_gw") / median,
            cost_high=pl.col("cost_high_usd_per_gw") / median,
        )
    )


@dataclass(frozen=True)
class Standing:
    """Knowledge of one day about the simulated entities."""

    coverage: pl.DataFrame
    dues: pl.DataFrame


def standing_on(day: dt.date, ledger: Ledger) -> Standing:
    """The coverage rows of a day and the dues to be drawn."""
    rows = ledger.scope.entities(coverage_on(day, ledger.coverage))
    legs = of_entities(day, ledger.commitments, rows["entity_id"].unique())
    return Standing(rows, dues_on(day, replace(ledger, commitments=ledger.scope.legs(legs))))


def terms_under(dues: pl.DataFrame, scenario: Mapping[str, Any]) -> pl.DataFrame:
    """The dues under one scenario: probability, amount and its spread, and whether they may be late.

    Grain: that of `dues`, without rows of probability 0. Rules: the amount is the point times the scenario's price; its
    spread is that of the leg, or of the cost per gigawatt for imputed legs, scaled so that its mean is the expected
    amount of `assets.facts.revenue_coverage`; unpaid purchases may be late in quarters that begin after known_from.
    """
    is_spread = scenario["is_expected_amount"] == 1
    moves = pl.col("is_purchase") & (pl.col("certainty") != "paid")
    certainty = {k.removeprefix("p_"): v for k, v in scenario.items() if k.startswith("p_")}
    rests_on_cost = pl.col("cost_row").is_not_null() & is_spread
    ratio = pl.col("expected_ratio") if is_spread else pl.lit(1.0)
    cost_mean = in_units(pl.col("cost_low") + MODE_WEIGHT + pl.col("cost_high"), PERT_DIVISOR)
    ceiling = pl.col("low") + scenario["up_to_mode_share"] * (pl.col("high") - pl.col("low"))
    is_ceiling = (pl.col("qualifier") == "up_to") & ~pl.col("is_imputed_amount")
    mode = pl.when(is_ceiling).then(ceiling).otherwise("point")
    own_spread = ~rests_on_cost & is_spread & (pl.col("point") > 0)
    rows = dues.with_columns(
        up_to_mode_share=pl.lit(scenario["up_to_mode_share"]), is_expected_amount=pl.lit(scenario["is_expected_amount"])
    ).with_columns(
        expected_ratio=expected_ratio(),
        probability=pl.col("certainty").replace_strict(certainty, default=0.0, return_dtype=pl.Float64),
        cost_row=pl.when(rests_on_cost).then("cost_row").otherwise(-1),
        **{
            name: pl.when(own_spread).then(amount / pl.col("point")).otherwise(1.0)
            for name, amount in zip(MULTIPLES, (pl.col("low"), mode, pl.col("high")), strict=True)
        },
    )
    price = pl.when(moves).then(scenario["price_multiplier"]).otherwise(1.0)
    is_late = moves & (pl.col("quarter_start") > pl.col("known_from")) & (scenario["delay_quarters"] > 0)
    return rows.filter(pl.col("probability") > 0).with_columns(
        usd=pl.col("net_amount_usd") * price * pl.when(pl.col("cost_row") >= 0).then(ratio / cost_mean).otherwise(1.0),
        mode_multiple=pl.col("mode_multiple").clip(pl.col("low_multiple"), pl.col("high_multiple")),
        is_late=is_late,
    )


def merged(terms: pl.DataFrame) -> pl.DataFrame:
    """One row for all certain dues of an entity, and one per leg otherwise: fewer rows, equal sums."""
    is_exact = (pl.col("low_multiple") == 1) & (pl.col("high_multiple") == 1) & (pl.col("cost_row") < 0)
    is_certain = is_exact & (pl.col("probability") == 1) & ~pl.col("is_late").any().over("leg_id")
    return terms.with_columns(
        row=pl.when(is_certain).then(pl.format("={}", "entity_id")).otherwise(pl.format("+{}", "leg_id"))
    )


def not_drawn(day: dt.date, scenario: Mapping[str, Any], rest: pl.DataFrame) -> pl.DataFrame:
    """Amounts not drawn leg by leg, as certain rows of `merged`, one for each entity and kind.

    Grain: entity_id, is_purchase and year.
    """
    own = rest.filter((pl.col("as_of_date") == day) & (pl.col("scenario_id") == scenario["scenario_id"]))
    kinds = {"obligations": True, "funding": False}
    return pl.concat(
        own.select(
            "entity_id",
            is_purchase=pl.lit(is_purchase),
            quarter_start=pl.date("year", 1, 1),
            usd=name,
            probability=pl.lit(1.0),
            is_late=pl.lit(value=False),
            cost_row=pl.lit(-1, pl.Int64),
            **{multiple: pl.lit(1.0) for multiple in MULTIPLES},
            row=pl.format("={}", "entity_id"),
        )
        for name, is_purchase in kinds.items()
    ).filter(pl.col("usd") > 0)


def cases_on(day: dt.date, scenario: Mapping[str, Any], ledger: Ledger, standing: Standing | None = None) -> list[Case]:
    """The cases of one day and scenario: one for all entities whose coverage rows begin in the same year."""
    known = standing_on(day, ledger) if standing is None else standing
    certain = not_drawn(day, scenario, ledger.rest)
    terms = merged(terms_under(known.dues, scenario)).select(certain.columns)
    costs = costs_on(day, ledger.costs)
    rows = known.coverage.filter(pl.col("scenario_id") == scenario["scenario_id"])
    return [
        _case(own.sort("entity_id", "year"), pl.concat([terms, certain]), costs, scenario, ledger.assumptions)
        for _, own in rows.sort("first_year").group_by("first_year", maintain_order=True)
    ]


def _case(
    rows: pl.DataFrame,
    terms: pl.DataFrame,
    costs: pl.DataFrame,
    scenario: Mapping[str, Any],
    assumptions: Mapping[str, float],
) -> Case:
    entities = rows["entity_id"].unique(maintain_order=True).to_list()
    first_year, years = int(rows["year"][0]), rows.height // len(entities)
    own = terms.filter(pl.col("entity_id").is_in(entities)).with_columns(
        entity=pl.col("entity_id").replace_strict(entities, list(range(len(entities))), return_dtype=pl.Int64),
        quarter=QUARTERS * (pl.col("quarter_start").dt.year().cast(pl.Int64) - first_year)
        + pl.col("quarter_start").dt.quarter()
        - 1,
    )
    shape = (len(entities), years)
    revenue = rows["revenue_usd"].to_numpy().reshape(shape)
    reported = rows["reported_revenue_usd"].to_numpy().reshape(shape)
    open_share = 1 - np.clip(np.divide(reported, revenue, out=np.ones(shape), where=revenue > 0), 0, 1)
    delay_shape = assumptions["simulation_delay_shape"]
    return Case(
        entity_ids=tuple(entities),
        first_year=first_year,
        revenue_usd=revenue,
        growth_sigma=assumptions["simulation_growth_sigma"] * open_share,
        opening_cash_usd=rows["opening_cash_usd"].fill_null(0).to_numpy().reshape(shape)[:, 0],
        other_cost_ratio=assumptions["other_cost_ratio"],
        obligations=_obligations(own.filter("is_purchase"), years),
        funding=_funding(own.filter(~pl.col("is_purchase")), years),
        delay_shape=delay_shape,
        delay_scale_quarters=scenario["delay_quarters"] / delay_shape,
        cost_per_gw=costs.select("cost_low", pl.lit(1.0), "cost_high").to_numpy(),
    )


def _legs(own: pl.DataFrame) -> tuple[pl.DataFrame, npt.NDArray[np.intp]]:
    """One row per leg in a fixed order, and the position of the leg of every due."""
    legs = own.unique("row", maintain_order=True, keep="first")
    position = own["row"].replace_strict(legs["row"], pl.Series(range(legs.height)), return_dtype=pl.Int64)
    return legs, position.to_numpy().astype(np.intp)


def _obligations(purchases: pl.DataFrame, years: int) -> Obligations:
    """Dues before the first year that can no longer be late are left out."""
    own = purchases.filter((pl.col("quarter") < QUARTERS * years) & ((pl.col("quarter") >= 0) | pl.col("is_late")))
    earliest = own["quarter"].min()
    before = max(0, -earliest) if isinstance(earliest, int) else 0
    legs, position = _legs(own)
    quarters = before + QUARTERS * years
    usd = np.zeros((legs.height, quarters))
    np.add.at(usd, (position, own["quarter"].to_numpy() + before), own["usd"].to_numpy())
    first_open = np.full(legs.height, quarters)
    late = own["is_late"].to_numpy()
    np.minimum.at(first_open, position[late], own["quarter"].to_numpy()[late] + before)
    return Obligations(
        entity=legs["entity"].to_numpy(),
        probability=legs["probability"].to_numpy(),
        quarterly_usd=usd,
        **_spread(legs),
        component=legs["cost_row"].to_numpy(),
        first_open_quarter=first_open,
        quarters_before=before,
    )


def _funding(funding: pl.DataFrame, years: int) -> Funding:
    own = funding.filter(pl.col("quarter").is_between(0, QUARTERS * years - 1))
    legs, position = _legs(own)
    usd = np.zeros((legs.height, years))
    np.add.at(usd, (position, own["quarter"].to_numpy() // QUARTERS), own["usd"].to_numpy())
    return Funding(
        entity=legs["entity"].to_numpy(), probability=legs["probability"].to_numpy(), yearly_usd=usd, **_spread(legs)
    )


def _spread(legs: pl.DataFrame) -> dict[str, npt.NDArray[np.float64]]:
    return {name.removesuffix("_multiple"): legs[name].to_numpy() for name in MULTIPLES}
