"""metrics: the answers. One SELECT of `sql/metrics/` is one table; claims are measured one SELECT each."""

from __future__ import annotations

from assets.metrics import claims, selects

STEPS = (*selects.STEPS, *claims.STEPS)
