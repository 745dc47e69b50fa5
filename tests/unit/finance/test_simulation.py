"""Simulation: known distributions are reproduced, parts add up exactly, and mistakes are refused by name."""

import math
import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import betaincinv, gammainc, ndtr, ndtri

from assets.finance.estimates import beta_pert_sd, pert_mean
from assets.finance.quantiles import PERCENTS, ChunkResult, Kept, delay_levels, pert_levels, summarise
from assets.finance.simulation import CHUNK_DRAWS, Case, Funding, Obligations, simulate, simulate_chunk

COVERAGE = [f"p{percent:02d}" for percent in PERCENTS]

GAP = [f"funding_gap_p{percent:02d}_usd" for percent in PERCENTS]


def one(revenue, usd, *, probability=1.0, low=1.0, mode=1.0, high=1.0, **rest):
    """One entity; usd = quarterly amounts of each leg."""
    legs = len(usd)
    obligations = Obligations(
        entity=[0] * legs, probability=probability, quarterly_usd=usd, low=low, mode=mode, high=high
    )
    return Case(entity_ids=("lab",), first_year=2026, revenue_usd=[revenue], obligations=obligations, **rest)


def quarters(*years):
    """A year's amount, all of it in the first quarter."""
    return [amount for year in years for amount in (year, 0, 0, 0)]


def ledger(legs=20, entities=3, years=4, seed=1, **rest):
    """A small random ledger with every kind of leg."""
    rng = np.random.default_rng(seed)
    imputed = rng.random(legs) < 0.4
    obligations = Obligations(
        entity=rng.integers(0, entities, legs),
        probability=rng.choice([0.25, 0.6, 0.85, 1.0], legs),
        quarterly_usd=rng.lognormal(21, 1, (legs, 4 * years)),
        low=np.where(imputed, 1.0, 0.5),
        high=np.where(imputed, 1.0, 1.1),
        component=np.where(imputed, rng.integers(0, 2, legs), -1),
        first_open_quarter=rng.integers(0, 3, legs),
    )
    funding = Funding(
        entity=rng.integers(0, entities, 5),
        probability=0.7,
        yearly_usd=rng.lognormal(22, 1, (5, years)),
        high=1.5,
    )
    known = {
        "growth_sigma": 0.3,
        "opening_cash_usd": 5e9,
        "other_cost_ratio": 0.5,
        "delay_shape": 2.0,
        "delay_scale_quarters": 1.0,
        "cost_per_gw": [[0.7, 1.0, 1.6], [0.9, 1.0, 1.2]],
    }
    return Case(
        entity_ids=tuple(f"lab_{i}" for i in range(entities)),
        first_year=2026,
        revenue_usd=rng.lognormal(24, 1, (entities, years)),
        obligations=obligations,
        funding=funding,
        **{**known, **rest},
    )


def near(probability, draws, expected):
    """Within four standard errors."""
    return abs(probability - expected) <= 4 * math.sqrt(expected * (1 - expected) / draws) + 1e-12


def same(left, right):
    return left.coverage.equals(right.coverage) and left.first_shortfall.equals(right.first_shortfall)


def test_without_chance_every_quantile_is_the_plain_calculation() -> None:
    case = one(
        [10e9, 20e9, 40e9, 80e9],
        [[1e9] * 16, quarters(0, 30e9, 20e9, 0)],
        other_cost_ratio=0.5,
        opening_cash_usd=3e9,
        funding=Funding(entity=[0], yearly_usd=[[1e9, 1e9, 0, 0]]),
    )
    result = simulate(case, 5000, seed=1)
    # cash: 3 + 5 + 1 - 4 = 5; 5 + 10 + 1 - 34 = -18; 20 - 24 = -4; 40 - 4 = 36
    expected = {
        2026: (10 / 4, 0.0, 0.0),
        2027: (20 / 34, 18e9, 1.0),
        2028: (40 / 24, 4e9, 1.0),
        2029: (20.0, 0.0, 0.0),
    }
    for row in result.coverage.iter_rows(named=True):
        ratio, gap, probability = expected[row["year"]]
        assert [row[c] for c in COVERAGE] == [ratio] * 5
        assert [row[c] for c in GAP] == [gap] * 5
        assert row["probability_of_shortfall"] == probability
        assert row["draws"] == row["draws_due"] == 5000
    assert result.first_shortfall["probability"].to_list() == [0, 1, 0, 0, 0]


