"""metrics.statement_reconciliation: statements of a company about itself compared with the ledger.

A difference is a result, not an error: the ledger holds published deals, a company reports by its own definitions.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import polars as pl

from assets.core import fields
from assets.core.columns import gigawatts, text, usd
from assets.core.rule import Read, Rule
from assets.core.shared_rules import ordered_bounds
from assets.core.step import Built, Inputs, Step
from assets.core.table import Column, Latest, Table
from assets.core.vocabulary import CONTINGENT, FUNDING, PURCHASES
from assets.facts.intervals import CENTS_PER_USD, in_units
from assets.finance import schedule
from assets.metrics.graph import aggregates
from assets.metrics.metric_rules import CENT, LANDMARKS, NOT_OUR_DATA, RESULT, TOLERANCE, difference_off
from assets.metrics.outstanding_by_pair import READS, in_force, profiles_on
from assets.metrics.pairwise_dues import days_asked


def _kind_mixed(frame: pl.DataFrame, _read: Read) -> pl.Series:
    is_money = pl.col("kind") == "money"
    money, power = pl.col("ledger_net_usd").is_not_null(), pl.col("ledger_gw").is_not_null()
    return frame.select(((money != is_money) | (power == is_money)).fill_null(value=False)).to_series()


STATEMENT_RECONCILIATION = Table(
    stage="metrics",
    name="statement_reconciliation",
    summary="What a company says about itself in total, compared with the legs in the ledger.",
    grain="one row per day, statement in force, and the figure it is compared with",
    key=("as_of_date", "leg_id", "beside"),
    latest=Latest(),
    columns=(
        fields.here("as_of_date"),
        fields.here("leg_id", "the statement: a leg that is in no total"),
        text(
            "beside",
            "purchases or funding of the payer; for power the view site, chip or cloud of the user",
            required=True,
            pattern="^(?:purchases|funding|contingent|site|chip|cloud)$",
        ),
        fields.here("kind", "money or power", pattern="^(?:money|power)$"),
        fields.here("entity_id", "who pays, or who uses the power"),
        text(
            "counterparty_id",
            "the only payee that is compared; empty where the statement is about many",
            refers_to=fields.ENTITY,
        ),
        fields.here("starts_on", "first day that the statement is about"),
        fields.here("ends_on", "day after the last that the statement is about"),
        fields.here("is_imputed_dates", required=False),
        usd("stated_low_usd", "the statement, lower bound"),
        fields.here("stated_usd", "the statement, point"),
        usd("stated_high_usd", "the statement, upper bound"),
        usd("ledger_net_usd", "disclosed own shares of the payer's legs in force, whatever their period"),
        usd("ledger_with_imputed_usd", "the same with imputed own shares"),
        usd("ledger_in_period_usd", "purchases: the part of ledger_with_imputed_usd due in the period stated"),
        fields.here("difference_usd", "ledger_with_imputed_usd - stated_usd"),
        gigawatts("stated_low_gw", "the statement, lower bound"),
        gigawatts("stated_gw", "the statement, point"),
        gigawatts("stated_high_gw", "the statement, upper bound"),
        gigawatts("ledger_gw", "own shares of the user's legs in force in that view"),
        Column("difference_gw", "number", "GW", "ledger_gw - stated_gw"),
    ),
    rules=(
        ordered_bounds("stated_low_usd", "stated_usd", "stated_high_usd"),
        ordered_bounds("stated_low_gw", "stated_gw", "stated_high_gw"),
        ordered_bounds("ledger_net_usd", "ledger_with_imputed_usd", "ledger_with_imputed_usd"),
        difference_off("ledger_with_imputed_usd", "stated_usd", "difference_usd"),
        difference_off("ledger_gw", "stated_gw", "difference_gw"),
        Rule("kind_consistent", ("kind", "ledger_net_usd", "ledger_gw"),
             "a statement is about money or about power, never both", NOT_OUR_DATA, offends=_kind_mixed),
        Rule("period_within_whole", ("ledger_in_period_usd", "ledger_with_imputed_usd"),
             "no more can be due in a period than in all", NOT_OUR_DATA,
             offends=lambda frame, _read: (
                 frame["ledger_in_period_usd"] > frame["ledger_with_imputed_usd"] * (1 + TOLERANCE) + CENT
             ).fill_null(value=False)),
    ),
    min_rows=0,
    may_be_empty_because="a ledger may hold no statements",
    hazards=(
        LANDMARKS,
        RESULT,
        "statements overlap one another and every leg: never add them",
        "views describe the same power from different sides: compare a statement with one of them",
    ),
)  # fmt: skip

LEDGER = ("ledger_net_usd", "ledger_with_imputed_usd", "ledger_in_period_usd")

VIEWS = ("site", "chip", "cloud")

CLASSES = {"purchases": PURCHASES, "funding": FUNDING, "contingent": CONTINGENT}


def money_statements(
    commitments: pl.DataFrame, capacity: pl.DataFrame, many: Sequence[str], days: Sequence[dt.date]
) -> pl.DataFrame:
    """Compare statements about money with the legs of the same payer and class of flows.

    Grain: as_of_date and statement in force. Rules: a statement about one payee is compared with the legs to that
    payee, one about an aggregate with all legs of the payer; cancelled statements are left out.
    """
    class_of = pl.coalesce(pl.when(pl.col("flow").is_in(f)).then(pl.lit(name)) for name, f in CLASSES.items())
    stated = in_force(commitments.filter(pl.col("is_statement") & (pl.col("certainty") != "cancelled")), days)
    statements = stated.select(
        "as_of_date", "leg_id", "starts_on", "ends_on", "is_imputed_dates", "payer_id",
        beside=class_of,
        counterparty_id=pl.when(~pl.col("payee_id").is_in(list(many))).then("payee_id"),
        stated_low_usd="amount_low_usd", stated_usd="amount_usd", stated_high_usd="amount_high_usd",
    )  # fmt: skip
    ledger_legs = commitments.filter(pl.col("payer_id").is_in(statements["payer_id"].unique().implode()))
    sums = pl.concat(
        _beside(statements, legs.with_columns(beside=class_of)) for legs in profiles_on(ledger_legs, capacity, days)
    ).with_columns(in_units(pl.col(c), CENTS_PER_USD) for c in LEDGER)
    has_period = pl.col("beside") == "purchases"
    return (
        statements.join(sums, on=["as_of_date", "leg_id"], how="left")
        .with_columns(pl.col(LEDGER).fill_null(0.0), kind=pl.lit("money"), entity_id="payer_id")
        .with_columns(ledger_in_period_usd=pl.when(has_period).then("ledger_in_period_usd"))
        .with_columns(difference_usd=pl.col("ledger_with_imputed_usd") - pl.col("stated_usd"))
    )


def _beside(statements: pl.DataFrame, legs: pl.DataFrame) -> pl.DataFrame:
    """The sum of the legs of one day that are compared with each statement, in whole cents."""
    dated = legs.rename({"starts_on": "leg_starts_on", "ends_on": "leg_ends_on"}).drop("leg_id")
    key = ["as_of_date", "payer_id", "beside"]
    asked = statements.select("leg_id", *key, "counterparty_id", "starts_on", "ends_on")
    of_one, of_all = (asked.filter(pl.col("counterparty_id").is_null() == is_all) for is_all in (False, True))
    pairs = (
        of_one.lazy().join(dated.lazy(), left_on=[*key, "counterparty_id"], right_on=[*key, "payee_id"]),
        of_all.lazy().join(dated.lazy(), on=key),
    )
    in_period = schedule.share_before(pl.col("ends_on")) - schedule.share_before(pl.col("starts_on"))
    due = (pl.col("net_amount_usd") * in_period.clip(0, 1) * CENTS_PER_USD).round().cast(pl.Int64)
    cents = (pl.col("net_amount_usd") * CENTS_PER_USD).round().cast(pl.Int64)
    return pl.concat(
        found.group_by("as_of_date", "leg_id")
        .agg(
            ledger_net_usd=cents.filter(~pl.col("is_imputed_amount")).sum(),
            ledger_with_imputed_usd=cents.sum(),
            ledger_in_period_usd=due.sum(),
        )
        .collect()
        for found in pairs
    )


def power_statements(capacity: pl.DataFrame, days: Sequence[dt.date]) -> pl.DataFrame:
    """Compare statements about power with the capacity of the same user in each view.

    Grain: as_of_date, statement in force and view. A view without capacity of the user counts as 0.
    """
    rows = in_force(capacity.filter((pl.col("stage") != "cancelled") & pl.col("user_id").is_not_null()), days)
    statements = rows.filter(pl.col("view") == "statement").select(
        "as_of_date", "leg_id", entity_id="user_id",
        stated_low_gw="capacity_low_gw", stated_gw="capacity_gw", stated_high_gw="capacity_high_gw",
    )  # fmt: skip
    ledger = (
        rows.filter(pl.col("view").is_in(VIEWS))
        .group_by("as_of_date", entity_id="user_id", beside="view")
        .agg(ledger_gw=pl.col("net_capacity_gw").sum().round(9))
    )
    beside = pl.DataFrame({"beside": VIEWS})
    return (
        statements.join(beside, how="cross")
        .join(ledger, on=["as_of_date", "entity_id", "beside"], how="left")
        .with_columns(pl.col("ledger_gw").fill_null(0.0), kind=pl.lit("power"))
        .with_columns(difference_gw=pl.col("ledger_gw") - pl.col("stated_gw"))
    )


def statements(money: pl.DataFrame, power: pl.DataFrame) -> pl.DataFrame:
    """Both kinds of statements in one table.

    Grain: as_of_date, leg_id, beside.
    """
    both = pl.concat([money, power], how="diagonal")
    return STATEMENT_RECONCILIATION.conform(both.sort(STATEMENT_RECONCILIATION.key))


def _build(inputs: Inputs) -> Built:
    commitments, capacity, days = inputs.read("facts.commitments"), inputs.read("facts.capacity"), days_asked(inputs)
    many = aggregates(inputs.read("facts.entities"))
    return Built(statements(money_statements(commitments, capacity, many, days), power_statements(capacity, days)))


STEP = Step(STATEMENT_RECONCILIATION, READS, _build)
