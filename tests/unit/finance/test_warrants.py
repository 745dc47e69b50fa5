"""Warrants: published values, an independent Monte Carlo simulation, properties, and refused input."""

import itertools
import math
from typing import get_args

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.integrate import quad

from assets.finance import warrants
from assets.finance.warrants import barrier_call, intrinsic_value_usd, plain_call, touch_value, tranche_value

KINDS = get_args(warrants.BarrierKind)

spots = st.floats(min_value=1, max_value=1000)

moneyness = st.floats(min_value=-2, max_value=2).map(math.exp)

penny_to_rich = st.floats(min_value=-9, max_value=2).map(math.exp)

rates = st.floats(min_value=-0.02, max_value=0.12)

yields = st.floats(min_value=0, max_value=0.06)

volatilities = st.floats(min_value=0.05, max_value=1.5)

horizons = st.floats(min_value=0.05, max_value=10)

dates = st.none() | st.integers(min_value=1, max_value=2520)


@pytest.mark.parametrize(
    ("kind", "volatility", "barrier", "values"),
    [
        ("down_and_out", 0.25, 95, (9.0246, 6.7924, 4.8759)),
        ("down_and_out", 0.25, 100, (3.0, 3.0, 3.0)),
        ("up_and_out", 0.25, 105, (2.6789, 2.3580, 2.3453)),
        ("down_and_in", 0.25, 95, (7.7627, 4.0109, 2.0576)),
        ("down_and_in", 0.25, 100, (13.8333, 7.8494, 3.9795)),
        ("up_and_in", 0.25, 105, (14.1112, 8.4482, 4.5910)),
        ("down_and_out", 0.30, 95, (8.8334, 7.0285, 5.4137)),
        ("down_and_out", 0.30, 100, (3.0, 3.0, 3.0)),
        ("up_and_out", 0.30, 105, (2.6341, 2.4389, 2.4315)),
        ("down_and_in", 0.30, 95, (9.0093, 5.1370, 2.8517)),
        ("down_and_in", 0.30, 100, (14.8816, 9.2045, 5.3043)),
        ("up_and_in", 0.30, 105, (15.2098, 9.7278, 5.8350)),
    ],
)
def test_haug_table_of_standard_barrier_calls(kind, volatility, barrier, values) -> None:
    """Haug, Option Pricing Formulas, 1998, p. 72: S 100, q .04, r .08, T .5, rebate 3, K 90, 100, 110."""
    for strike, value in zip((90, 100, 110), values, strict=True):
        assert barrier_call(kind, 100, strike, barrier, 0.08, 0.04, volatility, 0.5, rebate=3) == pytest.approx(
            value, abs=1e-4
        )


@pytest.mark.parametrize(
    ("spot", "dividend_yield", "value"),
    [
        (95, 0.0, 77.7017),  # the book's value
        (95, 0.01, 76.5951),  # from the book's own code
        (105, 0.0, 105.0),  # already reached: the share
        (105, 0.01, 105 * math.exp(-0.005)),
    ],
)
def test_haug_values_of_a_share_at_expiry_once_touched(spot, dividend_yield, value) -> None:
    """Haug 1998, p. 95, up-and-in asset at expiry or nothing: H = 100, r = .1, T = .5, volatility .2."""
    assert touch_value(spot, 100, 0.1, 0.2, 0.5, dividend_yield) == pytest.approx(value, abs=1e-4)


@pytest.mark.parametrize(
    ("barrier", "continuous", "corrected"), [(91, 5.808, 5.977), (95, 4.398, 4.907), (90, 5.977, 6.098)]
)
def test_broadie_glasserman_kou_table_of_fifty_dates(barrier, continuous, corrected) -> None:
    """Mathematical Finance 7(4), 1997, table 2.1: down-and-out call, S = K = 100, σ .3, r .1, T .2."""
    assert barrier_call("down_and_out", 100, 100, barrier, 0.1, 0, 0.3, 0.2) == pytest.approx(continuous, abs=6e-4)
    assert barrier_call("down_and_out", 100, 100, barrier, 0.1, 0, 0.3, 0.2, monitoring_dates=50) == pytest.approx(
        corrected, abs=6e-4
    )


def test_textbook_call_without_a_hurdle() -> None:
    """Hull, Options, Futures, and Other Derivatives, example 15.6: 42, 40, 10 %, 20 %, six months = 4.76."""
    assert plain_call(42, 40, 0.1, 0.0, 0.2, 0.5) == pytest.approx(4.76, abs=5e-3)


