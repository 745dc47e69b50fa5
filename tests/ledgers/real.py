"""The real seeds in memory, and the facts derived from them, without gates and without a file."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from assets.core.paths import SEEDS
from assets.warehouse.in_memory import InMemory
from tests.ledgers import memory, seed_files
from tests.ledgers.memory import Ledger

DATED = ("staging.commitments", "staging.capacity", "staging.financials", "staging.cost_per_gw")

FEW = {"simulation_draws": "200", "simulation_draws_history": "200", "null_shuffles": "5"}
"""Assumptions that make a build fast, with results that are still about right."""


def real_ledger() -> Ledger:
    """Every table up to the facts, in a second or two."""
    return memory.build(SEEDS, *memory.of_stage("raw", "staging", "facts"))


def with_few_draws(folder: Path) -> Path:
    """A copy of the real seeds that builds fast."""
    return seed_files.few_draws(shutil.copytree(SEEDS, folder / "seeds"), FEW)


def seeds(folder: Path = SEEDS) -> dict[str, pl.DataFrame]:
    """The staging tables of the seeds of a folder."""
    tables = InMemory(folder)
    for step in memory.steps_to(*memory.of_stage("staging")):
        tables.frames[step.name] = step.build(tables).frame
    return {name: tables.frames[name] for name in memory.of_stage("staging")}


def facts_of(staged: Mapping[str, pl.DataFrame], *names: str) -> dict[str, pl.DataFrame]:
    """These tables of facts with their ancestors, or all of them, from staging tables."""
    tables = InMemory(SEEDS)
    tables.frames |= staged
    steps = [s for s in memory.steps_to(*(names or memory.of_stage("facts"))) if s.table.stage == "facts"]
    for step in steps:
        tables.frames[step.name] = step.build(tables).frame
    return {s.name: tables.frames[s.name] for s in steps}


def known_on(staged: Mapping[str, pl.DataFrame], day: dt.date) -> dict[str, pl.DataFrame]:
    """The staging tables as they could have been on a day."""
    return {n: f.filter(pl.col("known_from") <= day) if n in DATED else f for n, f in staged.items()}


def as_known_on(table: pl.DataFrame, day: dt.date) -> pl.DataFrame:
    """The rows of a table known on a day, with the end of the last interval not yet known."""
    since = next((c for c in ("known_from", "as_of_date") if c in table.columns), None)
    rows = table if since is None else table.filter(pl.col(since) <= day)
    if "known_to" not in rows.columns:
        return rows
    return rows.with_columns(known_to=pl.when(pl.col("known_to") <= day).then("known_to"))
