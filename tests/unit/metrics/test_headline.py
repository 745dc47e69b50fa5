"""The ledger of an entity in one row: promises, revenue, and their ratio on a day."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.ledgers.builder import BN, Ledger, cost, figure, leg, power
from tests.ledgers.built import days_of, headline, measured, rows_on, shown

D = dt.date

GROSS, NET, IMPUTED = "gross_commitment_usd", "net_commitment_usd", "imputed_commitment_usd"

RATIO, WITH_IMPUTED, YEARS = "commitment_coverage_ratio", "commitment_coverage_ratio_with_imputed", "years_of_revenue"

AMOUNTS = [
    GROSS,
    NET,
    "net_commitment_low_usd",
    "net_commitment_high_usd",
    IMPUTED,
    "outstanding_commitment_usd",
    "rumoured_share",
    "unverified_share",
    RATIO,
    WITH_IMPUTED,
    YEARS,
]

ALL_IN = [cost("e1", "all_in", 40 * BN), cost("e2", "all_in", 60 * BN)]

# --- amounts --------------------------------------------------------------------------------------------------------


def test_umbrella_deal_is_gross_twice_and_net_once(tmp_path):
    build = measured(
        tmp_path,
        Ledger(
            [
                leg("umbrella", 500 * BN),
                leg("part", 300 * BN, part_of_leg_id="umbrella", known_from="2025-06-01"),
            ]
        ),
    )

    assert shown(headline(build, "2025-05-31"), GROSS, NET) == (500 * BN, 500 * BN)
    assert shown(headline(build, "2025-06-01"), GROSS, NET) == (800 * BN, 500 * BN)


def test_part_that_another_pays_leaves_the_whole_its_rest(tmp_path):
    build = measured(
        tmp_path,
        Ledger([leg("whole", 100 * BN), leg("part", 30 * BN, part_of_leg_id="whole", payer_id="other")]),
    )

    assert shown(headline(build, "2025-06-01"), GROSS, NET) == (100 * BN, 70 * BN)
    assert shown(headline(build, "2025-06-01", "other"), GROSS, NET) == (30 * BN, 30 * BN)


def test_only_purchases_that_it_pays_are_commitments(tmp_path):
    flows = ["equity_investment", "debt", "backstop", "warrant_grant"]
    build = measured(
        tmp_path,
        Ledger(
            [leg("a", BN), leg("total_statement", 9 * BN, is_statement=True), *(leg(f, 9 * BN, flow=f) for f in flows)]
        ),
    )

    assert headline(build, "2025-06-01")[GROSS] == BN


def test_imputed_amounts_are_separate(tmp_path):
    ledger = Ledger([leg("a", 100 * BN), leg("b", capacity_leg_id="k")], [power("k", 2.0)], ALL_IN)

    row = headline(measured(tmp_path, ledger), "2025-06-01")
    assert shown(row, GROSS, NET, IMPUTED) == (100 * BN, 100 * BN, 100 * BN)
    assert shown(row, "imputed_commitment_low_usd", "imputed_commitment_high_usd") == (80 * BN, 120 * BN)
    assert row["outstanding_commitment_usd"] == 100 * BN


def test_low_and_high_follow_from_the_bounds(tmp_path):
    ledger = Ledger([leg("a", 100 * BN, qualifier="about"), leg("b", 10 * BN, qualifier="up_to")])

    row = headline(measured(tmp_path, ledger), "2025-06-01")
    assert shown(row, "net_commitment_low_usd", "net_commitment_high_usd") == (90 * BN, 120 * BN)


def test_low_never_exceeds_net_even_where_a_part_of_another_shrinks(tmp_path):
    ledger = Ledger(
        [
            leg("whole", 100 * BN),
            leg("part", 60 * BN, qualifier="up_to", part_of_leg_id="whole", payer_id="other"),
        ]
    )

    row = headline(measured(tmp_path, ledger), "2025-06-01")
    assert shown(row, "net_commitment_low_usd", NET, "net_commitment_high_usd") == (40 * BN, 40 * BN, 100 * BN)


def test_shares_of_rumours_and_unverified_sources_are_shares_of_net(tmp_path):
    ledger = Ledger(
        [
            leg("whole", 100 * BN, certainty="rumoured"),
            leg("part", 60 * BN, part_of_leg_id="whole", evidence="unverified"),
            leg("other", 100 * BN, evidence="relayed"),
            leg("imputed", capacity_leg_id="k", certainty="rumoured", evidence="unverified"),
        ],
        [power("k", 2.0)],
        ALL_IN,
    )

    row = headline(measured(tmp_path, ledger), "2025-06-01")
    assert shown(row, "rumoured_share", "unverified_share") == pytest.approx((0.2, 0.3))


# --- unknown is not zero --------------------------------------------------------------------------------------------


def test_entity_without_legs_has_no_amounts(tmp_path):
    build = measured(tmp_path, Ledger([leg("a", BN)], figures=[figure("2024-01-01", "2024-12-31", BN, entity_id="x")]))

    row = headline(build, "2025-06-01", "x")
    assert [row[c] for c in AMOUNTS] == [None] * len(AMOUNTS)
    assert row["annualised_revenue_usd"] == BN


def test_entity_whose_legs_are_all_undisclosed_has_no_disclosed_amounts(tmp_path):
    ledger = Ledger(
        [leg("a"), leg("b", capacity_leg_id="k", payer_id="other")],
        [power("k", 2.0)],
        ALL_IN,
        [figure("2024-01-01", "2024-12-31", 10 * BN, entity_id="other")],
    )
    build = measured(tmp_path, ledger)

    assert shown(headline(build, "2025-06-01"), GROSS, NET, IMPUTED, WITH_IMPUTED, YEARS) == (None, None, 0, None, None)
    row = headline(build, "2025-06-01", "other")
    assert shown(row, GROSS, NET, RATIO, IMPUTED) == (None, None, None, 100 * BN)
    assert shown(row, WITH_IMPUTED, YEARS) == pytest.approx((0.1, 10.0))


def test_entity_that_cancelled_everything_has_promised_nothing(tmp_path):
    build = measured(tmp_path, Ledger([leg("a", BN), leg("a", BN, known_from="2025-06-01", certainty="cancelled")]))

    assert shown(headline(build, "2025-06-01"), GROSS, NET, "outstanding_commitment_usd") == (0, 0, 0)
    assert shown(headline(build, "2025-06-01"), RATIO, YEARS, "rumoured_share") == (None, None, None)


def test_entity_whose_last_leg_passed_to_another_has_no_amounts(tmp_path):
    build = measured(tmp_path, Ledger([leg("a", BN), leg("a", BN, known_from="2025-06-01", payer_id="heir")]))

    assert headline(build, "2025-05-31")[NET] == BN
    assert headline(build, "2025-06-01")[NET] is None
    assert headline(build, "2025-06-01", "heir")[NET] == BN


# --- days -----------------------------------------------------------------------------------------------------------


def test_there_is_a_row_on_every_day_on_which_one_of_the_numbers_changes(tmp_path):
    ledger = Ledger(
        [
            leg("whole", 100 * BN),
            leg("part", 30 * BN, part_of_leg_id="whole", payer_id="other", known_from="2025-02-01"),
            leg("dark", capacity_leg_id="k", known_from="2025-01-01"),
            leg("elsewhere", BN, payer_id="other", known_from="2025-07-01"),
        ],
        [power("k", 1.0, known_from="2025-03-01"), power("used", 1.0, known_from="2025-04-01")],
        [cost("e", "all_in", 50 * BN, known_from="2025-05-01")],
        [figure("2025-01-01", "2025-03-31", BN, known_from="2025-06-01")],
    )
    build = measured(tmp_path, ledger)

    wanted = ["2025-01-01", "2025-02-01", "2025-03-01", "2025-04-01", "2025-05-01", "2025-06-01"]
    assert days_of(build.read("metrics.headline"), entity_id="buyer") == [D.fromisoformat(d) for d in wanted]
    assert [shown(headline(build, d), NET, IMPUTED) for d in ("2025-02-01", "2025-05-01")] == [
        (70 * BN, 0),
        (70 * BN, 50 * BN),
    ]


def test_macro_answers_with_the_latest_row_on_or_before_a_day(tmp_path):
    build = measured(tmp_path, Ledger([leg("a", 10 * BN), leg("a", 12 * BN, known_from="2025-06-01")]))

    assert rows_on(build, "headline", "2024-12-31", entity_id="buyer") == []
    assert [headline(build, d)[NET] for d in ("2025-01-01", "2025-05-31", "2025-06-01", "2030-01-01")] == [
        10 * BN,
        10 * BN,
        12 * BN,
        12 * BN,
    ]


# --- power ----------------------------------------------------------------------------------------------------------


def test_power_is_that_of_the_largest_single_view(tmp_path):
    sites = [power("s1", 2.0), power("s2", 1.0), power("half", 1.5, part_of_leg_id="s1")]
    other = [power("c", 2.9, view="chip"), power("boast", 30.0, view="statement")]
    build = measured(tmp_path, Ledger([leg("a", BN)], [*sites, *other]))

    assert shown(headline(build, "2025-06-01"), "capacity_gw", "capacity_view") == (3.0, "site")


def test_power_that_mixes_bases_is_flagged(tmp_path):
    sites = [power("s1", 2.0), power("s2", 1.0, power_basis="it_load", known_from="2025-06-01")]
    build = measured(tmp_path, Ledger([leg("a", BN)], sites))

    assert headline(build, "2025-05-31")["is_mixed_power_basis"] is False
    assert headline(build, "2025-06-01")["is_mixed_power_basis"] is True


# --- revenue --------------------------------------------------------------------------------------------------------

H1 = ("2025-01-01", "2025-06-30")

Q2 = ("2025-04-01", "2025-06-30")

RUN_RATE = {"metric": "annualised_revenue_run_rate"}

CASES = [
    pytest.param([figure(*H1, 4.5 * BN)], 9 * BN, id="half a year counts twice"),
    pytest.param([figure(*H1, 4.5 * BN), figure("2024-01-01", "2024-12-31", 99 * BN)], 9 * BN, id="latest end"),
    pytest.param([figure(*H1, 4.5 * BN), figure(*Q2, 5 * BN)], 20 * BN, id="then shortest period"),
    pytest.param(
        [figure(*Q2, 3 * BN), figure(*Q2, 4 * BN, known_from="2025-09-01", evidence="unverified", source_id="t")],
        16 * BN,
        id="then latest known",
    ),
    pytest.param(
        [figure(*Q2, 2 * BN, evidence="relayed", source_id="z"), figure(*Q2, 3 * BN, source_id="a")],
        12 * BN,
        id="then best evidence",
    ),
    pytest.param([figure(*Q2, 3 * BN, source_id="a"), figure(*Q2, 2 * BN, source_id="z")], 8 * BN, id="then the lower"),
    pytest.param(
        [figure(*H1, 4.5 * BN), figure("2025-08-01", "2025-08-31", 13 * BN, **RUN_RATE)],
        9 * BN,
        id="a run rate is not used where something was reported",
    ),
    pytest.param(
        [
            figure("2025-05-01", "2025-05-31", 5 * BN, **RUN_RATE),
            figure("2025-08-01", "2025-08-31", 13 * BN, **RUN_RATE),
        ],
        13 * BN,
        id="a run rate is annual already",
    ),
    pytest.param([figure(*H1, 4.5 * BN, basis="reported_by_press")], 9 * BN, id="press counts as reported"),
    pytest.param([figure(*H1, 4.5 * BN, basis="guided")], None, id="guidance is not revenue"),
    pytest.param([figure(*H1, None, low_value=4 * BN)], None, id="a bound is no point"),
    pytest.param([figure(*H1, 4.5 * BN, definition="one segment")], None, id="a segment is not the company"),
    pytest.param([figure(*H1, 4.5 * BN, known_from="2026-01-01")], None, id="not known yet"),
]


@pytest.fixture(scope="module")
def earners(tmp_path_factory):
    """One ledger in which every case is a separate entity."""
    legs = [leg(f"l{number}", 100 * BN, payer_id=f"case{number}") for number in range(len(CASES))]
    figures = [{**row, "entity_id": f"case{n}"} for n, case in enumerate(CASES) for row in case.values[0]]
    return measured(tmp_path_factory.mktemp("earners"), Ledger(legs, figures=figures))


@pytest.mark.parametrize("number", range(len(CASES)), ids=[case.id for case in CASES])
def test_annualised_revenue_is_the_latest_reported_figure(earners, number):
    annual = CASES[number].values[1]

    row = headline(earners, "2025-12-31", f"case{number}")
    assert row["annualised_revenue_usd"] == annual
    assert row[RATIO] == (annual and pytest.approx(annual / (100 * BN)))


def test_better_figure_known_earlier_is_not_replaced_by_a_worse_one(tmp_path):
    figures = [figure(*Q2, 3 * BN), figure("2024-01-01", "2024-12-31", 5 * BN, known_from="2025-09-01")]
    build = measured(tmp_path, Ledger([leg("a", 100 * BN)], figures=figures))

    assert headline(build, "2025-10-01")["annualised_revenue_usd"] == 12 * BN


def test_half_a_year_of_four_and_a_half_billion_against_a_trillion_is_111_years(tmp_path):
    ledger = Ledger(
        [leg("a", 400 * BN), leg("b", capacity_leg_id="k")], [power("k", 12.0)], ALL_IN, [figure(*H1, 4.5 * BN)]
    )

    row = headline(measured(tmp_path, ledger), "2025-10-09")
    assert row[RATIO] == pytest.approx(0.0225)
    assert row[WITH_IMPUTED] == pytest.approx(0.009)
    assert row[YEARS] == pytest.approx(111.1, abs=0.05)
