"""A day in the life: the web UI with its daemon, a job started by hand, by the schedule and by the sensor.

One scenario, because a server is slow to start: it costs a minute on two quiet cores.
"""

import json

import pytest

from tests.ledgers import seed_files, small
from tests.system.live_server import REPOSITORY, SCHEDULE, SENSOR, STATE, STOP_SCHEDULE, Server

LEG = {"leg_id": "l_aws_38b"}


@pytest.fixture
def server(tmp_path):
    server = Server(tmp_path, small.write(tmp_path / "seeds"), tmp_path / "neu" / "closedloop.duckdb")
    try:
        yield server
    finally:
        server.stop()


def test_schedule_sensor_and_a_person_run_the_job_and_bad_data_is_stopped(server):
    # The sensor looks at the seeds for the first time and starts the job; the schedule ticks at the full minute.
    server.until(lambda: server.ask("query { version }"), "answer of GraphQL")
    assert "It has no login" in server.log.read_text()
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
    seed_files.change(server.seeds, "commitments", LEG, amount_usd="38")
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
    seed_files.change(server.seeds, "commitments", LEG, amount_usd="39000000000")
    mended = server.launch()
    assert server.until(lambda: server.ended(mended), "end of the mended run") == "SUCCESS"
    assert mended in server.publications()
    assert len(server.events(mended, "MaterializationEvent")) > 30
    assert all(
        e["evaluation"]["success"]
        for e in server.events(mended, "AssetCheckEvaluationEvent")
        if e["evaluation"]["checkName"] == "gate"
    )

    # Asked to end, it does, though whoever started it made it deaf to Ctrl-C.
    server.process.terminate()
    server.process.wait(30)
