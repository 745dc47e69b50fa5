"""The Dagster definitions: assets by stage with their metadata, one job, one schedule, one sensor."""

import os
import shutil
import socket
import subprocess
import sys
import warnings

import dagster as dg
import pytest

from assets import catalog
from assets.core.step import STAGES
from assets.definitions import build_definitions
from assets.orchestration import schedules
from assets.orchestration.assets import OWNERS, asset_key
from assets.orchestration.instance import PROCESS, end_dead_runs, prepare

PUBLISHED = dg.AssetKey(["published", "warehouse"])

REPORT = dg.AssetKey(["published", "report"])


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.BetaWarning)
        folder = tmp_path_factory.mktemp("nothing")
        definitions = build_definitions(folder / "x.duckdb", folder / "seeds")
        dg.Definitions.validate_loadable(definitions)
        return definitions.get_repository_def()


@pytest.fixture(scope="module")
def nodes(repository):
    graph = repository.asset_graph
    return {key: graph.get(key) for key in graph.get_all_asset_keys()}


def test_every_step_is_an_asset_whose_group_and_first_word_are_its_stage(nodes):
    assert set(nodes) == {*(asset_key(n) for n in catalog.STEPS), PUBLISHED, REPORT}
    for key, node in nodes.items():
        assert node.group_name == key.path[0]
    assert {n.group_name for n in nodes.values()} == set(STAGES)


def ancestors(nodes, key):
    found = set(nodes[key].parent_keys)
    while further := {k for parent in found for k in nodes[parent].parent_keys} - found:
        found |= further
    return found


def test_lineage_runs_across_the_stages_as_the_steps_need(nodes):
    for name, step in catalog.STEPS.items():
        assert nodes[asset_key(name)].parent_keys == {asset_key(n) for n in step.needs}
    assert ancestors(nodes, PUBLISHED) == set(nodes) - {PUBLISHED, REPORT}
    assert nodes[REPORT].parent_keys == {PUBLISHED}
    crossing = {
        (parent.path[0], key.path[0])
        for key, n in nodes.items()
        for parent in n.parent_keys
        if key not in {PUBLISHED, REPORT}
    }
    assert {("raw", "staging"), ("staging", "facts"), ("facts", "metrics")} <= crossing
    order = {stage: i for i, stage in enumerate(STAGES)}
    assert all(order[a] <= order[b] for a, b in crossing)


def test_every_asset_has_description_owner_kind_and_a_blocking_gate(repository, nodes):
    checks = {(k.asset_key, k.name): repository.asset_graph.get(k) for k in repository.asset_graph.asset_check_keys}
    for key, node in nodes.items():
        assert node.description, key
        assert node.owners == OWNERS, key
        assert node.kinds, key
        if key == REPORT:
            continue
        assert checks[key, "gate"].blocking, key
        assert checks[key, "gate"].description, key
    assert any(name == "warnings" for _, name in checks)
    assert not any(node.blocking for (_, name), node in checks.items() if name == "warnings")
    assert {name: c.blocking for (key, name), c in checks.items() if key == REPORT} == {"self_contained": False}


def test_every_table_shows_its_columns_before_anything_runs(nodes):
    for name, step in catalog.STEPS.items():
        schema = nodes[asset_key(name)].metadata["dagster/column_schema"]
        assert [c.name for c in schema.columns] == step.table.column_names
        assert all(c.description for c in schema.columns), name
        assert [not c.constraints.nullable for c in schema.columns] == [c.required for c in step.table.columns]
        assert nodes[asset_key(name)].metadata["dagster/table_name"] == name
        assert nodes[asset_key(name)].metadata["source"]
        assert step.table.grain in nodes[asset_key(name)].description


def test_the_file_for_readers_has_a_freshness_policy(repository, nodes):
    assert repository.assets_defs_by_key[PUBLISHED].get_asset_spec(PUBLISHED).freshness_policy is not None


def test_there_is_one_job_over_everything_in_one_process(repository, nodes):
    job = repository.get_job(schedules.JOB)

    assert job.asset_layer.executable_asset_keys == set(nodes)
    assert job.executor_def.name == "in_process"
    assert [j.name for j in repository.get_all_jobs() if not j.name.startswith("__")] == [schedules.JOB]


