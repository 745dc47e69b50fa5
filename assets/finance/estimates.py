"""Three-point estimates: moments of a low, a most likely and a high figure.

Everything here is a closed form for one estimate at a time. Drawing from the distributions belongs to ``simulation``;
filling a missing bound is a rule about the data and belongs to the tables.

All functions take scalars or arrays, which broadcast, and give a ``float`` for scalars, an array otherwise. NaN, null
and infinity are refused: an unknown bound must be filled before averaging.
"""

from itertools import pairwise
from typing import overload

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

MODE_WEIGHT = 4.0
"""PERT counts the most likely figure four times: mean = (low + 4 mode + high) / 6."""

PERT_DIVISOR = MODE_WEIGHT + 2.0
"""The sum of the weights of low, mode and high; also the number of standard deviations between the bounds."""


@overload
def pert_mean(low: float, mode: float, high: float) -> float: ...
@overload
def pert_mean(low: npt.ArrayLike, mode: npt.ArrayLike, high: npt.ArrayLike) -> Array: ...
def pert_mean(low: npt.ArrayLike, mode: npt.ArrayLike, high: npt.ArrayLike) -> Array | float:
    """Give the PERT mean (low + 4 mode + high) / 6 of each estimate.

    Shapes: scalars or arrays that broadcast; the result has the broadcast shape.
    Units: those of the input.
    Errors: ValueError unless every figure is finite and low <= mode <= high.
    Source: Malcolm et al. 1959, Operations Research 7(5). Check: (1, 3, 6) gives 3.166667.
    """
    lower, middle, upper = _ordered(low=low, mode=mode, high=high)
    # Written as an offset from low, so that a zero width gives exactly the constant.
    mean = lower + (MODE_WEIGHT * (middle - lower) + (upper - lower)) / PERT_DIVISOR
    return _plain(np.clip(mean, lower, upper))


@overload
def pert_sd(low: float, high: float) -> float: ...
@overload
def pert_sd(low: npt.ArrayLike, high: npt.ArrayLike) -> Array: ...
def pert_sd(low: npt.ArrayLike, high: npt.ArrayLike) -> Array | float:
    """Give the textbook standard deviation (high - low) / 6 of each estimate.

    Shapes: scalars or arrays that broadcast; the result has the broadcast shape.
    Units: those of the input.
    Errors: ValueError unless every figure is finite and low <= high.
    Hazards: it ignores the mode; the beta distribution of the simulation has a different spread, see ``beta_pert_sd``.
    Source: Malcolm et al. 1959, Operations Research 7(5). Check: (1, 6) gives 0.833333.
    """
    lower, upper = _ordered(low=low, high=high)
    return _plain((upper - lower) / PERT_DIVISOR)


@overload
def beta_pert_sd(low: float, mode: float, high: float) -> float: ...
@overload
def beta_pert_sd(low: npt.ArrayLike, mode: npt.ArrayLike, high: npt.ArrayLike) -> Array: ...
def beta_pert_sd(low: npt.ArrayLike, mode: npt.ArrayLike, high: npt.ArrayLike) -> Array | float:
    """Give the standard deviation of the beta distribution of each estimate, as drawn by the simulation.

    The beta has the shapes 1 + 4 (mode - low) / (high - low) and 1 + 4 (high - mode) / (high - low); its mean
    is ``pert_mean`` and its variance (mean - low) (high - mean) / 7.

    Shapes: scalars or arrays that broadcast; the result has the broadcast shape.
    Units: those of the input.
    Errors: ValueError unless every figure is finite and low <= mode <= high.
    Source: Vose, Risk Analysis, 3rd ed. 2008. Check: (1, 3, 6) gives 0.9365.
    """
    lower, middle, upper = _ordered(low=low, mode=mode, high=high)
    above_low = (MODE_WEIGHT * (middle - lower) + (upper - lower)) / PERT_DIVISOR
    below_high = (MODE_WEIGHT * (upper - middle) + (upper - lower)) / PERT_DIVISOR
    return _plain(np.sqrt(above_low) * np.sqrt(below_high) / np.sqrt(PERT_DIVISOR + 1.0))


@overload
def triangular_mean(low: float, mode: float, high: float) -> float: ...
@overload
def triangular_mean(low: npt.ArrayLike, mode: npt.ArrayLike, high: npt.ArrayLike) -> Array: ...
def triangular_mean(low: npt.ArrayLike, mode: npt.ArrayLike, high: npt.ArrayLike) -> Array | float:
    """Give the mean (low + mode + high) / 3 of the triangular distribution of each estimate.

    Shapes: scalars or arrays that broadcast; the result has the broadcast shape.
    Units: those of the input.
    Errors: ValueError unless every figure is finite and low <= mode <= high.
    Check: (1, 3, 6) gives 3.333333.
    """
    lower, middle, upper = _ordered(low=low, mode=mode, high=high)
    mean = lower + ((middle - lower) + (upper - lower)) / 3.0
    return _plain(np.clip(mean, lower, upper))


@overload
def triangular_sd(low: float, mode: float, high: float) -> float: ...
@overload
def triangular_sd(low: npt.ArrayLike, mode: npt.ArrayLike, high: npt.ArrayLike) -> Array: ...
def triangular_sd(low: npt.ArrayLike, mode: npt.ArrayLike, high: npt.ArrayLike) -> Array | float:
    """Give the standard deviation of the triangular distribution of each estimate.

    With w = high - low and c = mode - low it is sqrt((w^2 + c^2 - w c) / 18): the usual formula, written in widths so
    that a narrow estimate of a large amount keeps its precision.

    Shapes: scalars or arrays that broadcast; the result has the broadcast shape.
    Units: those of the input.
    Errors: ValueError unless every figure is finite and low <= mode <= high.
    Check: (1, 3, 6) gives 1.027402.
    """
    lower, middle, upper = _ordered(low=low, mode=mode, high=high)
    width, rise = upper - lower, middle - lower
    return _plain(np.sqrt((width * (width - rise) + rise * rise) / 18.0))


def _ordered(**figures: npt.ArrayLike) -> list[Array]:
    """Return the named figures as arrays of one shape; refuse figures that are not finite or out of order."""
    named = {name: _finite(name, figure) for name, figure in figures.items()}
    try:
        shaped = [np.asarray(array) for array in np.broadcast_arrays(*named.values())]
    except ValueError as error:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in named.items())
        raise ValueError(f"{', '.join(named)} must have shapes that broadcast, got {shapes}") from error
    for (left, smaller), (right, larger) in pairwise(zip(named, shaped, strict=True)):
        wrong = smaller > larger
        if wrong.any():
            found = f"{smaller[wrong].flat[0]} > {larger[wrong].flat[0]}"
            raise ValueError(f"{left} must not be above {right}, got {found}; allowed: {' <= '.join(named)}")
    return shaped


def _finite(name: str, figure: npt.ArrayLike) -> Array:
    """Return the figure as an array of floats; refuse a figure that is not a finite number."""
    try:
        array = np.asarray(figure, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must be a number or an array of numbers, got {figure!r}") from error
    unknown = array[~np.isfinite(array)]
    if unknown.size:
        raise ValueError(f"{name} must be finite, got {unknown.flat[0]}; settle unknown bounds first")
    return array


def _plain(result: Array) -> Array | float:
    """Return a float for a scalar result, the array otherwise."""
    return float(result) if np.ndim(result) == 0 else np.asarray(result)
