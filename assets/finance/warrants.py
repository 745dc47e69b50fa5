"""Values of warrants: plain calls, calls with a share-price hurdle, shares delivered on reaching a hurdle.

The share follows a geometric Brownian motion with constant rate, dividend yield and volatility.
Not here: vesting of tranches, prices and their age, and assumptions.
"""

import math
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Literal, get_args

from scipy.special import log_ndtr, ndtr

BarrierKind = Literal["up_and_in", "up_and_out", "down_and_in", "down_and_out"]

# -zeta(1/2) / sqrt(2 pi): the overshoot of a path between two observations, in standard deviations of one step
# (Broadie, Glasserman and Kou 1997, theorem 1.1).
_OVERSHOOT = 0.5826


def barrier_call(  # noqa: PLR0913, PLR0917 - what the published formula takes
    kind: BarrierKind,
    spot: float,
    strike: float,
    barrier: float,
    rate: float,
    dividend_yield: float,
    volatility: float,
    years: float,
    rebate: float = 0.0,
    monitoring_dates: int | None = None,
) -> float:
    """Value today of a European call that is knocked in or out when the share reaches a barrier.

    Shapes: scalars. A barrier already reached (spot >= barrier for up, spot <= barrier for down) leaves the plain call
    of a knock-in and the rebate of a knock-out. A knock-in rebate is paid at expiry, a knock-out rebate when hit.
    monitoring_dates = number of evenly spaced observations of the price until expiry, None = continuous.
    Units: spot, strike, barrier, rebate and the result in the same money per share; rate, dividend_yield
    (continuously compounded) and volatility a year.
    Errors: ValueError for an unknown kind; a spot, strike, barrier, volatility or years that is not above 0;
    a rebate below 0; a value that is not finite; fewer than one monitoring date; a rate so far below 0
    that a rebate paid when hit has no closed form.
    Source: Reiner & Rubinstein 1991, "Breaking down the barriers", Risk 4(8), as in Haug, The Complete Guide
    to Option Pricing Formulas, 2nd ed. 2007, section 4.17.1; monitoring: Broadie, Glasserman & Kou 1997,
    "A continuity correction for discrete barrier options", Mathematical Finance 7(4).
    """
    if kind not in get_args(BarrierKind):
        raise ValueError(f"kind must be one of {', '.join(get_args(BarrierKind))}, got {kind!r}")
    share = _Share(spot, rate, dividend_yield, volatility, years)
    _require_positive(strike=strike, barrier=barrier)
    _require_not_negative(rebate=rebate)
    step = _monitoring_step(monitoring_dates, years)
    is_up, is_in = kind.startswith("up"), kind.endswith("in")
    if spot >= barrier if is_up else spot <= barrier:
        return share.call(strike) if is_in else float(rebate)
    direction = 1 if is_up else -1
    seen = barrier * math.exp(direction * _OVERSHOOT * volatility * math.sqrt(step))
    plain = share.call(strike)
    knocked_in = min(max(share.knocked_in_call(strike, seen, direction), 0.0), plain)
    if is_in:
        return knocked_in + (rebate * share.discounted_miss(seen, direction) if rebate else 0.0)
    return plain - knocked_in + (rebate * share.discounted_hit(seen, direction) if rebate else 0.0)


def touch_value(
    spot: float,
    barrier: float,
    rate: float,
    volatility: float,
    years: float,
    dividend_yield: float = 0.0,
    monitoring_dates: int | None = None,
) -> float:
    """Value today of one share, delivered at expiry if its price has reached a barrier above it before.

    Shapes: scalars; spot >= barrier gives spot * exp(-dividend_yield * years).
    Units: spot, barrier and the result in the same money per share; rate, dividend_yield, volatility a year.
    Errors: ValueError as `barrier_call`.
    Source: Rubinstein & Reiner 1991, "Unscrambling the binary code", Risk 4(9), asset at expiry, up-and-in;
    Haug 2007, section 4.19.5.
    """
    share = _Share(spot, rate, dividend_yield, volatility, years)
    _require_positive(barrier=barrier)
    step = _monitoring_step(monitoring_dates, years)
    if spot >= barrier:
        return share.present
    seen = barrier * math.exp(_OVERSHOOT * volatility * math.sqrt(step))
    return min(max(share.knocked_in_call(0.0, seen, 1), 0.0), share.present)