def test_a_year_in_which_nothing_is_due_has_no_coverage() -> None:
    row = simulate(one([1e9, 1e9], [quarters(5e8, 0)]), 100, seed=1).coverage.row(1, named=True)
    assert [row[c] for c in COVERAGE] == [None] * 5
    assert [row[c] for c in GAP] == [0.0] * 5
    assert (row["draws_due"], row["probability_of_shortfall"]) == (0, 0.0)


def test_no_obligations_at_all() -> None:
    empty = Obligations(entity=[], probability=[], quarterly_usd=np.empty((0, 8)))
    case = Case(entity_ids=("a", "b"), first_year=2026, revenue_usd=[[1, 2], [0, 0]], obligations=empty)
    table = simulate(case, 100, seed=1).coverage
    assert table["p50"].null_count() == 4
    assert table["probability_of_shortfall"].sum() == 0


def test_revenue_of_zero_covers_nothing() -> None:
    row = simulate(one([0.0], [quarters(5e8)]), 100, seed=1).coverage.row(0, named=True)
    assert [row[c] for c in COVERAGE] == [0.0] * 5
    assert [row[c] for c in GAP] == [5e8] * 5


def test_a_single_uncertain_leg_falls_short_as_often_as_it_happens() -> None:
    draws = 40_000
    row = simulate(one([1e9], [quarters(4e9)], probability=0.35), draws, seed=3).coverage.row(0, named=True)
    assert near(row["probability_of_shortfall"], draws, 0.35)
    assert row["draws_due"] == round(row["probability_of_shortfall"] * draws)
    assert row["p05"] == row["p95"] == 0.25
    assert (row["funding_gap_p50_usd"], row["funding_gap_p75_usd"]) == (0.0, 3e9)


def test_ten_uncertain_legs_are_binomial() -> None:
    """Tables of the binomial distribution: P(X <= 4) = 0.8497 for n = 10, p = 0.3."""
    draws = 60_000
    case = one([4.5e9], [quarters(1e9)] * 10, probability=0.3)
    row = simulate(case, draws, seed=4).coverage.row(0, named=True)
    assert near(row["probability_of_shortfall"], draws, 1 - 0.8497)


def test_mertons_probability_of_default() -> None:
    """Hull, Options, Futures, and Other Derivatives, example 24.3 (after Merton 1974, J. Finance 29).

    Assets of 12.40 million with a volatility of 21.23 % meet a debt of 10 million after a year at 5 %:
    the distance to default is 1.1408 and the probability 12.7 %.
    """
    draws = 60_000
    case = one([12.40e6 * math.exp(0.05)], [quarters(10e6)], growth_sigma=0.2123)
    row = simulate(case, draws, seed=5).coverage.row(0, named=True)
    assert float(ndtr(-1.1408)) == pytest.approx(0.127, abs=5e-4)
    assert near(row["probability_of_shortfall"], draws, float(ndtr(-1.1408)))


def test_revenue_is_lognormal_around_its_path() -> None:
    draws, sigma = 60_000, 0.4
    case = one([1e9, 3e9, 4e9], [quarters(1e9, 1e9, 1e9)], growth_sigma=[0.0, sigma, sigma])
    table = simulate(case, draws, seed=6).coverage
    assert table.row(0, named=True)["p05"] == 1.0  # a known year does not vary
    for years, (ratio, row) in enumerate(zip((3, 4), table.tail(2).iter_rows(named=True), strict=True), start=1):
        spread = sigma * math.sqrt(years)
        for percent, name in zip(PERCENTS, COVERAGE, strict=True):
            expected = ratio * math.exp(spread * float(ndtri(percent / 100)) - spread**2 / 2)
            assert row[name] == pytest.approx(expected, rel=0.005 + 4 * spread * 2.2 / math.sqrt(draws))
    earned = case.prepared[0].draw(np.random.default_rng(6), draws)[0]
    for year, path in ((1, 3e9), (2, 4e9)):
        assert abs(earned[year].mean() - path) < 4 * earned[year].std() / math.sqrt(draws)


