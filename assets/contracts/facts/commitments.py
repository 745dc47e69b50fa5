"""Promises of money as intervals of knowledge, competing figures, and when money falls due."""

from __future__ import annotations

import polars as pl

from assets.contracts import rules
from assets.contracts.facts.columns import (
    DEAL,
    EVIDENCE,
    FLOWS_ON_ONE_DAY,
    INTERVAL,
    KNOWN_FROM,
    KNOWN_TO,
    LEG,
    RELATIVE_TOLERANCE,
    SEED_KNOWN_FROM,
    SOURCE,
    cancelled_carries_nothing,
    key,
    money,
    sums_match,
)
from assets.contracts.model import Column, Read, Rule, Table


def _net_within_gross(frame: pl.DataFrame, _read: Read) -> pl.Series:
    return (frame["net_amount_usd"] > frame["amount_usd"] * (1 + RELATIVE_TOLERANCE)).fill_null(value=False)


def _period_empty(frame: pl.DataFrame, _read: Read) -> pl.Series:
    exempt = pl.col("is_statement") | (pl.col("certainty") == "cancelled")
    one_day = pl.col("flow").is_in(FLOWS_ON_ONE_DAY) & (pl.col("starts_on") == pl.col("ends_on"))
    return frame.select(~exempt & ~one_day & (pl.col("starts_on") >= pl.col("ends_on"))).to_series()


def _no_net_of_statement(frame: pl.DataFrame, _read: Read) -> pl.Series:
    return frame["is_statement"] & frame["net_amount_usd"].is_not_null()


COMMITMENTS = Table(
    stage="facts",
    name="commitments",
    summary="Promises of money as intervals of knowledge: bounded, imputed where gigawatts allow, net of their parts.",
    grain="one row per leg and maximal interval of knowledge",
    key=INTERVAL,
    columns=(
        LEG,
        KNOWN_FROM,
        KNOWN_TO,
        SEED_KNOWN_FROM,
        DEAL,
        key("payer_id", "who pays", "facts.entities.entity_id"),
        key("payee_id", "who is paid", "facts.entities.entity_id"),
        Column("flow", "text", "", "what the money is for", required=True, vocabulary="flow"),
        Column("certainty", "text", "", "how firm the promise is", required=True, vocabulary="certainty"),
        EVIDENCE,
        Column("qualifier", "text", "", "how the figure is meant", required=True, vocabulary="qualifier"),
        *money("amount", "the promise"),
        Column(
            "net_amount_low_usd",
            "number",
            "USD",
            "own share when every leg stands at its lower bound",
            at_least=0,
        ),
        Column("net_amount_usd", "number", "USD", "own share: the promise less its parts in force", at_least=0),
        Column(
            "net_amount_high_usd",
            "number",
            "USD",
            "own share when every leg stands at its upper bound",
            at_least=0,
        ),
        Column(
            "is_imputed_amount",
            "flag",
            "",
            "gigawatts times cost per gigawatt, not a stated figure",
            required=True,
        ),
        Column("starts_on", "date", "day", "first day of payment", required=True),
        Column("ends_on", "date", "day", "day after the last payment", required=True),
        Column("is_imputed_dates", "flag", "", "a date was not stated and is assumed", required=True),
        Column(
            "is_statement",
            "flag",
            "",
            "a statement about other legs: in no total, without schedule",
            required=True,
        ),
        Column("part_of_leg_id", "text", "", "the larger leg that repeats this one, once it is known"),
        Column("funds_leg_id", "text", "", "the leg that this money pays for, once it is known"),
        Column("capacity_leg_id", "text", "", "the gigawatts that the money buys, once they are known"),
        Column("first_power_on", "date", "day", "first power of the capacity leg, where payments follow it"),
        Column("full_power_on", "date", "day", "full power of the capacity leg, where payments follow it"),
        SOURCE,
        Column("note", "text", "", "remarks of the researcher"),
    ),
    rules=(
        rules.no_overlap(("leg_id",)),
        rules.ordered_bounds("amount_low_usd", "amount_usd", "amount_high_usd"),
        Rule(
            "period:ends_on",
            ("starts_on", "ends_on", "flow"),
            "a period must not be empty (equity and debt may take one day; statements and cancelled rows are exempt)",
            "this is a defect of the builder: report it with the sample keys",
            offends=_period_empty,
        ),
        Rule(
            "net_within_gross",
            ("net_amount_usd", "amount_usd"),
            "an own share cannot exceed the whole",
            "this is a defect of the builder: report it with the sample keys",
            offends=_net_within_gross,
        ),
        cancelled_carries_nothing(
            (
                "amount_low_usd",
                "amount_usd",
                "amount_high_usd",
                "net_amount_low_usd",
                "net_amount_usd",
                "net_amount_high_usd",
            ),
            "certainty",
        ),
        Rule(
            "statement_in_no_total",
            ("is_statement", "net_amount_usd"),
            "a statement overlaps other legs: it has no own share",
            "this is a defect of the builder: report it with the sample keys",
            offends=_no_net_of_statement,
        ),
    ),
    hazards=(
        "summing amount_usd counts parts twice: sum net_amount_usd",
        "a sum needs one day: known_from <= d and (known_to is null or d < known_to), or use commitments_as_of(d)",
        "imputed amounts (is_imputed_amount) and statements (is_statement) are in no disclosed total",
        "what funds a leg (funds_leg_id) must not be added to what it pays for",
    ),
)

