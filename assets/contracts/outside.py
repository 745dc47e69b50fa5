"""Contracts of the reconciliation with the outside: the ledger beside what companies report and state themselves.

A difference is a result: the ledger holds what became public deal by deal, a company reports by its own definitions.
"""

from __future__ import annotations

import polars as pl

from assets.contracts.metrics import AS_OF, _entity, _usd
from assets.contracts.model import Column, Read, Rule, Table
from assets.contracts.rules import ordered_bounds
from assets.contracts.stress import CENT, LANDMARKS, NOT_OUR_DATA, TOLERANCE

RESULT = "a difference is a result, not an error: definitions, scope and day differ"


def _difference_off(left: str, right: str, difference: str) -> Rule:
    """The difference is left less right, unknown where either is."""

    def offends(frame: pl.DataFrame, _read: Read) -> pl.Series:
        a, b, d = pl.col(left), pl.col(right), pl.col(difference)
        wrong = (a - b - d).abs() > CENT + TOLERANCE * pl.max_horizontal(a.abs(), b.abs())
        return frame.select(((a.is_null() | b.is_null()) != d.is_null()) | wrong.fill_null(value=False)).to_series()

    return Rule(
        f"difference_consistent:{difference}",
        (difference, left, right),
        f"{difference} is {left} - {right}, and unknown where either is",
        NOT_OUR_DATA,
        offends=offends,
    )


def _ratio_off(frame: pl.DataFrame, _read: Read) -> pl.Series:
    ratio, reported, ledger = pl.col("ledger_over_reported"), pl.col("reported_usd"), pl.col("ledger_outstanding_usd")
    wrong = (ratio * reported - ledger).abs() > CENT + TOLERANCE * ledger
    return frame.select(
        ((reported > 0).fill_null(value=False) != ratio.is_not_null()) | wrong.fill_null(value=False)
    ).to_series()


def _reported_later(frame: pl.DataFrame, _read: Read) -> pl.Series:
    return (frame["reported_known_from"] > frame["as_of_date"]).fill_null(value=False)


def _half_reported(frame: pl.DataFrame, _read: Read) -> pl.Series:
    parts = ("reported_usd", "reported_on", "reported_known_from", "source_id")
    unknown = pl.sum_horizontal(pl.col(c).is_null() for c in parts)
    return frame.select(unknown.is_between(1, len(parts) - 1)).to_series()


BACKLOG_RECONCILIATION = Table(
    stage="metrics",
    name="backlog_reconciliation",
    summary="What is outstanding in the ledger beside what companies report: backlog sold, commitments to buy.",
    grain="one row per day, entity (listed, or with a reported figure) and measure",
    key=("as_of_date", "entity_id", "measure"),
    columns=(
        AS_OF,
        _entity("entity_id", "the company"),
        Column(
            "measure",
            "text",
            "",
            "rpo: what it has sold and not delivered; purchase_commitments: what it has promised to buy",
            required=True,
            pattern="^(?:rpo|purchase_commitments)$",
        ),
        _usd("ledger_outstanding_usd", "disclosed own shares due on or after the day", required=True),
        _usd("ledger_imputed_usd", "imputed own shares due on or after the day", required=True),
        _usd("reported_usd", "latest figure of the company known on the day, empty if there is none"),
        Column("reported_on", "date", "day", "balance-sheet day of the figure"),
        Column("reported_known_from", "date", "day", "day on which the figure became known"),
        Column("definition", "text", "", "what the figure contains, empty for the company's usual total"),
        Column("other_figures", "text", "", "figures of the same day by another definition, in billion US dollars"),
        Column("difference_usd", "number", "USD", "ledger_outstanding_usd - reported_usd"),
        Column("ledger_over_reported", "number", "fraction", "ledger_outstanding_usd / reported_usd", at_least=0),
        Column(
            "source_id", "text", "", "where the figure was read", refers_to="facts.sources.source_id"
        ),
    ),
    rules=(
        _difference_off("ledger_outstanding_usd", "reported_usd", "difference_usd"),
        Rule("ratio_consistent", ("ledger_over_reported", "ledger_outstanding_usd", "reported_usd"),
             "the ratio is ledger over reported, and unknown where nothing is reported", NOT_OUR_DATA,
             offends=_ratio_off),
        Rule("reported_known_then", ("reported_known_from", "as_of_date"),
             "a figure that became known later must not reach an earlier day", NOT_OUR_DATA, offends=_reported_later),
        Rule("reported_whole", ("reported_usd", "reported_on", "reported_known_from", "source_id"),
             "a reported figure has a day, a day of knowledge and a source", NOT_OUR_DATA, offends=_half_reported),
    ),
    min_rows=0,
    may_be_empty_because="a ledger may know neither listed companies nor reported figures",
    hazards=(
        LANDMARKS,
        RESULT,
        "one promise stands twice: as backlog of the seller and as commitment of the buyer",
        "the reported figure is that of its balance-sheet day, the ledger that of the as-of day",
    ),
)  # fmt: skip