def test_growth_of_a_year_stays_in_the_next() -> None:
    case = one([1e9, 1e9], [quarters(1e9, 1e9)], growth_sigma=[0.3, 0.0])
    table = simulate(case, 2000, seed=7).coverage
    assert table.row(0)[2:7] == table.row(1)[2:7]


@pytest.mark.parametrize(("low", "mode", "high"), [(1, 3, 6), (0.9, 1, 1.1), (0, 0.6, 1), (1, 1, 1.5), (0, 1, 1)])
def test_amounts_are_beta_pert(low, mode, high) -> None:
    """The first row is the example of METHODS: mean 3.166667, standard deviation of the beta 0.9365."""
    levels = low + (high - low) * pert_levels((mode - low) / (high - low))
    assert levels.mean() == pytest.approx(pert_mean(low, mode, high), rel=1e-9)
    assert levels.std() == pytest.approx(beta_pert_sd(low, mode, high), rel=1e-4)
    draws = 40_000
    row = simulate(one([1e9], [quarters(1e9)], low=low, mode=mode, high=high), draws, seed=8).coverage.row(
        0, named=True
    )
    alpha = 1 + 4 * (mode - low) / (high - low)
    for percent, name in zip(PERCENTS, COVERAGE, strict=True):
        error = 4 * math.sqrt(percent * (100 - percent)) / 100 / math.sqrt(draws)
        wide = low + (high - low) * betaincinv(alpha, 6 - alpha, [1 - percent / 100 - error, 1 - percent / 100 + error])
        assert 1 / wide[1] * 0.995 <= row[name] <= 1 / wide[0] * 1.005


def test_delays_are_gamma_in_whole_quarters() -> None:
    levels = delay_levels(2.0, 1.5, 60)
    assert levels.mean() == pytest.approx(3.0, abs=0.02)
    assert levels.std() == pytest.approx(math.sqrt(2 * 1.5**2 + 1 / 12), abs=0.03)  # rounding adds 1/12
    for delay in range(20):
        erlang = 1 - math.exp(-(delay + 0.5) / 1.5) * (1 + (delay + 0.5) / 1.5)  # closed form for shape 2
        assert (levels <= delay).mean() == pytest.approx(erlang, abs=2**-16)
    assert set(delay_levels(3.0, 0.0, 60)) == {0}
    assert delay_levels(1.0, 100.0, 7).max() == 8


def test_a_late_amount_falls_into_each_year_with_the_frequency_of_the_gamma() -> None:
    draws = 40_000
    case = one([0.0] * 4, [quarters(2e9, 0, 0, 0)], delay_shape=1.7, delay_scale_quarters=2.5)
    result = simulate(case, draws, seed=9)
    reached = gammainc(1.7, (np.arange(1, 5) * 4 - 0.5) / 2.5)
    for share, before, row in zip(reached, [0, *reached], result.coverage.iter_rows(named=True), strict=False):
        assert near(row["draws_due"] / draws, draws, share - before)
    assert near(result.first_shortfall["probability"][-1], draws, 1 - reached[-1])


def test_paid_quarters_are_not_late_and_earlier_open_ones_can_come_in() -> None:
    late = {"delay_shape": 400.0, "delay_scale_quarters": 0.01}  # four quarters, nearly surely
    obligations = Obligations(
        entity=[0, 0, 0],
        probability=1.0,
        quarterly_usd=[[0] * 4 + quarters(7, 0, 0), [1] + [0] * 15, [0] * 4 + quarters(3, 0, 0)],
        first_open_quarter=[16, 0, 5],
        quarters_before=4,
    )
    case = Case(entity_ids=("lab",), first_year=2026, revenue_usd=[[1, 1, 1]], obligations=obligations, **late)
    gap = simulate(case, 200, seed=1).coverage["funding_gap_p50_usd"]
    assert gap.to_list() == pytest.approx([10.0, 0.0, 0.0], rel=0.005)
    moved = replace(case, obligations=replace(obligations, first_open_quarter=0))
    gap = simulate(moved, 200, seed=1).coverage["funding_gap_p50_usd"]
    assert gap.to_list() == pytest.approx([0.0, 9.0, 0.0], rel=0.005)


