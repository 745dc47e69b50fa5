"""metrics.stress, metrics.stress_scope: who falls short of how much when an AI lab loses revenue or funding.

Not here: the clearing itself (`assets.finance.clearing`), what is due between whom (`assets.metrics.dues`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from assets.contracts.stress import STRESS, STRESS_SCOPE
from assets.facts.assumptions import as_dict, scenarios_wide
from assets.facts.knowledge import CENTS_PER_USD
from assets.finance.clearing import Floats, clear
from assets.metrics.dues import days_asked, latest_coverage, pairwise_dues
from assets.steps import Built, Inputs, Step

SHOCK_PREFIX = "stress_shock_ratio_"
SHOCKED_KIND = "ai_lab"
CASE = ["as_of_date", "scenario_id"]
CELL = [*CASE, "entity_id"]


@dataclass(frozen=True)
class Shock:
    """One loss of one entity."""

    name: str = "none"
    kind: str = "none"
    entity_id: str | None = None
    size: float = 0.0


@dataclass(frozen=True)
class Case:
    """What is owed and owned by the debtors of one day and scenario; vectors in the order of `entities`."""

    day: dt.date
    scenario_id: str
    year: int
    entities: list[str]
    liabilities: Floats
    external_liabilities: Floats
    means: Floats
    """External assets before any shock, not yet floored."""
    revenue: Floats
    """Revenue after other costs: what a shock of revenue takes a fraction of."""
    unpaid_now: Floats
    """Funding of the year that is not yet paid."""
    unpaid_before: Floats
    """Funding not yet paid that falls between the year of the day and the stressed year: part of the opening cash."""
    opening: Floats

    def shocked_means(self, shock: Shock) -> Floats:
        """External assets under a shock, not yet floored; no more is lost from the opening cash than there is."""
        means = self.means.copy()
        if shock.entity_id is None:
            return means
        i = self.entities.index(shock.entity_id)
        if shock.kind == "revenue":
            means[i] -= shock.size * self.revenue[i]
        else:
            means[i] -= shock.size * self.unpaid_now[i] + min(self.opening[i], shock.size * self.unpaid_before[i])
        return means


def debtors(coverage: pl.DataFrame) -> pl.DataFrame:
    """Who has known means: the rows of the stressed year whose revenue is known in every scenario.

    Grain: as given.
    """
    known = pl.col("revenue_usd").is_not_null().all().over("as_of_date", "entity_id")
    return coverage.filter(known)


def with_means(rows: pl.DataFrame, dues: pl.DataFrame, other_cost_ratio: float) -> pl.DataFrame:
    """The debtors with what they own from outside.

    Grain: as_of_date, scenario_id, entity_id. Rules: revenue after other costs, opening cash (unknown counts as 0) and
    funding, less what other debtors owe it in the year: reported revenue contains that already.
    """
    pair = rows.select(*CELL, "year")
    received = (
        dues.join(pair.rename({"entity_id": "payer_id"}), on=[*CASE, "year", "payer_id"])
        .group_by(*CASE, entity_id="payee_id")
        .agg(receipts=pl.col("obligations").sum() / CENTS_PER_USD)
    )
    unpaid = (
        dues.filter(~pl.col("is_paid"))
        .join(pair.select(*CELL, stressed="year"), left_on=[*CASE, "payee_id"], right_on=CELL)
        .group_by(*CASE, entity_id="payee_id")
        .agg(
            unpaid_now=pl.col("funding").filter(pl.col("year") == pl.col("stressed")).sum() / CENTS_PER_USD,
            unpaid_before=pl.col("funding").filter(pl.col("year") < pl.col("stressed")).sum() / CENTS_PER_USD,
        )
    )
    added = ("receipts", "unpaid_now", "unpaid_before")
    return (
        rows.join(received, on=CELL, how="left")
        .join(unpaid, on=CELL, how="left")
        .with_columns(
            pl.col(added).fill_null(0.0),
            opening=pl.col("opening_cash_usd").fill_null(0.0),
            kept_revenue=pl.col("revenue_usd") * (1 - other_cost_ratio),
        )
        .with_columns(means=pl.col("kept_revenue") + pl.col("opening") + pl.col("funding_usd") - pl.col("receipts"))
        .sort(CELL)
    )


def cases(rows: pl.DataFrame, dues: pl.DataFrame) -> Iterator[Case]:
    """One case per day and scenario: the matrix of what the debtors owe each other, and what they owe all others."""
    owed = dues.filter(pl.col("obligations") != 0).group_by(*CASE, "year", "payer_id", "payee_id")
    cents = owed.agg(pl.col("obligations").sum()).partition_by(*CASE, "year", as_dict=True)
    for key, own in rows.group_by(*CASE, "year", maintain_order=True):
        entities = own["entity_id"].to_list()
        place = {e: i for i, e in enumerate(entities)}
        among, outside = np.zeros((len(entities), len(entities))), np.zeros(len(entities))
        for payer, payee, amount in _pairs(cents.get(key)):
            if payer in place and payee in place:
                among[place[payer], place[payee]] += amount
            elif payer in place:
                outside[place[payer]] += amount
        yield Case(
            day=own["as_of_date"][0],
            scenario_id=own["scenario_id"][0],
            year=own["year"][0],
            entities=entities,
            liabilities=among / CENTS_PER_USD,
            external_liabilities=outside / CENTS_PER_USD,
            means=own["means"].to_numpy(),
            revenue=own["kept_revenue"].to_numpy(),
            unpaid_now=own["unpaid_now"].to_numpy(),
            unpaid_before=own["unpaid_before"].to_numpy(),
            opening=own["opening"].to_numpy(),
        )


def _pairs(owed: pl.DataFrame | None) -> Iterator[tuple[str, str, int]]:
    if owed is not None:
        yield from owed.select("payer_id", "payee_id", "obligations").iter_rows()


def shocks(entities: Sequence[str], sizes: Sequence[float]) -> list[Shock]:
    """No shock, then every size of a loss of revenue and of funding for each of the entities."""
    return [
        Shock(),
        *(
            Shock(f"{entity} {kind} -{size * 100:g}%", kind, entity, size)
            for entity in entities
            for kind in ("revenue", "funding")
            for size in sizes
        ),
    ]


def cleared(case: Case, shock: Shock) -> pl.DataFrame:
    """Every debtor of a case under one shock.

    Grain: entity_id.
    """
    means = case.shocked_means(shock)
    result = clear(case.liabilities, np.maximum(0.0, means), case.external_liabilities)
    owed = case.liabilities.sum(axis=1) + case.external_liabilities
    paid = np.minimum(np.where(result.is_in_default, result.payments, owed), owed)
    missing = np.divide(owed - paid, owed, out=np.zeros_like(owed), where=owed > 0)
    return pl.DataFrame(
        {
            "entity_id": case.entities,
            "owed_usd": owed,
            "paid_usd": paid,
            "shortfall_usd": owed - paid,
            "is_in_default": result.is_in_default,
            "round_of_default": result.round_of_default,
            "external_assets_usd": np.maximum(0.0, means),
            "is_floored": means < 0,
            "unreceived_usd": missing @ case.liabilities,
        }
    ).with_columns(
        as_of_date=pl.lit(case.day, pl.Date),
        scenario_id=pl.lit(case.scenario_id),
        year=pl.lit(case.year, pl.Int64),
        shock=pl.lit(shock.name),
        shocked_entity_id=pl.lit(shock.entity_id, pl.String),
        shock_kind=pl.lit(shock.kind),
        shock_size=pl.lit(shock.size, pl.Float64),
    )


def stress(rows: pl.DataFrame, dues: pl.DataFrame, labs: Sequence[str], assumptions: dict[str, float]) -> pl.DataFrame:
    """Who falls short under every shock.

    Grain: as_of_date, scenario_id, shock, entity_id. `rows` are the debtors of `debtors`, `dues` those of
    `pairwise_dues`.
    """
    sizes = sorted(v for name, v in assumptions.items() if name.startswith(SHOCK_PREFIX))
    pieces = [
        cleared(case, shock)
        for case in cases(with_means(rows, dues, assumptions["other_cost_ratio"]), dues)
        for shock in shocks([e for e in case.entities if e in labs], sizes)
    ]
    if not pieces:
        return pl.DataFrame(schema=STRESS.polars_schema)
    return STRESS.conform(pl.concat(pieces).sort(STRESS.key))


def scope(rows: pl.DataFrame, dues: pl.DataFrame, ahead: int) -> pl.DataFrame:
    """Debtors and sinks of a day.

    Grain: as_of_date and entity that owes or is owed something in the stressed year in any scenario, or is a debtor.
    """
    due = dues.filter((pl.col("obligations") != 0) & (pl.col("year") == pl.col("as_of_date").dt.year() + ahead))
    parties = pl.concat(
        [
            due.select("as_of_date", entity_id="payer_id", owes=True),
            due.select("as_of_date", entity_id="payee_id", owes=False),
        ]
    )
    found = parties.group_by("as_of_date", "entity_id").agg(pl.col("owes").any())
    means = rows.select("as_of_date", "entity_id", is_debtor=True).unique()
    joined = found.join(means, on=["as_of_date", "entity_id"], how="full", coalesce=True)
    is_debtor = pl.col("is_debtor").fill_null(value=False)
    why = (
        pl.when(is_debtor & pl.col("owes").fill_null(value=False))
        .then(pl.lit("owes in the stressed year, and its revenue is known or projected"))
        .when(is_debtor)
        .then(pl.lit("its revenue is known or projected; nothing that it owes in the stressed year is in the ledger"))
        .when(pl.col("owes"))
        .then(pl.lit("its revenue is not known: it is taken to receive only, and what it owes is left out"))
        .otherwise(pl.lit("only receives in the stressed year, and its revenue is not known"))
    )
    role = pl.when(is_debtor).then(pl.lit("debtor")).otherwise(pl.lit("sink"))
    return STRESS_SCOPE.conform(joined.with_columns(role=role, why=why).sort("as_of_date", "entity_id"))


def _ground(inputs: Inputs) -> tuple[pl.DataFrame, pl.DataFrame, dict[str, float]]:
    """The debtors, what is due, and the assumptions."""
    assumptions = as_dict(inputs.read("staging.assumptions"))
    ahead, days = int(assumptions["stress_years_ahead"]), days_asked(inputs)
    dues = pairwise_dues(
        inputs.read("facts.commitments"),
        inputs.read("facts.commitment_schedule"),
        scenarios_wide(inputs.read("staging.scenarios")),
        days,
        ahead,
    )
    return debtors(latest_coverage(inputs.read("facts.revenue_coverage"), days, ahead)), dues, assumptions


def _build_scope(inputs: Inputs) -> Built:
    rows, dues, assumptions = _ground(inputs)
    return Built(scope(rows, dues, int(assumptions["stress_years_ahead"])))


def _build_stress(inputs: Inputs) -> Built:
    rows, dues, assumptions = _ground(inputs)
    entities = inputs.read("facts.entities")
    labs = entities.filter(pl.col("kind") == SHOCKED_KIND)["entity_id"].sort().to_list()
    return Built(stress(rows, dues, labs, assumptions))


READS = (
    "facts.commitments",
    "facts.commitment_schedule",
    "facts.capacity",
    "facts.financials",
    "facts.revenue_coverage",
    "staging.scenarios",
    "staging.assumptions",
)
STEPS = (
    Step(STRESS_SCOPE, READS, _build_scope),
    Step(STRESS, (*READS, "facts.entities"), _build_stress),
)
