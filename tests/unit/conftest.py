"""Keeps unit tests away from Dagster's history."""

import pytest


@pytest.fixture(scope="session", autouse=True)
def _dagster_stays_here():
    """No test here opens the history: there is no home, and only tests that need Dagster import it."""
