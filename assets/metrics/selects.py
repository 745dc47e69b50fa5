"""The tables that are one SELECT each: `sql/metrics/<table>.sql`; what they rest on are the tables that it names."""

from __future__ import annotations

from assets import sqlfiles
from assets.contracts import metrics
from assets.contracts.model import Table
from assets.steps import Built, Inputs, Step


def _step(table: Table) -> Step:
    sql = sqlfiles.text("metrics", table.name)

    def build(inputs: Inputs) -> Built:
        return Built(table.conform(inputs.query(sql)))

    return Step(table, sqlfiles.tables_named(sql), build)


STEPS = (
    _step(metrics.CAPACITY_BY_VIEW),
    _step(metrics.CAPACITY_BY_QUARTER),
    _step(metrics.COMMITMENTS_BY_COUNTERPARTY),
    _step(metrics.HEADLINE),
)
