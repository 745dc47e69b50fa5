"""Random numbers that are equal on every machine and with every version of the libraries.

Only the raw words of PCG64 are used, which NumPy guarantees. Everything else is computed with products, quotients and
square roots, which IEEE 754 rounds equally everywhere, unlike powers and logarithms.
"""

from __future__ import annotations

from collections.abc import Mapping
from zlib import crc32

import numpy as np
import numpy.typing as npt

Whole = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

HEAVIEST = 1_000_000_000


class Draws:
    """Independent streams of random numbers by name."""

    def __init__(self, legs: int, seed: int) -> None:
        self._key = [seed, legs]

    def uniform(self, name: str, size: int) -> Floats:
        """Numbers from 0 up to, but without, 1."""
        words = np.random.PCG64(np.random.SeedSequence([*self._key, crc32(name.encode())])).random_raw(size)
        return np.right_shift(words, np.uint64(11)) * 2.0**-53

    def below(self, name: str, most: int | Whole, size: int) -> Whole:
        """Whole numbers from 0 up to, but without, a limit (or one limit for each)."""
        return np.minimum((self.uniform(name, size) * most).astype(np.int64), np.asarray(most, np.int64) - 1)

    def between(self, name: str, ends: tuple[int, int], size: int) -> Whole:
        """Whole numbers from one end to the other, both included."""
        return ends[0] + self.below(name, ends[1] - ends[0] + 1, size)

    def chosen(self, name: str, share: float, size: int) -> Flags:
        """An exact share of the positions, at least one."""
        flags = np.zeros(size, bool)
        count = min(size, max(1, round(share * size)))
        flags[np.argsort(self.uniform(name, size), kind="stable")[:count]] = True
        return flags

    def dealt(self, name: str, shares: Mapping[str, float], size: int) -> Whole:
        """Positions in `shares`, each in proportion to its share and at least once, in random order."""
        counts = [max(1, round(share * size)) for share in shares.values()]
        counts[int(np.argmax(counts))] += size - sum(counts)
        found = np.empty(size, np.int64)
        found[np.argsort(self.uniform(name, size), kind="stable")] = np.repeat(np.arange(len(counts)), counts)
        return found

    def ranked(self, name: str, ranks: Whole, size: int) -> Whole:
        """Positions of `ranks`, chosen with a weight of 1 / rank."""
        ends = np.cumsum(HEAVIEST // ranks)
        return np.searchsorted(ends, self.below(name, int(ends[-1]), size), side="right")

    def pareto(self, name: str, ends: tuple[int, int], size: int) -> Whole:
        """Whole numbers with a Pareto distribution of exponent 4/3, truncated at both ends."""
        left = 1.0 - self.uniform(name, size)
        root = np.sqrt(left)
        return np.minimum(ends[0] / (root * np.sqrt(root)), ends[1]).astype(np.int64)
