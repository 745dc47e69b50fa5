"""Revenue by year: reported periods on the calendar, the path beyond them, and the published examples."""

from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from assets.finance import revenue

ROWS = {
    "period_start": pl.Date,
    "period_end": pl.Date,
    "value": pl.Float64,
    "known_from": pl.Date,
    "evidence_rank": pl.Int64,
}

H1 = (date(2025, 1, 1), date(2025, 6, 30))

FULL = (date(2025, 1, 1), date(2025, 12, 31))


def rows_of(*rows):
    """Return rows of (period, value[, known_from[, evidence_rank]])."""
    complete = [(*period, value, *rest, *(date(2026, 1, 1), 1)[len(rest) :]) for period, value, *rest in rows]
    return pl.DataFrame(complete, schema=ROWS, orient="row")


def years_of(*rows):
    return {row["year"]: row for row in revenue.calendar_year_actuals(rows_of(*rows)).iter_rows(named=True)}


# ----------------------------------------------------------------------- calendar_year_actuals


def test_half_a_year_covers_its_days_only() -> None:
    found = revenue.calendar_year_actuals(rows_of((H1, 4.5e9)))
    assert found.rows() == [(2025, pytest.approx(4.5e9), 181, 365)]
    assert dict(found.schema) == {
        "year": pl.Int32,
        "reported_usd": pl.Float64,
        "covered_days": pl.Int32,
        "days_in_year": pl.Int32,
    }


def test_the_whole_year_fills_the_days_that_its_half_leaves() -> None:
    for rows in ([(H1, 4.5e9), (FULL, 13.07e9)], [(FULL, 13.07e9), (H1, 4.5e9)]):
        assert years_of(*rows)[2025] == {
            "year": 2025,
            "reported_usd": pytest.approx(13.07e9),
            "covered_days": 365,
            "days_in_year": 365,
        }


NVIDIA = [
    ((date(2025, 1, 27), date(2025, 4, 27)), 44.062e9),
    ((date(2025, 4, 28), date(2025, 7, 27)), 46.740e9),
    ((date(2025, 7, 28), date(2025, 10, 26)), 57.006e9),
    ((date(2025, 10, 27), date(2026, 1, 25)), 68.127e9),
    ((date(2025, 1, 27), date(2026, 1, 25)), 215.940e9),
]


def test_fiscal_quarters_straddle_calendar_years_by_day() -> None:
    found = years_of(*NVIDIA)
    last_quarter_in_2025 = 68.127e9 * 66 / 91
    assert found[2025]["reported_usd"] == pytest.approx(44.062e9 + 46.740e9 + 57.006e9 + last_quarter_in_2025)
    assert found[2025]["covered_days"] == 365 - 26
    assert found[2026]["reported_usd"] == pytest.approx(68.127e9 * 25 / 91)
    assert (found[2026]["covered_days"], found[2026]["days_in_year"]) == (25, 365)


def test_a_longer_period_without_an_uncovered_day_adds_nothing() -> None:
    assert years_of(*NVIDIA) == years_of(*NVIDIA[:-1])


def test_a_longer_period_below_its_parts_takes_nothing_back() -> None:
    found = years_of((H1, 4.5e9), (FULL, 4.0e9))
    assert found[2025]["reported_usd"] == pytest.approx(4.5e9)
    assert found[2025]["covered_days"] == 365


def test_of_one_period_the_latest_known_and_best_evidenced_row_wins() -> None:
    early, late = date(2025, 9, 30), date(2025, 10, 9)
    assert years_of((H1, 4.5e9, late, 1), (H1, 4.3e9, early, 3))[2025]["reported_usd"] == pytest.approx(4.5e9)
    assert years_of((H1, 4.5e9, late, 1), (H1, 4.3e9, late, 3))[2025]["reported_usd"] == pytest.approx(4.3e9)
    assert years_of((H1, 4.5e9, late, 1), (H1, 4.3e9, late, 1))[2025]["reported_usd"] == pytest.approx(4.3e9)


def test_years_without_a_reported_day_have_no_row() -> None:
    found = years_of(((date(2020, 1, 1), date(2020, 12, 31)), 1.0), ((date(2024, 2, 1), date(2024, 2, 29)), 2.0))
    assert [(year, row["covered_days"], row["days_in_year"]) for year, row in found.items()] == [
        (2020, 366, 366),
        (2024, 29, 366),
    ]


def test_no_rows_give_an_empty_frame_of_the_same_columns() -> None:
    empty = revenue.calendar_year_actuals(rows_of())
    assert empty.is_empty()
    assert empty.schema == revenue.calendar_year_actuals(rows_of((H1, 1.0))).schema


