"""All steps of the warehouse by name. Imports Polars only; Dagster meets them in `assets.definitions`."""

from __future__ import annotations

from assets import facts, metrics, raw, staging
from assets.steps import Step

STEPS: dict[str, Step] = {s.name: s for s in (*raw.STEPS, *staging.STEPS, *facts.STEPS, *metrics.STEPS)}
