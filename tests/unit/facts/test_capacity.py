"""Promises of power: own shares within one view, statements separate, energised from the power-on date."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from tests.ledgers.builder import Ledger, by_quarter, in_force, one, power

D = dt.date


def energised(*legs: dict[str, object], column: str = "energised_gw") -> dict[str, float]:
    return by_quarter(Ledger(power=list(legs)).capacity_schedule, column)


def test_site_is_not_counted_with_its_parts():
    ledger = Ledger(power=[power("campus", 2.0), power("hall", 0.5, part_of_leg_id="campus", known_from="2025-03-01")])

    assert one(ledger.capacity, "2025-02-01", "campus")["net_capacity_gw"] == 2.0
    assert one(ledger.capacity, "2025-03-01", "campus")["net_capacity_gw"] == 1.5
    assert in_force(ledger.capacity, "2025-06-01")["net_capacity_gw"].sum() == 2.0


def test_part_in_another_view_does_not_reduce_the_whole():
    ledger = Ledger(power=[power("campus", 2.0), power("chips", 1.5, view="chip", part_of_leg_id="campus")])

    assert one(ledger.capacity, "2025-06-01", "campus")["net_capacity_gw"] == 2.0


def test_statement_has_no_own_share_and_reduces_nothing():
    ledger = Ledger(
        power=[
            power("total", 30.0, view="statement"),
            power("campus", 2.0, part_of_leg_id="total"),
            power("total_statement", 1.0, view="statement", part_of_leg_id="campus"),
        ]
    )

    shares = dict(in_force(ledger.capacity, "2025-06-01").select("leg_id", "net_capacity_gw").iter_rows())
    assert shares == {"total": None, "campus": 2.0, "total_statement": None}


def test_cancelled_power_carries_nothing_and_gives_its_share_back():
    ledger = Ledger(
        power=[
            power("campus", 2.0),
            power("hall", 0.5, part_of_leg_id="campus"),
            power("hall", 0.5, part_of_leg_id="campus", known_from="2025-06-01", stage="cancelled"),
        ]
    )

    assert one(ledger.capacity, "2025-06-01", "campus")["net_capacity_gw"] == 2.0
    gone = one(ledger.capacity, "2025-06-01", "hall")
    assert [gone[c] for c in gone if c.endswith("_gw")] == [None] * 4


def test_link_to_a_campus_that_is_not_known_yet_is_ignored_until_it_is():
    ledger = Ledger(power=[power("hall", 0.5, part_of_leg_id="campus"), power("campus", 2.0, known_from="2025-03-01")])

    assert one(ledger.capacity, "2025-02-28", "hall")["part_of_leg_id"] is None
    assert one(ledger.capacity, "2025-03-01", "hall")["part_of_leg_id"] == "campus"


def test_parts_beyond_the_whole_leave_it_an_own_share_of_zero():
    ledger = Ledger(power=[power("campus", 1.0), *(power(f"h{i}", 0.7, part_of_leg_id="campus") for i in range(2))])

    assert one(ledger.capacity, "2025-06-01", "campus")["net_capacity_gw"] == 0.0


@pytest.mark.parametrize(
    ("qualifier", "bounds"),
    [("exact", (2.0, 2.0, 2.0)), ("about", (1.8, 2.0, 2.2)), ("up_to", (0, 2, 2)), ("at_least", (2, 2, 3))],
)
def test_bounds_follow_from_the_qualifier(qualifier, bounds):
    row = one(Ledger(power=[power("k", 2.0, qualifier=qualifier)]).capacity, "2025-06-01", "k")

    assert (row["capacity_low_gw"], row["capacity_gw"], row["capacity_high_gw"]) == pytest.approx(bounds)


def test_undisclosed_power_stays_unknown():
    row = one(Ledger(power=[power("k")]).capacity, "2025-06-01", "k")

    assert [row[c] for c in row if c.endswith("_gw")] == [None] * 4


def test_power_rises_in_a_straight_line_from_first_to_full():
    found = energised(power("k", 4.0, first_power_on="2026-01-01", full_power_on="2027-01-01"))

    assert found["2026-01-01"] == pytest.approx(4 * 90 / 365)
    assert found["2026-10-01"] == pytest.approx(4.0)
    assert "2025-10-01" not in found
    assert found["2030-10-01"] == 4.0


@pytest.mark.parametrize("column", ["first_power_on", "full_power_on"])
def test_one_power_on_date_alone_is_a_step(column):
    found = energised(power("k", 4.0, **{column: "2026-05-10"}))

    assert next(iter(found)) == "2026-04-01"
    assert set(found.values()) == {4.0}


def test_without_a_power_on_date_nothing_is_ever_energised():
    assert energised(power("k", 4.0)) == {}


def test_own_share_is_energised_alike():
    ledger = Ledger(
        power=[power("campus", 2.0, first_power_on="2026-01-01"), power("hall", 0.5, part_of_leg_id="campus")]
    )

    rows = ledger.capacity_schedule.filter(pl.col("leg_id") == "campus")
    assert set(rows["energised_gw"]) == {2.0}
    assert set(rows["net_energised_gw"]) == {1.5}


def test_power_is_tabulated_to_the_last_year_regardless_of_later_knowledge():
    far = power("far", 1.0, known_from="2025-06-01", first_power_on="2039-01-01")
    near = power("near", 1.0, first_power_on="2026-01-01")

    with_far = Ledger(power=[near, far]).capacity_schedule
    assert with_far.equals(Ledger(power=[near]).capacity_schedule)
    assert with_far["quarter_start"].max() == D(2030, 10, 1)
