"""The web UI over the course of a day: one server, because it starts slowly, and one tab.

The ledger has hostile rows. The sensor and the schedule run the job; pages of another server are opened; a mistake is
refused, read and corrected. Each fixture is the next event of the day; a test that runs alone has the earlier ones too.
"""

import json
from types import SimpleNamespace

import pytest

from tests.ledgers import seed_files, small
from tests.system.faults.launcher import DRAWS
from tests.system.live_server import MATERIALIZATIONS, PATIENCE, SCHEDULE, SENSOR, Server, hurry
from tests.system.ui import elsewhere as other
from tests.system.ui.window import Window

STAGES = ["raw", "staging", "facts", "metrics", "bi", "published"]

LEG, ANOTHER_LEG = "l_aws_38b", "l_aws_100b"

ROWS = [
    ("assets/raw/claims", "![](http"),
    ("assets/staging/sources", "![](http"),
    ("assets/facts/entities", "![](http"),
    ("assets/facts/deals", "<img src"),
]


@pytest.fixture(scope="module")
def elsewhere():
    found = other.Elsewhere()
    yield found
    found.stop()


@pytest.fixture(scope="module")
def server(tmp_path_factory, elsewhere):
    """A ledger with hostile rows, without a build."""
    folder = tmp_path_factory.mktemp("live")
    seeds, published = small.write(folder / "seeds"), folder / "neu" / "closedloop.duckdb"
    hurry(published)
    server = Server(folder, seeds, published, sensor_seconds=1, CLOSEDLOOP_DRAWS=DRAWS)
    try:
        other.plant(seeds, elsewhere.address, server.address)
        server.until(lambda: server.ask("query { version }"), "answer of GraphQL")
        yield server
    finally:
        server.stop()


@pytest.fixture
def window(tab, server):
    found = Window(tab, server)
    yield found
    found.leave()


@pytest.fixture(scope="module")
def by_itself(server):
    """The runs started by the sensor at its first check, and by the schedule at the full minute; one tick is enough."""
    runs = [server.until(lambda tags=tags: server.runs(**tags), f"run of {tags}")[0] for tags in (SENSOR, SCHEDULE)]
    server.stop_schedule()
    assert [ended(server, run["runId"]) for run in runs] == ["SUCCESS", "SUCCESS"]
    return {run["runId"] for run in runs}


@pytest.fixture(scope="module")
def poisoned(server, by_itself, elsewhere):
    """The run, started by the sensor, of a seed with a mistake and a hostile cell; then the sensor is stopped."""
    server.until(lambda: all(server.ended(r["runId"]) for r in server.runs()), "end of all runs")
    before, known = server.published.read_bytes(), len(server.runs(**SENSOR))
    amounts(server, {LEG: "38", ANOTHER_LEG: f"![]({elsewhere.address}/amount)"})
    (run, *_) = server.until(lambda: server.runs(**SENSOR)[known:], "run for the changed seed")
    server.stop_sensor()
    return SimpleNamespace(run_id=run["runId"], end=ended(server, run["runId"]), published=before)


def ended(server, run_id):
    return server.until(lambda: server.ended(run_id), f"end of {run_id}")


def amounts(server, wanted):
    """Write other amounts of these legs atomically, since the sensor may read them."""
    path = server.seeds / "commitments.csv"
    changed = [
        row | ({"amount_usd": wanted[row["leg_id"]]} if row["leg_id"] in wanted else {})
        for row in seed_files.read(path)
    ]
    seed_files.save(path, changed)


def failed_gates(server, run_id):
    judged = [e["evaluation"] for e in server.events(run_id, "AssetCheckEvaluationEvent")]
    return [e for e in judged if e["checkName"] == "gate" and not e["success"]]


def strangers(server):
    """Runs started by neither the sensor nor the schedule."""
    names = {name for tags in (SENSOR, SCHEDULE) for name in tags}
    return [r for r in server.runs() if names.isdisjoint(t["key"] for t in r["tags"])]