def test_the_schedule_names_its_time_zone_and_runs_the_job_every_morning(repository):
    (schedule,) = repository.schedule_defs

    assert schedule.cron_schedule == "0 6 * * *"
    assert schedule.execution_timezone == "UTC"
    assert schedule.default_status == dg.DefaultScheduleStatus.RUNNING
    assert schedule.job.name == schedules.JOB
    (request,) = schedule.evaluate_tick(dg.build_schedule_context()).run_requests
    assert request.job_name in {None, schedules.JOB}


def test_the_sensor_runs_the_job_and_is_on(repository):
    (sensor,) = repository.sensor_defs

    assert sensor.name == "seeds_changed"
    assert sensor.job.name == schedules.JOB
    assert sensor.default_status == dg.DefaultSensorStatus.RUNNING
    assert sensor.minimum_interval_seconds == 30


def test_times_can_be_set_from_outside():
    code = "from assets.orchestration import schedules as a; print(a.SENSOR_SECONDS, a.daily.cron_schedule)"
    environment = {**os.environ, "CLOSEDLOOP_SENSOR_SECONDS": "7", "CLOSEDLOOP_SCHEDULE": "*/5 * * * *"}

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment, timeout=60
    )

    assert done.stdout == "7 */5 * * * *\n"


# --- the sensor -----------------------------------------------------------------------------------------------------


class Watch:
    """A sensor with its memory, over a folder of seeds."""

    def __init__(self, folder):
        self.sensor = schedules.seeds_sensor(folder)
        self.cursor = None
        self.keys = []

    def look(self):
        """A run, or why there is none, in a word."""
        with dg.build_sensor_context(cursor=self.cursor) as context:
            answer = self.sensor(context)
            self.cursor = context.cursor
        if isinstance(answer, dg.RunRequest):
            self.keys.append(answer.run_key)
            return "run"
        return "waits" if "have changed" in answer.skip_message else answer.skip_message.split()[1]

    def looks(self):
        """What three looks in a row come to."""
        return [self.look() for _ in range(3)]


@pytest.fixture
def seeds(tmp_path):
    folder = tmp_path / "seeds"
    folder.mkdir()
    (folder / "deals.csv").write_text("deal_id\nd_one\n")
    (folder / "README.md").write_text("how to add a deal")
    return folder


def test_the_sensor_runs_once_for_each_content(seeds):
    watch = Watch(seeds)
    first = (seeds / "deals.csv").read_text()

    assert watch.looks() == ["waits", "run", "unchanged"]
    (seeds / "deals.csv").write_text("deal_id\nd_two\n")
    assert watch.looks() == ["waits", "run", "unchanged"]
    (seeds / "deals.csv").write_text(first)
    assert watch.looks() == ["waits", "run", "unchanged"], "going back to an earlier content is a change"
    assert len(set(watch.keys)) == 3, "Dagster would drop a run key that it has seen"


def test_the_first_look_runs_at_once_what_nobody_has_written_lately(seeds):
    os.utime(seeds / "deals.csv", (0, 0))

    assert Watch(seeds).looks() == ["run", "unchanged", "unchanged"]


def test_a_file_that_is_saved_in_halves_is_not_built(seeds):
    watch = Watch(seeds)
    watch.looks()

    (seeds / "deals.csv").write_text("deal_id\nd_o")
    assert watch.look() == "waits"
    (seeds / "deals.csv").write_text("deal_id\nd_one\nd_two\n")
    assert watch.looks() == ["waits", "run", "unchanged"]
    (seeds / "deals.csv").write_text("deal_id\nd_o")
    assert watch.look() == "waits"
    (seeds / "deals.csv").write_text("deal_id\nd_one\nd_two\n")
    assert watch.looks() == ["unchanged"] * 3, "back to what was built"


def test_a_sensor_of_the_version_before_goes_on_from_its_cursor(seeds):
    watch = Watch(seeds)
    watch.cursor = f"7:{schedules.seeds_hash(seeds)}"

    assert watch.look() == "unchanged"
    (seeds / "deals.csv").write_text("deal_id\nd_two\n")
    assert watch.looks() == ["waits", "run", "unchanged"]
    assert watch.keys == [f"8:{schedules.seeds_hash(seeds)}"]


def test_only_names_and_contents_of_csv_files_count(seeds):
    watch = Watch(seeds)
    watch.looks()

    os.utime(seeds / "deals.csv", (0, 0))
    (seeds / "README.md").write_text("changed")
    (seeds / ".deals.csv.swp").write_text("an editor at work")
    assert watch.look() == "unchanged"
    (seeds / "deals.csv").rename(seeds / "entities.csv")
    assert watch.looks() == ["waits", "run", "unchanged"]


