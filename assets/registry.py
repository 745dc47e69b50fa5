"""All steps of the warehouse by name. Imports Polars only; Dagster meets them in `assets.definitions`."""

from __future__ import annotations

from assets import facts, metrics, raw, staging
from assets.steps import Step

STEPS: dict[str, Step] = {s.name: s for s in (*raw.STEPS, *staging.STEPS, *facts.STEPS, *metrics.STEPS)}


def leaves() -> list[str]:
    """The tables on which no other table rests: whoever waits for them waits for all."""
    needed = {need for step in STEPS.values() for need in step.needs}
    return [name for name in STEPS if name not in needed]
