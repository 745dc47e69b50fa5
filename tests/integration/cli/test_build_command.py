"""closedloop build by the real command: on the real ledger, on refused data, and with concurrent writers."""

import json
import os
import shutil
import signal
import subprocess
import time

import duckdb
import pytest

from assets.core.paths import Paths
from assets.warehouse.lock import one_writer
from tests.conftest import COMMAND, LONG, closedloop
from tests.ledgers import seed_files


def test_the_real_ledger_is_built_and_ends_with_its_headline(real_built):
    assert real_built.code == 0, real_built.stderr
    shown = " ".join(real_built.stdout.split())
    for text in (
        "The ledger as known on a day",
        "openai openai anthropic anthropic",
        "2025-10-09",
        "gross $",
        "net $",
        "imputed from GW $",
        "site capacity",
        "annualised revenue $",
        "coverage with imputed",
        "years of revenue",
        "rumoured",
        "unverified",
    ):
        assert text in shown
    for claim in seed_files.project("claims"):
        assert claim["statement"][:50] in real_built.stdout
    assert real_built.stdout.splitlines()[-1] == str(real_built.published)
    assert real_built.stderr.splitlines()[:6] == [
        f"{s} ..." for s in ("raw", "staging", "facts", "metrics", "bi", "published")
    ]


def test_all_files_are_next_to_the_published_file(real_built):
    assert {p.name for p in real_built.published.parent.iterdir()} == {
        ".dagster_home",
        "lédger.duckdb",
        "lédger.build.duckdb",
        "lédger.gates.jsonl",
        "lédger.lock",
        "lédger.report.html",
    }
    assert {p.name for p in real_built.folder.iterdir()} == {
        "home",
        'it\'s a "wärehouse" #2',
        "stdout",
        "stderr",
        "code",
        "home_files",
        "made",
    }
    assert real_built.home_files == ""


@pytest.fixture
def place(small_built, tmp_path):
    """A built small ledger, to be built again by the real command."""
    folder = tmp_path / "copy"
    shutil.copytree(small_built.folder, folder)
    return folder


def build(place, *more):
    return closedloop("build", "--seeds", place / "seeds", "--warehouse", place / "closedloop.duckdb", *more)


def start(place, *more):
    return subprocess.Popen(
        [COMMAND, "build", "--seeds", place / "seeds", "--warehouse", place / "closedloop.duckdb", *more],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def until(condition, seconds=LONG):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "this took too long"
        time.sleep(0.02)


def publications(place):
    with duckdb.connect(str(place / "closedloop.duckdb"), read_only=True) as connection:
        return connection.execute("select count(*) from quality.publications").fetchone()[0]


def test_refused_data_is_exit_code_1_with_file_line_value_and_remedy(place):
    """Most tables depend on this file, so the build is short."""
    seed_files.change(place / "seeds", "assumptions", {"assumption_id": "figure_min"}, value="$1m")
    before = (place / "closedloop.duckdb").read_bytes()

    done = build(place)

    assert (done.returncode, done.stdout) == (1, "")
    rows = seed_files.read(place / "seeds" / "assumptions.csv")
    line = next(n for n, row in enumerate(rows, 2) if row["assumption_id"] == "figure_min")
    assert f'seeds/assumptions.csv:{line}  value = "$1m"' in done.stderr
    assert "rule    parsable (error)" in done.stderr
    assert ": 1000000" in done.stderr
    assert f"Nothing was published: {place / 'closedloop.duckdb'} is untouched." in done.stderr
    assert "Traceback" not in done.stderr
    assert (place / "closedloop.duckdb").read_bytes() == before


def dagster_runs(place):
    import dagster as dg

    with dg.DagsterInstance.from_config(str(place / ".dagster_home")) as instance:
        return [(run.tags["closedloop/process"], run.status.value) for run in instance.get_runs()]


def test_control_c_ends_a_build_quietly(place):
    before = (place / "closedloop.duckdb").read_bytes()
    log = place / "closedloop.gates.jsonl"
    known = log.stat().st_size
    process = start(place)
    until(lambda: log.stat().st_size > known)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=LONG)

    assert process.returncode == 130, err
    assert err.splitlines()[-1] == "Interrupted: run the same command again."
    assert "Traceback" not in err
    assert (place / "closedloop.duckdb").read_bytes() == before
    with one_writer(Paths(place / "closedloop.duckdb"), 0, "the test"):
        assert os.getpid() == json.loads((place / "closedloop.lock.json").read_text())["pid"]
