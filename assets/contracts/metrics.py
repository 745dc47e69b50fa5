"""Contracts of the metrics: the answers, one SELECT of `sql/metrics/` or one builder each."""

from __future__ import annotations

from dataclasses import replace

from assets.contracts import facts
from assets.contracts.model import Column, Table

AS_OF = Column("as_of_date", "date", "day", "day of knowledge", required=True)


def _entity(name: str, description: str) -> Column:
    return Column(name, "text", "", description, required=True, refers_to="facts.entities.entity_id")


def _usd(name: str, description: str, *, required: bool = False) -> Column:
    return Column(name, "number", "USD", description, required=required, at_least=0)


reconciles = facts.reconciles
SPARSE = (
    "one row per day on which something changed: the latest row on or before a day is in force, see the *_as_of macros"
)
MIXED = Column(
    "is_mixed_power_basis", "flag", "", "the sum mixes it_load and facility power: approximate", required=True
)

CAPACITY_BY_VIEW = Table(
    stage="metrics",
    name="capacity_by_view",
    summary="Power promised to a user by view, as known on a day.",
    grain="one row per day on which something of the user changed, user and view known so far",
    key=("as_of_date", "user_id", "view"),
    columns=(
        AS_OF,
        _entity("user_id", "who uses the power"),
        Column("view", "text", "", "the side from which the power is described", required=True, vocabulary="view"),
        Column(
            "capacity_gw",
            "number",
            "GW",
            "own shares; for statements the largest one; empty where no leg in force has a figure",
            at_least=0,
        ),
        Column("gross_capacity_gw", "number", "GW", "plain sum, parts counted again", at_least=0),
        MIXED,
    ),
    rules=(reconciles("capacity_by_view", ("as_of_date", "user_id", "view")),),
    hazards=("views describe the same power: never add them", SPARSE),
    min_rows=0,
    may_be_empty_because="a ledger may name no user of power",
)

CAPACITY_BY_QUARTER = Table(
    stage="metrics",
    name="capacity_by_quarter",
    summary="Power energised for a user by the end of a quarter, by view, as known on a day.",
    grain="one row per day on which a leg of the user and view changed, user, view and quarter",
    key=("as_of_date", "user_id", "view", "quarter_start"),
    columns=(
        AS_OF,
        _entity("user_id", "who uses the power"),
        Column("view", "text", "", "the side from which the power is described", required=True, vocabulary="view"),
        Column("quarter_start", "date", "day", "first day of the quarter", required=True),
        Column(
            "energised_gw",
            "number",
            "GW",
            "energised at the end of the quarter, own shares",
            required=True,
            at_least=0,
        ),
        MIXED,
    ),
    rules=(reconciles("capacity_by_quarter", ("as_of_date", "user_id", "view", "quarter_start")),),
    hazards=("a level, not a flow: never add quarters, nor views", SPARSE),
    min_rows=0,
    may_be_empty_because="a ledger may know no power-on date",
)

COMMITMENTS_BY_COUNTERPARTY = Table(
    stage="metrics",
    name="commitments_by_counterparty",
    summary="Who promised how much to whom, for what and how firmly, as known on a day.",
    grain="one row per day on which it changed, payer, payee, flow and certainty",
    key=("as_of_date", "payer_id", "payee_id", "flow", "certainty"),
    columns=(
        AS_OF,
        _entity("payer_id", "who pays"),
        _entity("payee_id", "who is paid"),
        Column("flow", "text", "", "what the money is for", required=True, vocabulary="flow"),
        Column("certainty", "text", "", "how firm the promise is", required=True, vocabulary="certainty"),
        Column(
            "leg_count",
            "integer",
            "rows",
            "legs in force, undisclosed ones included; 0 when the last has gone",
            required=True,
            at_least=0,
        ),
        _usd("gross_commitment_usd", "disclosed amounts, parts counted again; empty if none in force is disclosed"),
        _usd("net_commitment_usd", "disclosed own shares"),
        _usd("net_relayed_usd", "the part of net whose evidence is relayed"),
        _usd("net_unverified_usd", "the part of net whose evidence is unverified"),
        _usd("imputed_commitment_usd", "imputed own shares", required=True),
    ),
    rules=(reconciles("commitments_by_counterparty", ("as_of_date", "payer_id", "payee_id", "flow", "certainty")),),
    hazards=(
        SPARSE,
        "funding, purchases and contingent flows are different things: choose the flows before adding",
    ),
)

