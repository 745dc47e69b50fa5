"""Running the main job from the command line: Dagster in this process, with its history, watched for a person."""

import logging
import os
import uuid
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import dagster as dg

from assets.automation import JOB
from assets.definitions import build_definitions
from assets.failures import EnvironmentFailure


@dataclass(frozen=True)
class Outcome:
    """How a run ended."""

    is_success: bool
    refusals: tuple[str, ...]
    """What the gates refused, as text for a person."""
    environment: str
    """What the machine refused, if it did."""
    errors: tuple[str, ...]
    """Anything else: a defect of the project, with its traceback."""


def build(
    warehouse: Path,
    seeds: Path,
    home: Path,
    wait_seconds: float,
    told: Callable[[str, bool], None],
    *,
    debug: bool,
) -> Outcome:
    """Run the main job; `told` hears of every asset: its name, and whether it was materialised or failed."""
    os.environ["DAGSTER_HOME"] = str(home)
    warnings.filterwarnings("ignore", category=dg.BetaWarning)
    if not debug:
        logging.getLogger("dagster").setLevel(logging.CRITICAL)
    definitions = build_definitions(warehouse, seeds, wait_seconds)
    job = definitions.resolve_job_def(JOB)
    run_id = str(uuid.uuid4())

    def hear(entry: dg.EventLogEntry) -> None:
        event = entry.dagster_event
        if event is None:
            return
        if event.event_type == dg.DagsterEventType.ASSET_MATERIALIZATION and event.asset_key:
            told(".".join(event.asset_key.path), True)
        elif event.event_type == dg.DagsterEventType.STEP_FAILURE:
            told(str(event.step_key).replace("__", ".", 1), False)

    level = "DEBUG" if debug else "CRITICAL"
    with dg.DagsterInstance.get() as instance:
        instance.add_event_listener(run_id, hear)
        result = job.execute_in_process(
            instance=instance,
            run_id=run_id,
            raise_on_error=False,
            run_config={"loggers": {"console": {"config": {"log_level": level}}}},
        )
    return _outcome(result)


def _outcome(result: dg.ExecuteInProcessResult) -> Outcome:
    refused: list[str] = []
    errors: list[str] = []
    environment = ""
    for event in result.all_events:
        if event.event_type == dg.DagsterEventType.STEP_FAILURE:
            failure = event.step_failure_data.user_failure_data
            if failure and "environment" in failure.metadata:
                environment = str(failure.metadata["environment"].value)
            elif failure:
                refused.append(failure.description or "")
            elif event.step_failure_data.error:
                found = _environment(event.step_failure_data.error)
                environment = environment or found
                if not found:
                    errors.append(event.step_failure_data.error.to_string())
        elif event.is_failure and event.event_type == dg.DagsterEventType.RUN_FAILURE:
            error = event.job_failure_data.error
            environment = environment or (_environment(error) if error else "")
            if error and not environment and not refused and not errors:
                errors.append(error.to_string())
    return Outcome(result.success, tuple(refused), environment, tuple(errors))


def _environment(error: object) -> str:
    """The message of an EnvironmentFailure in a chain of errors, if there is one."""
    current = error
    while current is not None:
        if getattr(current, "cls_name", "") == EnvironmentFailure.__name__:
            return str(getattr(current, "message", "")).partition(": ")[2].strip()
        current = getattr(current, "cause", None)
    return ""
