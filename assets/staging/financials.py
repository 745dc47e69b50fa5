"""staging.financials: reported, guided and projected figures."""

from __future__ import annotations

import polars as pl

from assets.core import fields, shared_rules
from assets.core.columns import day, mixed, text
from assets.core.rule import Read, Rule
from assets.staging.columns import seed

VALUES = ("low_value", "value", "high_value")

MAY_BE_NEGATIVE = ("net_income", "net_loss", "operating_loss", "adjusted_loss", "operating_cash_flow", "cash_burn")

PAST = ("reported", "reported_by_press")

RUN_RATE = "annualised_revenue_run_rate"


def _no_figure(frame: pl.DataFrame, _read: Read) -> pl.Series:
    return frame.select(pl.all_horizontal(pl.col(VALUES).is_null())).to_series()


def _wrong_unit(frame: pl.DataFrame, _read: Read) -> pl.Series:
    counted = pl.col("metric") == "shares_outstanding"
    return frame.select((counted != (pl.col("unit") == "shares")).fill_null(value=False)).to_series()


def _wrong_sign(frame: pl.DataFrame, _read: Read) -> pl.Series:
    negative = pl.any_horizontal(pl.col(c) < 0 for c in VALUES).fill_null(value=False)
    return frame.select((negative & ~pl.col("metric").is_in(MAY_BE_NEGATIVE)).fill_null(value=False)).to_series()


def _reported_before_end(frame: pl.DataFrame, _read: Read) -> pl.Series:
    early = pl.col("basis").is_in(PAST) & (pl.col("known_from") < pl.col("period_end")) & (pl.col("metric") != RUN_RATE)
    return frame.select(early.fill_null(value=False)).to_series()


FINANCIALS = seed(
    "financials",
    "Reported, guided and projected figures of the entities.",
    "one row per entity, metric, definition, period, day known, source and basis",
    ("entity_id", "metric", "definition", "period_start", "period_end", "known_from", "source_id", "basis"),
    (
        fields.here("entity_id", "whose figure it is"),
        text("metric", "what is measured", required=True, vocabulary="metric"),
        *fields.of("definition"),
        fields.here("unit", vocabulary="figure_unit"),
        day("period_start", "first day of the period, empty for a balance"),
        day("period_end", "last day of the period, or the day of the balance", required=True),
        mixed("low_value", "stated lower bound, in the row's unit"),
        *fields.of("value"),
        mixed("high_value", "stated upper bound, in the row's unit"),
        fields.here("basis", "who says so, about past or future", vocabulary="basis"),
        *fields.of("known_from"),
        text("xbrl_tag", "tag of the figure in the filing"),
        *fields.of("evidence", "source_id", "note"),
    ),
    (
        shared_rules.known_from_plausible(),
        shared_rules.ordered_bounds(*VALUES),
        shared_rules.plausible_magnitude(VALUES, "figure_min", "figure_max", "units"),
        shared_rules.period_ordered("period_start", "period_end"),
        Rule(
            "has_figure",
            VALUES,
            "a row without any figure says nothing",
            "fill in at least one of low_value, value, high_value",
            offends=_no_figure,
        ),
        Rule(
            "unit_of_metric",
            ("metric", "unit"),
            "shares are counted, everything else is money",
            "shares for shares_outstanding, USD for every other metric",
            offends=_wrong_unit,
        ),
        Rule(
            "sign_of_metric",
            ("metric", *VALUES),
            "only results and cash flows can be negative",
            f"write it without a minus sign; it may be negative for {', '.join(MAY_BE_NEGATIVE)}",
            offends=_wrong_sign,
        ),
        Rule(
            "reported_after_period",
            ("basis", "period_end", "known_from"),
            f"a figure cannot be reported before its period has ended ({RUN_RATE} apart)",
            "correct the day, or make it guided or projected",
            offends=_reported_before_end,
        ),
    ),
)
