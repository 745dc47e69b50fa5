"""Writers of a folder of seeds: all files change or none, whatever kills or hinders a writer, and one at a time."""

import errno
import fcntl
import json
import os
import subprocess
import sys
import time

import pytest

from assets.core.errors import EnvironmentFailure
from assets.warehouse import seeds_journal
from tests.places import PROJECT

OLD = {"a.csv": b"a\n1\n", "b.csv": b"b\n2\n", "note.txt": b"mine"}

NEW = OLD | {"a.csv": b"a\n1\nnew\n", "b.csv": b"b\n2\nnew\n"}


@pytest.fixture
def seeds(tmp_path):
    return fresh(tmp_path / "seeds")


def fresh(folder):
    folder.mkdir()
    for name, content in OLD.items():
        (folder / name).write_bytes(content)
    return folder


def contents(folder):
    return {p.name: p.read_bytes() for p in folder.iterdir()}


def writer(folder, number, how):
    """A process that writes and dies, or fails, at its n-th system call."""
    return subprocess.run(
        [sys.executable, "-m", "tests.integration.analysis.killed_writer", str(folder), str(number), str(how)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture(scope="module")
def calls(tmp_path_factory):
    """How many system calls a writer makes."""
    folder = fresh(tmp_path_factory.mktemp("whole") / "seeds")
    done = writer(folder, 0, "kill")
    assert contents(folder) == NEW, done.stderr
    return int(done.stdout)


def test_a_writer_killed_between_any_two_calls_leaves_all_or_nothing_and_the_next_command_clears_up(calls, tmp_path):
    after = []
    for number in range(1, calls + 1):
        folder = fresh(tmp_path / f"seeds_{number}")
        killed = writer(folder, number, "kill")
        assert killed.returncode == -9, (number, killed.stderr)

        with seeds_journal.alone(folder):
            found = contents(folder)
        assert found in (OLD, NEW), (number, found)
        after.append(found == NEW)
    assert calls > 15
    assert after == sorted(after), "none until the moment of the decision, all from then on"
    assert {True, False} == set(after)


def test_a_writer_whom_the_disk_refuses_any_call_leaves_the_seeds_as_they_were(calls, tmp_path):
    for number in range(1, calls + 1):
        folder = fresh(tmp_path / f"seeds_{number}")
        failed = writer(folder, number, errno.EIO)

        if failed.returncode:
            assert "nothing was written" in failed.stderr, (number, failed.stderr)
        with seeds_journal.alone(folder):
            assert contents(folder) == (OLD if failed.returncode else NEW), (number, failed.stderr)


def test_a_reader_finishes_what_a_killed_writer_left(calls, seeds):
    writer(seeds, calls - 1, "kill")

    with seeds_journal.alone(seeds, is_reader=True):
        assert contents(seeds) == NEW


def test_a_file_that_was_edited_after_a_writer_died_is_left_to_a_person(calls, seeds):
    for number in range(1, calls):
        writer(seeds, number, "kill")
        journal = seeds / seeds_journal.JOURNAL
        if journal.exists() and json.loads(journal.read_text())["state"] == seeds_journal.REPLACING:
            break
        with seeds_journal.alone(seeds):
            pass
    (seeds / "b.csv").write_bytes(b"b\n2\nby a person\n")

    with (
        pytest.raises(EnvironmentFailure, match=r"b\.csv: .* was changed since: .* then remove") as refused,
        seeds_journal.alone(seeds),
    ):
        pass
    assert (seeds / "b.csv").read_bytes() == b"b\n2\nby a person\n"
    assert str(journal) in str(refused.value)
    journal.unlink()
    with seeds_journal.alone(seeds):
        pass


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"state": "replacing", "files": [{"file": "/etc/passwd"}]}',
        json.dumps(
            {
                "state": "replacing",
                "files": [{"file": "/etc/hostname", "temporary": "/etc/hostname.tmp-1", "before": "", "after": ""}],
            }
        ).encode(),
    ],
    ids=["empty", "cut", "list", "short", "elsewhere"],
)
def test_a_journal_that_no_command_wrote_is_refused_by_name_and_nothing_is_touched(seeds, content):
    (seeds / seeds_journal.JOURNAL).write_bytes(content)

    with pytest.raises(EnvironmentFailure, match=seeds_journal.JOURNAL), seeds_journal.alone(seeds):
        pass
    assert contents(seeds) == OLD | {seeds_journal.JOURNAL: content}


def test_a_pipe_in_place_of_the_journal_is_refused_and_not_read(seeds):
    os.mkfifo(seeds / seeds_journal.JOURNAL)

    with (
        pytest.raises(EnvironmentFailure, match=f"{seeds_journal.JOURNAL}: .* move it away"),
        seeds_journal.alone(seeds),
    ):
        pass


@pytest.mark.parametrize("content", [b"mine", b'{"mine": 1}'])
def test_a_file_in_place_of_the_next_journal_is_left_alone(seeds, content):
    path = seeds / f"{seeds_journal.JOURNAL}.new"
    path.write_bytes(content)

    with pytest.raises(EnvironmentFailure, match=f"{path.name}: .* move it away"), seeds_journal.alone(seeds):
        pass
    assert path.read_bytes() == content


@pytest.mark.parametrize("is_reader", [True, False])
@pytest.mark.parametrize("content", [b"", b'{"st', b'{"state": "preparing", "fil'])
def test_a_journal_that_a_writer_left_half_written_is_removed(seeds, content, is_reader):
    (seeds / f"{seeds_journal.JOURNAL}.new").write_bytes(content)

    with seeds_journal.alone(seeds, is_reader=is_reader):
        assert contents(seeds) == OLD


def test_one_writer_at_a_time_and_readers_wait_for_writers_only(seeds, monkeypatch):
    monkeypatch.setattr(seeds_journal, "WAIT_SECONDS", 0.1)

    with (
        seeds_journal.alone(seeds, is_reader=True),
        seeds_journal.alone(seeds, is_reader=True),
        pytest.raises(EnvironmentFailure, match="another command of closedloop"),
        seeds_journal.alone(seeds),
    ):
        pass
    with (
        seeds_journal.alone(seeds),
        pytest.raises(EnvironmentFailure, match="another command"),
        seeds_journal.alone(seeds, is_reader=True),
    ):
        pass
    with seeds_journal.alone(seeds):
        assert contents(seeds) == OLD


def test_a_writer_that_waits_goes_on_when_the_other_one_has_died(seeds):
    code = (
        "import pathlib, sys, time\nfrom assets.warehouse import seeds_journal\n"
        "with seeds_journal.alone(pathlib.Path(sys.argv[1])):\n    print('held', flush=True)\n    time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(seeds)], cwd=PROJECT, stdout=subprocess.PIPE) as other:
        assert other.stdout.readline() == b"held\n"
        other.kill()
        other.wait()
        before = time.monotonic()
        with seeds_journal.alone(seeds):
            assert time.monotonic() - before < seeds_journal.WAIT_SECONDS


@pytest.mark.parametrize("number", sorted(seeds_journal.NO_LOCKS))
def test_a_file_system_without_locks_has_the_journal_all_the_same(seeds, monkeypatch, number):
    def no_locks(_handle, _kind):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", no_locks)

    with seeds_journal.alone(seeds):
        seeds_journal.replace_all(seeds, {seeds / n: (OLD[n], NEW[n]) for n in ("a.csv", "b.csv")})
    assert contents(seeds) == NEW