def test_rows_in_any_order_keep_their_own_terms() -> None:
    multiple = [3.0, 1.0, 2.0, 5.0]
    obligations = Obligations(
        entity=[1, 2, 0, 0],
        probability=[1.0, 1.0, 1.0, 0.0],
        quarterly_usd=[quarters(1000, 0), quarters(100, 0), quarters(10, 0), quarters(7, 0)],
        low=multiple,
        mode=multiple,
        high=multiple,
        component=[-1, -1, 1, 0],
        first_open_quarter=[0, 8, 8, 8],
    )
    case = Case(
        entity_ids=("a", "b", "c"),
        first_year=2026,
        revenue_usd=np.zeros((3, 2)),
        obligations=obligations,
        funding=Funding(entity=[2, 0, 1], probability=[1, 0, 1], yearly_usd=[[30, 0], [9, 0], [0, 500]]),
        delay_shape=400.0,  # four quarters, nearly surely
        delay_scale_quarters=0.01,
        cost_per_gw=[[7, 7, 7], [2, 2, 2]],
    )
    gap = simulate(case, 100, seed=1).coverage["funding_gap_p50_usd"]
    assert gap.to_list() == [40.0, 0.0, 0.0, 2500.0, 70.0, 0.0]


def test_legs_with_different_bounds_each_follow_their_own_distribution() -> None:
    draws = 20_000
    low, mode, high = np.array([[0.0, 0.6, 1.0], [0.9, 1.0, 1.1], [1.0, 1.0, 1.5], [0.0, 0.2, 1.0]]).T
    obligations = Obligations(
        entity=range(4), probability=1.0, quarterly_usd=[quarters(1e9)] * 4, low=low, mode=mode, high=high
    )
    case = Case(entity_ids=("a", "b", "c", "d"), first_year=2026, revenue_usd=np.zeros((4, 1)), obligations=obligations)
    alpha = 1 + 4 * (mode - low) / (high - low)
    median = (low + (high - low) * betaincinv(alpha, 6 - alpha, 0.5)) * 1e9
    assert simulate(case, draws, seed=2).coverage["funding_gap_p50_usd"].to_list() == pytest.approx(median, rel=0.02)


def test_a_leg_draws_once_for_all_its_years() -> None:
    case = one([1e9] * 3, [quarters(3e9, 3e9, 3e9)], probability=0.5, low=0.2, high=2.0)
    result = simulate(case, 4000, seed=10)
    assert result.coverage["draws_due"].n_unique() == 1
    assert result.coverage.select(*COVERAGE).unique().height == 1


def test_imputed_legs_share_one_cost_per_gigawatt() -> None:
    obligations = Obligations(
        entity=[0, 1, 1, 2, 2],
        probability=1.0,
        quarterly_usd=[quarters(usd) for usd in (8e9, 4e9, 4e9, 4e9, 4e9)],
        component=[0, 0, 0, 0, 1],
    )
    case = Case(
        entity_ids=("whole", "halves", "mixed"),
        first_year=2026,
        revenue_usd=[[1e9]] * 3,
        obligations=obligations,
        cost_per_gw=[[0.5, 1.0, 2.0], [0.5, 1.0, 2.0]],
    )
    whole, halves, mixed = (row[2:7] for row in simulate(case, 8000, seed=11).coverage.iter_rows())
    assert whole == halves
    assert mixed[0] > whole[0]  # two components are two draws, which diversifies
    assert mixed[-1] < whole[-1]


def test_funding_that_may_not_come() -> None:
    draws = 40_000
    case = one([1e9], [quarters(3e9)], funding=Funding(entity=[0], probability=[0.8], yearly_usd=[[2e9]]))
    row = simulate(case, draws, seed=12).coverage.row(0, named=True)
    assert near(row["probability_of_shortfall"], draws, 0.2)
    assert (row["funding_gap_p75_usd"], row["funding_gap_p95_usd"]) == (0.0, 2e9)


