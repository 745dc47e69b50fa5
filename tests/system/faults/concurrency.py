"""Concurrency: builds, readers, runs of Dagster, and a tool that has the published file open for writing.

The promise: one writer at a time, others wait or get the name of the holder; no reader fails or sees parts of two
publications.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path

import duckdb

from assets.core.paths import Paths
from tests.conftest import Pipeline
from tests.ledgers import seed_files, small
from tests.system.faults import harness, homes, launcher, sweep, writers
from tests.system.faults.readers import KINDS, Reader, read
from tests.system.live_server import SCHEDULE, SENSOR, Server

PUBLISHES, READERS = 50, 8

WHOLE_RUN_EVERY = 10
"""Number of publishes; every tenth builds all tables and changes an amount, the others change only the claims."""

HOMES, OPENED = 10, 4

WRITERS, BATCHES, KILLED = 4, 25, 10

LONG_WAIT_S = 600

CLAIMS = ("raw.claims", "staging.claims", "metrics.claims", "bi.claims", "published.warehouse")

HOLD = """
import duckdb, sys
with duckdb.connect(sys.argv[1]) as connection:
    connection.execute("create schema tool; create table tool.notes as select 1 as n")
    print("held", flush=True)
    sys.stdin.readline()
    connection.execute("insert into tool.notes values (2)")
    print("wrote", flush=True)
    sys.stdin.read()
"""
"""A tool that opens the file for writing, changes it, and writes again on a signal."""


def run(folder: Path) -> Iterator[harness.Result]:
    """Every fault of this room."""
    yield judged("two builds at once, the second does not wait", lambda: impatient(folder / "impatient"))
    yield judged(
        f"{OPENED} processes open a new Dagster history at once, {HOMES} times", lambda: opened(folder / "homes")
    )
    yield judged(f"{WRITERS} processes write Dagster's history of one run at once", lambda: written(folder / "written"))
    yield judged("kill -9 of a process that writes Dagster's history", lambda: killed(folder / "killed"))
    for count in (2, 4):
        name = f"{count} builds at once that wait for one another"
        yield judged(name, lambda count=count: patient(folder / f"patient_{count}", count))
    yield judged("a tool holds the published file for writing during a build", lambda: held_by_a_tool(folder / "held"))
    yield judged(f"{READERS} readers during {PUBLISHES} publishes", lambda: read_while_published(folder / "readers"))
    yield judged("schedule, sensor, two people and the command at once", lambda: under_dagster(folder / "dagster"))


def judged(fault: str, break_it: Callable[[], tuple[int, str]]) -> harness.Result:
    """The line of the results, whether or not the promise was kept."""
    try:
        injected, outcome = break_it()
    except (AssertionError, duckdb.Error, OSError) as error:
        return harness.Result("concurrency", fault, 1, f"BROKEN: {str(error)[:600]}", is_kept=False)
    return harness.Result("concurrency", fault, injected, outcome, is_kept=True)


def impatient(folder: Path) -> tuple[int, str]:
    """With --wait 0 the second build ends with exit code 3 and names the first, which continues."""
    place = harness.place(folder)
    first = second_refused(place)
    ended = first.wait()
    assert ended.code == 0, ended.err
    sweep.is_tidy(place)
    return 1, "exit code 3, and the message names process, run and since when; the first build published"


def second_refused(place: harness.Place) -> launcher.Started:
    """Start a build, then a second one that does not wait; returns the first, which is still running."""
    first = launcher.Started(place)
    holder = harness.until(lambda: harness.holder(place), "the lock")
    assert holder == first.pid
    second = launcher.build(place, "--wait", 0)
    assert second.code == 3, f"ended with {second.code}: {second.err}"
    assert f"is being built by process {first.pid} (Dagster run " in second.err, second.err
    assert "Traceback" not in second.err, second.err
    return first


def opened(folder: Path) -> tuple[int, str]:
    """The first commands of a new warehouse create Dagster's history at the same time."""
    folder.mkdir(parents=True)
    for number in range(HOMES):
        found = homes.opened_at_once(folder / str(number), OPENED)
        assert found == ["ok"] * OPENED, f"{found}"
    return HOMES * OPENED, "every one opened it"


