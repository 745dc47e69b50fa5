"""metrics.money_trail: purchases that a funding leg could have paid for, on ledgers small enough to check by hand."""

import datetime as dt

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.metrics.money_trail import MONEY_TRAIL, money_trail
from tests.ledgers import fact_rows

DAY = dt.date(2026, 6, 30)

LIMITS = {"trail_max_hops": 6.0, "trail_min_usd": 1e6, "trail_legs_max": 200.0, "trail_branches_max": 200.0}

MANY = {"banks", "suppliers"}


def trail(*rows, many=MANY, days=(DAY,), **limits):
    return money_trail(fact_rows.commitments(*rows), many, days, LIMITS | limits)


def reached(table, origin):
    """hop, leg, billions attributed, billions ended, reason."""
    billions = [(pl.col(c) / 1e9).round(6) for c in ("attributed_usd", "ended_usd")]
    return table.filter(pl.col("funding_leg_id") == origin).select("hop", "leg_id", *billions, "end_reason").rows()


def bridge():
    """Banks lend the holder 30 for a stake in the lab, which is paid in three parts; the lab buys from two clouds."""
    return [
        fact_rows.funding("bridge", "banks", "holder", 30e9, funds_leg_id="stake"),
        fact_rows.funding("stake", "holder", "lab", 30e9, flow="equity_investment", net_amount_usd=0.0),
        fact_rows.funding("stake_1", "holder", "lab", 30e9, flow="equity_investment", part_of_leg_id="stake"),
        fact_rows.leg("big", "lab", "cloud", 300e9),
        fact_rows.leg("small", "lab", "host", 100e9),
        fact_rows.leg("chips", "cloud", "maker", 50e9),
        fact_rows.leg("halls", "cloud", "suppliers", 150e9),
    ]


def test_a_bridge_loan_is_followed_through_the_stake_to_the_purchases_of_the_lab():
    table = trail(*bridge())
    assert reached(table, "bridge") == [
        (0, "bridge", 30.0, 0.0, None),
        (1, "stake", 30.0, 0.0, None),
        (2, "big", 22.5, 0.0, None),
        (2, "small", 7.5, 7.5, "no_purchases"),
        (3, "chips", 5.625, 5.625, "no_purchases"),
        (3, "halls", 16.875, 16.875, "aggregate"),
    ]
    paths = dict(table.filter(pl.col("funding_leg_id") == "bridge").select("leg_id", "path").iter_rows())
    assert paths["chips"] == "banks → holder → lab → cloud → maker"
    links = dict(table.filter(pl.col("funding_leg_id") == "bridge").select("leg_id", "link").iter_rows())
    assert links == {"bridge": "origin", "stake": "funds"} | dict.fromkeys(
        ("big", "small", "chips", "halls"), "purchase"
    )


def test_a_leg_divided_into_parts_is_followed_by_its_parts():
    table = trail(*bridge())
    assert set(table["funding_leg_id"]) == {"bridge", "stake_1"}


def test_a_part_pays_for_the_leg_that_its_whole_pays_for():
    whole = fact_rows.funding("whole", "banks", "spv", 20e9, net_amount_usd=15e9, funds_leg_id="chips")
    part = fact_rows.funding("part", "banks", "spv", 5e9, part_of_leg_id="whole")
    other = fact_rows.leg("other", "spv", "host", 90e9)
    table = trail(whole, part, other, fact_rows.leg("chips", "spv", "maker", 20e9))
    assert reached(table, "part") == [(0, "part", 5.0, 0.0, None), (1, "chips", 5.0, 5.0, "no_purchases")]


def test_a_named_leg_takes_no_more_than_it_is():
    loan = fact_rows.funding("loan", "banks", "holder", 11e9, funds_leg_id="stake")
    table = trail(loan, fact_rows.funding("stake", "holder", "lab", 10e9, flow="equity_investment"))
    assert reached(table, "loan") == [
        (0, "loan", 11.0, 1.0, "leg_exceeded"),
        (1, "stake", 10.0, 10.0, "no_purchases"),
    ]


def test_a_named_leg_of_undisclosed_size_takes_all_and_its_amount_stays_unknown():
    loan = fact_rows.funding("loan", "banks", "spv", 35e9, funds_leg_id="chips")
    table = trail(loan, fact_rows.leg("chips", "spv", "maker", None))
    assert reached(table, "loan")[1] == (1, "chips", 35.0, 35.0, "no_purchases")
    assert table.filter(pl.col("leg_id") == "chips")["amount_usd"].to_list() == [None]


