"""Publishing replaces the file atomically: readers are not disturbed, and any failure leaves the old file."""

import errno
import json
import subprocess
import sys
import textwrap
from contextlib import contextmanager

import duckdb
import pytest

from assets import catalog
from assets.core.errors import EnvironmentFailure
from assets.core.paths import write_ahead_log
from assets.gates.log import compact, results
from assets.published import publication
from assets.scale.large import Large
from assets.warehouse import publish as publishing
from assets.warehouse.build_file import BuildFile
from assets.warehouse.disk import append_lines

CLAIMS = catalog.STEPS["bi.claims"].table


@contextmanager
def build_of(pipeline):
    macros = catalog.STATEMENTS
    build = BuildFile(pipeline.paths, pipeline.seeds, macros, Large(pipeline.paths))
    try:
        yield build
    finally:
        build.close()


def publish(pipeline, run_id="by hand"):
    with build_of(pipeline) as build:
        gates, record = publication.publish(build, run_id)
    assert all(g.is_passed for g in gates), gates
    return record


def publications(pipeline):
    return pipeline.ask("select publication_id from quality.publications order by published_at")[
        "publication_id"
    ].to_list()


READER = """
import json, sys, duckdb
path, reads, seen = sys.argv[1], 0, []
print("ready", flush=True)
import threading
stop = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()
while not stop.is_set():
    with duckdb.connect(path, read_only=True) as c:
        (last, counts), = c.execute(
            "select publication_id, row_counts from quality.publications order by published_at desc limit 1"
        ).fetchall()
        for name in ("bi.claims", "facts.commitments", "raw.sources"):
            found = c.execute(f"select count(*) from {name}").fetchone()[0]
            assert found == json.loads(counts)[name], (name, found)
        (again,), = c.execute(
            "select publication_id from quality.publications order by published_at desc limit 1"
        ).fetchall()
        assert again == last
    reads += 1
    if last not in seen:
        seen.append(last)
print(json.dumps([reads, seen]))
"""


def test_a_reader_that_keeps_reading_never_fails_and_sees_one_publication_at_a_time(pipeline):
    reader = subprocess.Popen(
        [sys.executable, "-c", READER, pipeline.published],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    reader.stdout.readline()
    made = publications(pipeline)
    with build_of(pipeline) as build:
        whole = build.read(CLAIMS.full_name)
        state = build.states()[CLAIMS.full_name]
        for rows in (1, 2, 1):
            build.commit(CLAIMS, whole.head(rows), state.inputs, state.detail, "by hand")
            gates, record = publication.publish(build, "by hand")
            assert all(g.is_passed for g in gates)
            made.append(record["publication_id"])
    out, err = reader.communicate(timeout=60)

    assert reader.returncode == 0, err
    reads, seen = json.loads(out)
    assert reads > 5
    assert seen == [m for m in made if m in seen], "publications are seen in the order in which they were made"
    assert len(seen) > 1
    assert publications(pipeline) == made


def test_a_reader_that_keeps_the_old_file_open_keeps_its_content(pipeline):
    code = textwrap.dedent("""
        import duckdb, sys
        c = duckdb.connect(sys.argv[1], read_only=True)
        ask = lambda: print(c.execute("select count(*) from quality.publications").fetchone()[0], flush=True)
        ask(); sys.stdin.readline(); ask()
    """)
    reader = subprocess.Popen(
        [sys.executable, "-c", code, pipeline.published], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert reader.stdout.readline() == "1\n"

    publish(pipeline)

    assert reader.communicate("\n")[0] == "1\n"
    assert len(publications(pipeline)) == 2


def test_a_program_that_holds_the_published_file_for_writing_matters_neither_to_the_file_nor_to_the_history(pipeline):
    code = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1]); c.execute('create table mine (i int)');"
        "print(1, flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code, pipeline.published], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        holder.stdout.readline()
        with pytest.raises(EnvironmentFailure, match=f"PID {holder.pid}.*close the program"):
            publications(pipeline)

        publish(pipeline)

        assert len(publications(pipeline)) == 2
    finally:
        holder.communicate()
    assert len(publications(pipeline)) == 2
    assert pipeline.ask("select * from duckdb_tables() where table_name = 'mine'").is_empty()


@pytest.mark.parametrize("lost", ["published", "build"])
def test_the_history_of_publications_outlives_the_loss_of_a_file(pipeline, lost):
    first = publications(pipeline)
    if lost == "published":
        pipeline.published.write_bytes(pipeline.published.read_bytes()[:20_000])
        publish(pipeline)
    else:
        pipeline.paths.build.unlink()
        assert pipeline.run().is_success

    assert publications(pipeline)[:1] == first
    assert len(publications(pipeline)) == 2


