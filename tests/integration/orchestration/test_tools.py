"""Dagster's own commands work in this repository unchanged."""

import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from assets import catalog
from assets.core.paths import PROJECT
from tests.conftest import LONG


@pytest.fixture
def tool(small_built, tmp_path):
    """Run a command of .venv/bin in the repository, with a separate warehouse and home."""
    binaries = Path(sys.executable).parent
    (tmp_path / "home").mkdir()
    environment = {
        **os.environ,
        "PATH": f"{binaries}:{os.environ['PATH']}",
        "HOME": str(tmp_path / "home"),
        "VIRTUAL_ENV": str(binaries.parent),
        "CLOSEDLOOP_WAREHOUSE": str(tmp_path / "x.duckdb"),
        "CLOSEDLOOP_SEEDS": str(small_built.seeds),
    }

    def call(*command):
        return subprocess.run(
            command, capture_output=True, text=True, timeout=LONG, check=False, cwd=PROJECT, env=environment
        )

    return call


def test_dg_finds_nothing_wrong_with_the_definitions(tool):
    done = tool("dg", "check", "defs")

    assert done.returncode == 0, done.stderr
    assert "All definitions loaded successfully." in done.stdout + done.stderr


def test_dagster_validates_the_workspace(tool):
    done = tool("dagster", "definitions", "validate", "-w", "workspace.yaml")

    assert done.returncode == 0, done.stderr
    assert "All code locations passed validation." in done.stdout + done.stderr


def test_dagster_lists_every_asset(tool):
    done = tool("dagster", "asset", "list", "-m", "assets.definitions")

    assert done.returncode == 0, done.stderr
    published = {"published/warehouse", "published/report"}
    assert set(done.stdout.split()) == {n.replace(".", "/") for n in catalog.STEPS} | published


def test_dg_launches_the_main_job(tool, tmp_path):
    done = tool("dg", "launch", "--job", "build_warehouse")

    assert done.returncode == 0, done.stderr[-3000:]
    with duckdb.connect(str(tmp_path / "x.duckdb"), read_only=True) as connection:
        ((counts,),) = connection.execute("select row_counts from quality.publications").fetchall()
    assert set(json.loads(counts)) == set(catalog.STEPS)
