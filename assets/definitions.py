"""The only assembly: everything Dagster sees, for the UI, the CLI and the tests alike."""

import os
from collections.abc import Sequence
from pathlib import Path

import dagster as dg

from assets import catalog
from assets.automation import build_job, daily, seeds_sensor
from assets.gated import gated_asset
from assets.published.asset import published_warehouse
from assets.published.report import published_report
from assets.resources import (
    DEFAULT_SEEDS,
    DEFAULT_WAREHOUSE,
    LOCK_WAIT_SECONDS,
    RunOptions,
    no_values,
    warehouse_resource,
)
from assets.scale import executors


def build_definitions(
    warehouse: Path = DEFAULT_WAREHOUSE,
    seeds: Path = DEFAULT_SEEDS,
    lock_wait_seconds: float = LOCK_WAIT_SECONDS,
    intended_loss: Sequence[str] = (),
    draws: int | None = None,
) -> dg.Definitions:
    """The whole pipeline over one warehouse file and one folder of seeds."""
    return dg.Definitions(
        assets=[*(gated_asset(step) for step in catalog.STEPS.values()), published_warehouse, published_report],
        jobs=[build_job],
        schedules=[daily],
        sensors=[seeds_sensor(seeds)],
        resources={
            "warehouse": warehouse_resource(warehouse, seeds, lock_wait_seconds, executors.wanted()),
            "io_manager": no_values,
            "options": RunOptions(intended_loss=list(intended_loss), draws=draws),
        },
        executor=dg.in_process_executor,
    )


defs = build_definitions(
    Path(os.environ.get("CLOSEDLOOP_WAREHOUSE", str(DEFAULT_WAREHOUSE))),
    Path(os.environ.get("CLOSEDLOOP_SEEDS", str(DEFAULT_SEEDS))),
)
