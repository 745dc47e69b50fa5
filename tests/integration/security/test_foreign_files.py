"""A build, a publication and a report replace only files that are provably ours; all others stay byte for byte."""

import shutil

import duckdb
import pytest

from assets.core.errors import EnvironmentFailure
from assets.core.paths import Paths, write_ahead_log
from assets.published import publication
from assets.report import page
from assets.warehouse import ours
from assets.warehouse.build_file import BuildFile
from assets.warehouse.disk import sync
from tests.integration.pipeline.test_publishing import build_of, publish
from tests.integration.security.foreign import (
    FOREIGN,
    content,
    database,
    database_of_a_newer_duckdb,
    database_with_a_wal,
    device,
    held,
    refused,
    text,
)
from tests.system.faults.damage import OF_DUCKDB_2


@pytest.fixture
def paths(tmp_path):
    return Paths(tmp_path / "mine.duckdb")


# --- the published file -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [*FOREIGN, database_of_a_newer_duckdb, device])
def test_a_build_does_not_replace_a_file_that_is_no_warehouse(paths, make):
    make(paths.published)
    refused(paths, paths.published)


def test_behind_a_link_the_file_itself_counts(paths, tmp_path):
    text(tmp_path / "thesis.txt")
    paths.published.symlink_to(tmp_path / "thesis.txt")
    refused(paths, tmp_path / "thesis.txt", "this is not a closedloop warehouse")


@pytest.mark.parametrize("make", FOREIGN)
def test_a_file_that_is_not_a_warehouse_is_not_replaced_even_next_to_a_gate_log(pipeline, make):
    pipeline.published.unlink()
    make(pipeline.published)
    refused(pipeline.paths, pipeline.published)


def test_the_log_of_a_moved_database_is_not_lost(paths):
    database_with_a_wal(paths.published)
    paths.published.rename(paths.published.with_name("moved.duckdb"))
    refused(paths, write_ahead_log(paths.published), "its database is not here")


def test_the_command_refuses_a_foreign_file_at_once_and_leaves_no_files_next_to_it(command, small_built, tmp_path):
    database(tmp_path / "mine.duckdb")
    (tmp_path / "report.html").write_text("mine")
    before = content(tmp_path)

    done = command("build", "--seeds", small_built.seeds, "--warehouse", tmp_path / "mine.duckdb")

    assert (done.code, done.out) == (3, "")
    assert done.err == (
        f"{tmp_path / 'mine.duckdb'}: this is not a closedloop warehouse, and a build would replace it: "
        "move it away, or name another file with --warehouse\n"
    )
    assert content(tmp_path) == before


def test_a_run_of_dagster_refuses_a_foreign_file_before_any_table_is_built(fresh):
    database(fresh.published)
    before = fresh.published.read_bytes()

    run = fresh.run()

    assert not run.is_success
    assert run.materialised == set()
    assert "this is not a closedloop warehouse" in run.error
    assert fresh.published.read_bytes() == before
    assert {p.name for p in fresh.folder.iterdir()} == {"closedloop.duckdb", "closedloop.lock", "seeds", ".history"}


def test_an_empty_file_holds_nothing_and_gives_way(fresh):
    for path in (fresh.published, fresh.paths.build, fresh.paths.gate_log, fresh.paths.report):
        path.touch()

    assert fresh.run(with_report=True).is_success

    assert fresh.ask("select count(*) from quality.publications").item() == 1


@pytest.mark.parametrize("make", [text, database])
@pytest.mark.parametrize("was_there", [True, False])
def test_a_file_that_is_put_there_during_a_build_is_not_replaced(pipeline, make, was_there):
    if not was_there:
        pipeline.published.unlink()
    with build_of(pipeline) as build:
        pipeline.published.unlink(missing_ok=True)
        make(pipeline.published)
        before = pipeline.mark()
        with pytest.raises(EnvironmentFailure, match="this is not a closedloop warehouse"):
            publication.publish(build, "by hand")

    assert pipeline.mark() == before
    assert not [p for p in pipeline.folder.iterdir() if ".tmp" in p.name]


