"""Clearing: published values, the linear programme, iteration from above, properties, refused input."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import linprog

from assets.finance import clearing
from assets.finance.clearing import clear

MONEY = st.integers(0, 1000).map(float)


@st.composite
def networks(draw, most=6):
    size = draw(st.integers(1, most))
    owed = draw(arrays(float, (size, size), elements=MONEY)) * (1 - np.eye(size))
    cash = draw(arrays(float, size, elements=MONEY))
    outside = draw(st.just(np.zeros(size)) | arrays(float, size, elements=MONEY))
    return owed, cash, outside


def paid_if_all_get(payments, owed, cash, outside):
    due = owed.sum(axis=1) + outside
    shares = np.divide(owed, due[:, None], out=np.zeros_like(owed), where=due[:, None] > 0)
    return np.minimum(due, cash + shares.T @ payments)


def test_four_nodes_with_a_contagious_default_of_the_last() -> None:
    """The example of METHODS."""
    due, cash = np.array([100, 80, 60, 90]), [10, 6, 8, 14]
    shares = np.array([[0, 0.4, 0.3, 0.3], [0.5, 0, 0.3, 0.2], [0.3, 0.4, 0, 0.3], [0.2, 0.3, 0.5, 0]])
    result = clear(due[:, None] * shares, cash)
    assert result.payments == pytest.approx([82.553191, 80, 60, 72.765957], abs=5e-7)
    assert result.is_in_default.tolist() == [True, False, False, True]
    assert result.equity[result.is_in_default].tolist() == [0, 0]


def test_the_example_of_the_package_systemicrisk() -> None:
    """Three banks that all owe each other 1/2: R package systemicrisk, manual page of default_clearing.

    By hand: bank 3 pays in full; p1 = 1 + p2/3 and p2 = 9/8 + p1/5 give 165/112 and 159/112. Bank 1 defaults at once,
    bank 2 because of bank 1.
    """
    owed = 0.5 * (1 - np.eye(3))
    result = clear(owed, [1 / 2, 5 / 8, 3 / 4], [3 / 2, 1 / 2, 1 / 2])
    assert result.payments == pytest.approx([165 / 112, 159 / 112, 3 / 2], rel=1e-14)
    assert result.round_of_default.tolist() == [1, 2, 0]
    assert result.equity[2] == pytest.approx(3 / 4 + 165 / 560 + 159 / 336 - 3 / 2, rel=1e-12)


def test_two_nodes_that_owe_each_other_pay_without_any_cash() -> None:
    """Eisenberg & Noe 2001, on uniqueness: every (t, t) is a clearing vector; (1, 1) is the greatest."""
    result = clear([[0, 1], [1, 0]], [0, 0])
    assert result.payments.tolist() == [1, 1]
    assert not result.is_in_default.any()
    assert result.equity.tolist() == [0, 0]


def test_a_chain_falls_one_round_after_the_other() -> None:
    result = clear([[0, 100, 0, 0], [0, 0, 90, 0], [0, 0, 0, 80], [0, 0, 0, 0]], [60, 10, 5, 1])
    assert result.payments.tolist() == [60, 70, 75, 0]
    assert result.round_of_default.tolist() == [1, 2, 3, 0]
    assert result.equity.tolist() == [0, 0, 0, 76]


def test_external_creditors_share_pari_passu() -> None:
    result = clear([[0, 60], [0, 0]], [50, 0], [40, 0])
    assert result.payments.tolist() == [50, 0]  # 50 of 100: 30 inside, 20 outside
    assert result.equity.tolist() == [0, 30]


def test_without_debts_all_payments_are_zero() -> None:
    result = clear(np.zeros((2, 2)), [3, 0])
    assert (result.payments.tolist(), result.equity.tolist()) == ([0, 0], [3, 0])
    assert not result.is_in_default.any()
    assert clear(np.zeros((0, 0)), []).payments.size == 0


def test_a_closed_circle_without_cash_pays_the_debt_of_its_tightest_member() -> None:
    """Node 2 is paid by node 0 alone, a tiny part of that node's debt; it ends with exactly the amount of its own debt.

    The two defaulters pay nearly all to each other, so a solver that loses precision there would push node 2 into
    default and then have a closed circle to solve.
    """
    for leak in (100.0, 1.0, 1e-2, 1e-4):
        for owes in (1 / 2, 1 / 3, 1 / 7):
            owed = np.array([[0, 1e6, leak], [3e6, 0, 0], [0, leak * owes, 0]])
            result = clear(owed, [0, 0, 0])
            assert result.round_of_default.tolist() == [2, 1, 0]
            turned_over = Fraction(owed[2, 1]) * (Fraction(1e6) + Fraction(leak)) / Fraction(leak)
            assert result.payments == pytest.approx([float(turned_over)] * 2 + [owed[2, 1]], rel=1e-14)
            assert result.equity == pytest.approx([0, 0, 0], abs=1e-14)


@settings(deadline=None, max_examples=150)
@given(networks())
def test_it_is_a_fixed_point_and_no_iteration_from_above_falls_below_it(network) -> None:
    owed, cash, outside = network
    result = clear(owed, cash, outside)
    again = paid_if_all_get(result.payments, owed, cash, outside)
    assert again == pytest.approx(result.payments, rel=1e-9, abs=1e-9)
    iterate = owed.sum(axis=1) + outside
    for _ in range(3000):
        before, iterate = iterate, paid_if_all_get(iterate, owed, cash, outside)
        if np.array_equal(before, iterate):
            break
    assert (result.payments <= iterate + 1e-9 * (1 + iterate)).all()
    if np.abs(before - iterate).max(initial=0) < 1e-9:
        assert result.payments == pytest.approx(iterate, rel=1e-6, abs=1e-4)


@settings(deadline=None, max_examples=60)
@given(networks())
def test_it_is_the_greatest_that_can_be_paid(network) -> None:
    """Eisenberg & Noe 2001: the greatest clearing vector maximises the sum of payments, a linear programme."""
    owed, cash, outside = network
    due = owed.sum(axis=1) + outside
    shares = np.divide(owed, due[:, None], out=np.zeros_like(owed), where=due[:, None] > 0)
    best = linprog(-np.ones(due.size), A_ub=np.eye(due.size) - shares.T, b_ub=cash, bounds=[(0, most) for most in due])
    assert clear(owed, cash, outside).payments.sum() == pytest.approx(-best.fun, rel=1e-7, abs=1e-4)


@settings(deadline=None, max_examples=150)
@given(networks())
def test_payments_never_exceed_obligations_and_nothing_is_lost(network) -> None:
    owed, cash, outside = network
    result = clear(owed, cash, outside)
    due = owed.sum(axis=1) + outside
    assert (result.payments >= 0).all()
    assert (result.payments <= due).all()
    assert (result.equity >= 0).all()
    assert ((result.payments < due) == result.is_in_default).all()
    assert ((result.round_of_default > 0) == result.is_in_default).all()
    assert result.round_of_default.max() <= due.size
    paid_out = (result.payments * np.divide(outside, due, out=np.zeros_like(due), where=due > 0)).sum()
    assert result.equity.sum() + paid_out == pytest.approx(cash.sum(), rel=1e-9, abs=1e-6)


@settings(deadline=None, max_examples=100)
@given(networks(), st.data())
def test_more_external_assets_never_lower_a_payment_or_an_equity(network, data) -> None:
    owed, cash, outside = network
    more = cash + data.draw(arrays(float, cash.size, elements=MONEY))
    poorer, richer = clear(owed, cash, outside), clear(owed, more, outside)
    assert (richer.payments >= poorer.payments - 1e-9 * (1 + poorer.payments)).all()
    assert (richer.equity >= poorer.equity - 1e-6).all()
    assert (richer.is_in_default <= poorer.is_in_default).all()


@settings(deadline=None, max_examples=60)
@given(networks(), st.integers(-30, 30), st.randoms(use_true_random=False))
def test_scale_and_order_change_nothing_else(network, power, random) -> None:
    owed, cash, outside = network
    result, factor = clear(owed, cash, outside), 2.0**power
    scaled = clear(owed * factor, cash * factor, outside * factor)
    assert scaled.payments.tolist() == (result.payments * factor).tolist()
    assert scaled.is_in_default.tolist() == result.is_in_default.tolist()
    order = random.sample(range(cash.size), cash.size)
    moved = clear(owed[np.ix_(order, order)], cash[order], outside[order])
    assert moved.payments == pytest.approx(result.payments[order], rel=1e-9, abs=1e-9)
    assert moved.round_of_default.tolist() == result.round_of_default[order].tolist()


@pytest.mark.parametrize(
    ("liabilities", "external_assets", "external_liabilities", "message"),
    [
        ([[0, 1], [1, 0]], [-1, 0], None, "external_assets must be finite and not negative"),
        ([[0, 1], [1, 0]], [math.nan, 0], None, "external_assets must be finite and not negative"),
        ([[0, 1], [1, 0]], [1], None, "external_assets must be a vector of length 2, got shape"),
        ([[0, 1], [1, 0]], 1, None, "external_assets must be a vector of length 2, got shape"),
        ([[0, 1], [1, 0]], [None, "x"], None, "external_assets must be an array of numbers"),
        ([[0, -1], [1, 0]], [0, 0], None, "liabilities must be finite and not negative"),
        ([[0, math.inf], [1, 0]], [0, 0], None, "liabilities must be finite and not negative"),
        ([[0, 1], [1, 5]], [0, 0], None, "liabilities must be zero on the diagonal, but node 1 owes itself"),
        ([[0, 1]], [0], None, "liabilities must be a square matrix"),
        ([0, 1], [0, 0], None, "liabilities must be a square matrix"),
        ([[0, 1], [1, 0]], [0, 0], [0, -2], "external_liabilities must be finite and not negative"),
        ([[0, 1], [1, 0]], [0, 0], [0, 0, 0], "external_liabilities must be a vector of length 2"),
    ],
)
def test_bad_input_is_refused_by_name(liabilities, external_assets, external_liabilities, message) -> None:
    with pytest.raises(ValueError, match=message):
        clear(liabilities, external_assets, external_liabilities)


@settings(max_examples=60, deadline=None)
@given(networks(), st.data())
def test_many_cases_at_once_are_each_case_alone(network, data):
    owed, cash, outside = network
    cases = data.draw(arrays(float, (data.draw(st.integers(1, 4)), cash.size), elements=MONEY))
    for few in (0, 50):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(clearing, "FEW_NODES", few)
            found = clearing.clear_each(owed, cases, outside)
        for assets, result in zip(cases, found, strict=True):
            alone = clear(owed, assets, outside)
            assert result.is_in_default.tolist() == alone.is_in_default.tolist()
            assert result.round_of_default.tolist() == alone.round_of_default.tolist()
            assert result.payments == pytest.approx(alone.payments, rel=1e-12, abs=1e-9)
            assert result.equity == pytest.approx(alone.equity, rel=1e-9, abs=1e-9)


def test_money_that_does_not_settle_is_solved(monkeypatch):
    """Two nodes owe each other all but a millionth, so each iteration lowers payments by only that much."""
    monkeypatch.setattr(clearing, "FEW_NODES", 0)
    owed, outside = np.array([[0, 1e6], [1e6, 0]]), np.array([1.0, 1.0])
    (result,) = clearing.clear_each(owed, np.zeros((1, 2)), outside)
    assert result.payments.tolist() == clear(owed, np.zeros(2), outside).payments.tolist() == [0, 0]
    assert result.is_in_default.all()