def written(folder: Path) -> tuple[int, str]:
    """Processes that write the same databases wait for each other."""
    count = writers.at_once(folder, WRITERS, BATCHES)
    return WRITERS * BATCHES, f"all {count:,} events once, each batch whole, in the index as in the run"


def killed(folder: Path) -> tuple[int, str]:
    """After a killed process, the next one needs no clean-up."""
    count = writers.killed(folder, KILLED)
    return KILLED, f"the next one wrote on; all batches of {count:,} events whole, in the index as in the run"


def patient(folder: Path, count: int) -> tuple[int, str]:
    """Builds that start together and may wait all publish, and the final file is right."""
    place = harness.place(folder)
    started = [launcher.Started(place, "--wait", LONG_WAIT_S) for _ in range(count)]
    for build in started:
        ended = build.wait()
        assert ended.code == 0, f"ended with {ended.code}: {ended.err}"
    assert len(sweep.record(place).publications) == count
    _one_at_a_time(place)
    found = harness.contents(place.published)
    alone = launcher.build(place)
    assert alone.code == 0, alone.err
    assert harness.contents(place.published) == found, "a build alone gives other tables"
    sweep.is_tidy(place)
    return count, f"all {count} published, one after another; the tables are those of a build alone"


def _one_at_a_time(place: harness.Place) -> None:
    """The verdicts of each run are consecutive in the gate log: no two runs judged tables at the same time."""
    lines = Paths(place.published).gate_log.read_text().splitlines()
    blocks = [run for run, _ in groupby(json.loads(line)["run_id"] for line in lines)]
    assert len(blocks) == len(set(blocks)), f"runs worked at the same time: {blocks}"


def held_by_a_tool(folder: Path) -> tuple[int, str]:
    """The build still publishes; the tool keeps the removed file, and its writes have no effect."""
    place = harness.place(folder)
    assert launcher.build(place).code == 0
    tool = _tool(place.published)
    try:
        refused = _refused_read(place.published)
        assert "lock" in refused, refused
        assert f"{tool.pid}" in refused, refused
        seed_files.change(place.seeds, "commitments", sweep.LEG, amount_usd=sweep.AMOUNTS[1])
        built = launcher.build(place)
        assert built.code == 0, f"ended with {built.code}: {built.err}"
        expected, known = harness.contents(place.published), sweep.record(place)
        assert len(known.publications) == 2, "the history of publications is lost while a tool holds the file"
        _tell(tool, "write\n")
        assert tool.stdout
        assert tool.stdout.readline() == "wrote\n"
        after_write = _try(lambda: harness.contents(place.published) == expected)
    finally:
        tool.communicate()
    assert tool.returncode == 0
    assert harness.contents(place.published) == expected, "what the tool wrote has come into the new file"
    sweep.is_tidy(place)
    assert launcher.build(place).code == 0
    assert sweep.record(place).covers(known)
    return 1, f"the build published; a reader met meanwhile: {after_write}; when the tool had ended all was right"


