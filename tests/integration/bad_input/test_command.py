"""The real command: a refusal is exit code 1 and a few lines; the published file stays as it is, byte for byte."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from assets.cli.options import PROJECT, SEEDS
from tests.ledgers.damage.harm import cells, place

COMMAND = Path(sys.executable).with_name("closedloop")

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


def run(*arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [str(COMMAND), *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        cwd=PROJECT,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def seeds(tmp_path):
    return shutil.copytree(SEEDS, tmp_path / "seeds with blanks and ä")


@pytest.mark.parametrize("name", DAMAGES)
def test_check_refuses_with_a_few_lines(name, seeds):
    file, harm, told = DAMAGES[name]
    harm(seeds / f"{file}.csv")
    code, output = run("check", "--seeds", str(seeds))
    assert code == 1, output
    assert all(fragment in output for fragment in told), output
    assert "Traceback" not in output
    assert "Nothing was written" in output
    assert len(output.splitlines()) < FEW_LINES


def test_check_accepts_the_real_seeds_and_writes_nothing(seeds):
    before = sorted(seeds.rglob("*"))
    code, output = run("check", "--seeds", str(seeds))
    assert code == 0, output
    assert sorted(seeds.rglob("*")) == before
    assert sorted(seeds.parent.iterdir()) == [seeds]


@pytest.fixture
def published(tmp_path):
    """A file that readers have: any content will do, a refused build must not touch it."""
    file = tmp_path / "warehouse" / "closedloop.duckdb"
    file.parent.mkdir()
    with duckdb.connect(str(file)) as connection:
        connection.execute("create schema metrics; create table metrics.headline as select 1 as entity_id")
        connection.execute(
            "create schema quality; create table quality.publications as select 1 as publication_id, "
            "now() as published_at, 'a' as seeds_sha256, 'b' as code_version"
        )  # what proves it ours
    return file


@pytest.mark.parametrize(
    ("file", "harm", "told"),
    [
        ("sources", place(Path.unlink), ["seeds/sources.csv", "the file is missing"]),
        ("assumptions", cells("figure_min", value="$1m"), ['  value = "$1m"', "rule    parsable (error)", ": 1000000"]),
    ],
    ids=["a missing file", "a figure with a unit"],
)
def test_build_refuses_and_the_published_file_stays_byte_for_byte(file, harm, told, seeds, published):
    before = hashlib.sha256(published.read_bytes()).hexdigest()
    harm(seeds / f"{file}.csv")
    code, output = run("build", "--seeds", str(seeds), "--warehouse", str(published))
    assert code == 1, output
    assert all(fragment in output for fragment in told), output
    assert "Traceback" not in output
    assert "is untouched" in output
    assert hashlib.sha256(published.read_bytes()).hexdigest() == before
    assert not list(published.parent.glob("*.tmp*"))