def _kind_mixed(frame: pl.DataFrame, _read: Read) -> pl.Series:
    is_money = pl.col("kind") == "money"
    money, power = pl.col("ledger_net_usd").is_not_null(), pl.col("ledger_gw").is_not_null()
    return frame.select(((money != is_money) | (power == is_money)).fill_null(value=False)).to_series()


STATEMENT_RECONCILIATION = Table(
    stage="metrics",
    name="statement_reconciliation",
    summary="What a company says about itself in total beside what the ledger holds leg by leg.",
    grain="one row per day, statement in force, and what it is set beside",
    key=("as_of_date", "leg_id", "beside"),
    columns=(
        AS_OF,
        Column("leg_id", "text", "", "the statement: a leg that is in no total", required=True),
        Column(
            "beside",
            "text",
            "",
            "purchases or funding of the payer; for power the view site, chip or cloud of the user",
            required=True,
            pattern="^(?:purchases|funding|contingent|site|chip|cloud)$",
        ),
        Column("kind", "text", "", "money or power", required=True, pattern="^(?:money|power)$"),
        _entity("entity_id", "who pays, or who uses the power"),
        Column(
            "counterparty_id",
            "text",
            "",
            "the only payee that is compared; empty where the statement is about many",
            refers_to="facts.entities.entity_id",
        ),
        Column("starts_on", "date", "day", "first day that the statement is about"),
        Column("ends_on", "date", "day", "day after the last that the statement is about"),
        Column("is_imputed_dates", "flag", "", "a date was not stated and is assumed"),
        _usd("stated_low_usd", "the statement, lower bound"),
        _usd("stated_usd", "the statement, point"),
        _usd("stated_high_usd", "the statement, upper bound"),
        _usd("ledger_net_usd", "disclosed own shares of the payer's legs in force, whatever their period"),
        _usd("ledger_with_imputed_usd", "the same with imputed own shares"),
        _usd("ledger_in_period_usd", "purchases: the part of ledger_with_imputed_usd due in the period stated"),
        Column("difference_usd", "number", "USD", "ledger_with_imputed_usd - stated_usd"),
        Column("stated_low_gw", "number", "GW", "the statement, lower bound", at_least=0),
        Column("stated_gw", "number", "GW", "the statement, point", at_least=0),
        Column("stated_high_gw", "number", "GW", "the statement, upper bound", at_least=0),
        Column("ledger_gw", "number", "GW", "own shares of the user's legs in force in that view", at_least=0),
        Column("difference_gw", "number", "GW", "ledger_gw - stated_gw"),
    ),
    rules=(
        ordered_bounds("stated_low_usd", "stated_usd", "stated_high_usd"),
        ordered_bounds("stated_low_gw", "stated_gw", "stated_high_gw"),
        ordered_bounds("ledger_net_usd", "ledger_with_imputed_usd", "ledger_with_imputed_usd"),
        _difference_off("ledger_with_imputed_usd", "stated_usd", "difference_usd"),
        _difference_off("ledger_gw", "stated_gw", "difference_gw"),
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

TABLES = (BACKLOG_RECONCILIATION, STATEMENT_RECONCILIATION)