def test_a_file_that_is_put_there_just_before_the_rename_is_not_replaced(pipeline, monkeypatch):
    def late(path):
        if path.name == "new.duckdb":
            pipeline.published.unlink()
            text(pipeline.published)
        sync(path)

    monkeypatch.setattr("assets.warehouse.publish.sync", late)
    with build_of(pipeline) as build, pytest.raises(EnvironmentFailure, match="this is not a closedloop warehouse"):
        publication.publish(build, "by hand")

    assert pipeline.published.read_text().startswith("my thesis")


def test_another_warehouse_that_is_put_there_during_a_build_is_replaced(pipeline, tmp_path):
    shutil.copy(pipeline.published, tmp_path / "other.duckdb")
    with build_of(pipeline) as build:
        (tmp_path / "other.duckdb").replace(pipeline.published)
        publication.publish(build, "by hand")

    assert pipeline.ask("select count(*) from quality.publications").item() == 2


HARMS = {
    "half": lambda b: b[: len(b) // 2],
    "no headers": lambda b: b[:4096] + bytes(8192) + b[12288:],
    "of a newer DuckDB": lambda b: OF_DUCKDB_2 + b[12288:],
}


@pytest.mark.parametrize("harm", HARMS)
def test_a_published_file_of_ours_that_is_damaged_is_replaced(pipeline, harm):
    pipeline.published.write_bytes(HARMS[harm](pipeline.published.read_bytes()))

    publish(pipeline)

    assert pipeline.ask("select count(*) from quality.publications").item() == 2


def test_a_damaged_database_without_proof_that_it_is_ours_is_not_replaced(pipeline):
    pipeline.published.write_bytes(HARMS["half"](pipeline.published.read_bytes()))
    pipeline.paths.gate_log.unlink()

    refused(pipeline.paths, pipeline.published, "this is not a closedloop warehouse")


def test_a_database_held_by_another_program_is_reported_with_its_process(paths, tmp_path):
    database(paths.published)
    with (
        held(paths.published) as pid,
        pytest.raises(EnvironmentFailure, match=rf"PID {pid}.*close the program"),
    ):
        ours.must_be_ours(paths)


def test_a_build_file_that_a_program_holds_is_left_to_the_lock_and_never_removed(paths):
    """A build that has just begun holds it, and has no line in the gate log yet."""
    database(paths.build)
    with held(paths.build):
        ours.must_be_ours(paths)
        with pytest.raises(EnvironmentFailure, match="set lock"):
            BuildFile(paths, paths.published.parent, {})
    assert duckdb.connect(str(paths.build), read_only=True).sql("show tables").fetchall() == [("precious",)]


# --- the report -------------------------------------------------------------------------------------------------------


def test_a_report_does_not_replace_a_foreign_page(command, pipeline, blank_report):
    report = pipeline.paths.report
    report.write_text("<html>my page about closedloop report</html>")
    before = report.read_bytes()

    done = command("report", "--warehouse", pipeline.published)

    assert done.code == 3
    assert done.err == (
        f"{report}: this is not a report of closedloop, and would be replaced: "
        "move it away, or name another file with --warehouse\n"
    )
    run = pipeline.run("published.warehouse", "published.report")
    assert run.is_success
    assert "published.report" not in run.materialised
    assert "this is not a report of closedloop" in run.checks["published.report", "self_contained"].description
    assert report.read_bytes() == before


def test_two_warehouses_in_one_folder_have_a_report_each(small_built, tmp_path, blank_report):
    written = []
    for name in ("first", "second"):
        shutil.copy(small_built.published, tmp_path / f"{name}.duckdb")
        written.append(page.write(tmp_path / f"{name}.duckdb").path)

    assert [p.name for p in written] == ["first.report.html", "second.report.html"]


def test_a_report_of_ours_is_replaced(pipeline, blank_report):
    report = pipeline.paths.report
    report.write_bytes(report.read_bytes()[: report.stat().st_size // 2])

    page.write(pipeline.published)

    assert report.read_text(encoding="utf-8") == blank_report
