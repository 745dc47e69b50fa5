"""The ledger compared with company reports, on ledgers small enough to check by hand."""

import datetime as dt

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.facts.capacity import CAPACITY
from assets.metrics import backlog_reconciliation, customer_concentration, outstanding_by_pair, statement_reconciliation
from tests.ledgers import fact_rows

DAY = dt.date(2026, 12, 31)

WHOLE = {"starts_on": dt.date(2026, 1, 1), "ends_on": dt.date(2028, 1, 1)}

LEFT = 366 / 730  # the part of two years from 2026 that is due on 2026-12-31 or later


def pairs(*legs, days=(DAY,)):
    return outstanding_by_pair.outstanding_by_pair(fact_rows.commitments(*legs), fact_rows.no_capacity(), days)


def test_outstanding_counts_the_day_itself_and_what_follows():
    found = pairs(fact_rows.leg("l", "lab", "cloud", 730e9, **WHOLE))
    assert found["outstanding_usd"].to_list() == [pytest.approx(366e9)]
    assert pairs(fact_rows.leg("l", "lab", "cloud", 730e9, starts_on=dt.date(2025, 1, 1), ends_on=DAY)).is_empty()


def test_concentration_ranks_the_customers_of_a_supplier():
    found = customer_concentration.concentration(
        pairs(
            fact_rows.leg("a", "lab", "cloud", 60e9), fact_rows.leg("b", "bank", "cloud", 20e9),
            fact_rows.leg("c", "bank", "cloud", 20e9, is_imputed_amount=True),
            fact_rows.leg("d", "lab", "many", 50e9),
            fact_rows.funding("e", "cloud", "lab", 90e9, on=dt.date(2027, 1, 1)),
        ),
        ["many"],
    )  # fmt: skip
    assert found.select("supplier_id", "customer_id", "rank").rows() == [("cloud", "lab", 1), ("cloud", "bank", 2)]
    assert found["share_of_backlog"].to_list() == [pytest.approx(0.6), pytest.approx(0.4)]
    assert found["outstanding_imputed_usd"].to_list() == [0.0, pytest.approx(20e9 * LEFT)]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("abcd"), st.sampled_from("wxyz"), st.integers(0, 10**14)), min_size=1, max_size=12
    )
)
def test_shares_add_up_and_order_changes_nothing(drawn):
    legs = [fact_rows.leg(f"l{i}", p, q, cents / 100) for i, (p, q, cents) in enumerate(drawn)]
    found = customer_concentration.concentration(pairs(*legs), [])
    sums = found.group_by("supplier_id").agg(pl.col("share_of_backlog").sum(), pl.col("rank").max(), n=pl.len())
    assert ((sums["share_of_backlog"] - 1).abs() < 1e-9).all()
    assert (sums["rank"] == sums["n"]).all()
    assert found.equals(customer_concentration.concentration(pairs(*reversed(legs)), []))


def reported(*figures, days=(DAY,)):
    return backlog_reconciliation.reported_figures(fact_rows.financials(*figures), days)


def test_the_latest_balance_sheet_wins_then_the_latest_knowledge():
    found = reported(
        fact_rows.figure("cloud", "rpo", 1e9, period_end=dt.date(2026, 3, 31), known_from=dt.date(2026, 9, 1)),
        fact_rows.figure("cloud", "rpo", 2e9, period_end=dt.date(2026, 6, 30), known_from=dt.date(2026, 8, 1)),
        fact_rows.figure("cloud", "rpo", 3e9, period_end=dt.date(2026, 6, 30), known_from=dt.date(2026, 8, 2)),
        fact_rows.figure("cloud", "rpo", 9e9, period_end=dt.date(2026, 12, 31), known_from=dt.date(2027, 2, 1)),
        fact_rows.figure("cloud", "rpo", 8e9, period_end=dt.date(2026, 12, 31), known_from=dt.date(2026, 7, 1),
                     basis="projected"),
    )  # fmt: skip
    assert found["reported_usd"].to_list() == [3e9]
    assert found["reported_on"].to_list() == [dt.date(2026, 6, 30)]
    assert found["other_figures"].to_list() == ["total 2.0"]


def test_the_usual_total_wins_over_a_part_of_the_same_day_and_the_part_is_shown():
    found = reported(
        fact_rows.figure("buyer", "purchase_commitments", 329.1e9, definition="leases_not_commenced"),
        fact_rows.figure("buyer", "purchase_commitments", 194e9),
    )
    assert found.select("reported_usd", "definition", "other_figures").row(0) == (
        194e9, None, "leases_not_commenced 329.1",
    )  # fmt: skip


