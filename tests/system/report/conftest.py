"""The reports of the real and of the small ledger, as the tests of their content have them."""

from tests.integration.report.conftest import changed, real, small

__all__ = ["changed", "real", "small"]
