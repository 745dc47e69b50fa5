"""Dagster's home of one warehouse: created by the project, with telemetry off and one run at a time."""

from __future__ import annotations

from pathlib import Path

from assets.warehouse import make_folder, replace_file

CONFIGURATION = """\
# Written by closedloop when this folder was created; edit it as you like, it is not overwritten.
telemetry:
  enabled: false
concurrency:
  runs:
    max_concurrent_runs: 1          # one writer: further runs queue
  pools:
    default_limit: 1
run_monitoring:
  enabled: true                     # a run whose worker died is ended, and the queue goes on
  free_slots_after_run_end_seconds: 60
run_retries:
  enabled: true
  max_retries: 1
  retry_on_asset_or_op_failure: false   # data that a gate refused does not get better by itself
freshness:
  enabled: true
"""


def prepare(home: Path) -> Path:
    """Create the folder with its dagster.yaml if there is none; gives its absolute path.

    Errors: EnvironmentFailure when the folder cannot be written.
    """
    make_folder(home)
    configuration = home / "dagster.yaml"
    if not configuration.exists():
        replace_file(configuration, CONFIGURATION.encode())
    return home.absolute()
