"""The real seeds in memory, and the facts that follow from them: without gates, without a file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from assets import facts, raw, staging
from assets.steps import in_order

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
STAGING = {s.name: s for s in (*raw.STEPS, *staging.STEPS)}
FACTS = {s.name: s for s in facts.STEPS}
DATED = ("staging.commitments", "staging.capacity", "staging.financials", "staging.cost_per_gw")


class Memory:
    """The inputs of builders, held in memory."""

    def __init__(self, frames: Mapping[str, pl.DataFrame]) -> None:
        self.seeds = SEEDS
        self.frames = dict(frames)

    def read(self, name: str) -> pl.DataFrame:
        """The frame of a table."""
        return self.frames[name]

    def chunks(self, name: str, columns: Sequence[str] = ()) -> Iterator[pl.DataFrame]:
        """The frame of a table, in one piece."""
        yield self.frames[name].select(columns or pl.all())

    def query(self, *_: Any, **__: Any) -> pl.DataFrame:
        """Not to be had without a file."""
        raise NotImplementedError


def seeds() -> dict[str, pl.DataFrame]:
    """The staging tables of the real seeds."""
    memory = Memory({})
    for step in in_order(STAGING):
        memory.frames[step.name] = step.build(memory).frame
    return {name: memory.frames[name] for name in STAGING if name.startswith("staging.")}


def facts_of(staged: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Every table of facts, from staging tables."""
    memory = Memory(staged)
    for step in in_order({**{n: s for n, s in STAGING.items() if n in staged or n.startswith("raw.")}, **FACTS}):
        if step.name in FACTS:
            memory.frames[step.name] = step.build(memory).frame
    return {name: memory.frames[name] for name in FACTS}


def known_on(staged: Mapping[str, pl.DataFrame], day: dt.date) -> dict[str, pl.DataFrame]:
    """The staging tables as they could have been written on a day."""
    return {n: f.filter(pl.col("known_from") <= day) if n in DATED else f for n, f in staged.items()}


def as_told_on(table: pl.DataFrame, day: dt.date) -> pl.DataFrame:
    """The rows of a table that were there on a day, the end of the last interval not yet known."""
    since = next((c for c in ("known_from", "as_of_date") if c in table.columns), None)
    rows = table if since is None else table.filter(pl.col(since) <= day)
    if "known_to" not in rows.columns:
        return rows
    return rows.with_columns(known_to=pl.when(pl.col("known_to") <= day).then("known_to"))
