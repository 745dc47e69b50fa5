"""A fast part of the room `process`: builds killed between tables and after the rename, and leftovers.

`make faults` covers every moment, Ctrl-C, and runs of Dagster.
"""

import shutil
import signal
from dataclasses import replace

import pytest

from assets import catalog
from assets.cli import interrupts
from assets.core.paths import Paths
from tests.ledgers import seed_files
from tests.system.faults import harness, launcher, leftovers, moments, sweep


@pytest.fixture
def place(small_built, tmp_path):
    """The small ledger, published by `closedloop build`."""
    warehouse = tmp_path / "warehouse"
    shutil.copytree(small_built.folder, warehouse, ignore=shutil.ignore_patterns("made", ".history"))
    shutil.move(warehouse / "seeds", tmp_path / "seeds")
    return harness.Place(tmp_path)


def test_a_killed_build_leaves_the_old_file_or_the_new_one_and_the_next_build_recovers(place):
    before, old, known = harness.bytes_sha256(place.published), harness.contents(place.published), sweep.record(place)
    seed_files.change(place.seeds, "commitments", sweep.LEG, amount_usd=sweep.AMOUNTS[1])

    for point in moments.FEW_BEFORE:
        assert launcher.build(place, point=point).code == -signal.SIGKILL
        assert harness.bytes_sha256(place.published) == before

    leftovers.LEFT[leftovers.EVERYTHING](Paths(place.published))
    assert launcher.build(place, point=moments.AFTER_RENAME).code == -signal.SIGKILL
    new, known_then = harness.contents(place.published), sweep.record(place)
    assert new != old
    assert known_then.covers(known)

    ended = launcher.build(place)
    assert ended.code == 0, ended.err
    assert harness.contents(place.published) == new
    assert sweep.record(place).covers(known_then)
    assert sweep.record(place).tables_judged == len(catalog.STEPS)
    assert sweep.litter(place) == []
    assert sweep.open_runs(place) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_command_interrupted_while_it_imports_prints_one_line(tmp_path, number):
    ended = launcher.build(harness.place(tmp_path), at_import=("dagster", number))

    assert (ended.code, ended.err.split()) == (interrupts.CODE, interrupts.SAID.split())


def test_a_build_interrupted_within_a_table_reports_it_and_no_failure(place):
    seed_files.change(place.seeds, "commitments", sweep.LEG, amount_usd=sweep.AMOUNTS[1])
    before = harness.bytes_sha256(place.published)
    ended = launcher.build(place, point=replace(moments.FEW_BEFORE[0], number=signal.SIGTERM))

    said = [line for line in ended.err.splitlines() if line and not line.endswith(" ...")]
    assert (ended.code, said) == (interrupts.CODE, [interrupts.SAID])
    assert harness.bytes_sha256(place.published) == before
