"""The schedule of promised money, and the outstanding amount on a day."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from assets.facts import commitment_outstanding
from assets.scale.reported_days import days_reported
from tests.ledgers.builder import BN, Ledger, by_quarter, cost, figure, leg, one, power

D = dt.date

YEAR_2026 = {"starts_on": "2026-01-01", "ends_on": "2027-01-01"}


def due(ledger: Ledger, leg_id: str, known_from: str) -> dict[str, float]:
    rows = ledger.schedule.filter(
        (pl.col("leg_id") == leg_id) & (pl.col("known_from") == dt.date.fromisoformat(known_from))
    )
    return by_quarter(rows)


def outstanding(ledger: Ledger, payer: str = "buyer") -> dict[str, tuple[float, float]]:
    rows = ledger.outstanding.filter(pl.col("payer_id") == payer)
    return {r["as_of_date"].isoformat(): tuple(r.values())[2:] for r in rows.to_dicts()}


def test_money_falls_due_by_day_in_a_straight_line():
    answer = due(Ledger([leg("a", 365 * BN, **YEAR_2026)]), "a", "2025-01-01")

    assert answer == pytest.approx(
        {"2026-01-01": 90 * BN, "2026-04-01": 91 * BN, "2026-07-01": 92 * BN, "2026-10-01": 92 * BN}
    )


@pytest.mark.parametrize("flow", ["equity_investment", "debt"])
def test_equity_and_debt_fall_on_their_start_day(flow):
    ledger = Ledger([leg("a", 10 * BN, flow=flow, starts_on="2026-05-05", ends_on="2031-05-05")])

    assert due(ledger, "a", "2025-01-01") == {"2026-04-01": 10 * BN}


def test_computing_follows_the_power_that_is_on():
    ledger = Ledger(
        [leg("a", 10 * BN, capacity_leg_id="k", **YEAR_2026)],
        [power("k", 1.0, first_power_on="2026-07-01", full_power_on="2026-07-01")],
    )

    assert due(ledger, "a", "2025-01-01") == pytest.approx({"2026-07-01": 5 * BN, "2026-10-01": 5 * BN})


def test_chips_follow_the_power_that_is_added():
    ledger = Ledger(
        [leg("a", 10 * BN, flow="chip_purchase", capacity_leg_id="k", **YEAR_2026)],
        [power("k", 1.0, first_power_on="2026-07-01", full_power_on="2026-10-01")],
    )

    assert due(ledger, "a", "2025-01-01") == pytest.approx({"2026-07-01": 10 * BN})


def test_new_power_on_dates_move_the_payments_from_the_day_on_which_they_are_known():
    dates = {"first_power_on": "2026-07-01", "full_power_on": "2026-07-01"}
    ledger = Ledger(
        [leg("a", 10 * BN, capacity_leg_id="k", **YEAR_2026)],
        [power("k", 1.0), power("k", 1.0, known_from="2025-06-01", **dates)],
    )

    assert set(due(ledger, "a", "2025-01-01")) == {"2026-01-01", "2026-04-01", "2026-07-01", "2026-10-01"}
    assert set(due(ledger, "a", "2025-06-01")) == {"2026-07-01", "2026-10-01"}
    assert one(ledger.commitments, "2025-05-31", "a")["first_power_on"] is None
    assert one(ledger.commitments, "2025-06-01", "a")["first_power_on"] == D(2026, 7, 1)


def test_one_power_on_date_alone_gives_a_straight_line_and_no_new_interval():
    ledger = Ledger(
        [leg("a", 10 * BN, capacity_leg_id="k", **YEAR_2026)],
        [power("k", 1.0), power("k", 1.0, known_from="2025-06-01", full_power_on="2026-07-01")],
    )

    assert ledger.commitments.height == 1
    assert len(due(ledger, "a", "2025-01-01")) == 4


def test_cancelled_power_moves_no_payments():
    dates = {"first_power_on": "2026-07-01", "full_power_on": "2026-07-01"}
    ledger = Ledger(
        [leg("a", 10 * BN, capacity_leg_id="k", **YEAR_2026)],
        [power("k", 1.0, **dates), power("k", 1.0, known_from="2025-06-01", stage="cancelled", **dates)],
    )

    assert len(due(ledger, "a", "2025-01-01")) == 2
    assert len(due(ledger, "a", "2025-06-01")) == 4


def test_rent_that_does_not_follow_power_is_not_split_by_its_dates():
    dates = {"first_power_on": "2026-07-01", "full_power_on": "2026-07-01"}
    ledger = Ledger(
        [leg("a", 10 * BN, flow="revenue_share", capacity_leg_id="k", **YEAR_2026)],
        [power("k", 1.0), power("k", 1.0, known_from="2025-06-01", **dates)],
    )

    assert ledger.commitments.height == 1


def test_quarters_carry_point_bounds_and_own_share():
    ledger = Ledger(
        [
            leg("a", 100 * BN, qualifier="about", **YEAR_2026),
            leg("b", 30 * BN, part_of_leg_id="a", **YEAR_2026),
        ]
    )

    sums = ledger.schedule.filter(pl.col("leg_id") == "a").sum()
    lines = [sums[f"{c}_usd"][0] for c in ("amount_low", "amount", "amount_high", "net_amount")]
    assert lines == pytest.approx([90 * BN, 100 * BN, 110 * BN, 70 * BN], rel=1e-9)


def test_undisclosed_leg_has_no_schedule():
    assert Ledger([leg("a", **YEAR_2026)]).schedule.is_empty()


# --- outstanding ----------------------------------------------------------------------------------------------------


def test_outstanding_is_the_amount_due_on_or_after_the_day():
    ledger = Ledger(
        [
            leg("a", 365.0, known_from="2026-01-01", **YEAR_2026),
            leg("zero", 0.0, known_from="2026-01-11", **YEAR_2026),
            leg("zero", 0.0, known_from="2026-12-31", certainty="filed", **YEAR_2026),
            leg("zero", 0.0, known_from="2027-01-01", certainty="paid", **YEAR_2026),
        ]
    )

    answer = {day: rest[0] for day, rest in outstanding(ledger).items()}
    assert answer == {"2026-01-01": 365.0, "2026-01-11": 355.0, "2026-12-31": 1.0, "2027-01-01": 0.0}


def test_outstanding_keeps_disclosed_and_imputed_apart_and_takes_own_shares():
    ledger = Ledger(
        [
            leg("whole", 100 * BN, **YEAR_2026),
            leg("part", 40 * BN, part_of_leg_id="whole", payer_id="other", **YEAR_2026),
            leg("gigawatts", capacity_leg_id="k", **YEAR_2026),
        ],
        [power("k", 2.0, user_id=None)],
        [cost("e", "all_in", 50 * BN)],
    )

    assert outstanding(ledger) == {"2025-01-01": (60 * BN, 100 * BN)}
    assert outstanding(ledger, "other") == {"2025-01-01": (40 * BN, 0.0)}


def test_funding_is_not_outstanding_of_its_giver():
    ledger = Ledger([leg("a", BN, **YEAR_2026), leg("round", 5 * BN, flow="equity_investment", starts_on="2026-05-05")])

    assert outstanding(ledger) == {"2025-01-01": (BN, 0.0)}


def test_payer_has_a_row_on_the_day_on_which_a_leg_passes_to_another():
    ledger = Ledger([leg("a", BN, **YEAR_2026), leg("a", BN, known_from="2025-06-01", payer_id="heir", **YEAR_2026)])

    assert outstanding(ledger) == {"2025-01-01": (BN, 0.0), "2025-06-01": (0.0, 0.0)}
    assert outstanding(ledger, "heir") == {"2025-06-01": (BN, 0.0)}


def test_power_and_revenue_are_days_of_change_too():
    ledger = Ledger(
        [leg("a", BN, **YEAR_2026)],
        [power("k", 1.0, known_from="2025-02-01")],
        figures=[figure("2025-01-01", "2025-03-31", BN)],
    )

    assert set(outstanding(ledger)) == {"2025-01-01", "2025-02-01", "2025-03-31"}


def test_beyond_the_limit_changes_are_reported_at_the_end_of_their_quarter_or_on_the_last_day():
    ledger = Ledger(
        [
            leg("a", BN, known_from="2025-01-10", **YEAR_2026),
            leg("a", 2 * BN, known_from="2025-02-10", **YEAR_2026),
            leg("a", 3 * BN, known_from="2025-05-10", **YEAR_2026),
            leg("b", BN, known_from="2025-03-31", payer_id="other", **YEAR_2026),
        ]
    )
    days = commitment_outstanding.days_of_change(ledger.commitments, ledger.capacity, ledger.financials)

    def size_of(most):
        work = commitment_outstanding.leg_days(days, ledger.commitments)
        found = days_reported(days, work, most).sort("payer_id", "as_of_date")
        return [(payer, str(day)) for payer, day in found.iter_rows()]

    every = [("buyer", "2025-01-10"), ("buyer", "2025-02-10"), ("buyer", "2025-05-10"), ("other", "2025-03-31")]
    assert size_of(most=3 * 3 + 1) == every
    assert size_of(most=3 * 3) == [("buyer", "2025-03-31"), ("buyer", "2025-05-10"), ("other", "2025-03-31")]


@pytest.mark.parametrize("at_once", [1, 3])
def test_outstanding_does_not_depend_on_how_many_payers_are_worked_on_at_once(monkeypatch, at_once):
    legs = [
        leg(f"{payer}{n}", n * BN + 1, payer_id=payer, known_from=f"2025-0{n}-01", **YEAR_2026)
        for payer in ("x", "y", "z")
        for n in (1, 2, 3)
    ]
    expected = Ledger(legs).outstanding
    monkeypatch.setattr(commitment_outstanding, "LEG_DAYS_AT_ONCE", at_once)

    assert_frame_equal(Ledger(legs).outstanding, expected, check_exact=True)
