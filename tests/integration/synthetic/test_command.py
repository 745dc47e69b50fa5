"""`closedloop synth` as a user runs it: its files, refusals and messages."""

import subprocess

import pytest

from tests.conftest import COMMAND


def synth(folder, legs=100, *more):
    return ["synth", "--legs", legs, "--out", folder, *more]


def test_its_seeds_pass_every_gate(command, tmp_path):
    written = command(*synth(tmp_path / "größe", 300))
    assert written.code == 0
    assert "300  legs of a made-up ledger" in written.out
    assert "totals.json" in written.out
    judged = command("check", "--seeds", tmp_path / "größe", "--warehouse", tmp_path / "w.duckdb")
    assert judged.code == 0, judged.err


@pytest.mark.parametrize(
    ("legs", "found"), [(99, "with fewer than 100 legs"), (-5, "too small"), (2_000_001, "more than 2000000 legs")]
)
def test_a_size_that_cannot_be_is_refused_with_the_bound(command, tmp_path, legs, found):
    ended = command(*synth(tmp_path / "out", legs))
    assert ended.code == 2
    assert found in ended.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("file", ["commitments.csv", "totals.json", "export.json", ".hidden"])
def test_a_folder_that_holds_anything_is_left_as_it_is(command, tmp_path, file):
    (tmp_path / file).write_text("mine")
    ended = command(*synth(tmp_path))
    assert ended.code == 2
    assert ended.err.strip() == f"{tmp_path} holds files: name a new or empty folder"
    assert [(f.name, f.read_text()) for f in tmp_path.iterdir()] == [(file, "mine")]


def test_a_file_in_the_place_of_the_folder_is_left_as_it_is(command, tmp_path):
    (tmp_path / "out").write_text("mine")
    ended = command(*synth(tmp_path / "out"))
    assert ended.code == 2
    assert "is a file" in ended.err
    assert (tmp_path / "out").read_text() == "mine"


def test_an_empty_folder_is_filled(command, tmp_path):
    assert command(*synth(tmp_path)).code == 0
    assert (tmp_path / "commitments.csv").exists()


def test_a_full_disk_leaves_nothing_behind(disk):
    small = disk(2000)
    asked = map(str, synth(small.folder / "out", 20_000))
    ended = subprocess.run([COMMAND, *asked], capture_output=True, text=True, check=False)
    assert ended.returncode == 3, ended.stderr
    assert "free some space" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert list(small.folder.iterdir()) == []
