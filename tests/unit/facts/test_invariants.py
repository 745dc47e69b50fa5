"""Properties of every ledger, with nested, revised, cancelled and imputed deals."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from assets.core.vocabulary import PURCHASES
from assets.finance.versions import collapse
from tests.ledgers.builder import BN, Ledger, cost, figure, in_force, leg, power

DAYS = [f"2025-{month:02d}-01" for month in range(1, 7)]

COSTS = [cost("e1", "all_in", 50 * BN), cost("e2", "all_in", 30 * BN, known_from=DAYS[2]), cost("e3", "chips", 20 * BN)]

FIGURES = [figure("2024-01-01", "2024-12-31", 10 * BN)]


@st.composite
def power_legs(draw: st.DrawFn) -> list[dict[str, Any]]:
    """A few sites in versions, some of them parts of an earlier one."""
    rows = []
    for number in range(draw(st.integers(1, 3))):
        parent = draw(st.sampled_from([None, *(f"k{n}" for n in range(number))]))
        for day in draw(st.lists(st.sampled_from(DAYS), min_size=1, max_size=2, unique=True)):
            first = draw(st.sampled_from([None, "2026-03-01"]))
            rows.append(
                power(
                    f"k{number}",
                    draw(st.sampled_from([None, 0.5, 2.0])),
                    known_from=day,
                    part_of_leg_id=parent,
                    first_power_on=first,
                    full_power_on=draw(st.sampled_from([None, "2027-09-15"])),
                    stage=draw(st.sampled_from(["announced", "energised", "cancelled"])),
                    view=draw(st.sampled_from(["site", "chip", "statement"])),
                )
            )
    return rows


@st.composite
def money_legs(draw: st.DrawFn) -> list[dict[str, Any]]:
    """A few promises in versions, some of them parts of an earlier one, some undisclosed but with gigawatts."""
    rows = []
    for number in range(draw(st.integers(1, 5))):
        parent = draw(st.sampled_from([None, *(f"l{n}" for n in range(number))]))
        flow = draw(st.sampled_from(["compute_purchase", "chip_purchase", "debt", "backstop"]))
        payer = draw(st.sampled_from(["buyer", "other"]))
        capacity_leg = draw(st.sampled_from([None, "k0", "k1"]))
        for day in draw(st.lists(st.sampled_from(DAYS), min_size=1, max_size=3, unique=True)):
            amount = draw(st.sampled_from([None, 10.0 * BN, 33_333_333_333.33, 7.5 * BN]))
            known = "undisclosed" if amount is None else draw(st.sampled_from(["exact", "about", "up_to", "at_least"]))
            rows.append(
                leg(
                    f"l{number}",
                    amount,
                    qualifier=known,
                    known_from=day,
                    part_of_leg_id=parent,
                    flow=flow,
                    payer_id=payer,
                    capacity_leg_id=capacity_leg,
                    certainty=draw(st.sampled_from(["rumoured", "contracted", "filed", "cancelled"])),
                    is_statement=draw(st.sampled_from([False, False, False, True])),
                    starts_on=draw(st.sampled_from([None, "2026-01-01", "2026-02-15"])),
                    ends_on=draw(st.sampled_from([None, "2028-07-01"])),
                )
            )
    return rows


ledgers = st.builds(lambda legs, sites: Ledger(legs, sites, COSTS, FIGURES), money_legs(), power_legs())


def tables(ledger: Ledger) -> dict[str, pl.DataFrame]:
    return {
        "commitments": ledger.commitments,
        "capacity": ledger.capacity,
        "schedule": ledger.schedule,
        "capacity_schedule": ledger.capacity_schedule,
        "outstanding": ledger.outstanding,
        "coverage": ledger.coverage,
    }


def gross(ledger: Ledger, on: str) -> float:
    rows = in_force(ledger.commitments, on).filter(~pl.col("is_statement") & ~pl.col("is_imputed_amount"))
    return float(rows["amount_usd"].sum())


def on_every_day_at_most_one_row_of_a_leg_is_in_force(ledger):
    for day in DAYS:
        for intervals in (ledger.commitments, ledger.capacity):
            assert in_force(intervals, day)["leg_id"].is_unique().all()


def intervals_are_maximal_and_leave_no_gap(ledger):
    for intervals in (ledger.commitments, ledger.capacity):
        following = intervals.with_columns(next=pl.col("known_from").shift(-1).over("leg_id", order_by="known_from"))
        assert following["known_to"].equals(following["next"])
        assert_frame_equal(collapse(intervals, "leg_id"), intervals)


def quarters_add_up_to_point_bounds_and_own_share(ledger):
    columns = ["amount_low_usd", "amount_usd", "amount_high_usd", "net_amount_usd"]
    sums = ledger.schedule.group_by("leg_id", "known_from").agg(pl.col(columns).sum())
    both = ledger.commitments.filter(~pl.col("is_statement")).join(sums, on=["leg_id", "known_from"], how="left")
    for row in both.to_dicts():
        for column in columns:
            assert (row[f"{column}_right"] or 0) == pytest.approx(row[column] or 0, rel=1e-9)


def own_share_lies_between_nothing_and_the_whole(ledger):
    shares = ledger.commitments.filter(pl.col("net_amount_usd").is_not_null())
    assert (shares["net_amount_usd"] >= 0).all()
    assert (shares["net_amount_usd"] <= shares["amount_usd"]).all()
    own = ledger.capacity.filter(pl.col("net_capacity_gw").is_not_null())
    assert (own["net_capacity_gw"].is_between(0, own["capacity_gw"])).all()


def bounds_enclose_the_point(ledger):
    rows = ledger.commitments.filter(pl.col("amount_usd").is_not_null())
    assert (rows["amount_low_usd"] <= rows["amount_usd"]).all()
    assert (rows["amount_usd"] <= rows["amount_high_usd"]).all()


def cancelled_carries_nothing_and_statements_have_no_own_share(ledger):
    gone = ledger.commitments.filter(pl.col("certainty") == "cancelled")
    assert gone.select(pl.col("^.*amount.*_usd$")).null_count().sum_horizontal().sum() == gone.height * 6
    assert ledger.commitments.filter(pl.col("is_statement"))["net_amount_usd"].null_count() == (
        ledger.commitments["is_statement"].sum()
    )


def own_share_of_a_whole_follows_from_its_parts_in_force(ledger):
    for day in DAYS:
        rows = in_force(ledger.commitments, day).to_dicts()
        for whole in rows:
            if whole["is_statement"] or whole["amount_usd"] is None:
                continue
            parts = [
                r["amount_usd"]
                for r in rows
                if r["part_of_leg_id"] == whole["leg_id"]
                and not r["is_statement"]
                and r["amount_usd"] is not None
                and (whole["is_imputed_amount"] or not r["is_imputed_amount"])
            ]
            assert whole["net_amount_usd"] == pytest.approx(max(0, whole["amount_usd"] - sum(parts)), abs=0.02)


def outstanding_is_the_unpaid_part_of_the_own_shares(ledger):
    for row in ledger.outstanding.to_dicts():
        on = row["as_of_date"].isoformat()
        owed = in_force(ledger.commitments, on).filter(
            pl.col("payer_id") == row["payer_id"], pl.col("flow").is_in(PURCHASES), ~pl.col("is_imputed_amount")
        )
        future = in_force(ledger.schedule, on).join(owed.select("leg_id"), on="leg_id", how="semi")
        after = future.filter(pl.col("quarter_start") > row["as_of_date"])["net_amount_usd"].sum()
        assert after - 0.1 <= row["outstanding_commitment_usd"] <= (owed["net_amount_usd"].sum() or 0) + 0.1


INVARIANTS = (
    on_every_day_at_most_one_row_of_a_leg_is_in_force,
    intervals_are_maximal_and_leave_no_gap,
    quarters_add_up_to_point_bounds_and_own_share,
    own_share_lies_between_nothing_and_the_whole,
    bounds_enclose_the_point,
    cancelled_carries_nothing_and_statements_have_no_own_share,
    own_share_of_a_whole_follows_from_its_parts_in_force,
    outstanding_is_the_unpaid_part_of_the_own_shares,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ledgers)
def test_the_tables_of_any_ledger_satisfy_the_invariants(ledger):
    for holds in INVARIANTS:
        holds(ledger)


compared = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@given(ledgers, st.integers(0, 1000))
@compared
def test_order_of_the_rows_does_not_matter(ledger, seed):
    turn = random.Random(seed)  # noqa: S311 - no secret
    shuffled = Ledger(
        *(turn.sample(rows, len(rows)) for rows in (ledger.legs, ledger.power, ledger.costs, ledger.figures))
    )
    for name, table in tables(shuffled).items():
        assert_frame_equal(table, tables(ledger)[name], check_exact=True)


@given(ledgers, st.sampled_from(DAYS), st.sampled_from([None, "l0"]))
@compared
def test_adding_a_deal_never_lowers_gross_and_net_never_exceeds_it(ledger, day, whole):
    more = leg("new", 5 * BN, known_from=day, part_of_leg_id=whole)
    larger = Ledger([*ledger.legs, more], ledger.power, ledger.costs, ledger.figures)
    for on in DAYS:
        counted = in_force(larger.commitments, on).filter(~pl.col("is_imputed_amount"))
        assert gross(larger, on) >= gross(ledger, on)
        assert counted["net_amount_usd"].sum() <= gross(larger, on) + 0.01


@given(ledgers, st.sampled_from(DAYS))
@compared
def test_nothing_known_later_influences_an_earlier_day(ledger, day):
    asked = dt.date.fromisoformat(day)
    earlier = Ledger(
        *([r for r in rows if r["known_from"] <= day] for rows in (ledger.legs, ledger.power, ledger.costs)),
        FIGURES,
    )
    for name, table in tables(ledger).items():
        # the last bit of a division may differ for a frame of one row
        assert_frame_equal(as_known(table, asked), tables(earlier)[name], rel_tol=1e-12, abs_tol=0.02)


def as_known(table: pl.DataFrame, day: dt.date) -> pl.DataFrame:
    """The rows known on a day, with the end of the last interval not yet known."""
    since = "known_from" if "known_from" in table.columns else "as_of_date"
    rows = table.filter(pl.col(since) <= day)
    if "known_to" not in rows.columns:
        return rows
    return rows.with_columns(known_to=pl.when(pl.col("known_to") <= day).then("known_to"))
