"""The gate of metrics.completeness on the real seeds: it accepts the built table and refuses changed ones."""

import datetime as dt

import polars as pl
import pytest

from assets.core import second_derivation
from assets.metrics.completeness import COMPLETENESS
from tests.ledgers.memory import changed, refused, refused_by
from tests.ledgers.real import real_ledger

LAST = dt.date(2026, 10, 8)


@pytest.fixture(scope="module")
def ledger():
    return real_ledger().complete("metrics.completeness")


@pytest.fixture(scope="module")
def frame(ledger):
    return ledger.read("metrics.completeness")


KNOWN = pl.col("is_measurable") & (pl.col("compared_with") == "compute_spend")

STOCK = pl.col("compared_with") == "purchase_commitments"

SILENT = pl.col("compared_with").is_null()

SMALL = ~pl.col("is_measurable") & (pl.col("ledger_usd") > 0)

BROKEN = {
    "a reason beside a measurable entity": ("reason_given", KNOWN, {"not_measurable_because": "it is too large"}),
    "no reason": ("reason_given", SMALL, {"not_measurable_because": None}),
    "measurable against its ratio": ("measurable_by_ratio", SMALL, {"is_measurable": True}),
    "measurable without a comparison": ("measurable_by_ratio", SILENT, {"is_measurable": True}),
    "not measurable against its ratio": ("measurable_by_ratio", KNOWN, {"is_measurable": False}),
    "another ratio": ("ratio_consistent", KNOWN, {"completeness_ratio": 0.9}),
    "nothing stated": ("ratio_consistent", SMALL, {"stated_usd": 0.0}),
    "half a comparison": ("comparison_whole", KNOWN, {"source_id": None}),
    "a figure compared with nothing": ("comparison_whole", SILENT, {"ledger_usd": 1e9}),
    "a span of a stock": ("comparison_whole", STOCK, {"span_start": dt.date(2026, 1, 1)}),
    "a span that ends before it starts": ("period:span_end", KNOWN, {"span_end": dt.date(2020, 1, 1)}),
    "a metric that there is not": ("vocabulary:compared_with", KNOWN, {"compared_with": "hope"}),
    "a metric that is not compared": ("reconciles", KNOWN, {"compared_with": "revenue"}),
    "a source that there is not": ("refers_to:source_id", KNOWN, {"source_id": "nowhere"}),
    "another source": ("reconciles", KNOWN, {"source_id": "src_belcourt_googl"}),
    "another span": ("reconciles", KNOWN, {"span_end": dt.date(2029, 12, 31)}),
    "another sum of the ledger": ("reconciles", KNOWN, {"ledger_usd": 1e9}),
    "more to be paid than is scheduled": ("reconciles", STOCK, {"ledger_usd": 9e12}),
    "another figure": ("reconciles", SMALL, {"stated_usd": 1e12}),
    "an entity without coverage rows": ("reconciles", KNOWN, {"entity_id": "sb_energy"}),
}


def test_the_real_ledger_passes(ledger, frame):
    assert frame.height > 50
    assert refused(COMPLETENESS, frame, ledger) == set()


@pytest.mark.parametrize("what", BROKEN)
def test_a_poisoned_row_is_refused(ledger, frame, what):
    rule, where, values = BROKEN[what]
    assert refused_by(COMPLETENESS, changed(frame, where, **values), ledger, rule)


def test_a_missing_entity_is_refused(ledger, frame):
    assert refused_by(COMPLETENESS, frame.slice(1), ledger, "reconciles")


def test_every_rule_of_the_contract_is_shown_to_refuse():
    assert {r.name for r in (*COMPLETENESS.rules, *second_derivation.rules(COMPLETENESS))} <= {
        rule for rule, _, _ in BROKEN.values()
    }


def test_only_the_two_labs_are_measurable_on_the_last_day_and_no_ratio_is_near_the_minimum(frame):
    last = frame.filter(pl.col("as_of_date") == LAST)
    assert last.filter("is_measurable")["entity_id"].to_list() == ["anthropic", "openai"]
    assert last.height == 12
    assert frame.filter(pl.col("completeness_ratio").is_between(0.44, 1.26)).is_empty()
