"""Inputs of the stress test: debtors and absorbers, their means, their debts to each other, and the shocks.

An entity that is not measurable absorbs losses: it is assumed to pay its debts, and the amount that it does not receive
is reported.
Not here: the shortfalls (`assets.metrics.stress`), dues between pairs (`assets.metrics.pairwise_dues`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from assets.core.step import Inputs
from assets.facts.assumptions import as_dict, scenarios_wide
from assets.facts.intervals import CENTS_PER_USD, in_units
from assets.facts.scenario_obligations import DUE_COLUMNS
from assets.finance.clearing import Floats
from assets.metrics.completeness import CELL as PARTY
from assets.metrics.completeness import REASON
from assets.metrics.pairwise_dues import PAIR, days_asked, latest_coverage, pairwise_dues

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
    """Debts and assets of debtors and absorbers on one day in one scenario; vectors in the order of `entities`."""

    day: dt.date
    scenario_id: str
    year: int
    entities: list[str]
    liabilities: Floats
    external_liabilities: Floats
    means: Floats
    """External assets before any shock, not floored at 0."""
    revenue: Floats
    """Revenue after other costs, of which a revenue shock removes a fraction."""
    unpaid_now: Floats
    """Funding of the year that is not yet paid."""
    unpaid_before: Floats
    """Unpaid funding due between the year of the day and the stressed year: part of the opening cash."""
    opening: Floats
    reasons: list[str | None]
    """Why an entity is not measurable and therefore an absorber; None for a debtor."""

    @property
    def owed(self) -> Floats:
        """The total debt of each."""
        owed: Floats = self.liabilities.sum(axis=1) + self.external_liabilities
        return owed

    @property
    def debtors(self) -> list[str]:
        """The entities that can fall short: the measurable ones."""
        return [e for e, reason in zip(self.entities, self.reasons, strict=True) if reason is None]

    def shocked_means(self, shock: Shock) -> Floats:
        """External assets under a shock, not floored at 0; the loss from opening cash is at most the opening cash."""
        means = self.means.copy()
        if shock.entity_id is None:
            return means
        i = self.entities.index(shock.entity_id)
        if shock.kind == "revenue":
            means[i] -= shock.size * self.revenue[i]
        else:
            means[i] -= shock.size * self.unpaid_now[i] + min(self.opening[i], shock.size * self.unpaid_before[i])
        return means


def parties(coverage: pl.DataFrame, completeness: pl.DataFrame) -> pl.DataFrame:
    """Debtors and absorbers: the rows of the stressed year whose revenue is known in every scenario.

    Grain: as given. A column holds the reason why an entity is not measurable and therefore an absorber; null for a
    debtor.
    """
    known = pl.col("revenue_usd").is_not_null().all().over(PARTY)
    return coverage.filter(known).join(completeness.select(*PARTY, REASON), on=PARTY, how="left", maintain_order="left")


def with_means(rows: pl.DataFrame, dues: pl.DataFrame, other_cost_ratio: float) -> pl.DataFrame:
    """Debtors and absorbers with their external assets, as far as the ledger knows them.

    Grain: as_of_date, scenario_id, entity_id. Rules: revenue after other costs, opening cash (unknown counts as 0) and
    funding, less the dues of the other parties to it in the year, which reported revenue already contains.
    """
    pair = rows.select(*CELL, "year")
    received = (
        _named(dues.filter(pl.col("obligations") != 0), pair, "payer_id")
        .join(pair.rename({"entity_id": "payer_id"}), on=[*CASE, "year", "payer_id"])
        .group_by(*CASE, entity_id="payee_id")
        .agg(receipts=in_units(pl.col("obligations").sum(), CENTS_PER_USD))
    )
    unpaid = (
        _named(dues.filter(~pl.col("is_paid") & (pl.col("funding") != 0)), pair, "payee_id")
        .join(pair.select(*CELL, stressed="year"), left_on=[*CASE, "payee_id"], right_on=CELL)
        .group_by(*CASE, entity_id="payee_id")
        .agg(
            unpaid_now=in_units(pl.col("funding").filter(pl.col("year") == pl.col("stressed")).sum(), CENTS_PER_USD),
            unpaid_before=in_units(pl.col("funding").filter(pl.col("year") < pl.col("stressed")).sum(), CENTS_PER_USD),
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


def _named(dues: pl.DataFrame, asked: pl.DataFrame, end: str) -> pl.DataFrame:
    """The dues with one of the given entities as payer or payee, names as text."""
    if isinstance(dues.schema[end], pl.Enum):
        dues = dues.filter(
            pl.col(end).is_in(asked["entity_id"].unique().cast(dues.schema[end], strict=False).drop_nulls().implode())
        )
    return dues.with_columns(pl.col("scenario_id", "payer_id", "payee_id").cast(pl.String))


def cases(rows: pl.DataFrame, dues: pl.DataFrame) -> Iterator[Case]:
    """One case per day and scenario: the matrix of debts between the parties, and their debts to all others.

    An absorber has at least the amount of its debts, so it never defaults.
    """
    owed = dues.filter(pl.col("obligations") != 0).group_by(*CASE, "year", *PAIR)
    cents = owed.agg(pl.col("obligations").sum()).partition_by(*CASE, "year", as_dict=True)
    for key, own in rows.group_by(*CASE, "year", maintain_order=True):
        entities = own["entity_id"].to_list()
        among, outside = _owed(cents.get(key), own["entity_id"])
        absorbs, means = own[REASON].is_not_null().to_numpy(), own["means"].to_numpy()
        enough = np.maximum(means, (among.sum(axis=1) + outside) / CENTS_PER_USD)
        yield Case(
            day=own["as_of_date"][0],
            scenario_id=own["scenario_id"][0],
            year=own["year"][0],
            entities=entities,
            liabilities=among / CENTS_PER_USD,
            external_liabilities=outside / CENTS_PER_USD,
            means=np.where(absorbs, enough, means),
            revenue=own["kept_revenue"].to_numpy(),
            unpaid_now=own["unpaid_now"].to_numpy(),
            unpaid_before=own["unpaid_before"].to_numpy(),
            opening=own["opening"].to_numpy(),
            reasons=own[REASON].to_list(),
        )


def _owed(pairs: pl.DataFrame | None, entities: pl.Series) -> tuple[Floats, Floats]:
    """Cents owed by the row to the column, and cents owed to all other parties."""
    among, outside = np.zeros((entities.len(), entities.len())), np.zeros(entities.len())
    if pairs is None:
        return among, outside
    place = pl.DataFrame({"name": entities}).with_row_index("place")
    known = pairs.select(pl.col(PAIR).cast(pl.String), "obligations")
    for end in PAIR:
        known = known.join(place.rename({"name": end, "place": f"{end}_place"}), on=end, how="left")
    payer, payee = (known[f"{end}_place"] for end in PAIR)
    due = known["obligations"]
    inside, beyond = payer.is_not_null() & payee.is_not_null(), payer.is_not_null() & payee.is_null()
    np.add.at(among, (payer.filter(inside).to_numpy(), payee.filter(inside).to_numpy()), due.filter(inside).to_numpy())
    np.add.at(outside, payer.filter(beyond).to_numpy(), due.filter(beyond).to_numpy())
    return among, outside


def ground(inputs: Inputs) -> tuple[pl.DataFrame, pl.DataFrame, dict[str, float]]:
    """Debtors and absorbers, the dues, and the assumptions."""
    assumptions = as_dict(inputs.read("staging.assumptions"))
    ahead, days = int(assumptions["stress_years_ahead"]), days_asked(inputs)
    dues = pairwise_dues(
        inputs.read("facts.commitments"),
        inputs.chunks("facts.commitment_schedule", DUE_COLUMNS),
        scenarios_wide(inputs.read("staging.scenarios")),
        days,
        ahead,
    )
    covered = latest_coverage(inputs.read("facts.revenue_coverage"), days, ahead)
    return parties(covered, inputs.read("metrics.completeness")), dues, assumptions


READS = (
    "facts.commitments",
    "facts.commitment_schedule",
    "facts.capacity",
    "facts.financials",
    "facts.revenue_coverage",
    "metrics.completeness",
    "staging.scenarios",
    "staging.assumptions",
)
