"""Coverage by year: obligations under a scenario, revenue, and the remaining gap."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest

from assets.facts.assumptions import scenarios_wide
from assets.facts.scenario_obligations import MEASURES, expected_ratio, weighted_dues
from assets.staging.scenarios import SCENARIOS
from tests.ledgers.builder import ASSUMPTIONS, BN, FACE_VALUE, Ledger, cost, figure, frame, leg, power, scenario

D = dt.date

YEAR_2026 = {"starts_on": "2026-01-01", "ends_on": "2027-01-01"}

REVENUE = figure("2024-01-01", "2024-12-31", 10 * BN)

GAP = ("opening_cash_usd", "funding_gap_usd")

PROJECTED = {"basis": "projected", "known_from": "2025-01-15"}


def covered(
    ledger: Ledger, on: str, year: int, entity: str = "buyer", scenario_id: str = "announced"
) -> dict[str, Any]:
    """The row in force on a day."""
    rows = ledger.coverage.filter(
        pl.col("as_of_date") <= dt.date.fromisoformat(on),
        pl.col("entity_id") == entity,
        pl.col("scenario_id") == scenario_id,
    )
    latest = rows.filter(pl.col("as_of_date") == pl.col("as_of_date").max())
    return latest.row(by_predicate=pl.col("year") == year, named=True)


def dues(legs: list[dict[str, Any]], year: int = 2026, **changed: float) -> float:
    """Obligations under one scenario."""
    return covered(Ledger(legs, figures=[REVENUE], scenarios=scenario(**changed)), "2025-06-01", year)[
        "obligations_usd"
    ]


# --- obligations ----------------------------------------------------------------------------------------------------


def test_promises_count_with_the_probability_of_their_certainty():
    legs = [leg(c, 100 * BN, certainty=c, **YEAR_2026) for c in ("rumoured", "contracted", "paid", "cancelled")]

    assert dues(legs) == pytest.approx(300 * BN)
    assert dues(legs, p_rumoured=0.25, p_contracted=0.8) == pytest.approx((25 + 80 + 100) * BN)


def test_delay_moves_promises_but_not_paid_ones_or_quarters_that_had_begun():
    promised = leg("a", 730.0, starts_on="2025-01-01", ends_on="2027-01-01", known_from="2025-05-01")

    late = {year: dues([promised], year=year, delay_quarters=2) for year in (2025, 2026, 2027)}
    assert late == pytest.approx({2025: 90 + 91, 2026: (92 + 92) + (90 + 91), 2027: 92 + 92})
    later = {year: dues([promised], year=year, delay_quarters=4) for year in (2025, 2026, 2027)}
    assert later == pytest.approx({2025: 90 + 91, 2026: 92 + 92, 2027: 365})
    assert dues([{**promised, "certainty": "paid"}], year=2025, delay_quarters=4) == pytest.approx(365)


def test_promises_not_yet_paid_take_the_price_of_the_scenario():
    legs = [leg(c, 100 * BN, certainty=c, **YEAR_2026) for c in ("contracted", "paid")]

    assert dues(legs, price_multiplier=1.2) == pytest.approx(220 * BN)


def test_expected_amount_is_the_pert_mean_and_the_scenario_sets_the_mode_of_an_up_to():
    ceiling = leg("a", 100 * BN, qualifier="up_to", **YEAR_2026)
    floor = leg("a", 100 * BN, qualifier="at_least", **YEAR_2026)

    assert dues([ceiling], is_expected_amount=1, up_to_mode_share=0.6) == pytest.approx((4 * 60 + 100) / 6 * BN)
    assert dues([ceiling], is_expected_amount=0, up_to_mode_share=0.6) == pytest.approx(100 * BN)
    assert dues([floor], is_expected_amount=1, up_to_mode_share=0.6) == pytest.approx((500 + 150) / 6 * BN)


def test_expected_amount_of_an_imputed_promise_has_the_median_cost_as_its_mode():
    ledger = Ledger(
        [leg("a", capacity_leg_id="k", qualifier="up_to", amount_high_usd=900 * BN, **YEAR_2026)],
        [power("k", 1.0)],
        [cost("c1", "all_in", 40 * BN), cost("c2", "all_in", 50 * BN), cost("c3", "all_in", 90 * BN)],
        [REVENUE],
        scenario(is_expected_amount=1, up_to_mode_share=0.0),
    )

    row = covered(ledger, "2025-06-01", 2026)
    assert row["obligations_usd"] == pytest.approx((40 + 4 * 50 + 90) / 6 * BN)
    assert row["imputed_obligations_usd"] == row["obligations_usd"]


def test_parts_and_statements_are_not_due_twice():
    legs = [
        leg("whole", 100 * BN, **YEAR_2026),
        leg("part", 60 * BN, part_of_leg_id="whole", **YEAR_2026),
        leg("covered", 500 * BN, is_statement=True, **YEAR_2026),
    ]

    assert dues(legs) == pytest.approx(100 * BN)


def test_funding_falls_to_the_payee_on_its_start_day_with_its_probability():
    ledger = Ledger(
        [
            leg("round", 40 * BN, flow="equity_investment", payer_id="fund", payee_id="buyer", starts_on="2026-05-01"),
            leg("loan", 20 * BN, flow="debt", payer_id="bank", payee_id="buyer", certainty="rumoured", **YEAR_2026),
            leg("backing", 90 * BN, flow="backstop", payer_id="bank", payee_id="buyer", **YEAR_2026),
        ],
        figures=[REVENUE],
        scenarios=scenario(p_rumoured=0.25, delay_quarters=8),
    )

    row = covered(ledger, "2025-06-01", 2026)
    assert (row["funding_usd"], row["obligations_usd"], row["coverage_ratio"]) == (45 * BN, 0, None)


# --- revenue --------------------------------------------------------------------------------------------------------


def test_reported_year_is_kept_and_partial_year_is_completed_by_the_path():
    ledger = Ledger(
        figures=[
            figure("2025-01-01", "2025-06-30", 4.5 * BN),
            figure("2025-01-01", "2025-12-31", 13 * BN, **PROJECTED),
            figure("2024-01-01", "2024-12-31", 4 * BN, known_from="2025-01-10"),
        ]
    )

    assert covered(ledger, "2025-01-15", 2025)["revenue_usd"] == pytest.approx(13 * BN)
    row = covered(ledger, "2025-07-01", 2025)
    assert row["revenue_usd"] == pytest.approx(4.5 * BN + 13 * BN * 184 / 365)
    assert row["reported_revenue_usd"] == pytest.approx(4.5 * BN)


def test_path_follows_one_vintage_and_is_geometric_between_its_years():
    ledger = Ledger(
        figures=[
            REVENUE,
            figure("2027-01-01", "2027-12-31", 999 * BN, **PROJECTED),
            figure("2026-01-01", "2026-12-31", 20 * BN, basis="projected", known_from="2025-03-02"),
            figure("2028-01-01", "2028-12-31", 80 * BN, basis="guided", known_from="2025-03-20"),
        ]
    )

    assert covered(ledger, "2025-02-01", 2027)["projection_vintage"] == "2025-01"
    rows = {y: covered(ledger, "2025-04-01", y) for y in (2025, 2026, 2027, 2028, 2029)}
    assert rows[2027]["projection_vintage"] == "2025-03"
    assert [rows[y]["revenue_usd"] for y in (2026, 2027, 2028)] == pytest.approx([20 * BN, 40 * BN, 80 * BN])
    assert rows[2025]["revenue_usd"] == pytest.approx((10 * 20) ** 0.5 * BN)
    assert rows[2029]["revenue_usd"] == pytest.approx(80 * BN * (1 + 1 + (0.05 - 1) / 5))


def test_growth_fades_in_a_straight_line_to_the_long_run_rate():
    ledger = Ledger(figures=[figure("2023-01-01", "2023-12-31", 10 * BN), figure("2024-01-01", "2024-12-31", 15 * BN)])

    path = [covered(ledger, "2025-01-01", y)["revenue_usd"] for y in range(2025, 2031)]
    steps = [b / a - 1 for a, b in zip([15 * BN, *path], path, strict=False)]
    assert steps == pytest.approx([0.41, 0.32, 0.23, 0.14, 0.05, 0.05])


def test_scenario_multiplies_the_growth():
    figures = [figure("2023-01-01", "2023-12-31", 10 * BN), figure("2024-01-01", "2024-12-31", 15 * BN)]
    ledger = Ledger(figures=figures, scenarios=scenario(growth_multiplier=0.5))

    assert covered(ledger, "2025-01-01", 2025)["revenue_usd"] == pytest.approx(15 * 1.205 * BN)


def test_total_of_several_years_only_scales_the_path():
    total = figure("2025-01-01", "2026-12-31", 60 * BN, basis="projected", known_from="2025-05-01")
    years = [figure(f"{y}-01-01", f"{y}-12-31", usd * BN, **PROJECTED) for y, usd in ((2025, 10), (2026, 30))]

    alone = Ledger(figures=[REVENUE, total])
    scaled = Ledger(figures=[REVENUE, total, *years])
    assert covered(alone, "2025-06-01", 2025)["revenue_usd"] == pytest.approx(12 * BN * (1 + (0.05 - 0.2) / 5 / 1.2))
    assert [covered(scaled, "2025-06-01", y)["revenue_usd"] for y in (2025, 2026)] == pytest.approx([15 * BN, 45 * BN])
    assert [covered(scaled, "2025-04-01", y)["revenue_usd"] for y in (2025, 2026)] == pytest.approx([10 * BN, 30 * BN])


def test_total_of_an_earlier_vintage_does_not_scale_the_path():
    total = figure("2025-01-01", "2026-12-31", 60 * BN, basis="projected", known_from="2024-12-31")
    years = [figure(f"{y}-01-01", f"{y}-12-31", usd * BN, **PROJECTED) for y, usd in ((2025, 10), (2026, 30))]
    ledger = Ledger(figures=[REVENUE, total, *years])

    assert [covered(ledger, "2025-06-01", y)["revenue_usd"] for y in (2025, 2026)] == pytest.approx([10 * BN, 30 * BN])


def test_without_projections_the_year_is_completed_at_the_latest_rate():
    ledger = Ledger(figures=[figure("2025-01-01", "2025-06-30", 4.5 * BN)])

    assert covered(ledger, "2025-07-01", 2025)["revenue_usd"] == pytest.approx(4.5 * BN + 9 * BN * 184 / 365)


def test_company_without_sales_yet_is_no_error():
    ledger = Ledger(
        figures=[
            figure("2025-01-01", "2025-06-30", 0.0),
            figure("2025-01-01", "2025-12-31", 0.0, basis="projected", known_from="2025-07-01"),
            figure("2027-01-01", "2027-12-31", 5 * BN, basis="projected", known_from="2025-07-01"),
        ]
    )

    assert covered(ledger, "2025-06-30", 2026)["revenue_usd"] is None
    assert covered(ledger, "2025-06-30", 2026)["funding_gap_usd"] is None
    assert covered(ledger, "2025-07-01", 2027)["revenue_usd"] == pytest.approx(5 * BN)


def test_segments_bounds_and_other_metrics_are_no_revenue():
    ledger = Ledger(
        figures=[
            REVENUE,
            figure("2025-01-01", "2025-12-31", 99 * BN, definition="one segment"),
            figure("2025-01-01", "2025-12-31", None, low_value=50 * BN),
            figure("2025-01-01", "2025-12-31", 99 * BN, metric="rpo"),
        ]
    )

    assert covered(ledger, "2026-01-01", 2026)["reported_revenue_usd"] == 0
    assert covered(ledger, "2026-01-01", 2026)["revenue_usd"] < 20 * BN


def test_entity_without_revenue_has_no_rows():
    ledger = Ledger([leg("a", BN, **YEAR_2026)], figures=[REVENUE, figure(None, "2025-01-31", BN, metric="cash")])

    assert ledger.coverage["entity_id"].unique().to_list() == ["buyer"]
    assert Ledger([leg("a", BN)], figures=[figure(None, "2025-01-31", BN, metric="cash")]).coverage.is_empty()


# --- ratio and gap --------------------------------------------------------------------------------------------------


def gaps(ledger: Ledger) -> dict[int, tuple[float | None, float | None]]:
    """Opening cash and gap by year as last known, in whole cents."""
    rows = ledger.coverage.filter(pl.col("as_of_date") == pl.col("as_of_date").max())
    return {y: (cash, gap) for y, cash, gap in rows.select("year", pl.col(GAP).round(2)).iter_rows()}


def flat(*legs: dict[str, Any], figures: list[dict[str, Any]]) -> Ledger:
    """A ledger with constant revenue of 10 billion, half of which is left for computing."""
    terms = {"long_run_growth_ratio": 0.0, "unknown_growth_ratio": 0.0, "coverage_last_year": 2028.0}
    ledger = Ledger(list(legs), figures=[REVENUE, *figures])
    ledger.assumptions.update(terms)
    return ledger


def test_surplus_is_carried_forward_as_cash_and_a_gap_is_not():
    ledger = flat(
        leg("a", 20 * BN, starts_on="2026-01-01", ends_on="2027-01-01"),
        leg("b", 20 * BN, starts_on="2027-01-01", ends_on="2028-01-01"),
        figures=[figure(None, "2024-12-31", 3 * BN, metric="cash", known_from="2025-01-01")],
    )

    assert gaps(ledger) == {
        2025: (3 * BN, 0.0),
        2026: (8 * BN, 7 * BN),
        2027: (0.0, 15 * BN),
        2028: (0.0, 0.0),
    }


def test_coverage_ratio_is_revenue_over_obligations():
    ledger = flat(leg("a", 40 * BN, starts_on="2026-01-01", ends_on="2027-01-01"), figures=[])

    assert covered(ledger, "2025-06-01", 2026)["coverage_ratio"] == pytest.approx(0.25)
    assert covered(ledger, "2025-06-01", 2027)["coverage_ratio"] is None


def test_unknown_cash_counts_as_zero_and_is_shown_as_null():
    ledger = flat(leg("a", 20 * BN, starts_on="2025-01-01", ends_on="2026-01-01"), figures=[])

    assert gaps(ledger)[2025] == (None, 15 * BN)


def test_cash_is_that_with_which_the_year_opened():
    balances = [("2024-06-30", 1), ("2024-12-31", 2), ("2025-03-31", 90)]
    ledger = flat(
        figures=[figure(None, end, usd * BN, metric="cash", known_from="2025-05-01") for end, usd in balances]
    )
    only_later = flat(figures=[figure(None, "2025-03-31", 90 * BN, metric="cash", known_from="2025-05-01")])

    assert gaps(ledger)[2025][0] == 2 * BN
    assert gaps(only_later)[2025][0] == 90 * BN


def test_cash_that_is_projected_is_none():
    ledger = flat(figures=[figure(None, "2024-12-31", 90 * BN, metric="cash", basis="projected")])

    assert gaps(ledger)[2024][0] is None


# --- as known on a day ----------------------------------------------------------------------------------------------


def test_there_is_a_row_on_every_day_on_which_something_changed_from_the_first_revenue_on():
    ledger = Ledger(
        [
            leg("early", BN, known_from="2024-02-01", **YEAR_2026),
            leg("a", BN, known_from="2025-03-01", **YEAR_2026),
            leg("a", BN, known_from="2025-06-01", payer_id="heir", **YEAR_2026),
            leg("round", BN, known_from="2025-04-01", flow="debt", payer_id="bank", payee_id="buyer", **YEAR_2026),
            leg("other", BN, known_from="2025-05-01", payer_id="heir", **YEAR_2026),
        ],
        figures=[REVENUE],
    )

    days = [str(d) for d in ledger.coverage["as_of_date"].unique().sort()]
    assert days == ["2024-12-31", "2025-03-01", "2025-04-01", "2025-06-01"]
    told_on = [covered(ledger, d, 2026)["obligations_usd"] for d in days]
    assert told_on == [BN, 2 * BN, 2 * BN, BN]


def test_years_run_from_that_of_the_day_to_the_last_year():
    ledger = Ledger(figures=[REVENUE, figure("2025-01-01", "2025-12-31", BN)])

    years = {str(d): set(g["year"]) for (d,), g in ledger.coverage.group_by("as_of_date")}
    assert years == {"2024-12-31": set(range(2024, 2031)), "2025-12-31": set(range(2025, 2031))}


def test_every_scenario_has_its_own_rows():
    scenarios = [*scenario("announced"), *scenario("contracted_only", p_rumoured=0.0)]
    ledger = Ledger([leg("a", BN, certainty="rumoured", **YEAR_2026)], figures=[REVENUE], scenarios=scenarios)

    found = [
        covered(ledger, "2025-06-01", 2026, scenario_id=s)["obligations_usd"] for s in ("announced", "contracted_only")
    ]
    assert found == [BN, 0.0]
    assert len(FACE_VALUE) * 2 == len(scenarios)


# --- large ledgers ----------------------------------------------------------------------------------------------------


def busy(**assumed: float) -> Ledger:
    """A ledger that changes on many days, of two buyers, in two scenarios."""
    days = [D(2025, 1, 3) + dt.timedelta(days=17 * n) for n in range(20)]
    legs = [
        leg(
            f"l{n % 14}",
            (n + 1) * BN,
            payer_id=("buyer", "other")[n % 14 % 2],
            known_from=known.isoformat(),
            certainty="rumoured" if n % 3 else "contracted",
            **YEAR_2026,
        )
        for n, known in enumerate(days)
    ]
    figures = [REVENUE, {**REVENUE, "entity_id": "other"}]
    both = scenario() + scenario("base", p_rumoured=0.3, delay_quarters=3.0, price_multiplier=1.3)
    return Ledger(legs, figures=figures, scenarios=both, assumptions=ASSUMPTIONS | assumed)


def test_a_large_ledger_is_reported_at_the_end_of_each_quarter_in_which_it_changed():
    full, seldom = busy().coverage, busy(coverage_entity_days_max=5.0).coverage
    told_on = seldom["as_of_date"].unique().sort().to_list()
    assert told_on == [D(2024, 12, 31), D(2025, 3, 31), D(2025, 6, 30), D(2025, 9, 30), full["as_of_date"].max()]
    for on in told_on:
        known = full.filter(pl.col("as_of_date") <= on)
        expected = known.filter(pl.col("as_of_date") == pl.col("as_of_date").max().over("entity_id"))
        found = seldom.filter(pl.col("as_of_date") == on)
        assert found.drop("as_of_date").equals(expected.sort("entity_id", "scenario_id", "year").drop("as_of_date"))
        assert found.height > 20


def test_the_schedule_in_many_frames_gives_the_same_as_in_one():
    ledger = busy()
    wide = scenarios_wide(frame(SCENARIOS, ledger.scenarios))
    whole, pieces = (
        weighted_dues(ledger.commitments, frames, wide).filter(pl.any_horizontal(pl.col(MEASURES) != 0)).sort(pl.all())
        for frames in ([ledger.schedule], ledger.schedule.iter_slices(7))
    )
    assert whole.height > 50
    assert pieces.equals(whole)


def test_the_expected_amount_of_a_promise_does_not_depend_on_other_promises():
    """A column divided by a number and a row divided by it can differ in the last bit, and so in the cent."""
    rows = pl.DataFrame(
        {"low": [n**1.5 * 1e7 for n in range(1, 400)], "point": [n**1.5 * 1.7e7 for n in range(1, 400)]}
    ).with_columns(
        high=pl.col("point") * 1.5,
        qualifier=pl.lit("at_least"),
        is_imputed_amount=pl.lit(value=False),
        is_expected_amount=pl.lit(1),
        up_to_mode_share=pl.lit(0.5),
    )

    together = rows.select(expected_ratio()).to_series().to_list()
    alone = [row.select(expected_ratio()).item() for row in rows.iter_slices(1)]

    assert together == alone


def test_a_revenue_that_cannot_be_is_refused_by_the_path_of_revenue_too():
    ledger = Ledger([leg("a", 1 * BN, **YEAR_2026)], figures=[figure("2024-01-01", "2024-12-31", -10 * BN)])

    with pytest.raises(ValueError, match="value must be finite and not negative"):
        _ = ledger.coverage
