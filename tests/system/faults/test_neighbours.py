"""A fast part of the room `neighbours`; `make faults` has the other files, moments and changes."""

import shutil

import duckdb
import pytest

from tests.system.faults import changing_seeds, harness, in_the_way, killed_exports, killed_writers, writing_commands
from tests.system.faults.nth_call import KILL
from tests.system.faults.said import Findings

READING = changing_seeds.MOMENTS[2]


@pytest.fixture(scope="module")
def place(small_built, tmp_path_factory):
    """The small ledger, published; tests leave it unchanged."""
    folder = tmp_path_factory.mktemp("neighbours")
    shutil.copytree(small_built.folder, folder / "warehouse", ignore=shutil.ignore_patterns("seeds"))
    shutil.copytree(small_built.seeds, folder / "seeds")
    return harness.Place(folder)


def test_a_build_names_foreign_files_in_its_way_and_leaves_them_alone(place, tmp_path):
    found = in_the_way.builds(place, tmp_path, in_the_way.QUICK)

    assert found.is_kept, found.outcome
    assert found.injected == len(in_the_way.QUICK)


def test_an_export_names_foreign_files_in_its_way_and_leaves_them_alone(place, tmp_path):
    found = in_the_way.exports(place, tmp_path)

    assert found.is_kept, found.outcome


def test_a_build_during_which_a_seed_is_rewritten_is_refused(place, tmp_path):
    changed = harness.Place(shutil.copytree(place.folder, tmp_path / "changed"))
    versions = changing_seeds.Versions(tmp_path, place)
    findings = Findings("neighbours", "one change")

    found = changing_seeds.change(changed, versions, changing_seeds.REWRITTEN, READING, findings, "one")

    assert findings.broken == []
    assert found == "refused, the old file"


def test_a_killed_writer_of_seeds_leaves_all_or_nothing(tmp_path):
    amend = killed_writers.Writer(writing_commands.amend, tmp_path / "amend")

    found = killed_writers.disturbed("killed", tmp_path, [(amend, len(amend.calls) - 3, KILL)])

    assert found.is_kept, found.outcome


def test_a_killed_export_leaves_the_old_one_or_the_new_one_whole(place, tmp_path):
    earlier = shutil.copy(place.published, tmp_path / "earlier.duckdb")
    with duckdb.connect(str(earlier)) as connection:
        connection.execute("update quality.publications set run_id = 'earlier'")

    (found,) = killed_exports.run(earlier, place.published, tmp_path / "exports", spread=1, around=2)

    assert found.is_kept, found.outcome
