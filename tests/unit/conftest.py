"""What unit tests do without: Dagster's history."""

import pytest


@pytest.fixture(scope="session", autouse=True)
def _dagster_stays_here():
    """No test of this folder opens the history: it gets no home, and Dagster is imported only where a test asks it."""