def _tool(published: Path) -> subprocess.Popen[str]:
    tool = subprocess.Popen(
        [sys.executable, "-c", HOLD, published], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert tool.stdout
    assert tool.stdout.readline() == "held\n"
    return tool


def _tell(tool: subprocess.Popen[str], text: str) -> None:
    assert tool.stdin
    tool.stdin.write(text)
    tool.stdin.flush()


def _refused_read(published: Path) -> str:
    """The message of `closedloop query` while a tool holds the file for writing."""
    done = subprocess.run(
        [harness.COMMAND, "query", "select 1", "--warehouse", published], capture_output=True, text=True, check=False
    )
    assert done.returncode == 3, f"ended with {done.returncode}: {done.stderr}"
    return done.stderr


def _try(look: Callable[[], bool]) -> str:
    try:
        return "the new file" if look() else "other tables"
    except duckdb.Error as error:
        return str(error).splitlines()[0]


def read_while_published(folder: Path) -> tuple[int, str]:
    """The small ledger, published many times with many readers."""
    folder.mkdir(parents=True)
    pipeline = Pipeline(folder)
    small.write(pipeline.seeds)
    with _quick():
        assert pipeline.run().is_success
        return reads_during(pipeline, PUBLISHES, READERS)


def reads_during(pipeline: Pipeline, publishes: int, readers: int) -> tuple[int, str]:
    """Every read sees one complete publication; an open connection keeps the one that it opened."""
    expected = dict([read(pipeline.published)])
    watching = [Reader(KINDS[n % len(KINDS)], pipeline.published) for n in range(readers)]
    try:
        for number in range(1, publishes + 1):
            whole = number % WHOLE_RUN_EVERY == 0
            _change(pipeline, number, is_whole=whole)
            run = pipeline.run(*(() if whole else CLAIMS))
            assert run.is_success, f"{run.error} {run.failures}"
            publication, marks = read(pipeline.published)
            assert publication not in expected
            expected[publication] = marks
    finally:
        messages = [(r.kind, r.observed()) for r in watching]
    assert len(set(expected.values())) == publishes + 1, "two publications have the same content"
    return sum(int(t["reads"]) for _, t in messages), _seen(messages, expected)


@contextmanager
def _quick() -> Iterator[None]:
    before = os.environ.get("CLOSEDLOOP_DRAWS")
    os.environ["CLOSEDLOOP_DRAWS"] = launcher.DRAWS
    try:
        yield
    finally:
        os.environ.pop("CLOSEDLOOP_DRAWS")
        os.environ.update({"CLOSEDLOOP_DRAWS": before} if before else {})


def _seen(answer: list[tuple[str, dict]], expected: dict[str, str]) -> str:
    errors = [e for _, t in answer for e in t["errors"]]
    assert not errors, f"{len(errors)} reads failed, the first: {errors[0]}"
    pairs = {tuple(p) for _, t in answer for p in t["pairs"]}
    mixed = [p for p in pairs if expected.get(p[0]) != p[1]]
    assert not mixed, f"{len(mixed)} reads saw a mixture, the first: {mixed[0]}"
    for kind, t in answer:
        assert t["reads"] > 0
        assert (len(t["pairs"]) == 1) == (kind == "one connection"), f"{kind} saw {len(t['pairs'])} publications"
    reads = {kind: sum(t["reads"] for k, t in answer if k == kind) for kind in KINDS}
    by_kind = ", ".join(f"{kind} {n:,}" for kind, n in reads.items())
    return (
        f"no error and no mixture in {sum(reads.values()):,} reads ({by_kind})"
        f" over {len(pairs)} publications; a connection that stayed open kept its own"
    )


def _change(pipeline: Pipeline, number: int, *, is_whole: bool) -> None:
    claim = seed_files.read(pipeline.seeds / "claims.csv")[0]
    seed_files.change(
        pipeline.seeds, "claims", {"claim_id": claim["claim_id"]}, statement=f"The sentence as of reading {number}"
    )
    if is_whole:
        seed_files.change(pipeline.seeds, "commitments", sweep.LEG, amount_usd=f"{38_000_000_000 + number}")


def under_dagster(folder: Path) -> tuple[int, str]:
    """Runs of the schedule, the sensor, users and the command start while others run: all succeed, one at a time."""
    place = harness.place(folder)
    server = Server(folder, place.seeds, place.published, CLOSEDLOOP_DRAWS=launcher.DRAWS)
    try:
        server.until(lambda: server.ask("query { version }"), "answer of GraphQL")
        people = [server.launch(), server.launch()]
        with ThreadPoolExecutor(1) as beside:
            command = beside.submit(launcher.build, place, "--wait", LONG_WAIT_S)
            server.until(lambda: server.runs(**SENSOR), "run of the sensor")
            server.until(lambda: server.runs(**SCHEDULE), "run of the schedule")
            server.stop_schedule()
            assert command.result().code == 0, command.result().err
        server.until(lambda: all(server.ended(r["runId"]) for r in server.runs()), "end of all runs")
        runs = server.runs()
        ends = {r["runId"]: r["status"] for r in runs}
        assert set(ends.values()) == {"SUCCESS"}, ends
        assert set(people) <= set(ends)
        assert set(ends) == set(server.publications()), "a run that succeeded did not publish"
    finally:
        server.stop()
    _one_at_a_time(place)
    found = harness.contents(place.published)
    assert launcher.build(place).code == 0
    assert harness.contents(place.published) == found, "a build alone gives other tables"
    sweep.is_tidy(place)
    return len(ends), f"all {len(ends)} runs published, one at a time; the tables are those of a build alone"