def test_backlog_compares_sellers_and_buyers_with_their_reports():
    legs = pairs(fact_rows.leg("a", "lab", "cloud", 730e9, **WHOLE), fact_rows.leg("b", "lab", "spv", 1e9))
    figures = reported(fact_rows.figure("cloud", "rpo", 732e9), fact_rows.figure("idle", "rpo", 5e9))
    known = fact_rows.entities(lab="ai_lab", cloud="hyperscaler", idle="other", spv="joint_venture").with_columns(
        ticker=pl.when(pl.col("entity_id") != "spv").then("ticker")
    )
    found = backlog_reconciliation.backlog(legs, figures, known)
    lines = {(r["entity_id"], r["measure"]): r for r in found.iter_rows(named=True)}
    assert set(lines) == {("cloud", "rpo"), ("idle", "rpo"), ("lab", "purchase_commitments")}
    assert lines["cloud", "rpo"]["ledger_over_reported"] == pytest.approx(0.5)
    assert lines["cloud", "rpo"]["difference_usd"] == pytest.approx(-366e9)
    assert lines["idle", "rpo"]["ledger_outstanding_usd"] == 0
    assert lines["lab", "purchase_commitments"]["reported_usd"] is None
    assert lines["lab", "purchase_commitments"]["difference_usd"] is None


def total(leg_id, payee, usd, **more):
    return fact_rows.leg(leg_id, "lab", payee, usd, **{"is_statement": True, "net_amount_usd": None} | more)


def money(*legs, days=(DAY,)):
    return statement_reconciliation.money_statements(
        fact_rows.commitments(*legs), fact_rows.no_capacity(), ["many"], days
    )


def test_a_total_is_compared_with_all_purchases_and_a_statement_about_one_payee_with_those_from_it():
    found = money(
        total("all", "many", 100e9), total("one", "cloud", 50e9),
        total("stake", "cloud", 7e9, flow="equity_investment"),
        fact_rows.leg("a", "lab", "cloud", 30e9), fact_rows.leg("b", "lab", "maker", 20e9, is_imputed_amount=True),
        fact_rows.leg("c", "other", "cloud", 99e9),
        fact_rows.funding("d", "lab", "cloud", 5e9, flow="equity_investment"),
    )  # fmt: skip
    lines = {r["leg_id"]: r for r in found.iter_rows(named=True)}
    assert (lines["all"]["ledger_net_usd"], lines["all"]["ledger_with_imputed_usd"]) == (30e9, 50e9)
    assert lines["all"]["difference_usd"] == -50e9
    assert lines["all"]["counterparty_id"] is None
    assert (lines["one"]["ledger_with_imputed_usd"], lines["one"]["counterparty_id"]) == (30e9, "cloud")
    assert (lines["stake"]["beside"], lines["stake"]["ledger_net_usd"]) == ("funding", 5e9)
    assert lines["stake"]["ledger_in_period_usd"] is None


def test_the_period_of_the_statement_cuts_the_ledger():
    found = money(
        total("all", "many", 100e9, starts_on=dt.date(2027, 1, 1), ends_on=dt.date(2030, 1, 1)),
        fact_rows.leg("a", "lab", "cloud", 730e9, **WHOLE),
    )
    assert found["ledger_in_period_usd"].to_list() == [pytest.approx(365e9)]


def test_a_statement_without_any_leg_differs_by_all_of_it():
    found = money(total("all", "many", 100e9))
    assert found.select("ledger_net_usd", "difference_usd").row(0) == (0.0, -100e9)


def test_cancelled_statements_and_those_of_another_day_say_nothing():
    gone = total("gone", "many", None, certainty="cancelled")
    later = total("later", "many", 1e9, known_from=dt.date(2027, 1, 1))
    assert money(gone, later, fact_rows.leg("a", "lab", "cloud", 1e9)).is_empty()


def test_power_is_compared_view_by_view_and_never_added():
    common = {"known_from": dt.date(2025, 1, 1), "user_id": "lab", "stage": "announced"}
    rows = [
        common | {"leg_id": "s", "view": "statement", "capacity_gw": 30.0},
        common | {"leg_id": "a", "view": "site", "capacity_gw": 7.0, "net_capacity_gw": 7.0},
        common | {"leg_id": "b", "view": "chip", "capacity_gw": 10.0, "net_capacity_gw": 6.0},
        common | {"leg_id": "c", "view": "chip", "capacity_gw": 4.0, "net_capacity_gw": 4.0, "stage": "cancelled"},
    ]
    capacity = pl.DataFrame(rows, schema=CAPACITY.polars_schema)
    found = statement_reconciliation.power_statements(capacity, [DAY]).sort("beside")
    assert found.select("beside", "ledger_gw", "difference_gw").rows() == [
        ("chip", 6.0, -24.0), ("cloud", 0.0, -30.0), ("site", 7.0, -23.0),
    ]  # fmt: skip


def test_later_knowledge_changes_no_earlier_day():
    old = fact_rows.leg("l", "lab", "cloud", 10e9, known_to=dt.date(2027, 1, 15))
    new = fact_rows.leg("l", "lab", "cloud", 90e9, known_from=dt.date(2027, 1, 15))
    later = dt.date(2027, 3, 31)
    both = pairs(old, new, days=(DAY, later))
    assert both.filter(pl.col("as_of_date") == DAY).equals(pairs(old | {"known_to": None}))
