"""Contracts of the seeds once they are typed: one table per file of `seeds/`, one module per subject.

The raw contracts (`assets.contracts.raw`) follow from these: the same columns as text. Column descriptions here are the
ones that BI tools show.
"""

from __future__ import annotations

from assets.contracts.staging.capacity import CAPACITY
from assets.contracts.staging.columns import ID, SOURCE_LINE
from assets.contracts.staging.commitments import COMMITMENTS
from assets.contracts.staging.figures import COST_PER_GW, FINANCIALS, PRICES
from assets.contracts.staging.judgements import ASSUMPTIONS, CLAIMS, SCENARIOS
from assets.contracts.staging.parties import DEALS, ENTITIES, SOURCES
from assets.contracts.staging.warrants import WARRANT_TRANCHES, WARRANTS

TABLES = (
    ASSUMPTIONS,
    SCENARIOS,
    ENTITIES,
    SOURCES,
    DEALS,
    CAPACITY,
    COMMITMENTS,
    FINANCIALS,
    PRICES,
    WARRANTS,
    WARRANT_TRANCHES,
    COST_PER_GW,
    CLAIMS,
)

__all__ = [
    "ASSUMPTIONS",
    "CAPACITY",
    "CLAIMS",
    "COMMITMENTS",
    "COST_PER_GW",
    "DEALS",
    "ENTITIES",
    "FINANCIALS",
    "ID",
    "PRICES",
    "SCENARIOS",
    "SOURCES",
    "SOURCE_LINE",
    "TABLES",
    "WARRANTS",
    "WARRANT_TRANCHES",
]