def test_a_fully_reported_year_is_exact_to_the_cent_with_any_reports_inside_it():
    """Summed day by day from the left, Amazon's year of 717 billion would be off by some cents."""
    whole, last_quarter = (FULL, 717e9), ((date(2025, 10, 1), date(2025, 12, 31)), 213.4e9)

    assert round(years_of(whole, last_quarter)[2025]["reported_usd"], 2) == 717e9


@pytest.mark.parametrize("function", [revenue.calendar_year_actuals, revenue.annualised])
@pytest.mark.parametrize(
    ("row", "message"),
    [
        ((H1, None), r"rows.value must not be null"),
        ((H1, float("nan")), r"rows.value must be finite and not negative"),
        ((H1, -1.0), r"rows.value must be finite and not negative"),
        ((H1[::-1], 1.0), r"rows.period_end must not lie before period_start"),
        ((H1, 1.0, None), r"rows.known_from must not be null"),
        (((None, H1[1]), 1.0), r"rows.period_start must not be null"),
    ],
)
def test_bad_rows_are_refused_by_name(function, row, message) -> None:
    with pytest.raises(ValueError, match=message):
        function(rows_of((FULL, 1.0), row))
    with pytest.raises(ValueError, match="rows must have the columns evidence_rank"):
        function(rows_of(row).drop("evidence_rank"))


periods = st.tuples(st.integers(0, 900), st.integers(1, 500)).map(
    lambda pair: (date(2023, 6, 1) + timedelta(pair[0]), date(2023, 6, 1) + timedelta(pair[0] + pair[1] - 1))
)

reports = st.lists(
    st.tuples(
        periods,
        st.floats(0, 1e12, allow_subnormal=False),
        st.dates(date(2025, 1, 1), date(2025, 1, 9)),
        st.integers(1, 3),
    ),
    max_size=8,
)


@settings(deadline=None)
@given(reports, st.randoms())
def test_days_are_covered_once_and_the_order_of_rows_does_not_matter(rows, random) -> None:
    found = revenue.calendar_year_actuals(rows_of(*rows))
    covered = {start + timedelta(number) for (start, end), *_ in rows for number in range((end - start).days + 1)}
    assert found["covered_days"].sum() == len(covered)
    assert (found["covered_days"] <= found["days_in_year"]).all()
    assert (found["reported_usd"] >= 0).all()
    random.shuffle(rows)
    assert_frame_equal(revenue.calendar_year_actuals(rows_of(*rows)), found, check_exact=True)


# ---------------------------------------------------------------------------------- annualised


def test_half_a_year_of_four_and_a_half_billion_is_nine_a_year() -> None:
    assert revenue.annualised(rows_of((H1, 4.5e9))) == pytest.approx(9e9)


def test_no_report_is_unknown_and_not_zero() -> None:
    assert revenue.annualised(rows_of()) is None
    assert revenue.annualised(rows_of((H1, 0.0))) == 0


@pytest.mark.parametrize(
    ("period", "months"),
    [
        ((date(2025, 6, 1), date(2025, 6, 9)), 1),
        ((date(2025, 2, 1), date(2025, 2, 28)), 1),
        ((date(2025, 1, 1), date(2025, 3, 31)), 3),
        ((date(2025, 1, 27), date(2025, 4, 27)), 3),
        ((date(2025, 1, 1), date(2025, 9, 30)), 9),
        ((date(2024, 1, 1), date(2024, 12, 31)), 12),
        ((date(2025, 1, 27), date(2026, 1, 25)), 12),
    ],
)
def test_the_months_of_a_period_are_rounded(period, months) -> None:
    assert revenue.annualised(rows_of((period, 1.0))) == pytest.approx(12 / months)


def test_the_latest_end_then_the_shortest_then_the_latest_known_then_the_best_evidence_counts() -> None:
    q2, early, late = (date(2025, 4, 1), date(2025, 6, 30)), date(2025, 9, 1), date(2025, 9, 2)
    rows = [
        ((date(2025, 1, 1), date(2025, 3, 31)), 100.0, late, 9),
        (H1, 50.0, late, 9),
        (q2, 7.0, early, 9),
        (q2, 6.0, late, 1),
        (q2, 5.0, late, 2),
        (q2, 4.0, late, 2),
    ]
    assert revenue.annualised(rows_of(*rows)) == pytest.approx(4 * 4)
    assert revenue.annualised(rows_of(*rows[:-1])) == pytest.approx(5 * 4)
    assert revenue.annualised(rows_of(*rows[:-2])) == pytest.approx(6 * 4)
    assert revenue.annualised(rows_of(*rows[:-3])) == pytest.approx(7 * 4)
    assert revenue.annualised(rows_of(*rows[:-4])) == pytest.approx(50 * 2)


