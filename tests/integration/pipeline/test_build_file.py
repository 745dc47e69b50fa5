"""The build file is rebuildable: a run replaces any damaged file with a working one; the lock has one holder."""

import datetime as dt
import json
import os
import subprocess
import sys
import threading
import time

import duckdb
import polars as pl
import pytest

from assets.core.errors import EnvironmentFailure
from assets.core.paths import Paths, write_ahead_log
from assets.core.table import Column, Table
from assets.scale.large import Large
from assets.warehouse import content_hash, ours
from assets.warehouse.build_file import BuildFile
from assets.warehouse.content_hash import fingerprint
from assets.warehouse.lock import one_writer

NUMBERS = Table(
    stage="facts",
    name="numbers",
    summary="Numbers.",
    grain="one row per number",
    key=("n",),
    columns=(Column("n", "integer", "", "the number", required=True),),
)

FRAME = pl.DataFrame({"n": [1, 2, 3]}, schema={"n": pl.Int64})


@pytest.fixture
def paths(tmp_path):
    return Paths(tmp_path / "ledger.duckdb")


def opened(paths):
    return BuildFile(paths, paths.published.parent, {}, Large(paths))


def filled(paths):
    build = opened(paths)
    build.commit(NUMBERS, FRAME, {}, {}, "first run")
    build.close()
    return paths.build.read_bytes()


def of_a_newer_duckdb(content):
    """The file with a future storage version, and the checksum that DuckDB computes over its first block."""
    block = bytearray(content[:4096])
    block[12:20] = (99).to_bytes(8, "little")
    checksum = 5381
    for at in range(8, 4096, 8):
        checksum ^= int.from_bytes(block[at : at + 8], "little") * 0xBF58476D1CE4E5B9 % 2**64
    block[:8] = checksum.to_bytes(8, "little")
    return bytes(block) + content[4096:]


HOLD = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print(1, flush=True); sys.stdin.read()"