def test_it_reports_that_it_has_no_login_and_that_the_schedule_is_on(server):
    assert "It has no login" in server.log.read_text()
    assert server.until(lambda: server.state("every_morning"), "state of the schedule")["status"] == "RUNNING"


def test_no_page_of_another_server_acts_through_the_ui_or_reads_it(server, elsewhere, window):
    elsewhere.pages = other.pages(server.address)

    answer = {path: window.title_of(f"{elsewhere.address}{path}") for path in elsewhere.pages}

    assert answer == dict.fromkeys(elsewhere.pages, "done")
    assert strangers(server) == []
    recorded = server.ask(MATERIALIZATIONS, key={"path": ["facts", "deals"]})["assetOrError"]
    reported_by = {m["runId"] for m in recorded.get("assetMaterializations", [])}
    assert reported_by <= {r["runId"] for r in server.runs()}, "somebody has reported what no run did"


def test_sensor_and_schedule_run_the_job_by_themselves(server, by_itself):
    assert by_itself <= set(server.publications())


def test_hostile_rows_are_shown_as_text(server, by_itself, window, elsewhere):
    asked = len(elsewhere.asked)
    for page, text in ROWS:
        window.go(page)
        window.read(text)
        assert window.is_plain(elsewhere.port), page
    assert elsewhere.asked[asked:] == [], "something was fetched for a cell"
    assert strangers(server) == []


def test_the_sensor_starts_a_run_for_a_mistake_and_the_gate_stops_it(server, poisoned):
    assert poisoned.end == "FAILURE"
    (failed,) = failed_gates(server, poisoned.run_id)
    assert failed["assetKey"]["path"] == ["staging", "commitments"]
    keys = {m["label"]: m.get("jsonString") for m in failed["metadataEntries"]}["failing_keys"]
    assert json.loads(keys)["plausible_magnitude:amounts"][0]["leg_id"] == LEG
    assert server.published.read_bytes() == poisoned.published


def test_an_engineer_finds_the_failed_gate_and_reads_why(server, poisoned, window, elsewhere):
    asked = len(elsewhere.asked)
    window.go("automation")
    window.read("every_morning", "seeds_changed")

    window.go("asset-groups")
    window.read(*STAGES)
    places = [window.place(stage) for stage in STAGES]
    assert places == sorted(places), "the stages read from left to right"
    assert len(set(places)) == len(STAGES)

    window.go(f"runs/{poisoned.run_id}")
    window.read("Failure", "staging.commitments refused, the last good table stays", f'leg_id "{LEG}"', "amount_usd")
    assert window.is_plain(elsewhere.port)
    window.go("assets/staging/commitments?view=checks")
    rows = window.read("Latest execution", "plausible_magnitude", "![](http")
    assert "seeds/commitments.csv:" in rows
    assert "38000000000 if billions are meant" in rows
    assert window.is_plain(elsewhere.port)
    assert elsewhere.asked[asked:] == [], "something was fetched for a cell"


def test_downstream_tables_and_the_publication_alone_are_refused_without_harm(server, poisoned):
    alone = server.launch("facts.commitments", "published.warehouse")

    assert ended(server, alone) == "FAILURE"
    assert server.events(alone, "MaterializationEvent") == []
    refused = {e["stepKey"] for e in server.events(alone, "ExecutionStepFailureEvent")}
    assert refused == {"facts__commitments", "published__warehouse"}
    assert server.published.read_bytes() == poisoned.published


def test_correcting_the_mistake_and_pressing_the_button_succeeds(server, poisoned, window):
    amounts(server, {LEG: "38000000000", ANOTHER_LEG: "100000000000"})
    mended = window.materialise()

    assert ended(server, mended) == "SUCCESS"
    window.go(f"runs/{mended}")
    window.read("Success")
    assert mended in server.publications()
    assert len(server.events(mended, "MaterializationEvent")) > 30
    assert failed_gates(server, mended) == []
    window.go("assets/staging/commitments?view=checks")
    window.read("gate", "Succeeded")


def test_it_stops_on_a_signal_although_its_parent_ignored_ctrl_c(server):
    server.process.terminate()
    assert server.process.wait(PATIENCE) == 0
