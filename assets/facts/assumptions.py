"""The judgements of `seeds/assumptions.csv` and `seeds/scenarios.csv`, in the form that builders use."""

from __future__ import annotations

import polars as pl


def as_dict(assumptions: pl.DataFrame) -> dict[str, float]:
    """assumption_id to value."""
    return dict(assumptions.select("assumption_id", "value").iter_rows())


def scenarios_wide(scenarios: pl.DataFrame) -> pl.DataFrame:
    """One row per scenario, one column per parameter, in alphabetical order of the scenarios."""
    return scenarios.pivot("parameter", index="scenario_id", values="value").sort("scenario_id")
