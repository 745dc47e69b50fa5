"""`closedloop check`: a refusal gives exit code 1 and a few lines, and nothing is written."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from assets.core.paths import SEEDS
from assets.gates import check_seeds
from tests.integration.bad_input import remembered
from tests.ledgers.damage.harm import cells, place

FEW_LINES = 20

DAMAGES = {
    "a missing file": ("prices", place(Path.unlink), ["seeds/prices.csv", "the file is missing"]),
    "a figure with a unit": (
        "commitments",
        cells("l_amd_humain", amount_usd="$1.2bn"),
        ['  amount_usd = "$1.2bn"', "rule    parsable (error)", ": 1200000000"],
    ),
    "a circle": (
        "commitments",
        cells("l_amd_humain", part_of_leg_id="l_amd_humain"),
        ["l_amd_humain → l_amd_humain", "rule    containment_acyclic (error)"],
    ),
}


@pytest.fixture(autouse=True)
def _equal_frames_are_judged_once(monkeypatch):
    monkeypatch.setattr(check_seeds, "evaluate", remembered.judge)


@pytest.fixture
def seeds(tmp_path):
    return shutil.copytree(SEEDS, tmp_path / "seeds with blanks and ä")


@pytest.mark.parametrize("name", DAMAGES)
def test_check_refuses_with_a_few_lines(command, name, seeds):
    file, harm, found = DAMAGES[name]
    harm(seeds / f"{file}.csv")

    done = command("check", "--seeds", seeds)

    assert (done.code, done.out) == (1, "")
    assert all(fragment in done.err for fragment in found), done.err
    assert "Traceback" not in done.err
    assert "Nothing was written" in done.err
    assert len(done.err.splitlines()) < FEW_LINES


def test_check_accepts_the_real_seeds_and_writes_nothing(command, seeds):
    before = sorted(seeds.rglob("*"))

    done = command("check", "--seeds", seeds)

    assert done.code == 0, done.err
    assert sorted(seeds.rglob("*")) == before
    assert sorted(seeds.parent.iterdir()) == [seeds]
