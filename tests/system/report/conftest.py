"""The reports of the real and of the small ledger, from the fixtures of the content tests."""

from tests.integration.report.conftest import changed, real, small

__all__ = ["changed", "real", "small"]
