"""Contracts of stress: who falls short when one cannot pay, who takes part in it, and who rests on one customer."""

from __future__ import annotations

import polars as pl

from assets.contracts.completeness import (
    AS_COMPLETENESS_SAYS,
    CELL,
    NOT_MEASURABLE_BECAUSE,
    REASON,
    figures_or_reason,
)
from assets.contracts.metrics import AS_OF, _entity, _usd
from assets.contracts.model import Column, Read, Rule, Table

CENT = 0.01
TOLERANCE = 1e-9
NOT_OUR_DATA = "this is a defect of the builder: report it with the sample keys"
LANDMARKS = "a state per day, quarter ends since 2025 and the last day known: choose one, see the *_as_of macros"
SCENARIO = Column("scenario_id", "text", "", "the scenario", required=True, vocabulary="scenario")
DEBTOR, ABSORBER, SINK = "debtor", "absorber", "sink"
DEFAULT_FIGURES = (
    "paid_usd",
    "shortfall_usd",
    "is_in_default",
    "round_of_default",
    "external_assets_usd",
    "is_floored",
)
"""What is given only of debtors: whether an absorber could pay, the ledger cannot say."""


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
    """More of one shock leaves nobody better off: each row beside the next smaller size of the same shock, or none."""
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


def _role_wrong(frame: pl.DataFrame, read: Read) -> pl.Series:
    said = read("metrics.completeness").select(*CELL, "is_measurable")
    joined = frame.join(said, on=CELL, how="left", maintain_order="left")
    is_debtor, is_absorber = pl.col("role") == DEBTOR, pl.col("role") == ABSORBER
    wrong = (is_debtor & ~pl.col("is_measurable")) | (is_absorber & pl.col("is_measurable"))
    unknown = (is_debtor | is_absorber) & pl.col("is_measurable").is_null()
    return joined.select((wrong | unknown).fill_null(value=False)).to_series()


