"""A day in the life: the web UI with its daemon, a job started by hand, by the schedule and by the sensor.

One scenario, because a server is slow to start: it costs a minute on two quiet cores.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

import duckdb
import pytest

from tests import small_ledger
from tests.conftest import COMMAND

PATIENCE = 240
LEG = {"leg_id": "l_aws_38b"}
REPOSITORY = {"repositoryLocationName": "closedloop", "repositoryName": "__repository__"}
RUNS = """query { runsOrError(limit: 50) { ... on Runs { results {
    runId status tags { key value } assetSelection { path } stats { ... on RunStatsSnapshot { startTime } } } } } }"""
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


SENSOR = {"dagster/sensor_name": "seeds_changed"}
SCHEDULE = {"dagster/schedule_name": "every_morning"}


class Server:
    """`closedloop ui` on a free port, over a warehouse and seeds of its own."""

    def __init__(self, folder):
        self.seeds = small_ledger.write(folder / "seeds")
        self.published = folder / "neu" / "closedloop.duckdb"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        environment = {**os.environ, "CLOSEDLOOP_SENSOR_SECONDS": "5", "CLOSEDLOOP_SCHEDULE": "* * * * *"}
        environment.pop("DAGSTER_HOME")
        self.log = folder / "server.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [COMMAND, "ui", "--port", str(self.port), "--seeds", self.seeds, "--warehouse", self.published],
                stdout=log,
                stderr=log,
                env=environment,
                start_new_session=True,
            )

    def ask(self, query, **variables):
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/graphql", body, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - as above
            told = json.load(answer)
        assert "errors" not in told, told
        return told["data"]

    def until(self, condition, what):
        """Wait for something true, and give it."""
        end = time.monotonic() + PATIENCE
        while True:
            with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
                if found := condition():
                    return found
            assert self.process.poll() is None, f"the server ended: {self.log.read_text()[-3000:]}"
            assert time.monotonic() < end, f"no {what} in {PATIENCE} s: {self.log.read_text()[-3000:]}"
            time.sleep(0.3)

    def runs(self, **tags):
        """The runs with these tags, the oldest first."""
        found = self.ask(RUNS)["runsOrError"]["results"][::-1]
        return [r for r in found if tags.items() <= {t["key"]: t["value"] for t in r["tags"]}.items()]

    def ended(self, run_id):
        """The status of a run when it has one for good."""
        (run,) = [r for r in self.runs() if r["runId"] == run_id]
        return run["status"] if run["status"] in {"SUCCESS", "FAILURE", "CANCELED"} else None

    def launch(self, *names):
        """Start the job, or these assets of it, as the UI does."""
        selected = [{"path": n.split(".")} for n in names]
        selector = {**REPOSITORY, "jobName": "build_warehouse", **({"assetSelection": selected} if names else {})}
        told = self.ask(LAUNCH, params={"selector": selector, "runConfigData": {}, "mode": "default"})["launchRun"]
        assert told["__typename"] == "LaunchRunSuccess", told
        return told["run"]["runId"]

    def events(self, run_id, kind):
        events = self.ask(FAILURES, run=run_id)["logsForRun"]["events"]
        return [e for e in events if e["__typename"] == kind]

    def publications(self):
        with duckdb.connect(str(self.published), read_only=True) as connection:
            return [run for (run,) in connection.execute("select run_id from quality.publications").fetchall()]

    def stop(self):
        """End the server and everything that it started, and wait until nothing of it is left."""
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


@pytest.fixture
def server(tmp_path):
    server = Server(tmp_path)
    try:
        yield server
    finally:
        server.stop()


def test_schedule_sensor_and_a_person_run_the_job_and_bad_data_is_stopped(server):
    # The sensor looks at the seeds for the first time and starts the job; the schedule ticks at the full minute.
    server.until(lambda: server.ask("query { version }"), "answer of GraphQL")
    state = server.until(
        lambda: server.ask(STATE, selector={**REPOSITORY, "name": "every_morning"})["instigationStateOrError"],
        "state of the schedule",
    )
    assert state["status"] == "RUNNING"
    (first, *_) = server.until(lambda: server.runs(**SENSOR), "run of the sensor")
    (ticked, *_) = server.until(lambda: server.runs(**SCHEDULE), "run of the schedule")
    stopped = server.ask(STOP_SCHEDULE, id=state["id"])["stopRunningSchedule"]
    assert stopped["scheduleState"]["status"] == "STOPPED", "one tick is enough"
    for run in (first, ticked):
        assert server.until(lambda run=run: server.ended(run["runId"]), "end of a run") == "SUCCESS"
    assert {first["runId"], ticked["runId"]} <= set(server.publications())

    # A mistake in a seed: the sensor starts a run by itself, the gate refuses, the file stays.
    server.until(lambda: all(server.ended(r["runId"]) for r in server.runs()), "end of all runs")
    before, known = server.published.read_bytes(), len(server.runs(**SENSOR))
    small_ledger.change(server.seeds, "commitments", LEG, amount_usd="38")
    (poisoned, *_) = server.until(lambda: server.runs(**SENSOR)[known:], "run for the changed seed")
    poisoned = poisoned["runId"]
    assert server.until(lambda: server.ended(poisoned), "end of the poisoned run") == "FAILURE"
    (failed,) = [
        e["evaluation"]
        for e in server.events(poisoned, "AssetCheckEvaluationEvent")
        if not e["evaluation"]["success"] and e["evaluation"]["checkName"] == "gate"
    ]
    assert failed["assetKey"]["path"] == ["staging", "commitments"]
    keys = {m["label"]: m.get("jsonString") for m in failed["metadataEntries"]}["failing_keys"]
    assert json.loads(keys)["plausible_magnitude:amounts"][0]["leg_id"] == "l_aws_38b"
    assert server.published.read_bytes() == before

    # A person materialises what lies below, and publishes, alone: both are refused without harm.
    alone = server.launch("facts.commitments", "published.warehouse")
    assert server.until(lambda: server.ended(alone), "end of the assets alone") == "FAILURE"
    assert server.events(alone, "MaterializationEvent") == []
    refused = {e["stepKey"] for e in server.events(alone, "ExecutionStepFailureEvent")}
    assert refused == {"facts__commitments", "published__warehouse"}
    assert server.published.read_bytes() == before

    # The mistake is mended, and the person starts the whole job.
    small_ledger.change(server.seeds, "commitments", LEG, amount_usd="39000000000")
    mended = server.launch()
    assert server.until(lambda: server.ended(mended), "end of the mended run") == "SUCCESS"
    assert mended in server.publications()
    assert len(server.events(mended, "MaterializationEvent")) > 30
    assert all(
        e["evaluation"]["success"]
        for e in server.events(mended, "AssetCheckEvaluationEvent")
        if e["evaluation"]["checkName"] == "gate"
    )