# --------------------------------------------------------------------------------- annual_path


def actuals(complete=None, partial=None):
    """Return the frame of calendar_year_actuals for years of 365 days."""
    rows = [(year, usd, 365) for year, usd in (complete or {}).items()]
    rows += [(year, usd, 100) for year, usd in (partial or {}).items()]
    return pl.DataFrame(
        [(year, float(usd), days, 365) for year, usd, days in rows],
        schema=revenue.calendar_year_actuals(rows_of()).schema,
        orient="row",
    )


def path_of(complete=None, anchors=None, totals=(), years=range(2024, 2032), partial=None, **settings_):
    options = {"long_run_growth": 0.05, "fade_years": 5} | settings_
    return revenue.annual_path(actuals(complete, partial), anchors or {}, list(totals), list(years), **options)


def test_known_years_are_met_and_joined_geometrically() -> None:
    path = path_of({2025: 13.07}, {2026: 30.0, 2027: 62.0, 2030: 280.0}, years=range(2024, 2031))
    step = (280 / 62) ** (1 / 3)
    assert path[0] != path[0]
    assert path[1:] == pytest.approx([13.07, 30, 62, 62 * step, 62 * step**2, 280])


def test_growth_fades_linearly_to_the_long_run_rate() -> None:
    path = path_of({2024: 100.0, 2025: 150.0}, years=range(2025, 2030), long_run_growth=0.1, fade_years=2)
    assert path == pytest.approx([150, 150 * 1.3, 150 * 1.3 * 1.1, 150 * 1.3 * 1.1**2, 150 * 1.3 * 1.1**3])
    at_once = path_of({2024: 100.0, 2025: 150.0}, years=[2026, 2027], long_run_growth=0.1, fade_years=0)
    assert at_once == pytest.approx([165, 181.5])


def test_a_steep_start_is_carried_on_at_the_highest_growth_and_known_years_are_left_alone() -> None:
    steep = {"complete": {2024: 1.0, 2025: 5.0}, "anchors": {2026: 46.0}, "years": range(2025, 2029), "fade_years": 2}
    capped = path_of(**steep, long_run_growth=0.1, highest_growth=1.07)
    assert capped == pytest.approx([5, 46, 46 * (1 + (1.07 + 0.1) / 2), 46 * (1 + (1.07 + 0.1) / 2) * 1.1])
    assert path_of(**steep, long_run_growth=0.1, highest_growth=9) == pytest.approx(
        path_of(**steep, long_run_growth=0.1)
    )


@pytest.mark.parametrize("growth", [-1.0, float("nan"), float("inf")])
def test_a_highest_growth_that_is_none_is_refused(growth) -> None:
    with pytest.raises(ValueError, match="highest_growth must be finite and above -1"):
        path_of({2025: 1.0}, years=[2026], highest_growth=growth)


def test_growth_of_the_last_step_is_per_year() -> None:
    path = path_of({2022: 100.0, 2024: 144.0}, years=[2025], long_run_growth=0.2, fade_years=9)
    assert path == pytest.approx([144 * 1.2])


def test_one_known_year_grows_from_the_fallback_or_at_the_long_run_rate() -> None:
    assert path_of({2025: 100.0}, years=[2026], fallback_growth=0.25) == pytest.approx([100 * 1.21])
    assert path_of({2025: 100.0}, years=[2026]) == pytest.approx([105])


def test_an_actual_year_beats_a_projection_and_a_partial_year_is_not_known() -> None:
    path = path_of({2025: 13.0}, {2025: 11.6, 2026: 30.0}, partial={2024: 1.0}, years=[2024, 2025, 2026])
    assert path[1:] == pytest.approx([13, 30])
    assert np.isnan(path[0])


def test_nothing_known_is_unknown() -> None:
    assert np.isnan(path_of(partial={2025: 5.0}, totals=[(2026, 2030, 840.0)])).all()
    assert path_of(years=[]).shape == (0,)


