"""Promises of money as intervals of knowledge: which versions count, from which day, with which amount."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from tests.ledgers.builder import BN, Ledger, cost, in_force, leg, one, power

D = dt.date


def known(ledger: Ledger, leg_id: str) -> list[tuple[D, D | None]]:
    rows = ledger.commitments.filter(pl.col("leg_id") == leg_id)
    return rows.select("known_from", "known_to").rows()


# --- versions and intervals -----------------------------------------------------------------------------------------


def test_later_row_replaces_the_earlier_one_from_its_own_day_on():
    ledger = Ledger([leg("a", 10 * BN), leg("a", 12 * BN, known_from="2025-06-01")])

    assert one(ledger.commitments, "2025-05-31", "a")["amount_usd"] == 10 * BN
    assert one(ledger.commitments, "2025-06-01", "a")["amount_usd"] == 12 * BN
    assert known(ledger, "a") == [(D(2025, 1, 1), D(2025, 6, 1)), (D(2025, 6, 1), None)]


def test_payrolls_of_july_2023_are_read_as_they_were_known():
    ledger = Ledger(
        [
            leg("jobs", 187_000.0, known_from="2023-08-04"),
            leg("jobs", 157_000.0, known_from="2023-09-01"),
            leg("jobs", 236_000.0, known_from="2023-10-06"),
        ]
    )

    assert in_force(ledger.commitments, "2023-08-01").is_empty()
    read = [one(ledger.commitments, day, "jobs")["amount_usd"] for day in ("2023-08-15", "2023-09-15", "2023-10-31")]
    assert read == [187_000, 157_000, 236_000]


def test_a_leg_is_not_split_where_nothing_in_its_row_changes():
    ledger = Ledger(
        [
            leg("whole", 100 * BN, capacity_leg_id="k"),
            leg("other", 1 * BN, known_from="2025-02-01"),
            leg("other", 2 * BN, known_from="2025-03-01"),
        ],
        [power("k", 1.0), power("k", 1.0, known_from="2025-04-01", stage="under_construction")],
        [cost("e", "all_in", 50 * BN, known_from="2025-05-01")],
    )

    assert known(ledger, "whole") == [(D(2025, 1, 1), None)]


def test_every_row_names_the_seed_row_that_it_comes_from():
    ledger = Ledger(
        [
            leg("whole", 100 * BN),
            leg("whole", 120 * BN, known_from="2025-06-01"),
            leg("part", 30 * BN, known_from="2025-08-01", part_of_leg_id="whole"),
        ]
    )

    rows = ledger.commitments.filter(pl.col("leg_id") == "whole").select("known_from", "seed_known_from").rows()
    assert rows == [
        (D(2025, 1, 1), D(2025, 1, 1)),
        (D(2025, 6, 1), D(2025, 6, 1)),
        (D(2025, 8, 1), D(2025, 6, 1)),
    ]


def test_alternative_reading_is_kept_apart_and_never_counted():
    ledger = Ledger([leg("a", 10 * BN), leg("a", 99 * BN, reading="alternative", qualifier="about")])

    assert ledger.commitments["amount_usd"].to_list() == [10 * BN]
    assert ledger.alternatives.select("amount_low_usd", "amount_usd", "amount_high_usd").row(0) == pytest.approx(
        (89.1 * BN, 99 * BN, 108.9 * BN)
    )


def test_link_to_a_leg_that_exists_only_as_an_alternative_is_ignored():
    ledger = Ledger([leg("a", 10 * BN, part_of_leg_id="b"), leg("b", 30 * BN, reading="alternative")])

    assert one(ledger.commitments, "2025-06-01", "a")["part_of_leg_id"] is None


# --- links that are not known yet -----------------------------------------------------------------------------------


@pytest.mark.parametrize("link", ["part_of_leg_id", "funds_leg_id", "capacity_leg_id"])
def test_link_to_a_leg_that_is_not_known_yet_is_ignored_until_it_is(link):
    ledger = Ledger(
        [leg("a", 10 * BN, **{link: "target"}), leg("target", 50 * BN, known_from="2025-07-01")],
        [power("target", 1.0, known_from="2025-07-01")],
    )

    assert one(ledger.commitments, "2025-06-30", "a")[link] is None
    assert one(ledger.commitments, "2025-07-01", "a")[link] == "target"
    assert known(ledger, "a") == [(D(2025, 1, 1), D(2025, 7, 1)), (D(2025, 7, 1), None)]


# --- containment ----------------------------------------------------------------------------------------------------


def test_umbrella_deal_is_not_counted_with_its_parts():
    ledger = Ledger(
        [
            leg("umbrella", 500 * BN, payer_id="programme"),
            leg("oracle", 300 * BN, known_from="2025-03-01", part_of_leg_id="umbrella"),
            leg("crusoe", 50 * BN, known_from="2025-05-01", part_of_leg_id="umbrella", payer_id="other"),
        ]
    )

    shares = [
        one(ledger.commitments, day, "umbrella")["net_amount_usd"] for day in ("2025-02-01", "2025-03-01", "2025-05-01")
    ]
    assert shares == [500 * BN, 200 * BN, 150 * BN]
    assert in_force(ledger.commitments, "2025-06-01")["amount_usd"].sum() == 850 * BN
    assert in_force(ledger.commitments, "2025-06-01")["net_amount_usd"].sum() == 500 * BN


def test_only_direct_parts_reduce_a_whole():
    ledger = Ledger([leg("a", 100 * BN), leg("b", 60 * BN, part_of_leg_id="a"), leg("c", 20 * BN, part_of_leg_id="b")])

    rows = {r["leg_id"]: r["net_amount_usd"] for r in in_force(ledger.commitments, "2025-06-01").to_dicts()}
    assert rows == {"a": 40 * BN, "b": 40 * BN, "c": 20 * BN}


def test_parts_beyond_the_whole_leave_it_an_own_share_of_zero():
    ledger = Ledger(
        [leg("a", 100 * BN), *(leg(f"b{i}", 70 * BN, part_of_leg_id="a") for i in range(2))],
    )

    assert one(ledger.commitments, "2025-06-01", "a")["net_amount_usd"] == 0


def test_part_that_is_cancelled_gives_its_share_back():
    ledger = Ledger(
        [
            leg("a", 100 * BN),
            leg("b", 70 * BN, part_of_leg_id="a"),
            leg("b", 70 * BN, part_of_leg_id="a", known_from="2025-06-01", certainty="cancelled"),
        ]
    )

    assert one(ledger.commitments, "2025-05-31", "a")["net_amount_usd"] == 30 * BN
    assert one(ledger.commitments, "2025-06-01", "a")["net_amount_usd"] == 100 * BN


def test_part_that_moves_to_another_whole_reduces_that_one_from_then_on():
    ledger = Ledger(
        [
            leg("a", 100 * BN),
            leg("b", 100 * BN),
            leg("c", 30 * BN, part_of_leg_id="a"),
            leg("c", 30 * BN, part_of_leg_id="b", known_from="2025-06-01"),
        ]
    )

    assert [one(ledger.commitments, "2025-05-31", x)["net_amount_usd"] for x in "ab"] == [70 * BN, 100 * BN]
    assert [one(ledger.commitments, "2025-06-01", x)["net_amount_usd"] for x in "ab"] == [100 * BN, 70 * BN]


def test_cancelled_version_has_no_amounts_even_if_its_row_repeats_them():
    ledger = Ledger(
        [
            leg("a", 70 * BN, amount_low_usd=60 * BN, amount_high_usd=80 * BN),
            leg(
                "a",
                70 * BN,
                amount_low_usd=60 * BN,
                amount_high_usd=80 * BN,
                known_from="2025-06-01",
                certainty="cancelled",
            ),
        ]
    )

    row = one(ledger.commitments, "2025-06-01", "a")
    assert {row[c] for c in row if c.endswith("_usd")} == {None}
    assert ledger.schedule["known_from"].unique().to_list() == [D(2025, 1, 1)]


def test_statement_is_kept_without_own_share_or_schedule_and_reduces_nothing():
    ledger = Ledger([leg("a", 100 * BN), leg("total_statement", 90 * BN, part_of_leg_id="a", is_statement=True)])

    found = one(ledger.commitments, "2025-06-01", "total_statement")
    assert (found["amount_usd"], found["net_amount_usd"]) == (90 * BN, None)
    assert one(ledger.commitments, "2025-06-01", "a")["net_amount_usd"] == 100 * BN
    assert ledger.schedule["leg_id"].unique().to_list() == ["a"]


def test_bounds_are_netted_bound_by_bound():
    ledger = Ledger(
        [
            leg("a", 100 * BN, amount_low_usd=80 * BN, amount_high_usd=130 * BN),
            leg("b", 40 * BN, part_of_leg_id="a", qualifier="about"),
        ]
    )

    row = one(ledger.commitments, "2025-06-01", "a")
    shares = [row[f"net_amount{b}_usd"] for b in ("_low", "", "_high")]
    assert shares == pytest.approx([44 * BN, 60 * BN, 86 * BN])


# --- amounts and bounds ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stated", "bounds"),
    [
        ({"qualifier": "exact"}, (100, 100, 100)),
        ({"qualifier": "about"}, (90, 100, 110)),
        ({"qualifier": "up_to"}, (0, 100, 100)),
        ({"qualifier": "up_to", "amount_low_usd": 20 * BN}, (20, 100, 100)),
        ({"qualifier": "at_least"}, (100, 100, 150)),
        ({"qualifier": "at_least", "amount_high_usd": 120 * BN}, (100, 100, 120)),
        ({"qualifier": "about", "amount_low_usd": 70 * BN, "amount_high_usd": 160 * BN}, (70, 100, 160)),
    ],
)
def test_stated_bounds_win_and_missing_ones_follow_from_the_qualifier(stated, bounds):
    row = one(Ledger([leg("a", 100 * BN, **stated)]).commitments, "2025-06-01", "a")

    assert tuple(row[f"amount{b}_usd"] for b in ("_low", "", "_high")) == pytest.approx([b * BN for b in bounds])


def test_stated_low_is_the_point_where_no_figure_is_given():
    row = one(Ledger([leg("a", qualifier="at_least", amount_low_usd=40 * BN)]).commitments, "2025-06-01", "a")

    assert [row[f"amount{b}_usd"] for b in ("_low", "", "_high")] == [40 * BN, 40 * BN, 60 * BN]


def test_upper_bound_alone_is_no_point():
    ledger = Ledger([leg("a", qualifier="up_to", amount_high_usd=439 * BN)])

    row = one(ledger.commitments, "2025-06-01", "a")
    assert [row[f"amount{b}_usd"] for b in ("_low", "", "_high")] == [None, None, 439 * BN]
    assert row["net_amount_usd"] is None
    assert not row["is_imputed_amount"]


# --- imputed amounts ------------------------------------------------------------------------------------------------

ESTIMATES = [
    cost("c1", "chips", 30 * BN),
    cost("c2", "chips", 40 * BN, low_usd_per_gw=20 * BN, high_usd_per_gw=50 * BN),
    cost("s1", "shell_and_power", 10 * BN),
    cost("a1", "all_in", 50 * BN),
]


@pytest.mark.parametrize(
    ("flow", "amounts"),
    [
        ("chip_purchase", (40, 70, 100)),
        ("lease", (20, 20, 20)),
        ("infrastructure_build", (20, 20, 20)),
        ("compute_purchase", (100, 100, 100)),
        ("revenue_share", (None, None, None)),
        ("equity_investment", (None, None, None)),
    ],
)
def test_undisclosed_purchase_with_gigawatts_gets_the_cost_of_its_component(flow, amounts):
    ledger = Ledger([leg("a", flow=flow, capacity_leg_id="k")], [power("k", 2.0)], ESTIMATES)

    row = one(ledger.commitments, "2025-06-01", "a")
    wanted = tuple(None if a is None else a * BN for a in amounts)
    assert tuple(row[f"amount{b}_usd"] for b in ("_low", "", "_high")) == wanted
    assert row["is_imputed_amount"] == (amounts[1] is not None)


def test_imputed_amount_follows_the_estimates_and_gigawatts_known_on_the_day():
    ledger = Ledger(
        [leg("a", capacity_leg_id="k")],
        [power("k", 2.0, known_from="2025-02-01"), power("k", 1.0, known_from="2025-08-01")],
        [
            cost("e1", "all_in", 50 * BN, known_from="2025-03-01"),
            cost("e2", "all_in", 30 * BN, known_from="2025-05-01"),
        ],
    )

    days = ("2025-02-15", "2025-03-01", "2025-05-01", "2025-08-01")
    assert [one(ledger.commitments, d, "a")["amount_usd"] for d in days] == [None, 100 * BN, 80 * BN, 40 * BN]
    assert [one(ledger.commitments, d, "a")["is_imputed_amount"] for d in days] == [False, True, True, True]


def test_estimate_of_bounds_alone_moves_the_ends_and_not_the_median():
    ledger = Ledger(
        [leg("a", capacity_leg_id="k")],
        [power("k", 1.0)],
        [
            cost("e1", "all_in", 50 * BN),
            cost("e2", "all_in", None, low_usd_per_gw=20 * BN, high_usd_per_gw=90 * BN, known_from="2025-03-01"),
        ],
    )

    row = one(ledger.commitments, "2025-06-01", "a")
    assert [row[f"amount{b}_usd"] for b in ("_low", "", "_high")] == [20 * BN, 50 * BN, 90 * BN]


def test_stated_upper_bound_limits_the_imputed_amount():
    ledger = Ledger(
        [leg("a", flow="chip_purchase", capacity_leg_id="k", qualifier="up_to", amount_high_usd=60 * BN)],
        [power("k", 2.0)],
        ESTIMATES,
    )

    row = one(ledger.commitments, "2025-06-01", "a")
    assert [row[f"amount{b}_usd"] for b in ("_low", "", "_high")] == [40 * BN, 60 * BN, 60 * BN]


def test_disclosed_statement_or_cancelled_legs_are_never_imputed():
    ledger = Ledger(
        [
            leg("disclosed", 5 * BN, capacity_leg_id="k"),
            leg("floor", qualifier="at_least", amount_low_usd=5 * BN, capacity_leg_id="k"),
            leg("total_statement", capacity_leg_id="k", is_statement=True),
            leg("gone", capacity_leg_id="k", certainty="cancelled"),
            leg("dark", capacity_leg_id="off"),
        ],
        [power("k", 2.0), power("off", 2.0, stage="cancelled")],
        ESTIMATES,
    )

    assert not ledger.commitments["is_imputed_amount"].any()
    assert one(ledger.commitments, "2025-06-01", "dark")["amount_usd"] is None


def test_imputed_part_never_reduces_a_disclosed_whole():
    ledger = Ledger(
        [leg("whole", 300 * BN), leg("part", capacity_leg_id="k", part_of_leg_id="whole")], [power("k", 2.0)], ESTIMATES
    )

    assert one(ledger.commitments, "2025-06-01", "whole")["net_amount_usd"] == 300 * BN
    assert one(ledger.commitments, "2025-06-01", "part")["net_amount_usd"] == 100 * BN


def test_imputed_whole_is_reduced_by_all_of_its_parts():
    ledger = Ledger(
        [
            leg("whole", capacity_leg_id="k10"),
            leg("imputed", capacity_leg_id="k2", part_of_leg_id="whole"),
            leg("disclosed", 30 * BN, part_of_leg_id="whole"),
        ],
        [power("k10", 10.0), power("k2", 2.0)],
        ESTIMATES,
    )

    assert one(ledger.commitments, "2025-06-01", "whole")["net_amount_usd"] == (500 - 100 - 30) * BN


# --- dates ----------------------------------------------------------------------------------------------------------


def dates(ledger: Ledger, on: str, leg_id: str = "a") -> tuple[D, D, bool]:
    row = one(ledger.commitments, on, leg_id)
    return row["starts_on"], row["ends_on"], row["is_imputed_dates"]


def test_stated_dates_stand():
    ledger = Ledger([leg("a", BN, starts_on="2026-01-01", ends_on="2031-01-01")])

    assert dates(ledger, "2025-06-01") == (D(2026, 1, 1), D(2031, 1, 1), False)


@pytest.mark.parametrize(
    ("flow", "end"),
    [
        ("compute_purchase", D(2030, 3, 15)),
        ("lease", D(2040, 3, 15)),
        ("debt", D(2031, 3, 15)),
        ("equity_investment", D(2025, 3, 15)),
    ],
)
def test_without_dates_a_leg_starts_when_first_known_and_lasts_the_tenor_of_its_flow(flow, end):
    ledger = Ledger(
        [leg("a", BN, flow=flow, known_from="2025-03-15"), leg("a", BN, flow=flow, known_from="2025-09-01")]
    )

    assert dates(ledger, "2025-04-01") == (D(2025, 3, 15), end, True)
    assert dates(ledger, "2025-10-01") == (D(2025, 3, 15), end, True)


def test_empty_date_inherits_that_of_the_previous_version():
    ledger = Ledger(
        [
            leg("a", BN, starts_on="2026-01-01", ends_on="2031-01-01"),
            leg("a", 2 * BN, known_from="2025-06-01"),
            leg("a", 2 * BN, known_from="2025-09-01", ends_on="2032-01-01"),
        ]
    )

    assert dates(ledger, "2025-06-01") == (D(2026, 1, 1), D(2031, 1, 1), False)
    assert dates(ledger, "2025-09-01") == (D(2026, 1, 1), D(2032, 1, 1), False)


def test_a_later_version_does_not_change_earlier_days():
    ledger = Ledger([leg("a", BN), leg("a", BN, known_from="2025-06-01", starts_on="2027-01-01", ends_on="2029-01-01")])

    assert dates(ledger, "2025-05-31") == (D(2025, 1, 1), D(2030, 1, 1), True)


def test_inherited_end_gives_way_to_a_start_that_is_stated_after_it():
    ledger = Ledger(
        [
            leg("a", BN, starts_on="2025-02-01", ends_on="2026-02-01"),
            leg("a", BN, known_from="2025-06-01", starts_on="2027-01-01"),
        ]
    )

    assert dates(ledger, "2025-06-01") == (D(2027, 1, 1), D(2032, 1, 1), True)


def test_assumed_start_gives_way_to_an_end_that_is_stated_before_it():
    ledger = Ledger([leg("a", BN, known_from="2025-06-01", ends_on="2025-03-01")])

    assert dates(ledger, "2025-06-01") == (D(2020, 3, 1), D(2025, 3, 1), True)


def test_equity_and_debt_may_start_and_end_on_one_day():
    for flow in ("equity_investment", "debt"):
        ledger = Ledger([leg("a", BN, flow=flow, starts_on="2025-04-01", ends_on="2025-04-01")])
        assert dates(ledger, "2025-06-01") == (D(2025, 4, 1), D(2025, 4, 1), False)
