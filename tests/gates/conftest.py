"""A good frame of every table, built once from the real seeds with few draws."""

from __future__ import annotations

import shutil

import pytest

from assets.cli import SEEDS
from tests.bad_input.harm import cells
from tests.gates.ledger import build

FEW = {"simulation_draws": "200", "simulation_draws_history": "200", "null_shuffles": "5"}


@pytest.fixture(scope="session")
def ledger(tmp_path_factory):
    """Every table of the ledger in memory; tests must not change it."""
    seeds = shutil.copytree(SEEDS, tmp_path_factory.mktemp("ledger") / "seeds")
    for name, value in FEW.items():
        cells(name, value=value)(seeds / "assumptions.csv")
    return build(seeds)
