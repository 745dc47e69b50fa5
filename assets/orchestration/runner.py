"""Runs the main job from the command line: Dagster in this process, with its history and progress."""

import logging
import uuid
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
from dagster_shared.error import SerializableErrorInfo

from assets.core.errors import EnvironmentFailure
from assets.definitions import build_definitions
from assets.orchestration.instance import cannot_use, end_dead_runs, opened, signature
from assets.orchestration.schedules import JOB
from assets.scale import executors

OF_SQLITE = ("OperationalError", "DatabaseError")
"""Errors of Dagster's history, by class."""


@dataclass(frozen=True)
class Outcome:
    """The outcome of a run."""

    is_success: bool
    refusals: tuple[str, ...]
    """The refusals of the gates, as text."""
    environment: str
    """The error of the environment, if any."""
    errors: tuple[str, ...]
    """Any other error, a defect of the project: a summary line, then the traceback."""
    is_interrupted: bool = False


@dataclass(frozen=True)
class Ears:
    """Listeners to the progress of a run."""

    asset: Callable[[str, bool], None]
    """Receives the name of every asset, and whether it was materialised or failed."""
    message: Callable[[str], None]
    """Receives messages to show at once: the process that the run waits for."""
    part: Callable[[str], None]
    """Receives the progress of work on a large table."""


@dataclass(frozen=True)
class Request:
    """The request of a run."""

    warehouse: Path
    seeds: Path
    home: Path
    """The Dagster home."""
    wait_seconds: float
    """Time to wait for another writer."""
    intended_loss: Sequence[str]
    """Names of the seeds that may lose rows in this run."""
    draws: int | None
    """Number of simulation draws, if not that of the assumption."""
    is_debug: bool


def must_have_workers() -> None:
    """Check that the machines named by the environment, if any, are available, before long work begins.

    Errors: EnvironmentFailure that says what to start or to unset.
    """
    executors.must_answer(executors.wanted())


def build(request: Request, ears: Ears) -> Outcome:
    """Run the main job.

    Errors: EnvironmentFailure if Dagster's history cannot be opened or written.
    """
    warnings.filterwarnings("ignore", category=dg.BetaWarning)
    if not request.is_debug:
        logging.getLogger("dagster").setLevel(logging.CRITICAL)
    definitions = build_definitions(
        request.warehouse, request.seeds, request.wait_seconds, request.intended_loss, request.draws
    )
    job = definitions.resolve_job_def(JOB)
    run_id = str(uuid.uuid4())
    level = "DEBUG" if request.is_debug else "CRITICAL"
    with opened(request.home) as instance:
        end_dead_runs(instance)
        instance.add_event_listener(run_id, lambda entry: _hear(entry, ears))
        result = job.execute_in_process(
            instance=instance,
            run_id=run_id,
            tags=signature(),  # sign at once: the process may be killed at any time
            raise_on_error=False,
            run_config={"loggers": {"console": {"config": {"log_level": level}}}},
        )
    return _outcome(result, request.home)


def _hear(entry: dg.EventLogEntry, ears: Ears) -> None:
    event = entry.dagster_event
    if event is None:
        if int(entry.level) == logging.WARNING:  # Dagster logs every skipped step as an error
            ears.message(entry.user_message)
        elif int(entry.level) == logging.INFO:
            ears.part(entry.user_message)
    elif event.event_type == dg.DagsterEventType.ASSET_MATERIALIZATION and event.asset_key:
        ears.asset(".".join(event.asset_key.path), True)
    elif event.event_type == dg.DagsterEventType.STEP_FAILURE and not _is_interrupted(event.step_failure_data.error):
        ears.asset(str(event.step_key).replace("__", ".", 1), False)


def _outcome(result: dg.ExecuteInProcessResult, home: Path) -> Outcome:
    refused: list[str] = []
    errors: list[str] = []
    environment = ""
    is_interrupted = False
    for event in result.all_events:
        error: SerializableErrorInfo | None = None
        if event.event_type == dg.DagsterEventType.STEP_FAILURE:
            failure = event.step_failure_data.user_failure_data
            if failure and "environment" in failure.metadata:
                environment = environment or str(failure.metadata["environment"].value)
            elif failure:
                refused.append(failure.description or "")
            else:
                error = event.step_failure_data.error
        elif event.event_type == dg.DagsterEventType.RUN_FAILURE and not (refused or errors or environment):
            error = event.job_failure_data.error
        if error is not None:
            environment = environment or _of_the_machine(error, home)
            is_interrupted = is_interrupted or _is_interrupted(error)
            errors.append(f"{_root(error).message.strip()}\n{error.to_string()}")
    return Outcome(result.success, tuple(refused), environment, tuple(errors), is_interrupted)


def _of_the_machine(error: SerializableErrorInfo, home: Path) -> str:
    """The error of the environment, if that is the cause; otherwise empty."""
    root = _root(error)
    if root.cls_name in OF_SQLITE:  # an event of the step could not be written
        return cannot_use(home, root.message.partition(": ")[2].strip())
    return _message(error, EnvironmentFailure.__name__)


def _is_interrupted(error: SerializableErrorInfo | None) -> bool:
    return error is not None and _message(error, "DagsterExecutionInterruptedError") != ""


def _root(error: SerializableErrorInfo) -> SerializableErrorInfo:
    while error.cause is not None:
        error = error.cause
    return error


def _message(error: SerializableErrorInfo, kind: str) -> str:
    """The message of the first error of a class in a chain of errors; empty if there is none."""
    current: SerializableErrorInfo | None = error
    while current is not None:
        if current.cls_name == kind:
            return current.message.partition(": ")[2].strip() or current.message.strip()
        current = current.cause
    return ""