def test_an_independent_plain_loop_agrees() -> None:
    draws, rng = 20_000, np.random.default_rng(13)
    due = np.array([[2e8, 3e8, 1e8, 0] * 3, [0, 0, 5e8, 5e8] * 3])
    chance, low, mode, high = [0.6, 0.9], [0.5, 0.9], [0.8, 1.0], [1.0, 1.1]
    case = one(
        [1.1e9, 1.5e9, 2e9], due, probability=chance, low=low, mode=mode, high=high, growth_sigma=0.25,
        other_cost_ratio=0.4, opening_cash_usd=2e8, delay_shape=1.5, delay_scale_quarters=1.2,
    )  # fmt: skip
    table = simulate(case, draws, seed=14).coverage
    owed = np.zeros((draws, 3))
    for leg in range(2):
        alpha = 1 + 4 * (mode[leg] - low[leg]) / (high[leg] - low[leg])
        multiple = low[leg] + (high[leg] - low[leg]) * rng.beta(alpha, 6 - alpha, draws)
        happens, late = rng.random(draws) < chance[leg], np.rint(rng.gamma(1.5, 1.2, draws)).astype(int)
        for quarter in range(12):
            year = (quarter + late) // 4
            np.add.at(
                owed,
                (np.flatnonzero(year < 3), year[year < 3]),
                (happens * multiple * due[leg, quarter])[year < 3],
            )
    walk = np.cumsum(rng.normal(-(0.25**2) / 2, 0.25, (draws, 3)), axis=1)
    earned = np.array([1.1e9, 1.5e9, 2e9]) * np.exp(walk)
    cash = np.full(draws, 2e8)
    for year, row in enumerate(table.iter_rows(named=True)):
        missing = owed[:, year] - 0.6 * earned[:, year] - cash
        cash = np.maximum(-missing, 0)
        is_short = (missing > 0).mean()
        assert abs(row["probability_of_shortfall"] - is_short) < 4 * math.sqrt(2 * is_short * (1 - is_short) / draws)
        ratio = (earned[:, year] / np.where(owed[:, year] > 0, owed[:, year], np.nan))[owed[:, year] > 0]
        for percent, name in zip(PERCENTS, COVERAGE, strict=True):
            below = (ratio <= row[name]).mean() * 100
            assert abs(below - percent) < 400 * math.sqrt(2 * 0.25 / draws) + 0.5


def test_threads_order_and_place_of_the_chunks_change_nothing() -> None:
    case, draws = ledger(), 3 * CHUNK_DRAWS + 517
    serial = simulate(case, draws, seed=15, scenario=2)
    with ThreadPoolExecutor(3) as pool:
        assert same(serial, simulate(case, draws, seed=15, scenario=2, map_chunks=pool.map))
    elsewhere = pickle.loads(pickle.dumps(case))  # noqa: S301 - as a cluster does
    parts = [simulate_chunk(elsewhere, c, draws=draws, seed=15, scenario=2) for c in (3, 1, 0, 2)]
    left, right = parts[0].merge(parts[1]), parts[2].merge(parts[3])
    assert same(serial, summarise(right.merge(left)))
    assert same(serial, simulate(case, draws, seed=15, scenario=2))


def kept(result: ChunkResult) -> np.ndarray:
    return np.concatenate(result.coverage._parts, axis=1)


def test_seed_and_scenario_and_chunk_each_give_other_draws() -> None:
    case = ledger()
    runs = [
        simulate_chunk(case, chunk, draws=9000, seed=seed, scenario=scenario)
        for chunk, seed, scenario in ((0, 1, 0), (1, 1, 0), (0, 2, 0), (0, 1, 1))
    ]
    for i, run in enumerate(runs):
        for other in runs[:i]:
            assert not np.array_equal(kept(run), kept(other), equal_nan=True)


def test_more_draws_contain_the_fewer() -> None:
    case = ledger()
    few = simulate_chunk(case, 0, draws=CHUNK_DRAWS, seed=3)
    many = simulate_chunk(case, 0, draws=10 * CHUNK_DRAWS, seed=3)
    assert np.array_equal(kept(few), kept(many), equal_nan=True)