STRESS_SCOPE = Table(
    stage="metrics",
    name="stress_scope",
    summary=(
        "Who takes part in the stress test of a day: debtors can fall short; absorbers lose and are taken to pay all "
        "they owe; sinks only receive."
    ),
    grain="one row per day and entity that owes or is owed something in the stressed year",
    key=("as_of_date", "entity_id"),
    columns=(
        AS_OF,
        _entity("entity_id", "the entity"),
        Column(
            "role",
            "text",
            "",
            "debtor: its revenue is known and the ledger knows its outlays; absorber: its revenue is known, its "
            "outlays are not; sink: its revenue is not known",
            required=True,
            pattern="^(?:debtor|absorber|sink)$",
        ),
        Column("why", "text", "", "why it has this role", required=True),
    ),
    rules=(
        Rule(
            "debtors_have_coverage",
            ("entity_id", "role"),
            "an entity without revenue rows has no known means: it cannot be a debtor, nor an absorber",
            NOT_OUR_DATA,
            offends=lambda frame, read: (
                frame["role"].is_in([DEBTOR, ABSORBER]).fill_null(value=False)
                & ~frame["entity_id"].is_in(read("facts.revenue_coverage")["entity_id"].unique().implode())
            ),
            needs=("facts.revenue_coverage",),
        ),
        Rule(
            "debtors_are_measurable",
            ("as_of_date", "entity_id", "role"),
            "whoever is not measurable (metrics.completeness) cannot be said to fall short, nor not to: it absorbs",
            NOT_OUR_DATA,
            offends=_role_wrong,
            needs=("metrics.completeness",),
        ),
    ),
    min_rows=0,
    may_be_empty_because="a ledger may have nothing that falls due in the stressed year",
    hazards=(LANDMARKS, "a sink may owe a great deal: what it owes is left out because its means are not known"),
)

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
    columns=(
        AS_OF,
        SCENARIO,
        Column("shock", "text", "", "none, or who loses what: 'openai revenue -20%'", required=True),
        _entity("entity_id", "the debtor or absorber"),
        Column("year", "integer", "", "calendar year whose obligations are cleared", required=True, at_least=2015),
        Column(
            "shocked_entity_id", "text", "", "who loses, empty without a shock", refers_to="facts.entities.entity_id"
        ),
        Column(
            "shock_kind",
            "text",
            "",
            "revenue: of the year; funding: not yet paid, of the year and of the time up to it; none",
            required=True,
            pattern="^(?:none|revenue|funding)$",
        ),
        Column("shock_size", "number", "fraction", "what is lost", required=True, at_least=0, at_most=1),
        _usd("owed_usd", "purchases due in the year, net and imputed, weighted as the scenario says", required=True),
        _usd("paid_usd", "what it can pay of them, all creditors in proportion; empty for an absorber"),
        _usd("shortfall_usd", "owed_usd - paid_usd; empty for an absorber"),
        Column("is_in_default", "flag", "", "it cannot pay all; empty for an absorber"),
        Column(
            "round_of_default",
            "integer",
            "",
            "1: falls even if all others pay; 2: because of those of round 1; 0: does not fall; empty for an absorber",
            at_least=0,
        ),
        _usd(
            "external_assets_usd",
            "revenue after other costs, opening cash (unknown counts as 0), funding; less receipts from debtors and "
            "absorbers; empty for an absorber",
        ),
        Column(
            "is_floored",
            "flag",
            "",
            "external_assets_usd was negative and is set to 0; empty for an absorber",
        ),
        _usd("unreceived_usd", "what debtors owe it in the year and do not pay", required=True),
        NOT_MEASURABLE_BECAUSE,
    ),
    rules=(
        figures_or_reason(DEFAULT_FIGURES),
        AS_COMPLETENESS_SAYS,
        Rule("paid_within_owed", ("paid_usd", "owed_usd"), "nobody pays more than it owes", NOT_OUR_DATA,
             offends=_paid_beyond_owed),
        Rule("shortfall_consistent", ("shortfall_usd", "owed_usd", "paid_usd"),
             "the shortfall is what is owed and not paid", NOT_OUR_DATA, offends=_shortfall_wrong),
        Rule("default_consistent", ("is_in_default", "shortfall_usd", "round_of_default"),
             "who falls short is in default and fell in a round, and nobody else", NOT_OUR_DATA,
             offends=_default_wrong),
        Rule("shock_consistent", ("shock", "shock_kind", "shocked_entity_id", "shock_size"),
             "'none' has no victim and no size, every other shock has both", NOT_OUR_DATA, offends=_shock_wrong),
        Rule("shock_never_helps", ("shortfall_usd", "shock", "shock_size"),
             "clearing is monotone: a larger shock leaves nobody with a smaller shortfall", NOT_OUR_DATA,
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


def _shares_off(frame: pl.DataFrame, _read: Read) -> pl.Series:
    total = pl.col("share_of_backlog").sum().over("as_of_date", "supplier_id")
    return frame.select((total - 1).abs() > TOLERANCE).to_series()


def _rank_wrong(frame: pl.DataFrame, _read: Read) -> pl.Series:
    supplier = ["as_of_date", "supplier_id"]
    larger_before = pl.col("share_of_backlog").diff().over(*supplier, order_by="rank") > TOLERANCE
    ranks = pl.int_range(1, pl.len() + 1).over(*supplier, order_by="rank")
    return frame.select((larger_before | (pl.col("rank") != ranks)).fill_null(value=False)).to_series()


CUSTOMER_CONCENTRATION = Table(
    stage="metrics",
    name="customer_concentration",
    summary="How much of a supplier's backlog in the ledger rests on each customer, as known on a day.",
    grain="one row per day, supplier and customer with something outstanding",
    key=("as_of_date", "supplier_id", "customer_id"),
    columns=(
        AS_OF,
        _entity("supplier_id", "who sells; suppliers of kind aggregate stand for many and are left out"),
        _entity("customer_id", "who buys"),
        _usd("outstanding_usd", "disclosed own shares of purchases due on or after the day", required=True),
        _usd("outstanding_imputed_usd", "imputed own shares due on or after the day", required=True),
        Column(
            "share_of_backlog",
            "number",
            "fraction",
            "of everything outstanding with the supplier in the ledger, disclosed and imputed",
            required=True,
            at_least=0,
            at_most=1,
        ),
        Column("rank", "integer", "", "1 is the largest customer of the supplier", required=True, at_least=1),
    ),
    rules=(
        Rule("shares_sum_to_one", ("share_of_backlog",), "the customers of a supplier make up its whole backlog",
             NOT_OUR_DATA, offends=_shares_off),
        Rule("rank_follows_share", ("rank", "share_of_backlog"),
             "ranks count from 1 and a larger share never stands behind a smaller one", NOT_OUR_DATA,
             offends=_rank_wrong),
    ),
    min_rows=0,
    may_be_empty_because="a ledger may have nothing outstanding",
    hazards=(
        LANDMARKS,
        "the backlog of the ledger, not of the company: see metrics.backlog_reconciliation for what is reported",
    ),
)  # fmt: skip

TABLES = (STRESS_SCOPE, STRESS, CUSTOMER_CONCENTRATION)
