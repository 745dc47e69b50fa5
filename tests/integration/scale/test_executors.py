"""Work in this process and on a real Dask cluster: equal results, even if a worker dies; errors give the remedy."""

import contextlib
import datetime as dt
import os
import shutil
import socket
import subprocess
import sys
import threading
import time

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from assets.core.errors import EnvironmentFailure
from assets.core.size import Local, whole
from assets.facts.assumptions import as_dict, scenarios_wide
from assets.facts.commitment_schedule import commitment_schedule
from assets.metrics.simulated import simulate_days
from assets.metrics.simulation_inputs import Ledger
from assets.scale import executors, partitioned_table
from assets.scale.executors import Dask, ReportingExecutor
from tests.integration.scale import work
from tests.integration.scale.cluster import Cluster, require
from tests.ledgers import memory, small
from tests.ledgers.real import facts_of, seeds
from tests.places import PROJECT


@pytest.fixture(autouse=True)
def _the_scheduler_is_trusted(monkeypatch):
    require()
    monkeypatch.setenv(executors.TRUST_VARIABLE, "1")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """A scheduler and two workers."""
    found = Cluster(tmp_path_factory.mktemp("cluster"))
    try:
        found.worker()
        found.worker()
        yield found
    finally:
        found.close()


@pytest.fixture
def alone(tmp_path):
    """A separate scheduler without workers."""
    found = Cluster(tmp_path)
    yield found
    found.close()


@pytest.mark.parametrize("pieces", [[], [3], list(range(40))])
def test_results_come_in_the_order_of_the_pieces(cluster, pieces):
    expected = [n * n for n in pieces]

    assert list(Local().map(work.square, pieces)) == expected
    assert list(Dask(cluster.address).map(work.square, pieces)) == expected


def test_the_work_is_done_by_every_worker_and_not_here(cluster):
    found = set(Dask(cluster.address).map(work.who, range(20)))

    assert found == {w.pid for w in cluster.workers}


def test_an_error_of_the_work_is_that_of_the_work(cluster):
    for chosen in (Local(), Dask(cluster.address)):
        with pytest.raises(ValueError, match="three is not allowed"):
            list(chosen.map(work.fail_at_three, range(6)))


def test_long_work_reports_progress_from_time_to_time(monkeypatch):
    lines = []
    heard = ReportingExecutor(Local(), lines.append)
    monkeypatch.setattr(executors, "TOLD_EVERY_SECONDS", 0)

    assert list(heard.map(work.square, range(3))) == [0, 1, 4]
    assert lines == ["piece 1 of 3", "piece 2 of 3", "piece 3 of 3"]
    assert heard == ReportingExecutor(Local(), print)
    assert hash(heard) == hash(ReportingExecutor(Local(), print))

    monkeypatch.undo()
    assert list(heard.map(work.square, range(3))) == [0, 1, 4]
    assert len(lines) == 3, "what is done in no time needs no word"


def test_workers_named_by_the_environment_are_used(cluster):
    assert executors.named(executors.wanted({})) == Local()
    assert executors.named(executors.wanted({"CLOSEDLOOP_SCHEDULER": f" {cluster.address} "})) == Dask(cluster.address)


def test_the_simulation_gives_the_same_tables_wherever_it_runs(cluster, tmp_path):
    inputs = memory.build(small.write(tmp_path / "seeds"), *memory.of_stage("raw", "staging", "facts"))
    frames = [inputs.read(f"facts.{t}") for t in ("commitments", "commitment_schedule", "revenue_coverage")]
    terms = (scenarios_wide(inputs.read("staging.scenarios")), as_dict(inputs.read("staging.assumptions")))
    ledger = Ledger(*frames, inputs.read("facts.cost_per_gw"), *terms)
    days = ((dt.date(2025, 12, 31), 300), (dt.date(2026, 10, 8), 132_000))  # more chunks than in one piece

    here, there = (simulate_days(ledger, days, f) for f in (Local(), Dask(cluster.address)))
    for one, other in zip(here, there, strict=True):
        assert_frame_equal(one, other, check_exact=True)
    assert here[0].filter(pl.col("draws") == 132_000).height > 0


def when(is_so, act):
    """Wait in the background until a condition holds, then act."""

    def wait():
        while not is_so():
            time.sleep(0.02)
        act()

    waiting = threading.Thread(target=wait, daemon=True)
    waiting.start()
    return waiting


SIMULATED = ("metrics.coverage_simulation", "metrics.first_shortfall")


