"""A live `closedloop ui`, queried over GraphQL like the web UI, for tests of runs started by Dagster."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
import urllib.request

import duckdb

from assets.cli import options
from assets.orchestration import instance
from tests.conftest import COMMAND

PATIENCE = 240

REPOSITORY = {"repositoryLocationName": "closedloop", "repositoryName": "__repository__"}

RUNS = """query { runsOrError(limit: 50) { ... on Runs { results {
    runId status tags { key value } } } } }"""

LAUNCH = """mutation ($params: ExecutionParams!) { launchRun(executionParams: $params) {
    __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } } }"""

FAILURES = """query ($run: ID!) { logsForRun(runId: $run) { ... on EventConnection { events { __typename
    ... on ExecutionStepFailureEvent { stepKey error { message } }
    ... on MaterializationEvent { assetKey { path } }
    ... on AssetCheckEvaluationEvent { evaluation { checkName success assetKey { path } description
        metadataEntries { label ... on JsonMetadataEntry { jsonString } } } } } } } }"""

STATE = """query ($selector: InstigationSelector!) { instigationStateOrError(instigationSelector: $selector) {
    ... on InstigationState { id status } } }"""

STOP_SCHEDULE = """mutation ($id: String) { stopRunningSchedule(id: $id) {
    __typename ... on ScheduleStateResult { scheduleState { status } } ... on PythonError { message } } }"""

STOP_SENSOR = """mutation ($id: String) { stopSensor(id: $id) {
    __typename ... on StopSensorMutationResult { instigationState { status } } ... on PythonError { message } } }"""

MATERIALIZATIONS = """query ($key: AssetKeyInput!) { assetOrError(assetKey: $key) {
    ... on Asset { assetMaterializations { runId } } } }"""

TERMINATE = """mutation Terminate($runIds: [String!]!, $terminatePolicy: TerminateRunPolicy) {
    terminateRuns(runIds: $runIds, terminatePolicy: $terminatePolicy) { __typename
    ... on TerminateRunsResult { terminateRunResults { __typename ... on TerminateRunFailure { message } } }
    ... on PythonError { message } } }"""

SENSOR = {"dagster/sensor_name": "seeds_changed"}

SCHEDULE = {"dagster/schedule_name": "every_morning"}


QUICK_QUEUE = """
run_queue:
  dequeue_interval_seconds: 1
"""
"""By default, Dagster checks every five seconds whether a run may start."""


def hurry(published):
    """Make the queue of a warehouse without a history check every second; other settings are the product's."""
    home = instance.prepare(options.home(published, is_own=True))
    with (home / "dagster.yaml").open("a", encoding="utf-8") as configuration:
        configuration.write(QUICK_QUEUE)


@contextlib.contextmanager
def _deaf():
    """Processes started meanwhile ignore Ctrl-C, unless they install a handler."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class Server:
    """`closedloop ui` on a free port, with a separate warehouse and seeds."""

    def __init__(self, folder, seeds, published, sensor_seconds=5, schedule="* * * * *", options=(), **more):
        """Start it with further options and variables, ignoring Ctrl-C as in a script; its log is in the folder."""
        self.seeds, self.published = seeds, published
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        environment = {k: v for k, v in os.environ.items() if k != "DAGSTER_HOME"} | {
            "CLOSEDLOOP_SENSOR_SECONDS": str(sensor_seconds),
            "CLOSEDLOOP_SCHEDULE": schedule,
            **more,
        }
        self.log = folder / "server.log"
        places = ["--port", str(self.port), "--seeds", self.seeds, "--warehouse", self.published]
        with self.log.open("ab") as log, _deaf():
            self.process = subprocess.Popen(
                [COMMAND, "ui", *places, *options],
                stdout=log,
                stderr=log,
                env=environment,
                start_new_session=True,
            )

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}"

    def ask(self, query, **variables):
        body = json.dumps({"query": query, "variables": variables}).encode()
        as_json = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.address}/graphql", body, as_json)  # noqa: S310 - this machine
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - as above
            shown = json.load(answer)
        assert "errors" not in shown, shown
        return shown["data"]

    def until(self, condition, what):
        """Wait for a true value, and return it."""
        end = time.monotonic() + PATIENCE
        while True:
            with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
                if found := condition():
                    return found
            assert self.process.poll() is None, f"the server ended: {self.log.read_text()[-3000:]}"
            assert time.monotonic() < end, f"no {what} in {PATIENCE} s: {self.log.read_text()[-3000:]}"
            time.sleep(0.3)

    def runs(self, **tags):
        """The runs with these tags, oldest first."""
        found = self.ask(RUNS)["runsOrError"]["results"][::-1]
        return [r for r in found if tags.items() <= {t["key"]: t["value"] for t in r["tags"]}.items()]

    def ended(self, run_id):
        """The final status of a run."""
        (run,) = [r for r in self.runs() if r["runId"] == run_id]
        return run["status"] if run["status"] in {"SUCCESS", "FAILURE", "CANCELED"} else None

    def launch(self, *names):
        """Launch the job, or some of its assets, as the UI does."""
        selected = [{"path": n.split(".")} for n in names]
        selector = {**REPOSITORY, "jobName": "build_warehouse", **({"assetSelection": selected} if names else {})}
        lines = self.ask(LAUNCH, params={"selector": selector, "runConfigData": {}, "mode": "default"})["launchRun"]
        assert lines["__typename"] == "LaunchRunSuccess", lines
        return lines["run"]["runId"]

    def state(self, name):
        """Whether a schedule or a sensor is on."""
        return self.ask(STATE, selector={**REPOSITORY, "name": name})["instigationStateOrError"]

    def stop_schedule(self):
        """Stop the schedule."""
        stopped = self.ask(STOP_SCHEDULE, id=self.state("every_morning")["id"])["stopRunningSchedule"]
        assert stopped["scheduleState"]["status"] == "STOPPED", stopped

    def stop_sensor(self):
        """Stop the sensor."""
        stopped = self.ask(STOP_SENSOR, id=self.state("seeds_changed")["id"])["stopSensor"]
        assert stopped["instigationState"]["status"] == "STOPPED", stopped

    def terminate(self, *run_ids, policy="SAFE_TERMINATE"):
        """Cancel runs, as the button of the UI does; the box below it sends MARK_AS_CANCELED_IMMEDIATELY."""
        lines = self.ask(TERMINATE, runIds=run_ids, terminatePolicy=policy)["terminateRuns"]
        assert {r["__typename"] for r in lines["terminateRunResults"]} == {"TerminateRunSuccess"}, lines

    def events(self, run_id, kind):
        events = self.ask(FAILURES, run=run_id)["logsForRun"]["events"]
        return [e for e in events if e["__typename"] == kind]

    def publications(self):
        with duckdb.connect(str(self.published), read_only=True) as connection:
            return [run for (run,) in connection.execute("select run_id from quality.publications").fetchall()]

    def stop(self):
        """Stop the server and all its children, and wait for their end."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)
            end = time.monotonic() + 15
            while time.monotonic() < end:
                self.process.poll()
                try:
                    os.killpg(self.process.pid, 0)
                except ProcessLookupError:
                    return
                time.sleep(0.2)
