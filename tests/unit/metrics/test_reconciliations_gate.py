"""The gates of customer concentration and of the comparisons with company reports, on the real seeds."""

import datetime as dt

import polars as pl
import pytest

from assets.core import second_derivation
from assets.metrics.backlog_reconciliation import BACKLOG_RECONCILIATION
from assets.metrics.customer_concentration import CUSTOMER_CONCENTRATION
from assets.metrics.statement_reconciliation import STATEMENT_RECONCILIATION
from tests.ledgers.memory import changed, refused, refused_by
from tests.ledgers.real import real_ledger

TABLES = (CUSTOMER_CONCENTRATION, BACKLOG_RECONCILIATION, STATEMENT_RECONCILIATION)

RECONCILES = "reconciles"


@pytest.fixture(scope="module")
def ledger():
    return real_ledger().complete(*(table.full_name for table in TABLES))


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.name)
def test_the_real_ledger_passes(ledger, table):
    frame = ledger.read(table.full_name)
    assert frame.height > 20
    assert refused(table, frame, ledger) == set()


TOP = (pl.col("supplier_id") == "oracle") & (pl.col("rank") == 1)

COMPARED = pl.col("reported_usd").is_not_null()

MONEY, POWER = pl.col("kind") == "money", pl.col("kind") == "power"

TOTAL = pl.col("leg_id") == "l_openai_total"

BROKEN = {
    CUSTOMER_CONCENTRATION.name: {
        "shares_sum_to_one": lambda f: changed(f, TOP, share_of_backlog=0.1),
        "rank_follows_share": lambda f: changed(f, TOP, rank=7),
        RECONCILES: lambda f: changed(f, TOP, outstanding_usd=1e15),
        "range:share_of_backlog": lambda f: changed(f, TOP, share_of_backlog=1.5),
        "range:rank": lambda f: changed(f, TOP, rank=0),
        "range:outstanding_usd": lambda f: changed(f, TOP, outstanding_usd=-1.0),
        "range:outstanding_imputed_usd": lambda f: changed(f, TOP, outstanding_imputed_usd=-1.0),
        "refers_to:customer_id": lambda f: changed(f, TOP, customer_id="nobody"),
        "refers_to:supplier_id": lambda f: changed(f, TOP, supplier_id="nobody"),
        "unique_key": lambda f: pl.concat([f, f.head(1)]),
        "required_values": lambda f: changed(f, TOP, rank=None),
    },
    BACKLOG_RECONCILIATION.name: {
        "difference_consistent:difference_usd": lambda f: changed(f, COMPARED, difference_usd=1.0),
        "ratio_consistent": lambda f: changed(f, COMPARED, ledger_over_reported=17.0),
        "reported_known_then": lambda f: changed(f, COMPARED, reported_known_from=dt.date(2030, 1, 1)),
        "reported_whole": lambda f: changed(f, COMPARED, source_id=None),
        RECONCILES: lambda f: changed(f, COMPARED, ledger_outstanding_usd=1e15),
        "pattern:measure": lambda f: changed(f, COMPARED, measure="mood"),
        "range:ledger_outstanding_usd": lambda f: changed(f, COMPARED, ledger_outstanding_usd=-1.0),
        "refers_to:entity_id": lambda f: changed(f, COMPARED, entity_id="nobody"),
        "refers_to:source_id": lambda f: changed(f, COMPARED, source_id="nowhere"),
        "unique_key": lambda f: pl.concat([f, f.head(1)]),
        "required_values": lambda f: changed(f, COMPARED, ledger_imputed_usd=None),
    },
    STATEMENT_RECONCILIATION.name: {
        "ordered:stated_usd": lambda f: changed(f, TOTAL, stated_low_usd=1e15),
        "ordered:stated_gw": lambda f: changed(f, POWER, stated_low_gw=1e6),
        "ordered:ledger_with_imputed_usd": lambda f: changed(f, TOTAL, ledger_net_usd=1e15),
        "difference_consistent:difference_usd": lambda f: changed(f, MONEY, difference_usd=None),
        "difference_consistent:difference_gw": lambda f: changed(f, POWER, difference_gw=99.0),
        "kind_consistent": lambda f: changed(f, MONEY, kind="power"),
        "period_within_whole": lambda f: changed(f, TOTAL, ledger_in_period_usd=1e15),
        RECONCILES: lambda f: changed(f, POWER, ledger_gw=1e6),
        "pattern:beside": lambda f: changed(f, MONEY, beside="moon"),
        "pattern:kind": lambda f: changed(f, MONEY, kind="time"),
        "refers_to:entity_id": lambda f: changed(f, MONEY, entity_id="nobody"),
        "refers_to:counterparty_id": lambda f: changed(f, MONEY, counterparty_id="nobody"),
        "unique_key": lambda f: pl.concat([f, f.head(1)]),
        "required_values": lambda f: changed(f, MONEY, leg_id=None),
    },
}

CASES = [(table, rule) for table in TABLES for rule in BROKEN[table.name]]


@pytest.mark.parametrize(("table", "rule"), CASES, ids=lambda v: v if isinstance(v, str) else v.name)
def test_a_broken_row_is_refused_by_its_rule(ledger, table, rule):
    assert refused_by(table, BROKEN[table.name][rule](ledger.read(table.full_name)), ledger, rule)


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.name)
def test_every_rule_of_the_contract_is_shown_to_refuse(table):
    assert {r.name for r in (*table.rules, *second_derivation.rules(table))} <= set(BROKEN[table.name])


def test_an_earlier_report_in_place_of_the_latest_is_refused(ledger):
    frame = ledger.read("metrics.backlog_reconciliation")
    assert refused_by(
        BACKLOG_RECONCILIATION, changed(frame, COMPARED, reported_on=dt.date(2024, 1, 1)), ledger, RECONCILES
    )


def test_the_backlog_of_oracle_rests_on_openai(ledger):
    frame = ledger.read("metrics.customer_concentration")
    latest = frame.filter((pl.col("as_of_date") == frame["as_of_date"].max()) & TOP).row(0, named=True)
    assert latest["customer_id"] == "openai"
    assert latest["share_of_backlog"] > 0.9