def test_a_run_works_on_the_cluster_that_is_named_and_fails_cleanly_when_it_is_gone(cluster, pipeline, monkeypatch):
    tables, published = pipeline.tables(), pipeline.mark()
    monkeypatch.setattr(Local, "map", None)  # no worker is left
    simulate_days.cache_clear()

    monkeypatch.setenv("CLOSEDLOOP_SCHEDULER", cluster.address)
    run = pipeline.run(*SIMULATED)
    assert run.is_success
    assert run.materialised == set(SIMULATED)
    assert pipeline.tables() == tables

    monkeypatch.setenv("CLOSEDLOOP_SCHEDULER", "tcp://127.0.0.1:9")
    monkeypatch.setattr(executors, "CONNECT_SECONDS", 1)
    run = pipeline.run(*SIMULATED)
    assert not run.is_success
    assert "tcp://127.0.0.1:9: no scheduler answers" in str(run.failures["metrics.coverage_simulation"])
    assert (pipeline.tables(), pipeline.mark()) == (tables, published)


class Place:
    """A folder of a test and a cluster."""

    def __init__(self, folder, chosen):
        self.folder, self.workers = folder, chosen

    def new_folder(self):
        self.folder.mkdir()
        return self.folder

    def report(self, text):
        pass


def test_schedules_in_parts_are_equal_here_and_on_a_cluster_also_when_a_worker_is_killed(cluster, alone, tmp_path):
    found = facts_of(seeds())
    commitments, capacity = found["facts.commitments"], found["facts.capacity"]
    expected = commitment_schedule(commitments, capacity)

    def there(name, chosen):
        pieces = partitioned_table.slices([commitments], 20)
        return partitioned_table.built(work.slow_schedule, pieces, Place(tmp_path / name, chosen), capacity=capacity)

    assert_frame_equal(whole(there("two", Dask(cluster.address))), expected, check_exact=True)

    doomed = alone.worker()
    alone.worker()
    killer = when(lambda: list((tmp_path / "killed").glob("out-*")), doomed.kill)
    assert_frame_equal(whole(there("killed", Dask(alone.address))), expected, check_exact=True)
    killer.join()
    assert doomed.wait() != 0


def test_a_worker_without_the_shared_folder_names_it_and_the_variable_to_set(cluster, tmp_path):
    with pytest.raises(
        EnvironmentFailure, match=r"in-000000\.parquet: a machine .* let CLOSEDLOOP_PARTS name a folder"
    ):
        list(
            Dask(cluster.address).map(
                partitioned_table._Part(commitment_schedule, ()),
                [partitioned_table._Asked((tmp_path / "in-000000.parquet",), tmp_path / "out.parquet")],
            )
        )


# --- whom to trust --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["", "0", "yes"])
def test_a_scheduler_that_nobody_trusts_is_not_asked(cluster, monkeypatch, said):
    monkeypatch.setenv(executors.TRUST_VARIABLE, said)

    refused = r"can run programs as you: use tls:// .* CLOSEDLOOP_TRUST_SCHEDULER=1"
    with pytest.raises(EnvironmentFailure, match=refused):
        list(Dask(cluster.address).map(work.square, [1]))
    with pytest.raises(EnvironmentFailure, match=refused):
        executors.must_answer(cluster.address)


def test_a_program_that_plays_the_scheduler_runs_nothing_here(monkeypatch, tmp_path):
    """It answers with a pickle that would write a file."""
    monkeypatch.delenv(executors.TRUST_VARIABLE)
    asked = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.5)
        with pytest.raises(EnvironmentFailure, match="can run programs as you"):
            executors.must_answer(f"tcp://127.0.0.1:{server.getsockname()[1]}")
        with contextlib.suppress(TimeoutError):
            asked.append(server.accept())
    assert not asked, "it was not even called"


def certificate(folder, name, by=None):
    """A key and a certificate, signed by itself or by another one."""
    signed = ["-CA", folder / f"{by}.pem", "-CAkey", folder / f"{by}.key"] if by else []
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}", *signed,
         "-keyout", folder / f"{name}.key", "-out", folder / f"{name}.pem"],
        check=True, capture_output=True,
    )  # fmt: skip


def secrets(folder, name, by):
    """Dask's configuration for who shows this certificate, and believes those that `by` has signed."""
    about = {"ca_file": folder / f"{by}.pem"}
    for who in ("client", "scheduler", "worker"):
        about |= {f"{who}__cert": folder / f"{name}.pem", f"{who}__key": folder / f"{name}.key"}
    return {f"DASK_DISTRIBUTED__COMM__TLS__{k.upper()}": str(v) for k, v in about.items()}