DAMAGED = {
    "nothing": lambda _: b"",
    "half": lambda content: content[: len(content) // 2],
    "zeros": lambda content: content[:12288] + bytes(len(content) - 12288),
    "newer": of_a_newer_duckdb,
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_build_file_is_rebuilt(paths, damage):
    paths.build.write_bytes(DAMAGED[damage](filled(paths)))
    paths.gate_log.write_text(json.dumps(dict.fromkeys(ours.VERDICT, "")) + "\n")
    if damage == "newer":
        with pytest.raises(duckdb.IOException, match="version number 99"):
            duckdb.connect(str(paths.build))

    build = opened(paths)

    assert build.states() == {}
    build.commit(NUMBERS, FRAME, {}, {}, "second run")
    assert build.states()["facts.numbers"].run_id == "second run"
    build.close()


def test_a_build_file_of_an_earlier_version_of_the_project_is_rebuilt(paths):
    with duckdb.connect(str(paths.build)) as connection:
        connection.execute("create schema _build; create table _build.tables (name varchar, is_good boolean)")

    build = opened(paths)

    assert build.states() == {}
    build.close()


def test_a_write_ahead_log_that_is_not_its_own_does_not_hinder(paths):
    filled(paths)
    write_ahead_log(paths.build).write_bytes(b"left by something else" * 50)

    build = opened(paths)
    build.commit(NUMBERS, FRAME, {}, {}, "second run")

    assert build.read("facts.numbers").equals(FRAME)
    build.close()


def test_a_folder_at_the_path_of_the_build_file_is_reported_and_left_alone(paths):
    (paths.build / "mine").mkdir(parents=True)

    with pytest.raises(EnvironmentFailure, match="directory"):
        opened(paths)

    assert (paths.build / "mine").is_dir()


def test_a_build_file_held_by_a_program_is_reported_with_its_process_and_kept(paths):
    content = filled(paths)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, paths.build],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        holder.stdout.readline()
        with pytest.raises(EnvironmentFailure, match=rf"PID {holder.pid}.*close the program"):
            opened(paths)
    finally:
        holder.communicate()
    assert paths.build.read_bytes() == content


def test_a_transaction_that_fails_leaves_table_and_state_as_they_were(paths, monkeypatch):
    filled(paths)
    build = opened(paths)
    monkeypatch.setattr(build, "_note", lambda _state: (_ for _ in ()).throw(KeyboardInterrupt))

    with pytest.raises(KeyboardInterrupt):
        build.commit(NUMBERS, FRAME.head(1), {}, {}, "second run")

    build.close()
    again = opened(paths)
    assert again.read("facts.numbers").equals(FRAME)
    assert again.states()["facts.numbers"].run_id == "first run"
    again.close()


def test_a_refusal_keeps_the_last_good_table_and_its_fingerprint(paths):
    filled(paths)
    build = opened(paths)

    build.refuse("facts.numbers", "unique_key", "second run")

    state = build.states()["facts.numbers"]
    assert (state.is_good, state.said, state.fingerprint) == (False, "unique_key", fingerprint([FRAME]))
    assert build.read("facts.numbers").equals(FRAME)
    build.close()


def test_fingerprints_distinguish_values_types_order_and_names():
    frames = [
        FRAME,
        FRAME.reverse(),
        FRAME.rename({"n": "m"}),
        FRAME.cast(pl.Int32),
        FRAME.head(2),
        FRAME.with_columns(m=pl.lit(None, pl.Int64)),
        FRAME.clear(),
    ]

    assert len({fingerprint([f]) for f in frames}) == len(frames)
    assert fingerprint([FRAME]) == fingerprint([FRAME.clone()])


@pytest.mark.parametrize(
    "alike",
    [
        [["ab", "c"], ["a", "bc"], ["abc", ""], ["abc", None], ["", "abc"], [None, "abc"]],
        [[0, 1], [None, 1], [0, None], [1, 0]],
        [[0.0, 1.0], [None, 1.0], [float("nan"), 1.0], [-0.0, 1.0], [0.0, 1.0 + 2**-52]],
        [[True, False], [False, True], [None, True], [True, None]],
        [[dt.date(1970, 1, 1)], [dt.date(1970, 1, 2)], [None]],
    ],
)
def test_fingerprints_distinguish_nulls_and_other_boundaries(alike):
    kind = pl.Series(alike[0]).dtype
    frames = [pl.DataFrame({"x": pl.Series(values, dtype=kind)}) for values in alike]

    assert len({fingerprint([f]) for f in frames}) == len(frames)


@pytest.mark.parametrize("at_once", [1, 2, 100_000])
def test_a_fingerprint_does_not_depend_on_how_the_rows_are_cut(monkeypatch, at_once):
    known = fingerprint([FRAME])
    monkeypatch.setattr(content_hash, "ROWS_HASHED_AT_ONCE", at_once)
    assert fingerprint([FRAME]) == known
    whole = pl.concat([FRAME, FRAME])
    assert fingerprint([whole]) == fingerprint([FRAME, FRAME]) == fingerprint(whole.iter_slices(1))
    texts = pl.DataFrame({"x": ["ab", None, "", "c", "Ω"], "y": [1.5, None, -0.0, 2.0, 3.0]})
    assert fingerprint([texts]) == fingerprint(texts.iter_slices(2)) == fingerprint(texts.iter_slices(1))


# --- the lock -------------------------------------------------------------------------------------------------------


def test_a_process_that_waits_in_vain_gets_the_holder_of_the_lock(paths):
    with (
        one_writer(paths, 0, "the other run"),
        pytest.raises(EnvironmentFailure, match=rf"process {os.getpid()} \(the other run, since 20") as refused,
        one_writer(paths, 0, "mine"),
    ):
        pass
    assert str(paths.published) in str(refused.value)


def test_a_waiting_process_gets_the_name_of_the_holder_and_then_the_lock(paths):
    heard, held = [], threading.Event()

    def hold():
        with one_writer(paths, 0, "the other run"):
            held.set()
            while not heard:
                time.sleep(0.01)

    other = threading.Thread(target=hold)
    other.start()
    held.wait(10)
    with one_writer(paths, 30, "mine", heard.append):
        assert json.loads(paths.holder.read_text())["purpose"] == "mine"
    other.join()

    assert len(heard) == 1
    assert heard[0].startswith(f"waiting up to 30 s for process {os.getpid()} (the other run")
    assert not paths.holder.exists()


@pytest.mark.parametrize("left", ["", '{"pid": 1}', '{"pid": 4194300, "purpose": "dead", "since": "2026"}'])
def test_the_note_of_a_dead_holder_does_not_block(paths, left):
    paths.holder.write_text(left)
    paths.holder.with_name(f"{paths.holder.name}.tmp-4194300").write_text("{")

    with one_writer(paths, 0, "mine"):
        assert json.loads(paths.holder.read_text())["pid"] == os.getpid()

    assert {p.name for p in paths.published.parent.iterdir()} <= {"ledger.lock"}


def test_the_lock_is_dropped_when_its_holder_is_killed(paths):
    code = (
        "import pathlib, sys\n"
        "from assets.warehouse.lock import one_writer\n"
        "from assets.core.paths import Paths\n"
        f"with one_writer(Paths(pathlib.Path({str(paths.published)!r})), 0, 'doomed'):\n"
        "    print(1, flush=True); sys.stdin.read()\n"
    )
    doomed = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    doomed.stdout.readline()
    with pytest.raises(EnvironmentFailure, match=f"process {doomed.pid} "), one_writer(paths, 0, "mine"):
        pass
    doomed.kill()
    doomed.communicate()

    with one_writer(paths, 5, "mine"):
        pass
