"""Automatic runs: the job, its daily schedule, and a sensor on the content of seeds/."""

import hashlib
import json
import os
import time
from pathlib import Path

import dagster as dg

JOB = "build_warehouse"

TIME_ZONE = "UTC"

EVERY_MORNING = os.environ.get("CLOSEDLOOP_SCHEDULE", "0 6 * * *")

SENSOR_SECONDS = int(os.environ.get("CLOSEDLOOP_SENSOR_SECONDS", "30"))

build_job = dg.define_asset_job(
    JOB,
    selection=dg.AssetSelection.all(),
    description="The main job: load the seeds, judge every stage, publish the file for readers.",
    executor_def=dg.in_process_executor,
)

daily = dg.ScheduleDefinition(
    name="every_morning",
    job=build_job,
    cron_schedule=EVERY_MORNING,
    execution_timezone=TIME_ZONE,
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description=f"Builds and publishes every day at 06:00 {TIME_ZONE} (CLOSEDLOOP_SCHEDULE sets another cron time).",
)


def seeds_hash(seeds: Path) -> str:
    """Hash of name and content of every CSV file of a folder.

    Errors: OSError if the folder or a file cannot be read.
    """
    digest = hashlib.sha256()
    for path in sorted(seeds.iterdir()):
        if path.suffix == ".csv":
            digest.update(json.dumps([path.name, hashlib.sha256(path.read_bytes()).hexdigest()]).encode())
    return digest.hexdigest()


def newest_change(seeds: Path) -> float:
    """The time of the last write to a CSV file of a folder, in seconds since 1970.

    Errors: OSError if the folder or a file cannot be read.
    """
    return max((path.stat().st_mtime for path in seeds.iterdir() if path.suffix == ".csv"), default=0.0)


def seeds_sensor(seeds: Path) -> dg.SensorDefinition:
    """Run the job when the content of the seeds has changed and two checks in a row find the same.

    Rules: a file that is half saved, or a `git pull` under way, is not built. The first check also starts a run, at
    once if the last write is older than the time between two checks. Refused content is not tried again until it
    changes. The cursor is `number of changes:content of the last run:content of the last check`; it counts the changes,
    so returning to an earlier content is a change too.
    """

    @dg.sensor(
        name="seeds_changed",
        job=build_job,
        minimum_interval_seconds=SENSOR_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Runs the main job when the content of seeds/ has changed and two looks find it the same.",
    )
    def watch(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        try:
            now = seeds_hash(seeds)
            is_quiet = time.time() - newest_change(seeds) > SENSOR_SECONDS
        except OSError as error:
            return dg.SkipReason(f"seeds cannot be read just now: {error}")
        count, last, seen = [*(context.cursor or "0").split(":"), "", ""][:3]
        if now == last:
            context.update_cursor(f"{count}:{last}")
            return dg.SkipReason(f"seeds unchanged ({now[:12]})")
        if now != seen and not (is_quiet and not context.cursor):
            context.update_cursor(f"{count}:{last}:{now}")
            return dg.SkipReason(f"seeds have changed ({now[:12]}): the next look decides whether they are complete")
        number = int(count) + 1
        context.update_cursor(f"{number}:{now}")
        return dg.RunRequest(run_key=f"{number}:{now}", tags={"closedloop/seeds": now[:12]})

    return watch
