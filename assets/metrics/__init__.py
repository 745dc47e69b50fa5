"""metrics: the answers. One SELECT of `sql/metrics/` is one table; claims are measured one SELECT each."""

from __future__ import annotations

from assets.metrics import (
    circularity,
    circularity_null,
    claims,
    completeness,
    history,
    outside,
    selects,
    simulation,
    stress,
    trail,
    warrants,
)

STEPS = (
    *selects.STEPS,
    *claims.STEPS,
    *circularity.STEPS,
    *circularity_null.STEPS,
    *history.STEPS,
    *warrants.STEPS,
    *completeness.STEPS,
    *simulation.STEPS,
    *stress.STEPS,
    *outside.STEPS,
    *trail.STEPS,
)