@pytest.mark.parametrize("state", [{"certainty": "cancelled", "amount_usd": None}, {"is_statement": True}])
def test_a_named_leg_that_does_not_count_is_ignored(state):
    loan = fact_rows.funding("loan", "banks", "spv", 5e9, funds_leg_id="gone")
    gone = fact_rows.leg("gone", "spv", "maker", 9e9) | {"net_amount_usd": None} | state
    assert reached(trail(loan, gone, fact_rows.leg("buys", "spv", "host", 10e9)), "loan")[1][:3] == (1, "buys", 5.0)


def test_money_that_comes_back_to_the_supplier_ends_there():
    table = trail(
        fact_rows.funding("equity", "maker", "lab", 10e9, flow="equity_investment"),
        fact_rows.leg("chips", "lab", "maker", 40e9),
        fact_rows.leg("rent", "maker", "host", 40e9),
    )
    assert reached(table, "equity") == [(0, "equity", 10.0, 0.0, None), (1, "chips", 10.0, 10.0, "already_on_path")]
    assert table["path"].to_list()[-1] == "maker → lab → maker"


def test_more_money_than_the_payee_buys_ends_with_it():
    table = trail(fact_rows.funding("loan", "banks", "lab", 10e9), fact_rows.leg("buys", "lab", "host", 4e9))
    assert reached(table, "loan") == [
        (0, "loan", 10.0, 6.0, "purchases_exceeded"),
        (1, "buys", 4.0, 4.0, "no_purchases"),
    ]


def test_a_purchase_reached_on_two_ways_is_never_filled_beyond_its_size():
    table = trail(
        fact_rows.funding("loan", "banks", "lab", 8e9),
        fact_rows.leg("a", "lab", "left", 5e9), fact_rows.leg("b", "lab", "right", 5e9),
        fact_rows.leg("a2", "left", "mill", 9e9), fact_rows.leg("b2", "right", "mill", 9e9),
        fact_rows.leg("c", "mill", "host", 6e9),
    )  # fmt: skip
    assert reached(table, "loan")[-3:] == [
        (2, "a2", 4.0, 1.0, "purchases_exceeded"),
        (2, "b2", 4.0, 1.0, "purchases_exceeded"),
        (3, "c", 6.0, 6.0, "no_purchases"),
    ]
    assert table["path_count"].to_list()[-1] == 2


def test_of_very_many_ways_the_largest_are_followed_and_the_others_end_where_they_are():
    legs = [fact_rows.leg(f"l{i}", "lab", f"host{i}", (i + 1) * 1e9) for i in range(4)]
    legs.append(fact_rows.leg("power", "host3", "grid", 1e9))
    table = trail(fact_rows.funding("loan", "banks", "lab", 5e9), *legs, trail_branches_max=2)
    assert reached(table, "loan") == [
        (0, "loan", 5.0, 1.5, "too_many_ways"),
        (1, "l2", 1.5, 1.5, "no_purchases"),
        (1, "l3", 2.0, 1.0, "purchases_exceeded"),
        (2, "power", 1.0, 1.0, "no_purchases"),
    ]
    assert (
        reached(trail(fact_rows.funding("loan", "banks", "lab", 5e9), *legs, trail_branches_max=4), "loan")[0][3] == 0
    )


def test_the_largest_parts_of_a_hop_are_chosen_over_all_its_parcels():
    legs = [fact_rows.leg("a", "lab", "left", 6e9), fact_rows.leg("b", "lab", "right", 4e9)]
    legs += [fact_rows.leg(f"left{i}", "left", "mill", 3e9) for i in range(3)]
    legs += [fact_rows.leg("right0", "right", "mill", 9e9), fact_rows.leg("right1", "right", "mill", 1e9)]
    table = trail(fact_rows.funding("loan", "banks", "lab", 10e9), *legs, trail_branches_max=3)
    assert reached(table, "loan")[3:] == [
        (2, "left0", 2.0, 2.0, "no_purchases"),
        (2, "left1", 2.0, 2.0, "no_purchases"),
        (2, "right0", 3.6, 3.6, "no_purchases"),
    ]


def test_of_very_many_funding_legs_the_largest_of_a_day_are_followed():
    loans = [
        fact_rows.funding(name, "banks", "lab", usd) for name, usd in (("b", 2e9), ("a", 2e9), ("c", 3e9), ("d", 1e9))
    ]
    later = fact_rows.funding("e", "banks", "lab", 9e9, known_from=dt.date(2026, 9, 1))
    days = (DAY, dt.date(2026, 9, 30))
    followed = trail(*loans, later, days=days, trail_legs_max=2).select("as_of_date", "funding_leg_id").rows()
    assert followed == [(DAY, "a"), (DAY, "c"), (days[1], "c"), (days[1], "e")]


