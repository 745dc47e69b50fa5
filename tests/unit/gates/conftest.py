"""A good frame of every table, built once from the real seeds with few draws."""

import pytest

from tests.ledgers.memory import build
from tests.ledgers.real import with_few_draws


@pytest.fixture(scope="session")
def ledger(tmp_path_factory):
    """Every table of the ledger in memory; tests must not change it."""
    return build(with_few_draws(tmp_path_factory.mktemp("ledger")))
