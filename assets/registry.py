"""All steps of the warehouse by name. Dagster meets them in `assets.definitions`."""

from __future__ import annotations

from assets import facts, metrics, raw, staging
from assets.published import bi, vocabulary
from assets.steps import Step

_GROUND = (*raw.STEPS, *staging.STEPS, *facts.STEPS, *metrics.STEPS, vocabulary.STEP)
STEPS: dict[str, Step] = {s.name: s for s in (*_GROUND, *bi.steps([s.table for s in _GROUND]))}


def leaves() -> list[str]:
    """The tables on which no other table rests: whoever waits for them waits for all."""
    needed = {need for step in STEPS.values() for need in step.needs}
    return [name for name in STEPS if name not in needed]
