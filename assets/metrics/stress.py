"""metrics.stress, metrics.stress_scope: who falls short of how much when an AI lab loses revenue or funding.

Not here: what a case is (`assets.metrics.stress_cases`), the clearing itself (`assets.finance.clearing`), what is due
between whom (`assets.metrics.dues`), of whom the ledger knows enough (`assets.metrics.completeness`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import polars as pl

from assets.contracts.completeness import REASON
from assets.contracts.stress import ABSORBER, DEBTOR, DEFAULT_FIGURES, SINK, STRESS, STRESS_SCOPE
from assets.facts.assumptions import as_dict, scenarios_wide
from assets.facts.dues import DUE_COLUMNS
from assets.finance.clearing import clear_each
from assets.metrics.dues import PAIR, days_asked, latest_coverage, pairwise_dues
from assets.metrics.stress_cases import Case, Shock, cases, parties, with_means
from assets.steps import Built, Inputs, Step

SHOCK_PREFIX = "stress_shock_ratio_"
SHOCKED_KIND = "ai_lab"


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


def cleared(case: Case, losses: Sequence[Shock]) -> pl.DataFrame:
    """Every debtor and absorber of a case under each of some shocks.

    Grain: shock and entity_id. Rules: of an absorber what it owes and does not receive, and why nothing else.
    """
    means = np.array([case.shocked_means(shock) for shock in losses])
    results = clear_each(case.liabilities, np.maximum(0.0, means), case.external_liabilities)
    falls = np.array([r.is_in_default for r in results])
    owed = case.owed
    paid = np.minimum(np.where(falls, [r.payments for r in results], owed), owed)
    missing = np.divide(owed - paid, owed, out=np.zeros_like(paid), where=owed > 0)
    size = len(case.entities)
    entities = pl.DataFrame(
        {
            "entity_id": case.entities * len(losses),
            "owed_usd": np.tile(owed, len(losses)),
            "paid_usd": paid.ravel(),
            "shortfall_usd": (owed - paid).ravel(),
            "is_in_default": falls.ravel(),
            "round_of_default": np.concatenate([r.round_of_default for r in results]),
            "external_assets_usd": np.maximum(0.0, means).ravel(),
            "is_floored": (means < 0).ravel(),
            "unreceived_usd": np.concatenate([m @ case.liabilities for m in missing]),
            REASON: pl.Series(case.reasons * len(losses), dtype=pl.String),
        }
    ).with_columns(pl.when(pl.col(REASON).is_null()).then(pl.col(DEFAULT_FIGURES)))
    shock = pl.DataFrame(
        [(loss.name, loss.entity_id, loss.kind, loss.size) for loss in losses],
        schema={
            "shock": pl.String, "shocked_entity_id": pl.String, "shock_kind": pl.String, "shock_size": pl.Float64,
        },
        orient="row",
    )  # fmt: skip
    return pl.concat([entities, shock[np.repeat(np.arange(len(losses)), size)]], how="horizontal").with_columns(
        as_of_date=pl.lit(case.day, pl.Date), scenario_id=pl.lit(case.scenario_id), year=pl.lit(case.year, pl.Int64)
    )


def shocked_labs(case: Case, labs: Collection[str], most: int) -> list[str]:
    """The labs of a case that lose something, by name; of more than `most` those that owe most.

    Rules: only debtors: what a loss does to a lab whose outlays the ledger does not know, it cannot say.
    """
    owed = dict(zip(case.entities, case.owed, strict=True))
    return sorted(sorted(set(case.debtors) & set(labs), key=lambda lab: (-owed[lab], lab))[:most])


def stress(
    rows: pl.DataFrame, dues: pl.DataFrame, labs: Collection[str], assumptions: dict[str, float]
) -> pl.DataFrame:
    """Who falls short under every shock.

    Grain: as_of_date, scenario_id, shock, entity_id. `rows` are those of `parties`, `dues` those of `pairwise_dues`.
    """
    sizes = sorted(v for name, v in assumptions.items() if name.startswith(SHOCK_PREFIX))
    most = int(assumptions["stress_labs_max"])
    pieces = [
        STRESS.conform(cleared(case, shocks(shocked_labs(case, labs, most), sizes)))
        for case in cases(with_means(rows, dues, assumptions["other_cost_ratio"]), dues)
    ]
    if not pieces:
        return pl.DataFrame(schema=STRESS.polars_schema)
    return pl.concat(pieces).sort(STRESS.key)


def scope(rows: pl.DataFrame, dues: pl.DataFrame, ahead: int) -> pl.DataFrame:
    """Debtors, absorbers and sinks of a day.

    Grain: as_of_date and entity that owes or is owed something in the stressed year in any scenario, or whose revenue
    is known. `rows` are those of `parties`.
    """
    is_due = (pl.col("obligations") != 0) & (pl.col("year") == pl.col("as_of_date").dt.year() + ahead)
    due = dues.filter(is_due).unique(["as_of_date", *PAIR]).with_columns(pl.col(PAIR).cast(pl.String))
    ends = pl.concat(
        [
            due.select("as_of_date", entity_id="payer_id", owes=True),
            due.select("as_of_date", entity_id="payee_id", owes=False),
        ]
    )
    found = ends.group_by("as_of_date", "entity_id").agg(pl.col("owes").any())
    means = rows.select("as_of_date", "entity_id", REASON, is_known=True).unique()
    joined = found.join(means, on=["as_of_date", "entity_id"], how="full", coalesce=True)
    is_known, is_measurable = pl.col("is_known").fill_null(value=False), pl.col(REASON).is_null()
    why = (
        pl.when(is_known & ~is_measurable)
        .then(
            pl.format(
                "its revenue is known, but {}; it is taken to pay all it owes, and what it loses is shown", REASON
            )
        )
        .when(is_known & pl.col("owes").fill_null(value=False))
        .then(pl.lit("owes in the stressed year, and its revenue is known or projected"))
        .when(is_known)
        .then(pl.lit("its revenue is known or projected; nothing that it owes in the stressed year is in the ledger"))
        .when(pl.col("owes"))
        .then(pl.lit("its revenue is not known: it is taken to receive only, and what it owes is left out"))
        .otherwise(pl.lit("only receives in the stressed year, and its revenue is not known"))
    )
    role = (
        pl.when(is_known & is_measurable)
        .then(pl.lit(DEBTOR))
        .when(is_known)
        .then(pl.lit(ABSORBER))
        .otherwise(pl.lit(SINK))
    )
    return STRESS_SCOPE.conform(joined.with_columns(role=role, why=why).sort("as_of_date", "entity_id"))


def _ground(inputs: Inputs) -> tuple[pl.DataFrame, pl.DataFrame, dict[str, float]]:
    """Debtors and absorbers, what is due, and the assumptions."""
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
    "metrics.completeness",
    "staging.scenarios",
    "staging.assumptions",
)
STEPS = (
    Step(STRESS_SCOPE, READS, _build_scope),
    Step(STRESS, (*READS, "facts.entities"), _build_stress),
)