@given(st.integers(0, 10_000), st.floats(0, 1), st.floats(0, 4))
@settings(max_examples=25, deadline=None)
def test_quantiles_are_ordered_and_probabilities_add_up(seed, sigma, late) -> None:
    case = ledger(legs=8, years=3, seed=seed, growth_sigma=sigma, delay_scale_quarters=late)
    result = simulate(case, 300, seed=seed)
    for row in result.coverage.iter_rows(named=True):
        for names in (COVERAGE, GAP):
            known = [row[name] for name in names if row[name] is not None]
            assert all(a <= b for a, b in pairwise(known))
        assert 0 <= row["probability_of_shortfall"] <= 1
        assert row["draws_due"] <= row["draws"] == 300
    by_entity = result.first_shortfall.group_by("entity_id").sum()["probability"]
    assert by_entity.to_list() == pytest.approx([1.0] * 3)


@given(st.integers(0, 10_000), st.lists(st.floats(0, 1), min_size=2, max_size=4))
@settings(max_examples=25, deadline=None)
def test_a_deeper_shock_to_revenue_never_makes_a_shortfall_rarer(seed, shocks) -> None:
    case = ledger(legs=8, years=3, seed=seed)
    calm = [
        simulate(replace(case, revenue_usd=np.asarray(case.revenue_usd) * (1 - shock)), 300, seed=1)
        for shock in sorted(shocks)
    ]
    for mild, deep in pairwise(calm):
        assert (mild.coverage["probability_of_shortfall"] <= deep.coverage["probability_of_shortfall"]).all()
        for name in GAP:
            assert (mild.coverage[name] <= deep.coverage[name] * 1.01).all()


@given(
    numbers=st.lists(st.floats(0, 1e15), min_size=1, max_size=60),
    zeros=st.integers(0, 30),
    percent=st.sampled_from(PERCENTS),
)
@settings(deadline=None)
def test_a_quantile_is_the_number_of_its_rank(numbers, zeros, percent) -> None:
    values = np.array([numbers + [0.0] * zeros])
    marks = np.array([[True] * len(numbers) + [False] * zeros])
    kept = Kept(1)
    for part in (slice(None, 7), slice(7, None)):
        other = Kept(1)
        other.add(values[:, part], marks[:, part])
        kept.merge(other)
    for column, is_zero in ((values[0], True), (np.array(numbers), False)):
        (read,) = kept.quantiles([percent], unmarked_is_zero=is_zero)[0]
        assert read in column
        assert (column <= read).mean() >= percent / 100 - 1e-12
        assert (column < read).mean() < percent / 100 + 1e-12
    assert kept.marked.tolist() == [len(numbers)]


def test_the_rank_of_a_quantile_is_counted_in_whole_numbers() -> None:
    """0.07 * 100 is above 7 in floating point, which would give the number of rank 8."""
    kept = Kept(1)
    kept.add(np.arange(1.0, 101.0)[None, :], np.full((1, 100), fill_value=True))
    assert kept.quantiles([7, 28, 29, 100]).tolist() == [[7.0, 28.0, 29.0, 100.0]]


def test_a_cell_without_numbers_has_no_quantile() -> None:
    kept = Kept(2)
    kept.add(np.array([[0.0, 0.0], [3.0, 0.0]]), np.array([[False, False], [True, False]]))
    assert np.isnan(kept.quantiles([50])[0]).all()
    assert kept.quantiles([50], unmarked_is_zero=True).tolist() == [[0.0], [0.0]]
    assert kept.quantiles([5, 95])[1].tolist() == [3.0, 3.0]