@pytest.mark.parametrize("trouble", ["no folder", "a file", "a folder in place of a seed", "a dangling link"])
def test_seeds_that_cannot_be_read_just_now_are_skipped_and_seen_when_they_are_back(seeds, tmp_path, trouble):
    watch = Watch(seeds)
    watch.looks()
    cursor = watch.cursor
    if trouble == "no folder":
        seeds.rename(tmp_path / "away")
    elif trouble == "a file":
        seeds.rename(tmp_path / "away")
        seeds.write_text("not a folder")
    elif trouble == "a dangling link":
        (seeds / "new.csv").symlink_to(tmp_path / "nowhere")
    else:
        (seeds / "new.csv").mkdir()

    assert watch.look() == "cannot"
    assert watch.cursor == cursor

    if trouble == "a file":
        seeds.unlink()
    if (tmp_path / "away").exists():
        (tmp_path / "away").rename(seeds)
    if (seeds / "new.csv").is_symlink():
        (seeds / "new.csv").unlink()
    shutil.rmtree(seeds / "new.csv", ignore_errors=True)
    assert watch.look() == "unchanged"


# --- records of a run -----------------------------------------------------------------------------------------------


def materialisation(run_result, name):
    (event,) = [
        e
        for e in run_result.all_events
        if e.event_type_value == "ASSET_MATERIALIZATION" and e.asset_key == asset_key(name)
    ]
    return event.materialization.metadata


def test_a_materialisation_shows_rows_a_preview_links_and_the_latest_knowledge(pipeline):
    assert pipeline.run("facts.sources", "facts.commitments", "published.warehouse").is_success
    (result,) = pipeline.runs

    sources = materialisation(result, "facts.sources")
    rows = pipeline.ask("select count(*) from facts.sources").item()
    assert sources["dagster/row_count"].value == rows
    assert sources["preview"].value.startswith("| source_id |")
    assert len(sources["preview"].value.splitlines()) <= 7
    assert ": <https://" in sources["links"].value
    assert materialisation(result, "facts.commitments")["last_known_on"].value.startswith("20")
    published = materialisation(result, "published.warehouse")
    assert published["path"].value == str(pipeline.published)
    assert published["publication_id"].value in set(
        pipeline.ask("select publication_id from quality.publications")["publication_id"]
    )


# --- the home -------------------------------------------------------------------------------------------------------


@pytest.fixture
def home(tmp_path):
    return prepare(tmp_path / "new" / ".dagster_home")


def test_the_home_is_a_valid_configuration_with_telemetry_off_monitoring_and_one_run_at_a_time(home):
    with dg.DagsterInstance.from_config(str(home)) as instance:
        assert instance.telemetry_enabled is False
        assert instance.run_monitoring_enabled
        assert instance.run_monitoring_max_runtime_seconds == 7200
        assert instance.run_retries_enabled
        assert instance.run_retries_max_retries == 1
        assert instance.run_retries_retry_on_asset_or_op_failure is False
        assert instance.get_concurrency_config().run_queue_config.max_concurrent_runs == 1
        assert instance.freshness_enabled


def test_a_home_is_not_overwritten(home):
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}\n")

    assert prepare(home) == home
    assert (home / "dagster.yaml").read_text() == "telemetry: {enabled: false}\n"


def test_runs_of_dead_processes_are_closed_and_others_left_alone(home):
    host = socket.gethostname()
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    tags = {
        "dead": {PROCESS: f"{host}:{dead.pid}"},
        "alive": {PROCESS: f"{host}:{os.getpid()}"},
        "elsewhere": {PROCESS: f"other-{host}:{dead.pid}"},
        "unsigned": {},
        "misspelt": {PROCESS: f"{host}:none"},
    }

    @dg.job
    def nothing():
        pass

    with dg.DagsterInstance.from_config(str(home)) as instance:
        runs = {
            n: instance.create_run_for_job(nothing, tags=t, status=dg.DagsterRunStatus.STARTED).run_id
            for n, t in tags.items()
        }
        end_dead_runs(instance)
        found = {n: instance.get_run_by_id(run_id).status.value for n, run_id in runs.items()}

    assert found.pop("dead") == "FAILURE"
    assert set(found.values()) == {"STARTED"}
