"""Seeds of extreme size and kind are refused precisely, at once, and in bounded memory, without hanging."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import threading

import pytest

from assets.cli.options import PROJECT
from tests.conftest import COMMAND, LONG
from tests.ledgers import small

MEGABYTE = 1 << 20

GIGABYTE = 1 << 30

MORE_KB_AT_MOST = 600_000
"""Allowed memory above that of a check of good seeds: 60 MB of text take about seven times as much (430 MB)."""

REFUSED, ENVIRONMENT = 1, 3


@pytest.fixture
def seeds(tmp_path):
    return small.write(tmp_path / "seeds")


def check(*arguments):
    """Run `closedloop check` in a separate process; returns exit code, output, and peak memory in kB."""
    command = [COMMAND, "check", *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=PROJECT) as process:
        end = threading.Timer(LONG, process.kill)
        end.start()
        said = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        end.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, said, usage.ru_maxrss


@pytest.fixture(scope="module")
def usual_kb(tmp_path_factory):
    """Peak memory of a check of good seeds."""
    code, said, peak_kb = check("--seeds", small.write(tmp_path_factory.mktemp("good") / "seeds"))
    assert code == 0, said
    return peak_kb


def one_line(path):
    """A line of 100 MB."""
    with path.open("ab") as file:
        for _ in range(100):
            file.write(b"x" * MEGABYTE)


def sparse(path):
    """A sparse file of a gigabyte with only its first bytes written."""
    os.truncate(path, GIGABYTE)


def text(path):
    """A gigabyte of real records."""
    line = path.read_bytes().split(b"\n")[1] + b"\n"
    block = line * (MEGABYTE // len(line))
    with path.open("ab") as file:
        while file.tell() < GIGABYTE:
            file.write(block)


def cells(path):
    """Records with cells of the maximum length."""
    with path.open("ab") as file:
        while file.tell() < 60 * MEGABYTE:
            file.write(b'many,"' + b"x" * (MEGABYTE - 100) + b'",2025-01-01,text,a_source\n')


TOO_LARGE = (
    r"seeds/deals\.csv\n  rule    readable \(error\): the file has {size} MB, a seed has at most 640 MB\n  remedy  .+"
)

LARGE = {
    "a line of 100 MB": (one_line, r"seeds/deals\.csv:\d+ [\s\S]+rule    readable [\s\S]+a cell has more than 1 MB"),
    "a gigabyte with holes": (sparse, TOO_LARGE.format(size="1024")),
    "a gigabyte of text": (text, TOO_LARGE.format(size="102[45]")),
    "60 MB in cells of one MB": (cells, r"seeds/deals\.csv:\d+ [\s\S]+rule    [\s\S]+remedy  "),
}


@pytest.mark.parametrize("name", LARGE)
def test_a_very_large_seed_is_refused_in_bounded_memory(name, seeds, usual_kb):
    enlarge, found = LARGE[name]
    enlarge(seeds / "deals.csv")
    try:
        code, said, peak_kb = check("--seeds", seeds)
    finally:
        (seeds / "deals.csv").unlink()
    assert code == REFUSED, said[-2000:]
    assert re.search(found, said), said[:2000]
    assert "Traceback" not in said
    assert len(said) < 20_000
    assert peak_kb < usual_kb + MORE_KB_AT_MOST


def test_a_named_pipe_in_place_of_a_seed_or_behind_a_link_does_not_hang(seeds, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for name in ("deals", "sources"):
        (seeds / f"{name}.csv").unlink()
    os.mkfifo(seeds / "deals.csv")
    (seeds / "sources.csv").symlink_to(tmp_path / "pipe")
    code, said, _ = check("--seeds", seeds)
    assert code == REFUSED, said
    for name, reason in (("deals", "this is not a file"), ("sources", "this is a link to another file")):
        found = rf"seeds/{name}\.csv\n  rule    readable \(error\): {reason}\n  remedy  put"
        assert re.search(found, said), said


def test_a_folder_of_seeds_that_links_to_itself_is_wrong_usage(command, tmp_path):
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    done = command("check", "--seeds", tmp_path / "loop")
    assert done.code in {2, ENVIRONMENT}, done.err
    assert "Traceback" not in done.err
    assert str(tmp_path / "loop") in done.err


def test_seeds_behind_links_and_dots_are_read_where_they_are(command, seeds, tmp_path, monkeypatch):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "link").symlink_to(seeds)
    monkeypatch.chdir(tmp_path / "a" / "b")
    done = command("check", "--seeds", "../link")
    assert done.code == 0, done.err


def test_a_warehouse_path_with_dots_is_resolved(command, seeds, tmp_path, monkeypatch):
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (seeds / "sources.csv").unlink()  # refused early, but with the path of the files
    monkeypatch.chdir(inner)
    done = command("build", "--seeds", "../../seeds/../seeds", "--warehouse", "../out/x.duckdb")
    assert done.code == REFUSED, done.err
    assert "seeds/sources.csv\n  rule    readable (error): the file is missing" in done.err
    assert {p.name for p in tmp_path.iterdir()} == {"a", "seeds"}
    assert {p.name for p in (tmp_path / "a").iterdir()} == {"b", "out"}
    assert list(inner.iterdir()) == []
    assert "x.build.duckdb" in {p.name for p in (tmp_path / "a" / "out").iterdir()}


def test_many_files_that_are_no_seeds_do_no_harm(command, seeds):
    for number in range(2000):
        (seeds / f"copy of deals ({number}).csv").touch()
    (seeds / "nested").mkdir()
    shutil.copy(seeds / "deals.csv", seeds / "nested")
    done = command("check", "--seeds", seeds)
    assert done.code == 0, done.err