def test_a_total_scales_the_projected_years_and_leaves_actual_ones() -> None:
    known = {"complete": {2025: 13.0, 2026: 30.0}, "anchors": {2027: 62.0, 2030: 280.0}}
    years = range(2025, 2034)
    plain, scaled = path_of(**known, years=years), path_of(**known, totals=[(2026, 2030, 840.0)], years=years)
    assert scaled[:2].tolist() == [13, 30]
    assert scaled[1:6].sum() == pytest.approx(840)
    factor = (840 - 30) / plain[2:6].sum()
    assert scaled[2:6] == pytest.approx(plain[2:6] * factor)
    assert scaled[6:] == pytest.approx(plain[6:] * factor), "the years after it keep their growth rates"


def test_a_total_before_a_known_year_leaves_later_years_unchanged() -> None:
    known = {"complete": {2025: 13.0}, "anchors": {2026: 30.0, 2030: 280.0}}
    plain, scaled = path_of(**known), path_of(**known, totals=[(2026, 2028, 300.0)])
    assert scaled[2:5].sum() == pytest.approx(300)
    assert scaled[5:] == pytest.approx(plain[5:])


@pytest.mark.parametrize(
    "total",
    [
        (2023, 2026, 900.0),  # begins before the path does
        (2024, 2025, 900.0),  # nothing but actual years
        (2025, 2027, 12.0),  # less than was already reported
    ],
)
def test_a_total_that_cannot_scale_is_ignored(total) -> None:
    known = {"complete": {2024: 4.0, 2025: 13.0}, "anchors": {2027: 62.0}}
    assert path_of(**known, totals=[total]) == pytest.approx(path_of(**known))


def test_a_total_may_end_after_the_requested_years() -> None:
    known = {"complete": {2025: 13.0}, "anchors": {2026: 30.0}, "totals": [(2026, 2035, 2000.0)]}
    assert path_of(**known, years=range(2026, 2036)).sum() == pytest.approx(2000)
    assert path_of(**known, years=[2027, 2026])[::-1] == pytest.approx(path_of(**known, years=range(2026, 2036))[:2])


def test_the_multiplier_acts_on_growth_after_the_last_actual_year() -> None:
    known = {"complete": {2024: 4.0, 2025: 10.0}, "anchors": {2026: 20.0, 2027: 30.0}}
    halved = path_of(**known, years=range(2024, 2028), growth_multiplier=0.5)
    assert halved == pytest.approx([4, 10, 15, 15 * 1.25])
    assert path_of(**known, years=range(2025, 2031), growth_multiplier=0.0) == pytest.approx([10] * 6)


def test_without_an_actual_year_the_first_projection_is_the_base() -> None:
    halved = path_of(anchors={2026: 20.0, 2027: 30.0}, years=[2025, 2026, 2027], growth_multiplier=0.5)
    assert halved[1:] == pytest.approx([20, 25])
    assert np.isnan(halved[0])


def test_no_multiplier_takes_a_year_below_zero() -> None:
    path = path_of({2025: 10.0}, {2026: 2.0, 2027: 3.0}, years=[2026, 2027], growth_multiplier=3.0)
    assert path.tolist() == [0, 0]


def test_an_actual_year_of_zero_stays_zero_and_carries_no_growth() -> None:
    path = path_of({2024: 0.0, 2025: 10.0}, {2026: 20.0}, years=[2023, 2024, 2025, 2026])
    assert path[1:].tolist() == pytest.approx([0, 10, 20])
    assert np.isnan(path[0])
    assert path_of({2025: 0.0}, years=[2025, 2026])[0] == 0
    assert np.isnan(path_of({2025: 0.0}, years=[2026]))[0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"anchors": {2026: 0.0}}, "anchors must be positive and finite, got 0.0 for 2026"),
        ({"anchors": {2026: float("nan")}}, "anchors must be positive and finite"),
        ({"totals": [(2027, 2026, 1.0)]}, "totals must be .first year, last year, positive USD., got"),
        ({"totals": [(2026, 2027, -1.0)]}, "totals must be"),
        ({"totals": [(2026, 2027, 0.0)]}, "totals must be"),
        ({"long_run_growth": -1.0}, "long_run_growth must be finite and above -1, got -1.0"),
        ({"fallback_growth": float("inf")}, "fallback_growth must be finite and above -1"),
        ({"fade_years": -1}, "fade_years must be finite and not negative, got -1"),
        ({"growth_multiplier": -0.5}, "growth_multiplier must be finite and not negative"),
    ],
)
def test_bad_projections_and_settings_are_refused_by_name(change, message) -> None:
    with pytest.raises(ValueError, match=message):
        path_of({2025: 10.0}, **change)


def test_actuals_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="actuals must have the columns covered_days, days_in_year"):
        revenue.annual_path(
            actuals({2025: 1.0}).drop("covered_days", "days_in_year"),
            {},
            [],
            [],
            long_run_growth=0,
            fade_years=0,
        )