def test_results_of_different_cases_do_not_merge() -> None:
    with pytest.raises(ValueError, match="other must have the same entity_ids and years"):
        ChunkResult(("a",), range(2026, 2030)).merge(ChunkResult(("a",), range(2026, 2031)))
    with pytest.raises(ValueError, match="other must have the same cells"):
        Kept(1).merge(Kept(2))
    with pytest.raises(ValueError, match="result must hold at least one draw"):
        summarise(ChunkResult(("a",), range(2026, 2030)))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"entity_ids": ("a", "a")}, "entity_ids must differ from each other"),
        ({"revenue_usd": [1e9, 1e9]}, "revenue_usd must have a row per entity and a column per year"),
        ({"revenue_usd": [[1, math.nan], [1, 1]]}, r"revenue_usd must be finite, .* got nan at \(0, 1\)"),
        ({"revenue_usd": [[1e9, -1], [1, 1]]}, "revenue_usd must be .* at least 0, got -1.0"),
        ({"growth_sigma": -0.1}, "growth_sigma must be finite, at least 0 and at most 10, got -0.1"),
        ({"growth_sigma": [1, 1, 1]}, r"growth_sigma must be numbers of shape \(2, 2\), got \(3,\)"),
        ({"opening_cash_usd": math.inf}, "opening_cash_usd must be finite"),
        ({"other_cost_ratio": "half"}, "other_cost_ratio must be numbers"),
        ({"delay_shape": 0}, "delay_shape must be a finite number above 0, got 0"),
        ({"delay_shape": math.nan}, "delay_shape must be a finite number above 0"),
        ({"delay_scale_quarters": -1}, "delay_scale_quarters must be a finite number, 0 or more, got -1"),
        ({"cost_per_gw": [[1.0, 2.0]]}, r"cost_per_gw must be numbers of shape \(1, 3\), got \(1, 2\)"),
        ({"cost_per_gw": [[1.2, 1.0, 1.5]]}, "cost_per_gw must have low <= mode <= high, got 1.2, 1.0, 1.5"),
        ({"entity": [0, 2]}, r"obligations.entity must be .* at most 1, got 2.0 at \(1,\)"),
        ({"entity": [0, 0.5]}, "obligations.entity must be whole numbers, got 0.5"),
        ({"probability": [0.5, 1.1]}, "obligations.probability must be .* at most 1, got 1.1"),
        ({"quarterly_usd": np.ones((2, 7))}, r"obligations.quarterly_usd must be numbers of shape \(2, 8\)"),
        ({"quarterly_usd": -np.ones((2, 8))}, "obligations.quarterly_usd must be finite, at least 0"),
        ({"low": 2.0}, "obligations must have low <= mode <= high, got 2.0, 1.0, 1.0 in row 0"),
        ({"component": [0, -1]}, r"obligations.component must be .* at most -1, got 0.0"),
        ({"first_open_quarter": 9}, "obligations.first_open_quarter must be .* at most 8"),
        ({"quarters_before": -1}, "obligations.quarters_before must be a whole number"),
        ({"funding": Funding(entity=[0], yearly_usd=[[1, -1]])}, "funding.yearly_usd must be finite"),
        ({"funding": Funding(entity=[5], yearly_usd=[[1, 1]])}, "funding.entity must be finite, at least 0"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_by_name(change, message) -> None:
    fields = {"entity": [0, 1], "probability": 1.0, "quarterly_usd": np.ones((2, 8))}
    legs = {name: value for name, value in change.items() if name in Obligations.__dataclass_fields__}
    rest = {name: value for name, value in change.items() if name not in legs}
    whole = {"entity_ids": ("a", "b"), "first_year": 2026, "revenue_usd": [[1, 1], [1, 1]]}
    obligations = Obligations(**{**fields, **legs})
    with pytest.raises(ValueError, match=message):
        Case(**{**whole, "obligations": obligations, **rest})


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ({"draws": 0}, "draws must be a whole number of at least 1"),
        ({"draws": 10.5}, "draws must be a whole number of at least 1"),
        ({"draws": 2**31}, "and at most 2147483647"),
        ({"seed": -1}, "seed must be a whole number of at least 0"),
        ({"scenario": "base"}, "scenario must be a whole number of at least 0"),
    ],
)
def test_bad_numbers_of_draws_and_seeds_are_refused_by_name(call, message) -> None:
    with pytest.raises(ValueError, match=message):
        simulate(one([1.0], [quarters(1)]), **{"draws": 10, "seed": 1, **call})


def test_a_chunk_behind_the_last_draw_is_refused() -> None:
    with pytest.raises(ValueError, match="chunk must be a whole number of at least 0 and at most 1, got 2"):
        simulate_chunk(one([1.0], [quarters(1)]), 2, draws=CHUNK_DRAWS + 1, seed=1)


def test_a_mode_outside_its_bounds_is_refused() -> None:
    with pytest.raises(ValueError, match=r"mode must be between 0 and 1, got 1\.5"):
        pert_levels(1.5)