def test_an_aggregate_is_never_a_station():
    table = trail(fact_rows.funding("loan", "lab", "suppliers", 8e9), fact_rows.leg("c", "suppliers", "host", 6e9))
    assert reached(table, "loan") == [(0, "loan", 8.0, 8.0, "aggregate")]


def test_the_trail_ends_after_the_assumed_hops_and_below_the_assumed_amount():
    legs = [fact_rows.leg(f"l{i}", f"n{i}", f"n{i + 1}", 90e9) for i in range(9)]
    loan = fact_rows.funding("loan", "banks", "n0", 8e9)
    assert reached(trail(loan, *legs), "loan")[-1] == (6, "l5", 8.0, 8.0, "max_hops")
    assert reached(trail(loan, *legs, trail_max_hops=0), "loan") == [(0, "loan", 8.0, 8.0, "max_hops")]
    assert reached(trail(loan, *legs, trail_min_usd=9e9), "loan") == [(0, "loan", 8.0, 8.0, "too_small")]


def test_funding_that_names_each_other_does_not_run_for_ever():
    a = fact_rows.funding("a", "x", "y", 5e9, funds_leg_id="b")
    b = fact_rows.funding("b", "y", "x", 5e9, funds_leg_id="a")
    assert reached(trail(a, b), "a") == [(0, "a", 5.0, 0.0, None), (1, "b", 5.0, 5.0, "already_on_path")]


def test_only_legs_known_on_the_day_are_followed():
    later = fact_rows.leg("later", "lab", "host", 9e9, known_from=dt.date(2026, 9, 1))
    loan = fact_rows.funding("loan", "banks", "lab", 8e9)
    days = (DAY, dt.date(2026, 9, 30))
    both = trail(loan, later, days=days)
    assert both.filter(pl.col("as_of_date") == DAY).equals(trail(loan))
    assert both.filter(pl.col("as_of_date") == days[1])["leg_id"].to_list() == ["loan", "later"]


def test_an_empty_ledger_gives_an_empty_table_with_its_columns():
    assert trail().schema == pl.Schema(MONEY_TRAIL.polars_schema)


NAMES = ["a", "b", "c", "d", "suppliers"]


@st.composite
def ledgers(draw):
    rows = []
    for i in range(draw(st.integers(1, 12))):
        payer, payee = draw(st.sampled_from(NAMES)), draw(st.sampled_from(NAMES))
        if payer == payee:
            continue
        usd = draw(st.integers(1, 10**13)) / 100
        if draw(st.booleans()):
            named = draw(st.sampled_from([None, *(f"l{j}" for j in range(12))]))
            rows.append(fact_rows.funding(f"l{i}", payer, payee, usd, funds_leg_id=named))
        else:
            rows.append(fact_rows.leg(f"l{i}", payer, payee, usd, is_imputed_amount=draw(st.booleans())))
    return rows


@settings(max_examples=150, deadline=None)
@given(ledgers(), st.integers(0, 4), st.sampled_from([1.0, 2.0, 3.0, 200.0]))
def test_money_is_conserved_and_nothing_is_filled_beyond_its_size(rows, hops, branches):
    table = trail(*rows, trail_max_hops=float(hops), trail_min_usd=0.0, trail_branches_max=branches)
    assert (table.group_by("funding_leg_id", "hop").len()["len"] <= branches).all()
    for rule in MONEY_TRAIL.rules:
        if rule.offends is not None:
            assert not rule.offends(table, {}.__getitem__).any(), rule.name
    origins = table.filter(pl.col("hop") == 0).select("funding_leg_id", begun="attributed_usd")
    ended = table.group_by("funding_leg_id").agg(pl.col("ended_usd").sum())
    joined = origins.join(ended, on="funding_leg_id")
    assert ((joined["begun"] - joined["ended_usd"]).abs() < 0.005 + 1e-12 * joined["begun"]).all()
    purchases = table.filter(pl.col("link") == "purchase").group_by("funding_leg_id", "leg_id")
    filled = purchases.agg(pl.col("attributed_usd").sum(), pl.col("amount_usd").first())
    assert (filled["attributed_usd"] <= filled["amount_usd"] + 0.005 + 1e-12 * filled["amount_usd"]).all()


@settings(max_examples=50, deadline=None)
@given(ledgers(), st.randoms(use_true_random=False))
def test_order_of_rows_changes_nothing(rows, random):
    shuffled = list(rows)
    random.shuffle(shuffled)
    assert trail(*rows).equals(trail(*shuffled))