HEADLINE = Table(
    stage="metrics",
    name="headline",
    summary="The ledger of an entity in one row: promises to buy, power, revenue, and how they compare, by day known.",
    grain="one row per day on which something of the entity changed and entity",
    key=("as_of_date", "entity_id"),
    columns=(
        AS_OF,
        _entity("entity_id", "the entity"),
        _usd("gross_commitment_usd", "disclosed purchases that it pays, parts counted again"),
        _usd(
            "net_commitment_low_usd",
            "lowest of the own shares with every leg at its lower bound, point, upper bound",
        ),
        _usd("net_commitment_usd", "disclosed own shares"),
        _usd(
            "net_commitment_high_usd",
            "highest of the own shares with every leg at its lower bound, point, upper bound",
        ),
        _usd("imputed_commitment_low_usd", "gigawatts times the lowest cost known"),
        _usd("imputed_commitment_usd", "gigawatts times the median cost known, own shares"),
        _usd("imputed_commitment_high_usd", "gigawatts times the highest cost known"),
        _usd("outstanding_commitment_usd", "disclosed own shares due on or after the day"),
        Column(
            "rumoured_share",
            "number",
            "fraction",
            "share of net that is rumoured only",
            at_least=0,
            at_most=1,
        ),
        Column(
            "unverified_share",
            "number",
            "fraction",
            "share of net whose source was not verified",
            at_least=0,
            at_most=1,
        ),
        Column(
            "capacity_gw",
            "number",
            "GW",
            "own shares of the largest single view where it is the user",
            at_least=0,
        ),
        Column("capacity_view", "text", "", "the view of capacity_gw", vocabulary="view"),
        replace(MIXED, required=False),
        _usd("annualised_revenue_usd", "latest reported revenue, extrapolated to a year"),
        Column(
            "is_revenue_reported",
            "flag",
            "",
            "true: from a reported period; false: a run rate, nothing was reported",
        ),
        Column("commitment_coverage_ratio", "number", "fraction", "annualised revenue / net", at_least=0),
        Column(
            "commitment_coverage_ratio_with_imputed",
            "number",
            "fraction",
            "annualised revenue / (net + imputed)",
            at_least=0,
        ),
        Column("years_of_revenue", "number", "years", "(net + imputed) / annualised revenue", at_least=0),
    ),
    rules=(
        reconciles(
            "headline",
            ("as_of_date", "entity_id"),
            ("facts.commitment_schedule", "facts.capacity", "staging.assumptions"),
        ),
    ),
    hazards=(
        "an entity without legs has no amounts (empty), not zero; nor has one whose legs are all undisclosed",
        "outstanding_commitment_usd is that of as_of_date: time alone lowers it until the next row",
        SPARSE,
    ),
)

CLAIMS = Table(
    stage="metrics",
    name="claims",
    summary="The sentences of the founding article, measured in the ledger as known on their day.",
    grain="one row per claim",
    key=("claim_id",),
    columns=(
        Column("claim_id", "text", "", "the claim", required=True, refers_to="staging.claims.claim_id"),
        Column("statement", "text", "", "the claim in a sentence", required=True),
        Column("as_of_date", "date", "day", "day on which it is measured", required=True),
        Column("unit", "text", "", "unit of the values", required=True, vocabulary="claim_unit"),
        Column("expected_low", "number", "mixed", "lower bound of the claim, in its unit"),
        Column("expected_value", "number", "mixed", "figure of the claim, in its unit"),
        Column("expected_high", "number", "mixed", "upper bound of the claim, in its unit"),
        Column("measured_value", "number", "mixed", "what the ledger says, in the unit of the claim"),
        Column("verdict", "text", "", "how the two compare", required=True, vocabulary="verdict"),
        Column("explanation", "text", "", "what was measured, from what, and other readings", required=True),
    ),
    hazards=("a verdict is a result: it says what the ledger holds, not what is true",),
)

TABLES = (CAPACITY_BY_VIEW, CAPACITY_BY_QUARTER, COMMITMENTS_BY_COUNTERPARTY, HEADLINE, CLAIMS)
