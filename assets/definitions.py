"""Assembles everything that Dagster sees, for the UI, the CLI and the tests."""

import os
from collections.abc import Sequence
from pathlib import Path

import dagster as dg

from assets import catalog
from assets.core.paths import SEEDS, WAREHOUSE
from assets.orchestration.assets import gated_asset
from assets.orchestration.publish_asset import published_warehouse
from assets.orchestration.report_asset import published_report
from assets.orchestration.resources import (
    LOCK_WAIT_SECONDS,
    RunOptions,
    no_values,
    warehouse_resource,
)
from assets.orchestration.schedules import build_job, daily, seeds_sensor
from assets.scale import executors


def build_definitions(
    warehouse: Path = WAREHOUSE,
    seeds: Path = SEEDS,
    lock_wait_seconds: float = LOCK_WAIT_SECONDS,
    intended_loss: Sequence[str] = (),
    draws: int | None = None,
) -> dg.Definitions:
    """The whole pipeline for one warehouse file and one folder of seeds."""
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
    Path(os.environ.get("CLOSEDLOOP_WAREHOUSE", str(WAREHOUSE))),
    Path(os.environ.get("CLOSEDLOOP_SEEDS", str(SEEDS))),
)