def plain_call(
    spot: float, strike: float, rate: float, dividend_yield: float, volatility: float, years: float
) -> float:
    """Value today of a European call without a hurdle.

    Shapes: scalars.
    Units: spot, strike and the result in the same money per share; rate, dividend_yield, volatility a year.
    Errors: ValueError as `barrier_call`.
    Source: Black & Scholes 1973, J. Political Economy 81(3); Merton 1973, Bell J. Economics 4(1).
    """
    _require_positive(strike=strike)
    return _Share(spot, rate, dividend_yield, volatility, years).call(strike)


def tranche_value(  # noqa: PLR0913 - a tranche and its market
    shares: float,
    spot: float,
    strike: float,
    hurdle: float | None,
    rate: float,
    volatility: float,
    years: float,
    *,
    dividend_yield: float = 0.0,
    monitoring_dates: int | None = None,
) -> float:
    """Model value in USD of one tranche: its shares times an up-and-in call at its hurdle.

    Shapes: scalars; hurdle None = no share-price condition, or one already met: the plain call. With a strike of one
    cent the call is worth the share less the cent.
    Units: number of shares; spot, strike and hurdle in USD per share; rate, dividend_yield, volatility a year.
    Errors: ValueError as `barrier_call`; shares below 0.
    Source: `barrier_call`. A gigawatt condition is not part of the value (ASC 606-10-32-25).
    """
    _require_not_negative(shares=shares)
    if hurdle is None:
        return shares * plain_call(spot, strike, rate, dividend_yield, volatility, years)
    _require_positive(hurdle=hurdle)
    return shares * barrier_call(
        "up_and_in",
        spot,
        strike,
        hurdle,
        rate,
        dividend_yield,
        volatility,
        years,
        monitoring_dates=monitoring_dates,
    )


def intrinsic_value_usd(vested_shares: float, share_price_usd: float, strike_usd: float) -> float:
    """USD from exercising today: vested shares times (price less strike), never below 0.

    Shapes: scalars.
    Units: number of shares; USD per share; USD.
    Errors: ValueError for a value below 0 or not finite.
    """
    _require_not_negative(vested_shares=vested_shares, share_price_usd=share_price_usd, strike_usd=strike_usd)
    return vested_shares * max(share_price_usd - strike_usd, 0.0)


def _require_finite(**named: float) -> None:
    for name, value in named.items():
        if not isinstance(value, Real) or not math.isfinite(value):
            raise ValueError(f"{name} must be a finite number, got {value!r}")


def _require_positive(**named: float) -> None:
    _require_finite(**named)
    for name, value in named.items():
        if value <= 0:
            raise ValueError(f"{name} must be above 0, got {value!r}")


def _require_not_negative(**named: float) -> None:
    _require_finite(**named)
    for name, value in named.items():
        if value < 0:
            raise ValueError(f"{name} must be 0 or more, got {value!r}")


def _monitoring_step(monitoring_dates: int | None, years: float) -> float:
    """Years between two observations of the price; 0 if observed continuously."""
    if monitoring_dates is None:
        return 0.0
    if not isinstance(monitoring_dates, Integral) or monitoring_dates < 1:
        raise ValueError(f"monitoring_dates must be None or a whole number of at least 1, got {monitoring_dates!r}")
    return years / int(monitoring_dates)


