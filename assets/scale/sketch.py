"""Quantiles of more numbers than fit into memory: counts in bins, accurate to half a percent.

Not here: exact quantiles of numbers in memory (`assets.finance.quantiles`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
import numpy.typing as npt

from assets.finance.quantiles import Collect, Counts, Floats, Kept, Marks

MOST_KEPT = 8_000_000
"""The most numbers of one case that are kept: 64 MB for coverage, and as much for gaps."""

BIN_WIDTH = 0.0099


def by_number(cells: int, draws: int) -> Collect:
    """The collector for a number of cells and draws: it keeps all numbers, or counts too many in bins."""
    return Kept if cells * draws <= MOST_KEPT else Histogram


@dataclass(eq=False)
class Histogram:
    """Counts of positive numbers in bins of equal width in the logarithm, for many cells at once.

    The bins are fixed beforehand, so histograms of parts add up, in any order, to the histogram of the whole. Numbers
    outside [low, high) are counted at the ends; unmarked numbers are counted separately. The smallest and the largest
    marked number are kept exactly and limit all quantiles, so a cell with a single value returns it exactly.

    Shapes: counts (cells, bins + 3): not marked, below, the bins, above.
    Rules: a quantile inside [low, high) is at most 0.495 % away from the number of that rank.
    Source: Masson, Rim & Lee 2019, "DDSketch", PVLDB 12(12).
    """

    cells: int
    low: float
    high: float
    counts: npt.NDArray[np.int32] = field(init=False)
    smallest: Floats = field(init=False)
    largest: Floats = field(init=False)

    def __post_init__(self) -> None:
        self.counts = np.zeros((self.cells, self.bins + 3), dtype=np.int32)
        self.smallest = np.full(self.cells, np.inf)
        self.largest = np.full(self.cells, -np.inf)

    @property
    def bins(self) -> int:
        """Number of bins between low and high."""
        return math.ceil(math.log(self.high / self.low) / BIN_WIDTH)

    @property
    def unmarked(self) -> Counts:
        """Number of unmarked numbers per cell."""
        return self.counts[:, 0].astype(np.int64)

    @property
    def marked(self) -> Counts:
        """Number of marked numbers per cell."""
        marked: Counts = self.counts[:, 1:].sum(axis=1, dtype=np.int64)
        return marked

    def add(self, numbers: Floats, is_marked: Marks) -> None:
        """Count numbers of 0 or more, none of them NaN; shapes (cells, numbers)."""
        with np.errstate(divide="ignore", over="ignore"):
            place = np.log(numbers.astype(np.float32))
        place -= np.float32(math.log(self.low))
        place *= np.float32(1 / BIN_WIDTH)
        np.clip(place, -1, self.bins, out=place)
        place += 2
        place *= is_marked.view(np.int8)
        flat = place.astype(np.int64)
        flat += np.arange(0, self.counts.size, self.counts.shape[1])[:, None]
        np.add.at(self.counts.reshape(-1), flat.reshape(-1), np.int32(1))
        np.minimum(self.smallest, np.where(is_marked, numbers, np.inf).min(axis=1), out=self.smallest)
        np.maximum(self.largest, np.where(is_marked, numbers, -np.inf).max(axis=1), out=self.largest)

    def merge(self, other: Self) -> None:
        """Add the counts of another histogram with the same cells and range."""
        if (self.cells, self.low, self.high) != (other.cells, other.low, other.high):
            raise ValueError("other must have the same cells and range")
        self.counts += other.counts
        np.minimum(self.smallest, other.smallest, out=self.smallest)
        np.maximum(self.largest, other.largest, out=self.largest)

    def quantiles(self, percents: Sequence[int], *, unmarked_is_zero: bool = False) -> Floats:
        """Give the smallest number that at least the given percentage does not exceed; shape (cells, percents).

        Unmarked numbers are left out, or count as 0. A cell without numbers gives NaN.
        """
        zeros = self.unmarked if unmarked_is_zero else np.zeros(self.cells, dtype=np.int64)
        reached = self.counts[:, 1:].cumsum(axis=1, dtype=np.int64) + zeros[:, None]
        total = reached[:, -1]
        middle = np.exp((np.arange(-1, self.bins + 1) + 0.5) * BIN_WIDTH)
        centre = self.low * middle / math.cosh(BIN_WIDTH / 2)  # at the same ratio from both edges
        centre[0], centre[-1] = -np.inf, np.inf
        result = np.empty((self.cells, len(percents)))
        for column, percent in enumerate(percents):
            rank = np.maximum(1, -(-total * percent // 100))
            place = (reached < rank[:, None]).sum(axis=1)
            number = np.clip(centre.take(place, mode="clip"), self.smallest, self.largest)
            result[:, column] = np.where(total == 0, np.nan, np.where(rank <= zeros, 0.0, number))
        return result