@pytest.mark.parametrize(
    ("broken", "text"),
    [("sync", "No space left.*free some space"), ("_describe", "Input/output"), ("_verify", "Permission")],
)
def test_a_disk_that_refuses_leaves_the_last_file(pipeline, monkeypatch, broken, text):
    number = {"sync": errno.ENOSPC, "_describe": errno.EIO, "_verify": errno.EACCES}[broken]

    def refuse(*_):
        raise OSError(number, __import__("os").strerror(number))

    before = pipeline.mark()
    with monkeypatch.context() as patch:
        patch.setattr(publishing, broken, refuse)
        with pytest.raises(EnvironmentFailure, match=text):
            publish(pipeline)

    assert pipeline.mark() == before
    assert not [p for p in pipeline.folder.iterdir() if ".tmp" in p.name or p.suffix == ".wal"]
    publish(pipeline)
    assert len(publications(pipeline)) == 2


def test_a_copy_with_missing_rows_is_not_published(pipeline, monkeypatch):
    describe = publishing._describe

    def lose_rows(target, *more):
        describe(target, *more)
        with duckdb.connect(str(target)) as connection:
            connection.execute("delete from facts.deals where deal_id = 'd_amd'")

    before = pipeline.mark()
    monkeypatch.setattr(publishing, "_describe", lose_rows)

    with pytest.raises(EnvironmentFailure, match=r"facts\.deals has 7 rows in the new file and 8 in the build file"):
        publish(pipeline)

    assert pipeline.mark() == before


def test_an_environment_failure_is_a_failed_check_and_no_materialisation(pipeline, monkeypatch):
    def refuse(_path):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(publishing, "sync", refuse)

    run = pipeline.run("published.warehouse")

    assert run.materialised == set()
    assert not run.checks["published.warehouse", "gate"].passed
    assert "No space left" in run.failures["published.warehouse"].metadata["environment"].value


def test_leftovers_of_a_process_that_died_are_removed(pipeline):
    for name in ("closedloop.duckdb.tmp-4194300", "closedloop.duckdb.tmp-4194300.wal"):
        (pipeline.folder / name).write_bytes(b"half")
    write_ahead_log(pipeline.published).write_bytes(b"of another file")

    publish(pipeline)

    assert not [p for p in pipeline.folder.iterdir() if ".tmp" in p.name or p.suffix == ".wal"]
    assert len(publications(pipeline)) == 2


def test_tables_of_an_earlier_contract_are_not_published_under_new_names(pipeline):
    with duckdb.connect(str(pipeline.paths.build)) as connection:
        connection.execute("alter table facts.deals rename column description to about")
    before = pipeline.mark()

    with pytest.raises(publication.NotPublishable, match=r"facts\.deals was built by an earlier version"):
        publish(pipeline)

    assert pipeline.mark() == before


# --- the gate log ---------------------------------------------------------------------------------------------------


def test_lines_cut_short_by_a_crash_cost_no_other_line(pipeline):
    log = pipeline.paths.gate_log
    lines = log.read_text(encoding="utf-8").splitlines()
    log.write_text(f'7\nnull\n[]\n{{}}\n{{"run_id": 1}}\n{lines[0]}\n{lines[1][:40]}', encoding="utf-8")
    append_lines(log, [json.loads(lines[2])])

    found = results(log, 3)

    rules = [json.loads(lines[i])["rule"] for i in (0, 2)]
    assert found["rule"].to_list() == rules


def test_the_log_keeps_failures_of_all_runs_and_passes_of_the_latest(tmp_path):
    log = tmp_path / "gates.jsonl"
    for day in range(1, 6):
        rows = [
            {
                "run_id": f"run {day}",
                "table_name": "facts.deals",
                "rule": rule,
                "severity": "error",
                "is_passed": rule == "columns",
                "rows_checked": 3,
                "rows_failed": 0,
                "sample_keys": '["\u2028 \u00e9"]',
                "checked_at": f"2026-01-0{day}T00:00:00.000000",
            }
            for rule in ("columns", "unique_key")
        ]
        append_lines(log, rows)

    kept = results(log, 2)
    compact(log, kept)

    assert kept.filter("is_passed")["run_id"].to_list() == ["run 4", "run 5"]
    assert kept.filter(~kept["is_passed"]).height == 5
    assert results(log, 2).equals(kept)
    assert not [p for p in tmp_path.iterdir() if p != log]