def test_with_certificates_a_cluster_works_and_a_scheduler_that_cannot_show_one_is_refused(tmp_path, monkeypatch):
    monkeypatch.delenv(executors.TRUST_VARIABLE)
    monkeypatch.setattr(executors, "CONNECT_SECONDS", 5)
    certificate(tmp_path, "authority")
    certificate(tmp_path, "ours", "authority")
    certificate(tmp_path, "stranger")
    cluster = Cluster(tmp_path, protocol="tls", **secrets(tmp_path, "ours", "authority"))
    try:
        cluster.worker()
        asked = [sys.executable, "-m", "tests.integration.scale.squares", cluster.address]
        environment = {k: v for k, v in os.environ.items() if k != executors.TRUST_VARIABLE}

        def squares(name, by):
            return subprocess.run(
                asked, env=environment | secrets(tmp_path, name, by), cwd=PROJECT, capture_output=True, text=True,
                check=False, timeout=60,
            )  # fmt: skip

        works, refused = squares("ours", "authority"), squares("ours", "stranger")
    finally:
        cluster.close()
    assert works.stdout == "[1, 4, 9]\n", works.stderr
    assert "no scheduler answers" in refused.stderr
    assert refused.stdout == ""


# --- errors ---------------------------------------------------------------------------------------------------------


def test_a_scheduler_that_does_not_answer_is_named_with_the_remedy(monkeypatch):
    monkeypatch.setattr(executors, "CONNECT_SECONDS", 1)

    with pytest.raises(EnvironmentFailure, match=r"tcp://127\.0\.0\.1:9: no scheduler answers .* or unset CLOSEDLOOP_"):
        list(Dask("tcp://127.0.0.1:9").map(work.square, [1]))


@pytest.mark.parametrize("address", ["nonsense", "ftp://127.0.0.1:1", "127.0.0.1"])
def test_an_invalid_address_is_reported(monkeypatch, address):
    monkeypatch.setattr(executors, "CONNECT_SECONDS", 1)

    with pytest.raises(EnvironmentFailure, match="no scheduler answers"):
        list(Dask(address).map(work.square, [1]))


def test_a_missing_scheduler_leaves_no_thread(monkeypatch):
    monkeypatch.setattr(executors, "CONNECT_SECONDS", 1)
    before = set(threading.enumerate())

    with pytest.raises(EnvironmentFailure, match="no scheduler answers"):
        list(Dask("tcp://127.0.0.1:9").map(work.square, [1]))

    assert {t.name for t in set(threading.enumerate()) - before} <= {"Dask-Offload_0"}


def test_a_scheduler_without_workers_is_reported_by_the_work_and_before_long_work(cluster, alone, monkeypatch):
    monkeypatch.setattr(executors, "CONNECT_SECONDS", 1)

    with pytest.raises(EnvironmentFailure, match=r"has no workers: start some with `dask worker tcp://"):
        list(Dask(alone.address).map(work.square, [1]))
    executors.must_answer("")
    executors.must_answer(cluster.address)
    with pytest.raises(EnvironmentFailure, match="has no workers"):
        executors.must_answer(alone.address)
    with pytest.raises(EnvironmentFailure, match="no scheduler answers"):
        executors.must_answer("nonsense")


def test_a_worker_with_other_code_is_refused(alone, tmp_path):
    for folder in ("assets", "sql"):
        shutil.copytree(PROJECT / folder, tmp_path / "other" / folder)
    with (tmp_path / "other" / "assets" / "steps.py").open("a") as file:
        file.write("# another version\n")
    alone.worker(project=tmp_path / "other")

    with pytest.raises(EnvironmentFailure, match=r"has closedloop \w{16} \(here \w{16}\): install the same"):
        list(Dask(alone.address).map(work.square, [1]))


def test_a_worker_with_other_packages_is_refused(cluster, monkeypatch):
    here = executors._versions()
    monkeypatch.setattr(executors, "_versions", lambda: here | {"polars": "1.0.0"})
    with pytest.raises(EnvironmentFailure, match=r"has polars .* \(here 1\.0\.0\)"):
        executors._must_be_alike("tcp://x", {"w": here})


def test_work_that_needs_more_memory_than_workers_have_names_the_worker(tmp_path):
    cluster = Cluster(tmp_path, DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES="1")  # each takes seconds
    try:
        cluster.worker("--memory-limit", "300MB", nanny=True)
        with pytest.raises(EnvironmentFailure, match=r": 2 workers died in turn .* give workers more memory"):
            list(Dask(cluster.address).map(work.eat, [2000]))
    finally:
        cluster.close()


def test_a_scheduler_that_stops_during_the_work_is_reported(alone, tmp_path):
    alone.worker()
    begun = tmp_path / "begun"
    killer = when(begun.exists, alone.scheduler.kill)
    with pytest.raises(EnvironmentFailure, match="the scheduler went away"):
        list(Dask(alone.address).map(work.slow_touch, [begun] * 40))
    killer.join()
