"""A good frame of every table, built once from the real seeds with few draws."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from assets.cli import SEEDS
from tests.bad_input.harm import cells
from tests.gates.ledger import build

FEW = {"simulation_draws": "200", "simulation_draws_history": "200", "null_shuffles": "5"}


def seeds_with_few_draws(folder: Path) -> Path:
    """A copy of the real seeds that is built quickly."""
    seeds = shutil.copytree(SEEDS, folder / "seeds")
    for name, value in FEW.items():
        cells(name, value=value)(seeds / "assumptions.csv")
    return seeds


@pytest.fixture(scope="session")
def ledger(tmp_path_factory):
    """Every table of the ledger in memory; tests must not change it."""
    return build(seeds_with_few_draws(tmp_path_factory.mktemp("ledger")))