def test_all_amd_shares_at_the_top_hurdle_are_worth_96_billion_less_a_cent_each() -> None:
    assert intrinsic_value_usd(160_000_000, 600, 0.01) == pytest.approx(95.9984e9, rel=1e-12)


def test_intrinsic_value_is_never_below_zero() -> None:
    assert intrinsic_value_usd(7_741_020, 80, 111.33) == 0
    assert intrinsic_value_usd(0, 600, 0.01) == 0
    assert intrinsic_value_usd(10, 0, 0) == 0


def _crossing(spot, barrier, rate, dividend_yield, volatility, years, paths=400_000):
    """End prices, and the exact probability (Brownian bridge) that each path saw the barrier on its way."""
    drift, variance = rate - dividend_yield - volatility**2 / 2, volatility**2 * years
    normal = np.random.default_rng(20251006).standard_normal(paths // 2)
    end = drift * years + math.sqrt(variance) * np.concatenate([normal, -normal])
    beyond = math.log(barrier / spot)
    between = np.exp(np.minimum(-2 * beyond * (beyond - end) / variance, 0))
    seen = np.where((beyond - end) * beyond > 0, between, 1.0)
    return spot * np.exp(end), seen


def _assert_mean(sample, value) -> None:
    pairs = sample.reshape(2, -1).mean(axis=0)  # a path and its mirror image are one independent observation
    error = pairs.std(ddof=1) / math.sqrt(pairs.size)
    assert abs(pairs.mean() - value) < 4 * error + 1e-12


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("strike", [0.01, 90, 130])
@pytest.mark.parametrize("distance", [0.7, 0.95])
def test_closed_forms_agree_with_simulated_paths(kind, strike, distance) -> None:
    spot, rate, dividend_yield, volatility, years = 100, 0.045, 0.01, 0.55, 2.0
    barrier = spot / distance if kind.startswith("up") else spot * distance
    end, seen = _crossing(spot, barrier, rate, dividend_yield, volatility, years)
    counted = seen if kind.endswith("in") else 1 - seen
    sample = math.exp(-rate * years) * np.maximum(end - strike, 0) * counted
    _assert_mean(sample, barrier_call(kind, spot, strike, barrier, rate, dividend_yield, volatility, years))


def test_touch_value_agrees_with_simulated_paths() -> None:
    end, seen = _crossing(235, 600, 0.04, 0.0, 0.6, 4.9)
    _assert_mean(math.exp(-0.04 * 4.9) * end * seen, touch_value(235, 600, 0.04, 0.6, 4.9))


@pytest.mark.parametrize(("direction", "barrier"), [("up", 130), ("down", 80)])
def test_rebates_agree_with_the_density_of_the_first_hit(direction, barrier) -> None:
    spot, rate, dividend_yield, volatility, years = 100, 0.06, 0.02, 0.35, 1.5
    drift, beyond = rate - dividend_yield - volatility**2 / 2, math.log(barrier / spot)

    def first_hit(t):
        away = (beyond - drift * t) / (volatility * math.sqrt(t))
        return abs(beyond) / (volatility * math.sqrt(2 * math.pi * t**3)) * math.exp(-away * away / 2)

    paid_at_hit = quad(lambda t: math.exp(-rate * t) * first_hit(t), 0, years)[0]
    never_hit = 1 - quad(first_hit, 0, years)[0]

    def rebate_part(kind):
        terms = (spot, 100, barrier, rate, dividend_yield, volatility, years)
        return barrier_call(kind, *terms, rebate=7) - barrier_call(kind, *terms)

    assert rebate_part(f"{direction}_and_out") == pytest.approx(7 * paid_at_hit, rel=1e-6)
    assert rebate_part(f"{direction}_and_in") == pytest.approx(7 * math.exp(-rate * years) * never_hit, rel=1e-6)


def test_a_path_seen_fifty_times_agrees_with_the_shifted_barrier() -> None:
    paths, steps = 100_000, 50
    normal = np.random.default_rng(50).standard_normal((steps, paths // 2), dtype=np.float32)
    step = 0.2 / steps
    walk = np.concatenate([normal, -normal], axis=1) * (0.3 * math.sqrt(step)) + (0.1 - 0.045) * step
    log_price = np.cumsum(walk, axis=0, dtype=np.float64)
    survived = log_price.min(axis=0) > math.log(0.95)
    sample = math.exp(-0.02) * np.maximum(100 * np.exp(log_price[-1]) - 100, 0) * survived
    _assert_mean(sample, barrier_call("down_and_out", 100, 100, 95, 0.1, 0, 0.3, 0.2, monitoring_dates=steps))


@given(spots, moneyness, penny_to_rich, rates, yields, volatilities, horizons, dates)
def test_knock_in_and_knock_out_together_are_the_plain_call(s, h, k, r, q, v, t, m) -> None:
    plain = plain_call(s, s * k, r, q, v, t)
    for direction in ("up", "down"):
        parts = [
            barrier_call(f"{direction}_and_{way}", s, s * k, s * h, r, q, v, t, monitoring_dates=m)
            for way in ("in", "out")
        ]
        assert sum(parts) == pytest.approx(plain, rel=1e-9, abs=1e-9)
        assert min(parts) >= -1e-9


@given(spots, moneyness, penny_to_rich, rates, yields, volatilities, horizons, dates)
def test_up_and_in_and_touch_rise_with_the_share_price(s, h, k, r, q, v, t, m) -> None:
    strike, hurdle = s * k, s * h
    steps = [s * factor for factor in (1.0, 1.01, 1.3, 2.5)]
    calls = [barrier_call("up_and_in", x, strike, hurdle, r, q, v, t, monitoring_dates=m) for x in steps]
    touches = [touch_value(x, hurdle, r, v, t, q, m) for x in steps]
    for values in (calls, touches):
        assert all(a <= b + 1e-9 * s for a, b in itertools.pairwise(values))


@given(spots, moneyness, penny_to_rich, rates, yields, volatilities, volatilities, horizons)
def test_up_and_in_and_touch_rise_with_volatility_while_the_forward_is_below_the_hurdle(s, h, k, r, q, v, w, t) -> None:
    hurdle = s * h
    assume(h > 1)
    assume(s * math.exp((r - q) * t) < hurdle)
    calm, wild = sorted((v, w))
    assert touch_value(s, hurdle, r, calm, t, q) <= touch_value(s, hurdle, r, wild, t, q) + 1e-9 * s
    assert (
        barrier_call("up_and_in", s, s * k, hurdle, r, q, calm, t)
        <= barrier_call("up_and_in", s, s * k, hurdle, r, q, wild, t) + 1e-9 * s
    )


def test_other_barrier_calls_need_not_rise_with_volatility() -> None:
    calm, wild = (barrier_call("up_and_out", 100, 90, 130, 0.05, 0, v, 1) for v in (0.1, 0.4))
    assert wild < calm
    calm, wild = (touch_value(100, 105, 0.1, v, 1) for v in (0.05, 0.2))  # the forward is above the hurdle
    assert wild < calm


@given(spots, moneyness, rates, yields, volatilities, horizons, dates)
def test_touch_value_is_between_zero_and_the_share(s, h, r, q, v, t, m) -> None:
    share = s * math.exp(-q * t)
    value = touch_value(s, s * h, r, v, t, q, m)
    assert 0 <= value <= share
    if h <= 1:
        assert value == share


@given(spots, moneyness, rates, yields, volatilities, horizons)
def test_a_penny_strike_is_a_touch_less_the_penny(s, h, r, q, v, t) -> None:
    touch = touch_value(s, s * h, r, v, t, q)
    penny = barrier_call("up_and_in", s, 1e-6 * s, s * h, r, q, v, t)
    assert touch - 1.1e-6 * s * math.exp(-r * t) <= penny + 1e-9 * s
    assert penny <= touch + 1e-9 * s


def test_fewer_looks_make_a_knock_in_cheaper() -> None:
    daily, weekly, always = (touch_value(100, 150, 0.04, 0.5, 1, monitoring_dates=m) for m in (252, 52, None))
    assert weekly < daily < always
    assert touch_value(100, 150, 0.04, 0.5, 1, monitoring_dates=10**9) == pytest.approx(always, rel=1e-4)


def test_a_hurdle_reached_at_the_last_close_is_passed_with_any_monitoring() -> None:
    assert barrier_call("up_and_in", 600, 0.01, 600, 0.04, 0, 0.5, 3, rebate=5, monitoring_dates=756) == plain_call(
        600, 0.01, 0.04, 0, 0.5, 3
    )
    assert barrier_call("down_and_out", 80, 0.01, 90, 0.04, 0, 0.5, 3, rebate=5, monitoring_dates=756) == 5.0


def test_tiny_volatility_neither_overflows_nor_invents_value() -> None:
    assert touch_value(100, 150, 0.0, 1e-3, 1) == 0
    assert touch_value(100, 110, 0.2, 1e-3, 1) == pytest.approx(100, rel=1e-9)
    assert barrier_call("up_and_in", 100, 0.01, 110, 0.2, 0, 1e-3, 1) == pytest.approx(
        100 - 0.01 * math.exp(-0.2), rel=1e-9
    )


def test_tranche_is_its_shares_times_the_call_at_its_hurdle() -> None:
    market = {"rate": 0.04, "volatility": 0.6, "years": 4.0}
    free = tranche_value(1e6, 235, 0.01, None, **market)
    assert free == pytest.approx(1e6 * (235 - 0.01 * math.exp(-0.16)), rel=1e-9)
    assert tranche_value(1e6, 235, 0.01, 200, **market) == pytest.approx(free)
    hurdles = [tranche_value(1e6, 235, 0.01, h, monitoring_dates=1008, **market) for h in (300, 400, 600)]
    assert free > hurdles[0] > hurdles[1] > hurdles[2] > 0
    assert hurdles[2] == pytest.approx(1e6 * touch_value(235, 600, 0.04, 0.6, 4.0, 0.0, 1008), rel=1e-4)
    dear = tranche_value(7_741_020, 150, 111.33, None, dividend_yield=0.01, **market)
    assert dear == pytest.approx(7_741_020 * plain_call(150, 111.33, 0.04, 0.01, 0.6, 4.0))


GOOD = {
    "spot": 100,
    "strike": 90,
    "barrier": 120,
    "rate": 0.05,
    "dividend_yield": 0,
    "volatility": 0.3,
    "years": 1,
}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"kind": "sideways"},
            "kind must be one of up_and_in, up_and_out, down_and_in, down_and_out, got 'sideways'",
        ),
        ({"volatility": 0}, "volatility must be above 0, got 0"),
        ({"volatility": -0.2}, "volatility must be above 0, got -0.2"),
        ({"volatility": math.nan}, "volatility must be a finite number, got nan"),
        ({"years": 0}, "years must be above 0 .an expiry in the past has no model value., got 0"),
        ({"years": -0.5}, "years must be above 0"),
        ({"years": math.inf}, "years must be a finite number, got inf"),
        ({"spot": 0}, "spot must be above 0"),
        ({"spot": None}, "spot must be a finite number, got None"),
        ({"strike": -1}, "strike must be above 0"),
        ({"barrier": 0}, "barrier must be above 0"),
        ({"rate": math.nan}, "rate must be a finite number"),
        ({"dividend_yield": "1 %"}, "dividend_yield must be a finite number, got '1 %'"),
        ({"rebate": -3}, "rebate must be 0 or more, got -3"),
        ({"monitoring_dates": 0}, "monitoring_dates must be None or a whole number of at least 1, got 0"),
        ({"monitoring_dates": 2.5}, "monitoring_dates must be None or a whole number of at least 1, got 2.5"),
        (
            {"kind": "up_and_out", "rate": -0.05, "dividend_yield": -0.05, "rebate": 1},
            "rate must not be so far below 0",
        ),
    ],
)
def test_bad_input_is_refused_by_name(change, message) -> None:
    with pytest.raises(ValueError, match=message):
        barrier_call(**{"kind": "up_and_in", **GOOD, **change})


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: touch_value(100, 150, 0.04, 0, 1), "volatility must be above 0"),
        (lambda: touch_value(100, 150, 0.04, 0.3, -1), "years must be above 0"),
        (lambda: touch_value(100, -1, 0.04, 0.3, 1), "barrier must be above 0"),
        (lambda: touch_value(100, 150, 0.04, 0.3, 1, monitoring_dates=-5), "monitoring_dates must be"),
        (lambda: plain_call(100, 0, 0.04, 0, 0.3, 1), "strike must be above 0"),
        (lambda: tranche_value(-1, 100, 0.01, 150, 0.04, 0.3, 1), "shares must be 0 or more"),
        (lambda: tranche_value(1, 100, 0.01, math.nan, 0.04, 0.3, 1), "hurdle must be a finite number"),
        (lambda: intrinsic_value_usd(-1, 600, 0.01), "vested_shares must be 0 or more"),
        (lambda: intrinsic_value_usd(1, math.nan, 0.01), "share_price_usd must be a finite number"),
        (lambda: intrinsic_value_usd(1, 600, -0.01), "strike_usd must be 0 or more"),
    ],
)
def test_bad_input_of_the_other_functions_is_refused_by_name(call, message) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def test_a_price_that_is_looked_at_once_is_looked_at_on_the_last_day():
    once = touch_value(100, 150, 0.04, 0.5, 1, monitoring_dates=1)
    assert 0 < once < touch_value(100, 150, 0.04, 0.5, 1, monitoring_dates=12)
