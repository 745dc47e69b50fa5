"""Nothing known later reaches an earlier day: real seeds cut after staging give the same rows for earlier days."""

import datetime as dt

import polars as pl
import pytest

from assets import catalog, facts, raw, staging
from assets.metrics import completeness, outside, stress, trail
from assets.steps import in_order
from tests.ledgers.memory import Ledger

CUT = dt.date(2025, 11, 14)
STEPS = (*completeness.STEPS, *stress.STEPS, *outside.STEPS, *trail.STEPS)


def build(cut=None):
    ledger = Ledger()
    for step in in_order({s.name: s for s in (*raw.STEPS, *staging.STEPS, *catalog.steps_of(facts))}):
        frame = ledger.make(step)
        if cut is not None and step.table.stage == "staging" and "known_from" in frame.columns:
            ledger.put(step.table, frame.filter(pl.col("known_from") <= cut))
    for step in STEPS:
        ledger.make(step)
    return ledger


@pytest.fixture(scope="module")
def whole_and_cut():
    return build(), build(CUT)


@pytest.mark.parametrize("name", [s.name for s in STEPS])
def test_the_days_before_the_cut_are_the_same(whole_and_cut, name):
    whole, cut = (ledger.read(name).filter(pl.col("as_of_date") <= dt.date(2025, 9, 30)) for ledger in whole_and_cut)
    assert not whole.is_empty()
    assert whole.equals(cut)


def test_the_last_day_is_the_last_on_which_something_became_known(whole_and_cut):
    _, cut = whole_and_cut
    last = cut.read("metrics.money_trail")["as_of_date"].max()
    assert dt.date(2025, 9, 30) < last <= CUT
