"""A foreign file next to a warehouse, with a name that we use, is neither replaced nor removed."""

import json

import duckdb
import pytest

from assets.core.errors import EnvironmentFailure
from assets.core.paths import Paths, write_ahead_log
from assets.scale.large import Large
from assets.warehouse import ours, scratch
from assets.warehouse.build_file import BuildFile
from assets.warehouse.lock import one_writer
from tests.integration.pipeline.test_publishing import build_of, publish
from tests.integration.security.foreign import FOREIGN, database_of_a_newer_duckdb, device, refused, text


@pytest.fixture
def paths(tmp_path):
    return Paths(tmp_path / "mine.duckdb")


@pytest.mark.parametrize("make", [*FOREIGN, database_of_a_newer_duckdb, device])
def test_a_file_in_the_place_of_the_build_file_is_left_alone(paths, make):
    make(paths.build)
    refused(paths, paths.build)


def test_a_log_whose_build_file_is_missing_is_left_alone(paths):
    text(write_ahead_log(paths.build))
    refused(paths, write_ahead_log(paths.build), "its database is not here")


def test_a_build_that_was_killed_before_it_noted_anything_needs_no_cleaning_up(paths):
    duckdb.connect(str(paths.build)).close()
    BuildFile(paths, paths.published.parent, {}).close()


@pytest.mark.parametrize("line", ["notes", "{}", '{"run_id": 1}', '["run_id"]', "[" * 100_000])
def test_a_file_in_the_place_of_the_gate_log_is_left_alone(paths, line):
    paths.gate_log.write_text(f"{line}\n")
    refused(paths, paths.gate_log, "this is not a log of the gates of closedloop")


def test_a_gate_log_of_ours_with_a_damaged_beginning_is_written_on(pipeline):
    log = pipeline.paths.gate_log
    log.write_bytes(b"\0" * 5000 + log.read_bytes()[5000:])

    ours.must_be_ours(pipeline.paths)


def test_a_file_in_the_place_of_the_note_of_the_lock_is_left_alone(paths):
    paths.holder.write_text('{"packages": []}')
    refused(paths, paths.holder, "this is not a note of closedloop")
    with pytest.raises(EnvironmentFailure, match="this is not a note"), one_writer(paths, 0, "mine"):
        pass
    assert paths.holder.read_text() == '{"packages": []}'


def test_a_foreign_lock_file_keeps_its_content(paths):
    paths.lock.write_text("content of poetry.lock")
    with one_writer(paths, 0, "mine"):
        pass
    assert paths.lock.read_text() == "content of poetry.lock"


@pytest.mark.parametrize("ending", ["parts", "spill"])
@pytest.mark.parametrize(
    "name", ["notes.txt", "7/notes.txt", "data.parquet", "mine/data.parquet", ".closedloop", "7/8/9.parquet"]
)
def test_a_folder_in_the_place_of_one_of_ours_is_left_alone(paths, ending, name):
    folder = paths.published.with_name(f"mine.{ending}")
    (folder / name).parent.mkdir(parents=True)
    (folder / name).write_text("mine")
    refused(paths, folder, ascii(name.partition("/")[0]))


@pytest.mark.parametrize("ending", ["parts", "spill"])
def test_a_link_or_file_in_the_place_of_a_folder_is_left_alone(paths, ending, tmp_path):
    place = paths.published.with_name(f"mine.{ending}")
    place.write_text("mine")
    refused(paths, place, "is no folder")
    place.unlink()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "notes.txt").write_text("mine")
    place.symlink_to(tmp_path / "elsewhere")
    refused(paths, place, "is no folder")


def test_a_link_in_a_folder_of_ours_is_removed_and_not_followed(paths, tmp_path):
    (tmp_path / "precious.parquet").write_text("mine")
    scratch.fresh(paths.parts)
    (paths.parts / "7").symlink_to(tmp_path)

    BuildFile(paths, tmp_path, {}, Large(paths)).close()

    assert not paths.parts.exists()
    assert (tmp_path / "precious.parquet").read_text() == "mine"


def test_a_folder_that_is_left_half_removed_still_has_its_mark(paths, monkeypatch):
    scratch.fresh(paths.parts)
    (paths.parts / "notes.txt").write_text("ours")
    (paths.parts / "7").mkdir()
    monkeypatch.setattr("shutil.rmtree", lambda *_, **__: None)

    scratch.discard(paths.parts)

    assert {p.name for p in paths.parts.iterdir()} == {scratch.MARK, "7"}
    assert scratch.is_marked(paths.parts)


def test_a_folder_that_another_run_is_just_removing_is_no_hindrance(paths):
    def gone(path):
        raise FileNotFoundError(path)

    (paths.parts / "7").mkdir(parents=True)
    scratch.must_be_ours(paths.parts, gone)


def test_folders_that_earlier_versions_left_are_removed(paths):
    for name in ("parts/7/in-000000.parquet", "parts/7/out.unfinished", "spill/duckdb_temp_storage_DEFAULT-0.tmp"):
        path = paths.published.parent / f"mine.{name}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("left")

    BuildFile(paths, paths.published.parent, {}, Large(paths)).close()

    assert not paths.parts.exists()
    assert not paths.spill.exists()


def test_only_names_of_processes_are_leftovers(pipeline):
    folder, name = pipeline.folder, pipeline.published.name
    kept = ["20260101", "backup", "0", "12-notes", "12.txt", "12.wal.old", "99999999"]
    removed = ["12", "4194304", "12.wal"]
    for end in (*kept, *removed):
        (folder / f"{name}.tmp-{end}").write_text("mine")
    (folder / f"{name}.tmp-13").mkdir()
    (folder / f"{name}.tmp-13" / "notes.txt").write_text("mine")
    scratch.fresh(folder / f"{name}.tmp-14")
    (folder / f"{name}.tmp-14" / "new.duckdb").write_text("left")

    publish(pipeline)

    left = {p.name.partition(".tmp-")[2] for p in folder.iterdir() if ".tmp-" in p.name}
    assert left == {*kept, "13"}


@pytest.mark.parametrize(
    "view",
    [
        "create view facts.commitments as select 1 as mine",
        (
            "create view _build.tables as select content as name, true as is_good, '' as fingerprint, '{}' as inputs, "
            "'{}' as detail, '' as run_id, '' as said from read_text('/etc/hostname')"
        ),
    ],
)
def test_a_build_file_with_a_view_is_rebuilt(pipeline, view):
    name = view.split()[2]
    with duckdb.connect(str(pipeline.paths.build)) as connection:
        connection.execute(f"drop table {name}; {view}")

    with build_of(pipeline) as build:
        assert build.states() == {}
    assert pipeline.run("raw.deals").is_success


def test_a_verdict_has_the_keys_by_which_a_log_is_known(pipeline):
    first = json.loads(pipeline.paths.gate_log.read_text(encoding="utf-8").splitlines()[0])

    assert first.keys() >= ours.VERDICT
