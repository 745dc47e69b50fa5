"""Contracts of the facts: what the ledger says, netted, bounded, dated and scheduled, as known on any day."""

from __future__ import annotations

from assets.contracts.facts.capacity import CAPACITY, CAPACITY_SCHEDULE
from assets.contracts.facts.commitments import (
    COMMITMENT_ALTERNATIVES,
    COMMITMENT_OUTSTANDING,
    COMMITMENT_SCHEDULE,
    COMMITMENTS,
)
from assets.contracts.facts.coverage import COST_PER_GW, FINANCIALS, REVENUE_COVERAGE
from assets.contracts.facts.dimensions import DEALS, ENTITIES, SOURCES

TABLES = (
    ENTITIES,
    SOURCES,
    DEALS,
    COST_PER_GW,
    CAPACITY,
    CAPACITY_SCHEDULE,
    COMMITMENTS,
    COMMITMENT_ALTERNATIVES,
    COMMITMENT_SCHEDULE,
    COMMITMENT_OUTSTANDING,
    FINANCIALS,
    REVENUE_COVERAGE,
)

__all__ = [
    "CAPACITY",
    "CAPACITY_SCHEDULE",
    "COMMITMENTS",
    "COMMITMENT_ALTERNATIVES",
    "COMMITMENT_OUTSTANDING",
    "COMMITMENT_SCHEDULE",
    "COST_PER_GW",
    "DEALS",
    "ENTITIES",
    "FINANCIALS",
    "REVENUE_COVERAGE",
    "SOURCES",
    "TABLES",
]
