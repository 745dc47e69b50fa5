"""The tables that are one SELECT each: `sql/metrics/<table>.sql`."""

from __future__ import annotations

from assets import sqlfiles
from assets.contracts import metrics
from assets.contracts.model import Table
from assets.steps import Built, Inputs, Step


def _step(table: Table, *reads: str) -> Step:
    def build(inputs: Inputs) -> Built:
        return Built(table.conform(inputs.query(sqlfiles.text("metrics", table.name))))

    return Step(table, reads, build)


STEPS = (
    _step(metrics.CAPACITY_BY_VIEW, "facts.capacity"),
    _step(metrics.CAPACITY_BY_QUARTER, "facts.capacity", "facts.capacity_schedule"),
    _step(metrics.COMMITMENTS_BY_COUNTERPARTY, "facts.commitments"),
    _step(
        metrics.HEADLINE,
        "facts.commitments",
        "facts.commitment_outstanding",
        "facts.financials",
        "metrics.capacity_by_view",
    ),
)
