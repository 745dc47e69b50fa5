"""The null model: exact probabilities in small cases, invariants, determinism, refused input."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.finance.circulation import maximum_circulation
from assets.finance.money_graph import split_aggregates
from assets.finance.null_model import _read_legs, _shuffled, circular_share_null


def legs(*rows):
    return pl.DataFrame(
        rows,
        schema={"payer_id": pl.String, "payee_id": pl.String, "flow": pl.String, "amount_usd": pl.Float64},
        orient="row",
    )


TWO_FLOWS = legs(("A", "B", "debt", 1), ("C", "D", "debt", 1), ("B", "A", "lease", 1), ("E", "F", "lease", 1))

frames = st.lists(
    st.tuples(
        st.permutations("abcde").map(lambda order: order[:2]),
        st.sampled_from(["debt", "lease", "chip_purchase"]),
        st.integers(0, 1000),
    ).map(lambda drawn: (*drawn[0], *drawn[1:])),
    max_size=15,
).map(lambda rows: legs(*rows))


def test_one_deal_of_four_closes_the_circle() -> None:
    """By hand: each flow keeps or swaps its two payees; half of the money returns only if both keep them."""
    result = circular_share_null(TWO_FLOWS, 4000, 7)
    assert result.observed == 0.5
    assert result.p_value == pytest.approx(1 / 4, abs=0.03)  # 4 standard errors
    assert result.mean == pytest.approx(result.p_value * 0.5, abs=1e-12)
    assert result.sd == pytest.approx(0.5 * np.sqrt(3 / 16), abs=0.01)
    assert result.shuffles == 4000


def test_payees_stay_in_their_flow() -> None:
    apart = TWO_FLOWS.with_columns(flow=pl.Series(["a", "b", "c", "d"]))
    assert circular_share_null(apart, 50, 1) == circular_share_null(apart, 50, 2)
    assert circular_share_null(apart, 50, 1).p_value == 1


def test_a_self_deal_is_redrawn_even_if_one_deal_alone_is_possible() -> None:
    only = legs(*[("A", f"x{leg}", "debt", leg + 1) for leg in range(30)], ("x0", "A", "debt", 50))
    arcs, flows = _read_legs(only, ())
    for seed in range(20):
        payee = _shuffled(np.random.default_rng(seed), arcs, flows)
        assert (payee != arcs.payer).all()
    assert circular_share_null(only, 20, 3).observed == pytest.approx(2 / (30 * 31 / 2 + 50))


def test_it_compares_the_measure_itself() -> None:
    chain = legs(("a", "b", "debt", 5), ("b", "c", "lease", 3), ("c", "a", "chip_purchase", 2), ("d", "c", "lease", 9))
    assert circular_share_null(chain, 2, 0).observed == maximum_circulation(chain.drop("flow")).circular_share


def test_aggregates_close_no_circle_in_any_deal() -> None:
    through = legs(
        ("openai", "funds", "debt", 5),
        ("funds", "openai", "equity_investment", 5),
        ("funds", "funds_two", "debt", 1),
    )
    result = circular_share_null(through, 20, 0, aggregate_ids=["funds", "funds_two"])
    assert (result.observed, result.mean, result.p_value) == (0, 0, 1)
    assert circular_share_null(through, 20, 0).observed > 0
    split = split_aggregates(through, ["funds", "funds_two"])
    assert circular_share_null(split, 20, 0) == result


def test_without_money_nothing_is_more_than_chance() -> None:
    for empty in (legs(), legs(("a", "b", "debt", 0))):
        result = circular_share_null(empty, 10, 0)
        assert (result.observed, result.mean, result.sd, result.p_value, result.shuffles) == (0, 0, 0, 1, 10)


@settings(deadline=None, max_examples=50)
@given(frames, st.integers(0, 2**32))
def test_a_shuffle_keeps_payers_amounts_and_the_payees_of_each_flow(frame, seed) -> None:
    arcs, flows = _read_legs(frame, ())
    payee = _shuffled(np.random.default_rng(seed), arcs, flows)
    assert sum(flow.stop - flow.start for flow in flows) == arcs.units.size
    for flow in flows:
        assert sorted(payee[flow]) == sorted(arcs.payee[flow])
    assert (payee != arcs.payer).all()


@settings(deadline=None, max_examples=30)
@given(frames, st.integers(0, 9), st.randoms(use_true_random=False))
def test_row_order_changes_nothing_and_figures_are_shares(frame, seed, random) -> None:
    result = circular_share_null(frame, 20, seed)
    order = random.sample(range(frame.height), frame.height)
    assert circular_share_null(frame[order] if order else frame, 20, seed) == result
    assert 0 <= result.mean <= 1
    assert 0 <= result.p_value <= 1
    assert result.sd >= 0


def test_the_same_in_any_number_of_threads_and_another_for_another_seed() -> None:
    random = np.random.default_rng(5)
    names = [f"n{node}" for node in range(12)]
    rows = [(*random.choice(names, 2, replace=False), f"flow{leg % 3}", float(leg + 1)) for leg in range(60)]
    frame = legs(*[tuple(map(str, row[:3])) + row[3:] for row in rows])
    alone = circular_share_null(frame, 40, 11)
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda _: circular_share_null(frame, 40, 11), range(8)))
    assert together == [alone] * 8
    assert circular_share_null(frame, 40, 12) != alone


@pytest.mark.parametrize(
    ("frame", "shuffles", "seed", "message"),
    [
        (TWO_FLOWS, 1, 0, "shuffles must be at least 2"),
        (TWO_FLOWS, 10, -1, "seed must not be negative"),
        (TWO_FLOWS.drop("flow"), 10, 0, "legs must have a column flow"),
        (TWO_FLOWS.with_columns(flow=None), 10, 0, "legs must have a column flow without nulls"),
        (TWO_FLOWS.drop("payee_id"), 10, 0, "legs must have the columns .* missing: payee_id"),
        (legs(("a", "a", "debt", 1)), 10, 0, "legs: .* 'a' pays itself"),
        (legs(("a", "b", "debt", float("nan"))), 10, 0, "legs: amount_usd must be finite and not negative"),
    ],
)
def test_bad_legs_are_refused(frame, shuffles, seed, message) -> None:
    with pytest.raises(ValueError, match=message):
        circular_share_null(frame, shuffles, seed)
