"""The parties of a synthetic ledger, and the pairs that pay each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from assets.scale.synthetic import shape
from assets.scale.synthetic.draws import Draws, Whole

PREFIXES = {"ai_lab": "lab", "chip_vendor": "vendor"}
LOOP_PARTIES = ("chip_vendor", "ai_lab", "chip_vendor", "ai_lab", "hyperscaler")
"""Parties that are only in the two largest loops, so that these loops are known to the cent."""


@dataclass(frozen=True)
class Parties:
    """The entities: first those of the largest loops, then each kind from its largest party to its smallest."""

    ids: list[str]
    kinds: list[str]
    ranks: Whole
    """The rank of a party in its kind, from 1; 0 for those of the largest loops."""

    def of(self, kinds: tuple[str, ...]) -> Whole:
        """Positions of the parties of some kinds, without those of the largest loops."""
        wanted = np.array([k in kinds for k in self.kinds])
        return np.flatnonzero(wanted & (self.ranks > 0))

    def drawn(self, draws: Draws, name: str, kinds: tuple[str, ...], size: int) -> Whole:
        """Random parties of some kinds, large ones more often."""
        pool = self.of(kinds)
        return pool[draws.ranked(name, self.ranks[pool], size)]

    def tickers(self) -> list[str]:
        """Symbols of the listed parties: the sellers of chips."""
        return [f"V{n:04d}" if k == "chip_vendor" else "" for n, k in enumerate(self.kinds)]


def parties(legs: int) -> Parties:
    """The parties of a ledger with this number of legs."""
    size = shape.ENTITIES_PER_ROOT_OF_LEGS * int(np.sqrt(legs))
    ids = [f"loop_{PREFIXES.get(kind, kind)}_{n + 1}" for n, kind in enumerate(LOOP_PARTIES)]
    kinds, ranks = list(LOOP_PARTIES), [0] * len(LOOP_PARTIES)
    for kind, share in shape.KINDS.items():
        count = max(2, round(share * size))
        ids += [f"{PREFIXES.get(kind, kind)}_{n:05d}" for n in range(1, count + 1)]
        kinds += [kind] * count
        ranks += range(1, count + 1)
    return Parties(ids, kinds, np.array(ranks))


def entities(who: Parties) -> pl.DataFrame:
    """The rows of entities.csv."""
    names = [f"Synthetic {i.replace('_', ' ')}" for i in who.ids]
    return pl.DataFrame({"entity_id": who.ids, "name": names, "kind": who.kinds, "ticker": who.tickers()})
