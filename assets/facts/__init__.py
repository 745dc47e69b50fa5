"""facts: what the ledger says, built by Polars. One room per table; `STEPS` lists them."""

from __future__ import annotations

from assets.facts import capacity, commitments, coverage, dimensions, financials, schedules

STEPS = (
    *dimensions.STEPS,
    *financials.STEPS,
    *capacity.STEPS,
    *commitments.STEPS,
    *schedules.STEPS,
    *coverage.STEPS,
)