@dataclass(frozen=True, slots=True)
class _Share:
    """A share under geometric Brownian motion until one expiry; the terms A to F of Haug's section 4.17."""

    spot: float
    rate: float
    dividend_yield: float
    volatility: float
    years: float

    def __post_init__(self) -> None:
        _require_positive(spot=self.spot, volatility=self.volatility)
        _require_finite(rate=self.rate, dividend_yield=self.dividend_yield, years=self.years)
        if self.years <= 0:
            raise ValueError(f"years must be above 0 (an expiry in the past has no model value), got {self.years!r}")

    @property
    def deviation(self) -> float:
        return self.volatility * math.sqrt(self.years)

    @property
    def discount(self) -> float:
        return math.exp(-self.rate * self.years)

    @property
    def present(self) -> float:
        """Value today of one share at expiry."""
        return self.spot * math.exp(-self.dividend_yield * self.years)

    @property
    def tilt(self) -> float:
        """Haug's mu: the drift of the logarithm in units of the variance."""
        return (self.rate - self.dividend_yield) / self.volatility**2 - 0.5

    def call(self, strike: float) -> float:
        """Term A: the plain call."""
        return max(self._paid_above(strike, strike), 0.0)

    def knocked_in_call(self, strike: float, barrier: float, direction: int) -> float:
        """A call that exists only once the barrier above (direction 1) or below (-1) has been reached."""
        beyond = math.log(barrier / self.spot)
        reflected = self._reflected(strike, barrier, beyond, -direction)
        if strike >= barrier:
            mirrored_strike = beyond + math.log(barrier / strike)
            return self.call(strike) if direction == 1 else self._reflected(strike, barrier, mirrored_strike, 1)
        if direction == -1:
            return self.call(strike) - self._paid_above(barrier, strike) + reflected
        if strike == 0:  # the mirror image of a strike of 0 is at infinity
            return self._paid_above(barrier, strike) + reflected
        mirrored_strike = beyond + math.log(barrier / strike)
        return self._paid_above(barrier, strike) - self._reflected(strike, barrier, mirrored_strike, -1) + reflected

    def discounted_miss(self, barrier: float, direction: int) -> float:
        """Term E: one unit at expiry if the barrier was never reached."""
        beyond = math.log(barrier / self.spot)
        drift = self.tilt * self.deviation
        ended_short = float(ndtr(direction * (beyond / self.deviation - drift)))
        came_back = _scaled_ndtr(2 * self.tilt * beyond, -direction * (beyond / self.deviation + drift))
        return self.discount * max(ended_short - came_back, 0.0)

    def discounted_hit(self, barrier: float, direction: int) -> float:
        """Term F: one unit at the moment when the barrier is reached."""
        square = self.tilt**2 + 2 * self.rate / self.volatility**2
        if square < -1e-9:  # noqa: PLR2004 - rounding, where the root is 0
            raise ValueError(
                f"rate must not be so far below 0 that a rebate paid when hit has no value, got {self.rate!r}"
            )
        beyond, root = math.log(barrier / self.spot), math.sqrt(max(square, 0.0))
        far, drift = -direction * beyond / self.deviation, -direction * root * self.deviation
        return _scaled_ndtr((self.tilt + root) * beyond, far + drift) + _scaled_ndtr(
            (self.tilt - root) * beyond, far - drift
        )

    def _paid_above(self, level: float, strike: float) -> float:
        """Terms A and B: share less strike, paid when the share ends above a level."""
        reach = math.log(self.spot / level) / self.deviation + (1 + self.tilt) * self.deviation
        return self.present * float(ndtr(reach)) - strike * self.discount * float(ndtr(reach - self.deviation))

    def _reflected(self, strike: float, barrier: float, distance: float, side: int) -> float:
        """Terms C and D: the same for paths mirrored at the barrier; distance = logarithm of their price ratio."""
        beyond = math.log(barrier / self.spot)
        reach = distance / self.deviation + (1 + self.tilt) * self.deviation
        return self.present * _scaled_ndtr(
            2 * (self.tilt + 1) * beyond, side * reach
        ) - strike * self.discount * _scaled_ndtr(2 * self.tilt * beyond, side * (reach - self.deviation))


def _scaled_ndtr(exponent: float, deviations: float) -> float:
    """exp(exponent) * N(deviations), in logarithms: a small volatility makes one factor huge, the other tiny."""
    return math.exp(exponent + float(log_ndtr(deviations)))
