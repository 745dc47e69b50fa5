"""facts.entities, facts.deals, facts.sources: the staging rows without their file columns."""

from __future__ import annotations

from assets.contracts.facts import DEALS, ENTITIES, SOURCES
from assets.contracts.model import Table
from assets.steps import Built, Inputs, Step


def _step(table: Table) -> Step:
    source = f"staging.{table.name}"

    def build(inputs: Inputs) -> Built:
        return Built(table.conform(inputs.read(source)))

    return Step(table, (source,), build)


STEPS = tuple(_step(table) for table in (ENTITIES, SOURCES, DEALS))