usd = st.floats(1e6, 1e12)

known_years = st.dictionaries(st.integers(2018, 2032), usd, max_size=5)

growths = st.floats(-0.3, 1.0)


@settings(deadline=None)
@given(known_years, known_years, growths, st.integers(0, 8))
def test_multiplier_one_reproduces_known_years_and_the_path_is_positive(complete, anchors, growth, fade) -> None:
    path = path_of(complete, anchors, years=range(2015, 2041), long_run_growth=growth, fade_years=fade)
    by_year = dict(zip(range(2015, 2041), path, strict=True))
    known = anchors | complete
    for year, amount in known.items():
        assert by_year[year] == pytest.approx(amount, rel=1e-9)
    for year, amount in by_year.items():
        assert amount > 0 if known and year >= min(known) else np.isnan(amount)
    for (begin, low), (end, high) in pairwise(sorted(known.items())):
        between = [by_year[year] for year in range(begin, end + 1)]
        assert all(min(low, high) * (1 - 1e-9) <= amount <= max(low, high) * (1 + 1e-9) for amount in between)


@settings(deadline=None)
@example(complete={}, anchors={2018: 1e6, 2019: 872256772.0}, first=2035, length=6, amount=1000005.0)
@given(known_years, known_years, st.integers(2015, 2035), st.integers(0, 6), usd)
def test_a_total_adds_up_or_is_ignored(complete, anchors, first, length, amount) -> None:
    total = (first, first + length, amount)
    years = list(range(2015, 2042))
    plain, scaled = path_of(complete, anchors, years=years), path_of(complete, anchors, [total], years)
    inside = slice(first - 2015, first + length - 2015 + 1)
    if np.array_equal(plain, scaled, equal_nan=True):
        return
    assert scaled[inside].sum() == pytest.approx(amount)
    assert all(scaled[year - 2015] == pytest.approx(usd_) for year, usd_ in complete.items())


@settings(deadline=None)
@given(known_years, known_years, st.floats(0, 1), st.floats(0, 1))
def test_a_larger_multiplier_never_lowers_a_growing_path(complete, anchors, one, other) -> None:
    low, high = sorted([one, other])
    rising = dict(zip(sorted(anchors), sorted(anchors.values()), strict=True))
    options = {
        "complete": {min(complete): 1e6} if complete else {},
        "anchors": rising,
        "years": range(2018, 2035),
    }
    below = path_of(**options, growth_multiplier=low)
    above = path_of(**options, growth_multiplier=high)
    after = [year >= min([*rising, *options["complete"]], default=9999) for year in options["years"]]
    if not options["complete"] or min(complete) <= min(rising, default=9999):
        assert (below[after] <= above[after] * (1 + 1e-9)).all()


# ---------------------------------------------------------------------------- complete_partial


def test_a_partial_year_is_completed_at_the_daily_rate_of_the_path() -> None:
    assert revenue.complete_partial(4.5e9, 181, 365, 13.07e9) == pytest.approx(4.5e9 + 13.07e9 * 184 / 365)
    assert type(revenue.complete_partial(4.5e9, 181, 365, 13.07e9)) is float


def test_a_complete_year_needs_no_path_and_an_unreported_one_is_the_path() -> None:
    assert revenue.complete_partial(7.0, 365, 365, float("nan")) == 7.0
    assert revenue.complete_partial(0.0, 0, 366, 9.0) == 9.0
    assert np.isnan(revenue.complete_partial(1.0, 10, 365, float("nan")))
    found = revenue.complete_partial([7.0, 0.0], [365, 0], [365, 366], [np.nan, 9.0])
    assert isinstance(found, np.ndarray)
    assert found.tolist() == [7, 9]


@pytest.mark.parametrize(
    ("figures", "message"),
    [
        ((float("nan"), 1, 365, 1.0), "reported_usd must be finite"),
        ((1.0, 366, 365, 1.0), "covered_days must lie between 0 and days_in_year"),
        ((1.0, -1, 365, 1.0), "covered_days must lie between 0 and days_in_year"),
        ((1.0, 0, 0, 1.0), "days_in_year above 0"),
    ],
)
def test_impossible_years_are_refused(figures, message) -> None:
    with pytest.raises(ValueError, match=message):
        revenue.complete_partial(*figures)


def test_the_last_day_of_a_year_that_is_not_covered_is_filled_from_the_path():
    assert revenue.complete_partial(364.0, 364, 365, 365.0) == pytest.approx(365.0)
