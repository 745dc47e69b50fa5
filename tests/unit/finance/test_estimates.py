"""Three-point estimates: published figures, the order of bounds, refusal of unknown values."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.finance import estimates

amounts = st.floats(min_value=-1e13, max_value=1e13)

ordered = st.tuples(amounts, amounts, amounts).map(sorted)

THREE_POINT = [
    estimates.pert_mean,
    estimates.beta_pert_sd,
    estimates.triangular_mean,
    estimates.triangular_sd,
]


def test_published_example_of_one_three_six() -> None:
    assert estimates.pert_mean(1, 3, 6) == pytest.approx(3.166667, abs=1e-6)
    assert estimates.pert_sd(1, 6) == pytest.approx(0.833333, abs=1e-6)
    assert estimates.beta_pert_sd(1, 3, 6) == pytest.approx(0.9365, abs=5e-5)
    assert estimates.triangular_mean(1, 3, 6) == pytest.approx(3.333333, abs=1e-6)
    assert estimates.triangular_sd(1, 3, 6) == pytest.approx(1.027402, abs=1e-6)


def test_spreads_are_those_of_the_drawn_distributions() -> None:
    draws = 400_000
    generator = np.random.default_rng(7)
    beta = 1 + 5 * generator.beta(1 + 4 * 2 / 5, 1 + 4 * 3 / 5, draws)
    assert beta.mean() == pytest.approx(estimates.pert_mean(1, 3, 6), abs=0.01)
    assert beta.std() == pytest.approx(estimates.beta_pert_sd(1, 3, 6), abs=0.01)
    triangle = generator.triangular(1, 3, 6, draws)
    assert triangle.mean() == pytest.approx(estimates.triangular_mean(1, 3, 6), abs=0.01)
    assert triangle.std() == pytest.approx(estimates.triangular_sd(1, 3, 6), abs=0.01)


def test_scalars_give_a_float_and_arrays_an_array() -> None:
    assert type(estimates.pert_mean(1, 3, 6)) is float
    assert type(estimates.pert_sd(np.float64(1), np.float64(6))) is float
    means = estimates.pert_mean([1, 10], [3, 30], 60)
    assert isinstance(means, np.ndarray)
    assert means.tolist() == pytest.approx([(1 + 12 + 60) / 6, (10 + 120 + 60) / 6])
    assert np.shape(estimates.triangular_sd(np.zeros((2, 1)), np.ones(3), 2)) == (2, 3)
    assert np.shape(estimates.pert_mean([], [], [])) == (0,)


@given(amounts)
def test_zero_width_is_the_constant(value: float) -> None:
    assert estimates.pert_mean(value, value, value) == value
    assert estimates.triangular_mean(value, value, value) == value
    assert estimates.pert_sd(value, value) == 0
    assert estimates.beta_pert_sd(value, value, value) == 0
    assert estimates.triangular_sd(value, value, value) == 0


@given(ordered)
def test_means_lie_between_the_bounds_and_spreads_inside_half_the_width(figures: list[float]) -> None:
    low, mode, high = figures
    assert low <= estimates.pert_mean(low, mode, high) <= high
    assert low <= estimates.triangular_mean(low, mode, high) <= high
    for spread in (
        estimates.pert_sd(low, high),
        estimates.beta_pert_sd(low, mode, high),
        estimates.triangular_sd(low, mode, high),
    ):
        assert 0 <= spread <= (high - low) / 2


def test_a_narrow_estimate_of_a_large_amount_keeps_its_digits() -> None:
    assert estimates.triangular_sd(1e12 + 1, 1e12 + 3, 1e12 + 6) == pytest.approx(1.027402, abs=1e-6)
    assert estimates.beta_pert_sd(1e12 + 1, 1e12 + 3, 1e12 + 6) == pytest.approx(0.9365, abs=5e-5)


@pytest.mark.parametrize("function", THREE_POINT)
@pytest.mark.parametrize(
    ("figures", "message"),
    [
        ((3, 1, 6), "low must not be above mode, got 3.0 > 1.0; allowed: low <= mode <= high"),
        ((1, 7, 6), "mode must not be above high, got 7.0 > 6.0"),
        ((float("nan"), 3, 6), "low must be finite, got nan"),
        ((1, None, 6), "mode must be finite, got nan"),
        ((1, 3, float("inf")), "high must be finite, got inf"),
        ((1, "three", 6), "mode must be a number or an array of numbers, got 'three'"),
        (([1, 1], [3, 3], [6, 2]), "mode must not be above high, got 3.0 > 2.0"),
        (([1, 1], [3, 3, 3], 6), "low, mode, high must have shapes that broadcast"),
    ],
)
def test_bad_figures_are_refused_by_name(
    function: Callable[..., object], figures: tuple[object, object, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        function(*figures)


def test_textbook_spread_refuses_swapped_bounds() -> None:
    with pytest.raises(ValueError, match="low must not be above high"):
        estimates.pert_sd(6, 1)


def test_all_mismatched_shapes_are_reported():
    with pytest.raises(ValueError, match=r"got low \(2,\), mode \(3,\), high \(\)"):
        estimates.pert_mean([1.0, 2.0], [1.0, 2.0, 3.0], 4.0)
