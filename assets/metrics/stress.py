"""metrics.stress: the shortfall of each entity if an AI lab loses revenue or funding.

Not here: the inputs (`assets.metrics.stress_inputs`), the clearing itself (`assets.finance.clearing`), dues between
pairs (`assets.metrics.pairwise_dues`), which entities are measurable (`assets.metrics.completeness`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import polars as pl

from assets.core import fields
from assets.core.columns import flag, integer, share, text, usd
from assets.core.rule import Read, Rule
from assets.core.step import Built, Inputs, Step
from assets.core.table import Latest, Table
from assets.finance.clearing import clear_each
from assets.metrics.completeness import AS_COMPLETENESS_SAYS, CELL, REASON, figures_or_reason
from assets.metrics.metric_rules import CENT, LANDMARKS, NOT_OUR_DATA, TOLERANCE
from assets.metrics.stress_inputs import READS, Case, Shock, cases, ground, with_means
from assets.metrics.stress_scope import ABSORBER, DEBTOR

DEFAULT_FIGURES = (
    "paid_usd",
    "shortfall_usd",
    "is_in_default",
    "round_of_default",
    "external_assets_usd",
    "is_floored",
)
"""Figures given only for debtors: the ledger cannot say whether an absorber could pay."""


def _paid_beyond_owed(frame: pl.DataFrame, _read: Read) -> pl.Series:
    return (frame["paid_usd"] > frame["owed_usd"]).fill_null(value=False)


def _shortfall_wrong(frame: pl.DataFrame, _read: Read) -> pl.Series:
    slack = CENT + TOLERANCE * frame["owed_usd"]
    return (frame["owed_usd"] - frame["paid_usd"] - frame["shortfall_usd"]).abs().gt(slack).fill_null(value=False)


def _default_wrong(frame: pl.DataFrame, _read: Read) -> pl.Series:
    falls = pl.col("round_of_default") > 0
    wrong = (falls != pl.col("is_in_default")) | ((pl.col("shortfall_usd") > 0) != pl.col("is_in_default"))
    return frame.select(wrong.fill_null(value=False)).to_series()


def _shock_wrong(frame: pl.DataFrame, _read: Read) -> pl.Series:
    is_none = pl.col("shock") == "none"
    wrong = (
        is_none.ne(pl.col("shock_kind") == "none")
        | is_none.ne(pl.col("shocked_entity_id").is_null())
        | is_none.ne(pl.col("shock_size") == 0)
    )
    return frame.select(wrong.fill_null(value=False)).to_series()


def _eased_by_shock(frame: pl.DataFrame, _read: Read) -> pl.Series:
    """A larger shock never reduces a shortfall: each row is compared with the next smaller size, and with no shock."""
    cell = ["as_of_date", "scenario_id", "entity_id"]
    calm = frame.filter(pl.col("shock") == "none").select(*cell, calm="shortfall_usd").unique(cell)
    before = pl.col("shortfall_usd").shift(1).over(*cell, "shocked_entity_id", "shock_kind", order_by="shock_size")
    joined = frame.with_columns(milder=before).join(calm, on=cell, how="left", maintain_order="left")
    slack = CENT + TOLERANCE * pl.col("owed_usd")
    eased = pl.max_horizontal("milder", "calm", pl.lit(0.0)) - pl.col("shortfall_usd") > slack
    return joined.select(eased.fill_null(value=False)).to_series()


def _not_in_scope(frame: pl.DataFrame, read: Read) -> pl.Series:
    scope = read("metrics.stress_scope").select(*CELL, "role")
    joined = frame.join(scope, on=CELL, how="left", maintain_order="left")
    role = pl.when(pl.col(REASON).is_null()).then(pl.lit(DEBTOR)).otherwise(pl.lit(ABSORBER))
    return joined.select(pl.col("role").ne_missing(role)).to_series()


STRESS = Table(
    stage="metrics",
    name="stress",
    summary=(
        "Who falls short of how much when one AI lab loses revenue or funding: Eisenberg-Noe clearing of what is due "
        "in the calendar year after that of the as-of day (assumption stress_years_ahead). Only entities whose outlays "
        "the ledger knows can fall short."
    ),
    grain="one row per day, scenario, shock and debtor or absorber",
    key=("as_of_date", "scenario_id", "shock", "entity_id"),
    latest=Latest(),
    columns=(
        *fields.of("as_of_date", "scenario_id"),
        text("shock", "none, or who loses what: 'openai revenue -20%'", required=True),
        fields.here("entity_id", "the debtor or absorber"),
        fields.here("year", "calendar year whose obligations are cleared", at_most=None),
        text("shocked_entity_id", "who loses, empty without a shock", refers_to="facts.entities.entity_id"),
        text(
            "shock_kind",
            "revenue: of the year; funding: not yet paid, of the year and of the time up to it; none",
            required=True,
            pattern="^(?:none|revenue|funding)$",
        ),
        share("shock_size", "what is lost", required=True),
        usd("owed_usd", "purchases due in the year, net and imputed, weighted as the scenario says", required=True),
        usd("paid_usd", "what it can pay of them, all creditors in proportion; empty for an absorber"),
        usd("shortfall_usd", "owed_usd - paid_usd; empty for an absorber"),
        flag("is_in_default", "it cannot pay all; empty for an absorber"),
        integer(
            "round_of_default",
            "1: falls even if all others pay; 2: because of those of round 1; 0: does not fall; empty for an absorber",
            at_least=0,
        ),
        usd(
            "external_assets_usd",
            "revenue after other costs, opening cash (unknown counts as 0), funding; less"
            " receipts "
            "from debtors and absorbers; empty for an absorber",
        ),
        flag("is_floored", "external_assets_usd was negative and is set to 0; empty for an absorber"),
        usd("unreceived_usd", "what debtors owe it in the year and do not pay", required=True),
        fields.here("not_measurable_because"),
    ),
    rules=(
        figures_or_reason(DEFAULT_FIGURES),
        AS_COMPLETENESS_SAYS,
        Rule("paid_within_owed", ("paid_usd", "owed_usd"), "no entity pays more than it owes", NOT_OUR_DATA,
             offends=_paid_beyond_owed),
        Rule("shortfall_consistent", ("shortfall_usd", "owed_usd", "paid_usd"),
             "the shortfall is the amount owed and not paid", NOT_OUR_DATA, offends=_shortfall_wrong),
        Rule("default_consistent", ("is_in_default", "shortfall_usd", "round_of_default"),
             "exactly the entities that fall short are in default, each from a round on", NOT_OUR_DATA,
             offends=_default_wrong),
        Rule("shock_consistent", ("shock", "shock_kind", "shocked_entity_id", "shock_size"),
             "'none' has no victim and no size, every other shock has both", NOT_OUR_DATA, offends=_shock_wrong),
        Rule("shock_never_helps", ("shortfall_usd", "shock", "shock_size"),
             "clearing is monotone: under a larger shock no shortfall is smaller", NOT_OUR_DATA,
             offends=_eased_by_shock),
        Rule("debtor_in_scope", (*CELL, REASON),
             "every row is a debtor or, with a reason, an absorber of metrics.stress_scope",
             NOT_OUR_DATA, offends=_not_in_scope, needs=("metrics.stress_scope",)),
    ),
    min_rows=0,
    may_be_empty_because="entities without any revenue row have no coverage and cannot be stressed",
    hazards=(
        LANDMARKS,
        "one scenario and one shock at a time: every shock repeats every debtor and absorber",
        "an absorber is taken to pay all it owes because nothing says whether it can: not that it is safe",
        "a lab that is not measurable on a day is not shocked",
        "beyond assumption stress_labs_max only the labs that owe most in the year are shocked",
        "shortfalls of several debtors must not be added: a part of one may be the cause of another",
        "an unknown opening balance counts as nothing: the shortfall is then an upper bound",
    ),
)  # fmt: skip

SHOCK_PREFIX = "stress_shock_ratio_"

SHOCKED_KIND = "ai_lab"


def shocks(entities: Sequence[str], sizes: Sequence[float]) -> list[Shock]:
    """No shock, then every size of a loss of revenue and of funding for each entity."""
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
    """Every debtor and absorber of a case under each shock.

    Grain: shock and entity_id. Rules: an absorber has only the amounts that it owes and does not receive, and a reason.
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
    """The labs to be shocked in a case, by name; at most the `most` that owe the largest amounts.

    Rules: only debtors, since the effect of a loss on a lab with unknown outlays cannot be computed.
    """
    owed = dict(zip(case.entities, case.owed, strict=True))
    return sorted(sorted(set(case.debtors) & set(labs), key=lambda lab: (-owed[lab], lab))[:most])


def stress(
    rows: pl.DataFrame, dues: pl.DataFrame, labs: Collection[str], assumptions: dict[str, float]
) -> pl.DataFrame:
    """The shortfall of every entity under every shock.

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


def _build(inputs: Inputs) -> Built:
    rows, dues, assumptions = ground(inputs)
    entities = inputs.read("facts.entities")
    labs = entities.filter(pl.col("kind") == SHOCKED_KIND)["entity_id"].sort().to_list()
    return Built(stress(rows, dues, labs, assumptions))


STEP = Step(STRESS, (*READS, "facts.entities"), _build)
