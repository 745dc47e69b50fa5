"""Quantiles from bins: at most half a percent off, for any order of counting."""

import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.finance.quantiles import PERCENTS, Kept
from assets.finance.simulation import CHUNK_DRAWS, simulate
from assets.scale.sketch import MOST_KEPT, Histogram, by_number
from tests.unit.finance.test_simulation import ledger

positive = st.floats(min_value=1e-12, max_value=1e18)


def test_numbers_are_kept_as_long_as_they_are_few():
    assert by_number(80, MOST_KEPT // 80) is Kept
    assert by_number(80, MOST_KEPT // 80 + 1) is Histogram


@given(st.lists(positive, min_size=1, max_size=60), st.integers(0, 40), st.sampled_from(range(1, 100)))
@settings(deadline=None)
def test_a_histogram_knows_its_quantiles_to_half_a_percent(numbers, zeros, percent) -> None:
    histogram = Histogram(1, 1e-6, 1e15)
    values = np.array([numbers + [0.0] * zeros])
    histogram.add(values, values > 0)
    for column, is_zero in ((values[0], True), (np.array(numbers), False)):
        exact = np.sort(column)[max(0, math.ceil(len(column) * percent / 100) - 1)]
        (read,) = histogram.quantiles([percent], unmarked_is_zero=is_zero)[0]
        if exact == 0 or 1e-6 <= exact < 1e15:
            assert read == pytest.approx(exact, rel=0.005)
        assert (0 if is_zero else min(numbers)) <= read <= max(numbers)


def test_numbers_outside_the_range_of_a_histogram_count_and_keep_their_ends() -> None:
    histogram = Histogram(2, 1.0, 1e3)
    numbers = np.array([[0.0, 1e-30, 5.0, 1e9, 1e300], [7.0, 7.0, 7.0, 7.0, 7.0]])
    histogram.add(numbers, np.ones_like(numbers, dtype=bool))
    low, middle, high = histogram.quantiles([1, 50, 100])[0]
    assert (low, high) == (0.0, 1e300)
    assert middle == pytest.approx(5.0, rel=0.005)
    assert histogram.quantiles([1, 50, 99])[1].tolist() == [7.0] * 3
    assert histogram.marked.tolist() == [5, 5]


def test_histograms_of_parts_are_the_histogram_of_the_whole() -> None:
    numbers = np.random.default_rng(1).lognormal(size=(3, 500))
    marks = numbers > 0.3
    whole = Histogram(3, 1e-6, 1e6)
    whole.add(numbers, marks)
    parts = [Histogram(3, 1e-6, 1e6) for _ in range(2)]
    parts[0].add(np.ascontiguousarray(numbers[:, :123]), np.ascontiguousarray(marks[:, :123]))
    parts[1].add(np.ascontiguousarray(numbers[:, 123:]), np.ascontiguousarray(marks[:, 123:]))
    parts[1].merge(parts[0])
    assert (parts[1].counts == whole.counts).all()
    assert (parts[1].quantiles(PERCENTS) == whole.quantiles(PERCENTS)).all()


def test_histograms_of_another_range_do_not_merge() -> None:
    with pytest.raises(ValueError, match="other must have the same cells and range"):
        Histogram(1, 1.0, 2.0).merge(Histogram(1, 1.0, 3.0))


def test_memory_does_not_grow_with_the_draws_that_are_counted() -> None:
    case = ledger()
    simulate(case, 600, seed=1, collect=Histogram)
    peaks = []
    for chunks in (2, 8):
        tracemalloc.start()
        simulate(case, chunks * CHUNK_DRAWS, seed=1, collect=Histogram)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.1 * peaks[0]


def test_counted_draws_say_the_same_as_kept_ones() -> None:
    kept, counted = (simulate(ledger(), 3000, seed=1, collect=collect) for collect in (Kept, Histogram))
    figures = [
        c for c in kept.coverage.columns if c.startswith(("p", "funding_gap")) and c != "probability_of_shortfall"
    ]
    assert kept.coverage.drop(figures).equals(counted.coverage.drop(figures))
    assert kept.first_shortfall.equals(counted.first_shortfall)
    assert kept.coverage.select(figures).to_numpy() == pytest.approx(
        counted.coverage.select(figures).to_numpy(), rel=0.005, nan_ok=True
    )
