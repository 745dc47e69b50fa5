"""A fast part of the room `storage`; `make faults` has the many moments, places and bits."""

import shutil
import subprocess

import duckdb
import pytest

from assets.core.errors import EnvironmentFailure
from assets.core.paths import Paths
from assets.warehouse import questions
from assets.warehouse.errors import environment_errors
from tests.system.faults import damage, forbidden, harness, launcher
from tests.system.faults.places import Elsewhere
from tests.system.faults.said import ENVIRONMENT, Findings, complaints


@pytest.fixture(scope="module")
def place(small_built, tmp_path_factory):
    """A copy of the warehouse that tests leave unchanged; the seeds are in another folder."""
    folder = shutil.copytree(small_built.folder, tmp_path_factory.mktemp("storage") / "copy")
    return Elsewhere(small_built.folder, folder / small_built.published.name)


@pytest.fixture(scope="module")
def whole(place):
    return damage.Files(place)


@pytest.fixture
def files(whole):
    """The files of the warehouse, to damage; the published file may also become a link."""
    yield whole
    whole.paths.published.unlink()
    whole.restore()


def kept(findings):
    result = findings.result()
    assert result.is_kept, result.outcome
    assert result.injected > 0
    return result.outcome


def test_a_disk_that_is_full_after_the_first_tables_is_reported_in_one_line(small_built, disk):
    small = disk(6000)
    ended = launcher.build(Elsewhere(small_built.folder, small.folder / "closedloop.duckdb"))
    assert complaints(ended.code, ended.err, str(small.folder), "free some space") == []
    assert "raw ..." in ended.err, "the disk was full before anything was built"
    assert not (small.folder / "closedloop.duckdb").exists()


def test_a_checkpoint_that_finds_the_disk_full_names_the_cause(disk):
    small = disk(6000)
    target = small.folder / "new.duckdb"
    with duckdb.connect() as connection:
        connection.execute(f"attach '{target}' as target")
        rows = "select i, random()::varchar as s from range(3000) t(i)"
        connection.execute("begin;" + "".join(f"create table target.t{n} as {rows};" for n in range(40)) + "commit")
        with pytest.raises(EnvironmentFailure, match=r"new.duckdb: .*No space left on device: free some space"):  # noqa: SIM117 - the one expects what the other raises
            with environment_errors(target):
                connection.execute("detach target")


def test_a_commit_that_finds_the_disk_full_names_the_cause(disk):
    small = disk(1000)
    target = small.folder / "new.duckdb"
    connection = duckdb.connect(str(target))
    rows = "select i, random()::varchar as s from range(3000) t(i)"
    connection.execute("begin;" + "".join(f"create table t{n} as {rows};" for n in range(40)))
    with pytest.raises(EnvironmentFailure, match=r"new.duckdb: .*No space left on device: free some space"):  # noqa: SIM117 - as above
        with environment_errors(target):
            connection.execute("commit")
    connection.close()


def test_an_export_into_a_full_disk_names_the_output_not_the_warehouse(small_built):
    query = ["query", "--csv", "select * from raw.sources", "--warehouse", str(small_built.published)]
    with open("/dev/full", "wb") as full:  # noqa: PTH123 - a device
        done = subprocess.run(
            [harness.COMMAND, *query], stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=60
        )
    assert complaints(done.returncode, done.stderr, "standard output", "free some space") == []


def test_a_build_file_with_flipped_bits_or_an_early_end_gives_the_right_tables_or_a_remedy(files):
    found = damage.build_file(files, damage.harms(files.size(files.paths.build), headers=1, blocks=1, cuts=1))
    assert found.is_kept, found.outcome
    assert "built anew, the right tables" in found.outcome


def test_a_reader_of_a_damaged_published_file_gets_an_error_or_the_right_rows(files):
    found = damage.published_file(files, damage.harms(files.size(files.paths.published), headers=1, blocks=1, cuts=1))
    assert found.is_kept, found.outcome
    assert "a reader is told" in found.outcome


def test_a_gate_log_that_was_cut_short_keeps_every_whole_line(files):
    found = damage.log(files, 6)
    assert found.is_kept, found.outcome


def test_a_published_file_of_a_newer_duckdb_is_reported_with_its_remedy(files):
    files.damage(files.paths.published, damage.of_a_newer_duckdb)
    with (
        pytest.raises(EnvironmentFailure, match=r"version number .*: a newer DuckDB wrote it: remove the file"),
        questions.reading(files.paths.published),
    ):
        pass


def test_a_link_in_place_of_the_published_file_stays_and_its_target_is_replaced(files, tmp_path):
    shelf = tmp_path / "shelf" / "for readers.duckdb"
    shelf.parent.mkdir()
    files.paths.published.rename(shelf)
    files.paths.published.symlink_to(shelf)
    before = harness.bytes_sha256(shelf)

    files.rebuild()

    assert files.paths.published.is_symlink()
    assert harness.bytes_sha256(shelf) != before
    assert harness.contents(shelf) == files.contents
    assert list(shelf.parent.iterdir()) == [shelf]


def test_a_link_to_a_file_that_is_not_there_yet_gets_its_file(files, tmp_path):
    files.paths.published.unlink()
    files.paths.published.symlink_to(tmp_path / "later.duckdb")
    files.rebuild()
    assert files.paths.published.is_symlink()
    assert harness.contents(tmp_path / "later.duckdb") == files.contents


def test_a_folder_without_permission_is_reported_with_its_path_and_a_remedy(place):
    label = "the folder of the warehouse may not be written"
    path, mode = forbidden.FORBIDDEN[label]
    findings = Findings("storage", label)
    before = harness.bytes_sha256(place.published)
    forbidden.forbid(place, label, path(place), mode, findings)
    kept(findings)
    assert harness.bytes_sha256(place.published) == before


def test_a_query_of_a_published_file_below_a_closed_folder_reports_it(place):
    with forbidden.bits(Paths(place.published).published.parent, forbidden.NONE):
        done = forbidden.ordinary(
            [str(harness.COMMAND), "query", "select 1", "--warehouse", str(place.published)],
        )
    assert complaints(done.returncode, done.stderr, str(place.published)) == []


@pytest.mark.parametrize(
    "err",
    [
        "/x: disk full",
        "Traceback (most recent call last):\n/x: free some space",
        "(Background on this error at: https://sqlalche.me/e/21/e3q8)\n/x: free some space",
        "a\nb\nc\n/x: free some space",
        "/y: free some space",
    ],
    ids=["no remedy", "a traceback", "noise", "many lines", "another path"],
)
def test_a_bad_message_is_detected(err):
    assert complaints(ENVIRONMENT, "raw ...\n/x: free some space", "/x") == []
    assert complaints(ENVIRONMENT, err, "/x") != []
