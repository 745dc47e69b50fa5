"""Later knowledge does not change an earlier day: real seeds cut after staging give the same rows for earlier days."""

import datetime as dt

import polars as pl
import pytest

from assets.core.paths import SEEDS
from tests.ledgers.memory import Ledger, steps_to

CUT = dt.date(2025, 11, 14)

NAMES = (
    "metrics.completeness",
    "metrics.stress_scope",
    "metrics.stress",
    "metrics.customer_concentration",
    "metrics.backlog_reconciliation",
    "metrics.statement_reconciliation",
    "metrics.money_trail",
)


def build(cut=None):
    ledger = Ledger(SEEDS)
    for step in steps_to(*NAMES):
        frame = ledger.make(step)
        if cut is not None and step.table.stage == "staging" and "known_from" in frame.columns:
            ledger.put(step.table, frame.filter(pl.col("known_from") <= cut))
    return ledger


@pytest.fixture(scope="module")
def whole_and_cut():
    return build(), build(CUT)


@pytest.mark.parametrize("name", NAMES)
def test_the_days_before_the_cut_are_the_same(whole_and_cut, name):
    whole, cut = (ledger.read(name).filter(pl.col("as_of_date") <= dt.date(2025, 9, 30)) for ledger in whole_and_cut)
    assert not whole.is_empty()
    assert whole.equals(cut)


def test_the_last_day_is_the_last_on_which_something_became_known(whole_and_cut):
    _, cut = whole_and_cut
    last = cut.read("metrics.money_trail")["as_of_date"].max()
    assert dt.date(2025, 9, 30) < last <= CUT