COMMITMENT_ALTERNATIVES = Table(
    stage="facts",
    name="commitment_alternatives",
    summary="Competing figures for a leg: kept, never counted.",
    grain="one row per leg and day on which the competing figure became known",
    key=INTERVAL,
    columns=(
        LEG,
        KNOWN_FROM,
        DEAL,
        key("payer_id", "who pays", "facts.entities.entity_id"),
        key("payee_id", "who is paid", "facts.entities.entity_id"),
        Column("flow", "text", "", "what the money is for", required=True, vocabulary="flow"),
        Column("certainty", "text", "", "how firm the promise is", required=True, vocabulary="certainty"),
        EVIDENCE,
        Column("qualifier", "text", "", "how the figure is meant", required=True, vocabulary="qualifier"),
        *money("amount", "the competing figure"),
        SOURCE,
        Column("note", "text", "", "remarks of the researcher"),
    ),
    min_rows=0,
    may_be_empty_because="a ledger need not contain competing figures",
    hazards=("competing figures are in no total",),
)


COMMITMENT_SCHEDULE = Table(
    stage="facts",
    name="commitment_schedule",
    summary="When promised money falls due, by calendar quarter.",
    grain="one row per leg interval and quarter",
    key=(*INTERVAL, "quarter_start"),
    columns=(
        LEG,
        KNOWN_FROM,
        KNOWN_TO,
        Column("quarter_start", "date", "day", "first day of the quarter", required=True),
        *money("amount", "due in the quarter"),
        Column("net_amount_usd", "number", "USD", "own share due in the quarter", at_least=0),
        Column(
            "is_imputed_amount",
            "flag",
            "",
            "gigawatts times cost per gigawatt, not a stated figure",
            required=True,
        ),
    ),
    rules=(
        sums_match(
            "facts.commitments",
            tuple((c, c) for c in ("amount_low_usd", "amount_usd", "amount_high_usd", "net_amount_usd")),
        ),
    ),
    hazards=("a sum needs one day of knowledge, and net_amount_usd: amount_usd counts parts twice",),
)

COMMITMENT_OUTSTANDING = Table(
    stage="facts",
    name="commitment_outstanding",
    summary="What remains to be paid of an entity's purchases, on every day on which something of the entity changed.",
    grain="one row per payer and day",
    key=("payer_id", "as_of_date"),
    columns=(
        key("payer_id", "who pays", "facts.entities.entity_id"),
        Column(
            "as_of_date",
            "date",
            "day",
            "day of knowledge, and day from which payments are counted",
            required=True,
        ),
        Column(
            "outstanding_commitment_usd",
            "number",
            "USD",
            "disclosed own shares due on or after the day",
            required=True,
            at_least=0,
        ),
        Column(
            "outstanding_imputed_usd",
            "number",
            "USD",
            "imputed own shares due on or after the day",
            required=True,
            at_least=0,
        ),
    ),
    hazards=("as of the day itself: time alone lowers it between two rows",),
)
