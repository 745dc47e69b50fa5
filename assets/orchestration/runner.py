"""Running the main job from the command line: Dagster in this process, with its history, watched for a person."""

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
"""Errors of Dagster's history, by their class."""


@dataclass(frozen=True)
class Outcome:
    """How a run ended."""

    is_success: bool
    refusals: tuple[str, ...]
    """What the gates refused, as text for a person."""
    environment: str
    """What the machine refused, if it did."""
    errors: tuple[str, ...]
    """Anything else: a defect of the project; the first line says what, then comes the traceback."""
    is_interrupted: bool = False


@dataclass(frozen=True)
class Ears:
    """Who hears of a run while it goes on."""

    asset: Callable[[str, bool], None]
    """Of every asset: its name, and whether it was materialised or failed."""
    message: Callable[[str], None]
    """Of what a person should know at once: for whom the run waits."""
    part: Callable[[str], None]
    """Of how far the work on a large table is."""


@dataclass(frozen=True)
class Request:
    """What is to be built, and how."""

    warehouse: Path
    seeds: Path
    home: Path
    """Dagster's home."""
    wait_seconds: float
    """How long to wait for another writer."""
    intended_loss: Sequence[str]
    """Names of the seeds that may lose rows this time."""
    draws: int | None
    """Draws of the simulation, where they are not those of the assumption."""
    is_debug: bool


def must_have_workers() -> None:
    """Ask the machines that the environment names, if it does, whether they can work, before long work begins.

    Errors: EnvironmentFailure that says what to start or to unset.
    """
    executors.must_answer(executors.wanted())


def build(request: Request, ears: Ears) -> Outcome:
    """Run the main job.

    Errors: EnvironmentFailure when Dagster's history cannot be opened or written.
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
            tags=signature(),  # from its first moment: it may be killed at the second
            raise_on_error=False,
            run_config={"loggers": {"console": {"config": {"log_level": level}}}},
        )
    return _outcome(result, request.home)


def _hear(entry: dg.EventLogEntry, ears: Ears) -> None:
    event = entry.dagster_event
    if event is None:
        if int(entry.level) == logging.WARNING:  # Dagster itself logs every step that it leaves out as an error
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
    """What the machine refused, where that is the cause; empty if it is not."""
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
    """The message of an error of a kind in a chain of errors; empty if there is none."""
    current: SerializableErrorInfo | None = error
    while current is not None:
        if current.cls_name == kind:
            return current.message.partition(": ")[2].strip() or current.message.strip()
        current = current.cause
    return ""
