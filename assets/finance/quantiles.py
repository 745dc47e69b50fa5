"""Distributions as quantiles: equally likely levels to draw from, and the quantiles of the draws.

A simulation returns all its numbers and counts, so parts can be merged in any order.

Not here: the draws (``simulation``), and the moments of an estimate (``estimates``).
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Protocol, Self

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.special import betainc, betaincinv, gammainc

from assets.finance.estimates import MODE_WEIGHT, PERT_DIVISOR

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
Marks = npt.NDArray[np.bool_]

PERT_LEVELS = 4096
DELAY_LEVELS = 65536  # the values of 16 random bits

PERCENTS = (5, 25, 50, 75, 95)
COVERAGE_RANGE = (1e-6, 1e6)
GAP_RANGE_USD = (1.0, 1e15)
SMALLEST_DUE_USD = 1e-9


@lru_cache(maxsize=256)
def pert_levels(mode: float) -> Floats:
    """Give 4096 equally likely levels of the beta-PERT distribution on [0, 1] with this mode.

    Each level is the mean of its 4096th part of the distribution, so that the mean of the levels is the mean
    of the distribution; their variance falls short of it by less than one part in 10,000.

    Shapes: mode a scalar; the result (4096,), ascending.
    Units: fractions of the width between low and high.
    Errors: ValueError unless 0 <= mode <= 1.
    Source: Malcolm et al. 1959, Operations Research 7(5); Vose, Risk Analysis, 3rd ed. 2008.
    """
    if not 0 <= mode <= 1:
        raise ValueError(f"mode must be between 0 and 1, got {mode!r}")
    alpha, beta = 1 + MODE_WEIGHT * mode, 1 + MODE_WEIGHT * (1 - mode)
    edges = betaincinv(alpha, beta, np.linspace(0, 1, PERT_LEVELS + 1))
    levels: Floats = np.diff(betainc(alpha + 1, beta, edges)) * (PERT_LEVELS * alpha / PERT_DIVISOR)
    levels.flags.writeable = False
    return levels


@dataclass(frozen=True, eq=False)
class PertLevels:
    """Beta-PERT distributions, one per column, ready to draw from."""

    low: Floats
    width: Floats
    levels: Floats
    first_level: Counts

    @classmethod
    def of(cls, name: str, low: Floats, mode: Floats, high: Floats) -> Self:
        """Prepare one distribution per element; ValueError unless low <= mode <= high."""
        wrong = np.flatnonzero((low > mode) | (mode > high))
        if wrong.size:
            bounds = f"{low[wrong[0]]}, {mode[wrong[0]]}, {high[wrong[0]]} in row {wrong[0]}"
            raise ValueError(f"{name} must have low <= mode <= high, got {bounds}")
        width = high - low
        relative = np.divide(mode - low, width, out=np.full_like(width, 0.5), where=width > 0)
        modes, which = np.unique(np.round(relative, 9), return_inverse=True)
        levels = [pert_levels(float(mode)) for mode in modes]
        return cls(low, width, np.concatenate([np.empty(0), *levels]), which * PERT_LEVELS)

    def draw(self, generator: np.random.Generator, draws: int) -> Floats:
        """Draw each distribution; shape (draws, distributions). A width of 0 gives exactly low."""
        bits = generator.integers(0, 16 * PERT_LEVELS, (draws, self.low.size), dtype=np.uint16)
        drawn = self.levels.take((bits >> 4) + self.first_level)
        drawn *= self.width
        drawn += self.low
        return drawn


def delay_levels(shape: float, scale_quarters: float, longest: int) -> npt.NDArray[np.uint16]:
    """Give 65,536 equally likely delays: a gamma distribution, rounded to whole quarters.

    Shapes: scalars; the result (65536,), ascending; delays beyond `longest` are given as longest + 1.
    Units: quarters.
    Errors: ValueError unless shape > 0 and scale_quarters >= 0 (0 = nothing is ever late), both finite.
    Source: Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 1, 2nd ed. 1994, chapter 17.
    """
    if not (math.isfinite(shape) and shape > 0):
        raise ValueError(f"delay_shape must be a finite number above 0, got {shape!r}")
    if not (math.isfinite(scale_quarters) and scale_quarters >= 0):
        raise ValueError(f"delay_scale_quarters must be a finite number, 0 or more, got {scale_quarters!r}")
    if scale_quarters == 0:
        return np.zeros(DELAY_LEVELS, dtype=np.uint16)
    with np.errstate(over="ignore"):
        on_time = gammainc(shape, (np.arange(longest + 1) + 0.5) / scale_quarters)
    return np.searchsorted(on_time, (np.arange(DELAY_LEVELS) + 0.5) / DELAY_LEVELS).astype(np.uint16)


class Numbers(Protocol):
    """The draws of many cells at once, in a form that gives quantiles.

    Unmarked numbers are counted separately: ratios with nothing due, gaps of zero.
    """

    @property
    def marked(self) -> Counts:
        """Number of marked numbers per cell."""
        ...

    def add(self, numbers: Floats, is_marked: Marks) -> None:
        """Add numbers of 0 or more, none of them NaN; shapes (cells, numbers)."""
        ...

    def merge(self, other: Any) -> None:
        """Add the numbers of another one with the same cells."""
        ...

    def quantiles(self, percents: Sequence[int], *, unmarked_is_zero: bool = False) -> Floats:
        """Give the smallest number that at least the given percentage does not exceed; shape (cells, percents).

        Unmarked numbers are left out, or count as 0. A cell without numbers gives NaN.
        """
        ...


Collect = Callable[[int, float, float], Numbers]
"""Creates a collector of numbers for a number of cells; the two floats are the range in which most of them lie."""


class Kept:
    """Keeps all numbers: quantiles are exact.

    Shapes: (cells, numbers).
    Source: Hyndman & Fan 1996, The American Statistician 50(4), definition 1.
    """

    def __init__(self, cells: int, _low: float = 0.0, _high: float = math.inf) -> None:
        self._parts: list[Floats] = []
        """The added numbers; NaN for an unmarked number."""
        self.cells = cells

    @property
    def marked(self) -> Counts:
        """Number of marked numbers per cell."""
        marked = np.zeros(self.cells, dtype=np.int64)
        for part in self._parts:
            marked += (~np.isnan(part)).sum(axis=1)
        return marked

    def add(self, numbers: Floats, is_marked: Marks) -> None:
        """Keep numbers of 0 or more, none of them NaN; shapes (cells, numbers)."""
        self._parts.append(np.where(is_marked, numbers, np.nan))

    def merge(self, other: Self) -> None:
        """Add the numbers of another one with the same cells."""
        if self.cells != other.cells:
            raise ValueError("other must have the same cells")
        self._parts += other._parts

    def quantiles(self, percents: Sequence[int], *, unmarked_is_zero: bool = False) -> Floats:
        """Give the smallest number that at least the given percentage does not exceed; shape (cells, percents).

        Unmarked numbers are left out, or count as 0. A cell without numbers gives NaN.
        """
        result = np.full((self.cells, len(percents)), np.nan)
        for cell in range(self.cells):  # one at a time: a copy would double the memory
            row = np.sort(np.concatenate([np.empty(0), *(part[cell] for part in self._parts)]))
            marked = int(np.searchsorted(row, np.inf, side="right"))  # NaN sorts last
            unmarked = row.size - marked if unmarked_is_zero else 0
            if marked + unmarked:
                # whole numbers: n * 0.95 may be rounded up past a whole number
                place = np.array([-(-(marked + unmarked) * percent // 100) - 1 for percent in percents]) - unmarked
                result[cell] = np.where(place < 0, 0.0, row[np.maximum(place, 0)])
        return result


def exactly(cells: int, draws: int) -> Collect:
    """The collector of an ordinary simulation: it keeps all numbers."""
    del cells, draws
    return Kept


@dataclass(eq=False)
class ChunkResult:
    """The result of some draws; the results of one case add up to the result of all its draws.

    Shapes: the cells are (entity, year); first_shortfall (entities, years + 1), last = never.
    """

    entity_ids: tuple[str, ...]
    years: range
    collect: Collect = Kept
    draws: int = field(init=False, default=0)
    coverage: Numbers = field(init=False)
    gap_usd: Numbers = field(init=False)
    first_shortfall: Counts = field(init=False)

    def __post_init__(self) -> None:
        cells = len(self.entity_ids) * len(self.years)
        self.coverage, self.gap_usd = self.collect(cells, *COVERAGE_RANGE), self.collect(cells, *GAP_RANGE_USD)
        self.first_shortfall = np.zeros((len(self.entity_ids), len(self.years) + 1), dtype=np.int64)

    def add(self, revenue: Floats, obligations: Floats, gap: Floats) -> None:
        """Count draws, given in USD by (entity, year, draw)."""
        entities, years, draws = gap.shape
        ratio = revenue / np.maximum(obligations, SMALLEST_DUE_USD)
        self.coverage.add(ratio.reshape(-1, draws), (obligations > SMALLEST_DUE_USD).reshape(-1, draws))
        is_short = gap > 0
        self.gap_usd.add(gap.reshape(-1, draws), is_short.reshape(-1, draws))
        first = np.where(is_short.any(axis=1), is_short.argmax(axis=1), years)
        first += np.arange(entities)[:, None] * (years + 1)
        counts = np.bincount(first.reshape(-1), minlength=self.first_shortfall.size)
        self.first_shortfall += counts.reshape(self.first_shortfall.shape)
        self.draws += draws

    def merge(self, other: Self) -> Self:
        """Add the draws of another result of the same case to this one, and return this one."""
        if (self.entity_ids, self.years) != (other.entity_ids, other.years):
            raise ValueError("other must have the same entity_ids and years")
        self.draws += other.draws
        self.coverage.merge(other.coverage)
        self.gap_usd.merge(other.gap_usd)
        self.first_shortfall += other.first_shortfall
        return self


@dataclass(frozen=True, eq=False)
class Simulation:
    """The results of the draws as tables.

    coverage: a row per entity_id and year: quantiles p05 to p95 of the coverage ratio (over the `draws_due` draws in
        which something is due; null if there is none), funding_gap_p05_usd to funding_gap_p95_usd (over all draws),
        probability_of_shortfall (a gap above 0), draws_due, draws. first_shortfall: a row per entity_id and year: the
        probability that the first gap is in this year; year null = no gap.
    """

    coverage: pl.DataFrame
    first_shortfall: pl.DataFrame


def summarise(result: ChunkResult) -> Simulation:
    """Read quantiles and probabilities from all draws.

    Shapes: a row per entity and year; see `Simulation`.
    Units: ratios and probabilities are fractions, gaps USD.
    Errors: ValueError for a result without draws.
    """
    if not result.draws:
        raise ValueError("result must hold at least one draw")
    coverage = result.coverage.quantiles(PERCENTS)
    gap_usd = result.gap_usd.quantiles(PERCENTS, unmarked_is_zero=True)
    draws = pl.lit(result.draws, dtype=pl.Int64).alias("draws")
    table = _labels(result.entity_ids, list(result.years)).with_columns(
        *(pl.Series(f"p{percent:02d}", coverage[:, i]).fill_nan(None) for i, percent in enumerate(PERCENTS)),
        *(pl.Series(f"funding_gap_p{percent:02d}_usd", gap_usd[:, i]) for i, percent in enumerate(PERCENTS)),
        pl.Series("probability_of_shortfall", result.gap_usd.marked / result.draws),
        pl.Series("draws_due", result.coverage.marked),
        draws,
    )
    first_shortfall = _labels(result.entity_ids, [*result.years, None]).with_columns(
        pl.Series("probability", result.first_shortfall.reshape(-1) / result.draws), draws
    )
    return Simulation(table, first_shortfall)


def nobody() -> Simulation:
    """The result of a simulation without entities: both tables without rows."""
    result = ChunkResult((), range(1))
    result.draws = 1
    return summarise(result)


def _labels(entity_ids: Sequence[str], years: Sequence[int | None]) -> pl.DataFrame:
    """A row per entity and year, in the order of the cells."""
    cells = [(entity_id, year) for entity_id in entity_ids for year in years]
    return pl.DataFrame(cells, schema={"entity_id": pl.String, "year": pl.Int32}, orient="row")
