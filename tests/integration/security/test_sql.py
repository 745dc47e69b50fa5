"""SQL in the seeds is text: refused in columns with a pattern, kept unchanged in free text, never run."""

from __future__ import annotations

import shutil

import duckdb
import pytest

from assets.warehouse.questions import QueryError, answer
from tests.integration.bad_input import remembered
from tests.ledgers import seed_files
from tests.ledgers.smallest import smallest

HOSTILE = (
    "x'; drop table raw.deals; --",
    'x"; drop table raw.deals; --',
    '"',
    "''",
    "x; attach '/etc/passwd' as p; --",
    "$$; drop schema raw cascade; $$",
    "select * from facts.deals",
    "x\\'; drop table facts.deals; --",
    "{day}",
    "%s",
    "$as_of",
    "?",
)

LOOKALIKES = (
    "b\u0443yer",  # a Cyrillic letter
    "buyer\u200b",  # a zero-width space
    "\u202ereyub",  # right-to-left override
    "buyer\u00a0",
    "buye\u0072\u0301",  # a combining accent
    "\uff42uyer",  # a full-width letter
)


@pytest.fixture
def refused(tmp_path, monkeypatch):
    """The text of the refusals for a ledger."""

    def ask(seeds):
        folder = seed_files.write(seeds, tmp_path / "seeds")
        return remembered.refused(remembered.check(folder, monkeypatch)[0])

    return ask


@pytest.mark.parametrize("name", [*HOSTILE, *LOOKALIKES])
@pytest.mark.parametrize(
    ("file", "column"), [("entities", "entity_id"), ("deals", "deal_id"), ("commitments", "leg_id")]
)
def test_an_id_that_is_sql_or_a_look_alike_is_refused_by_its_form(file, column, name, refused):
    seeds = smallest()
    seeds[file].append(seeds[file][0] | {column: name})
    shown = refused(seeds)
    assert f"seeds/{file}.csv:{len(seeds[file]) + 1}" in shown
    assert f"pattern:{column}" in shown
    assert "gate_runs" not in shown


@pytest.mark.parametrize("name", [*HOSTILE, *LOOKALIKES])
def test_a_reference_that_is_sql_is_refused_as_unknown(name, refused):
    seeds = smallest()
    seeds["commitments"][0]["payer_id"] = name
    shown = refused(seeds)
    assert "seeds/commitments.csv:2" in shown
    assert "refers_to:payer_id" in shown
    assert "gate_runs" not in shown


@pytest.mark.parametrize("header", ['note"; drop table raw.deals; --', "note'; drop table raw.deals; --", "1=1", '"'])
def test_a_header_that_is_sql_is_refused_as_a_column_of_another_name(header, tmp_path, monkeypatch):
    folder = seed_files.write(smallest(), tmp_path / "seeds")
    path = folder / "commitments.csv"
    first, rest = path.read_text(encoding="utf-8").split("\n", 1)
    written = '"' + header.replace('"', '""') + '"'
    path.write_text(first.removesuffix("note") + written + "\n" + rest, encoding="utf-8")
    shown = remembered.refused(remembered.check(folder, monkeypatch)[0])
    assert "seeds/commitments.csv:1" in shown
    assert 'column "note" is missing' in shown
    assert "gate_runs" not in shown


def is_free(text: str) -> bool:
    """Whether this is allowed as free text: a spreadsheet formula is not allowed anywhere."""
    return text[0] not in "=@"


def test_sql_in_free_text_is_published_as_the_text_it_is(fresh):
    seeds = smallest()
    (site,), (promise,) = seeds["capacity"], seeds["commitments"]
    texts = [t for t in HOSTILE if is_free(t)]
    seeds["entities"] += [
        seed_files.row("entities", entity_id=f"e{n}", name=text, kind="other") for n, text in enumerate(texts)
    ]
    seeds["deals"] += [
        seeds["deals"][0] | {"deal_id": f"h{n}", "name": text, "description": text} for n, text in enumerate(texts)
    ]
    seeds["commitments"] += [
        promise | {"leg_id": f"h{n}", "deal_id": f"h{n}", "payee_id": f"e{n}", "payer_id": "buyer", "note": text}
        for n, text in enumerate(texts)
    ]
    site["site"] = HOSTILE[0]
    shutil.rmtree(fresh.seeds)
    seed_files.write(seeds, fresh.seeds)
    (fresh.seeds / "x'; drop table raw.deals; --.csv").write_text("a\n1\n")

    run = fresh.run()

    assert run.is_success, run.failures
    assert fresh.ask("select name from facts.entities where entity_id like 'e%'")["name"].to_list() == texts
    assert fresh.ask("select name from facts.deals where deal_id like 'h%'")["name"].to_list() == texts
    assert set(texts) <= set(fresh.ask("select note from staging.commitments")["note"].to_list())
    assert fresh.ask("select count(*) as n from raw.deals")["n"].item() == len(seeds["deals"])
    assert fresh.ask("select count(*) as n from metrics.changes")["n"].item() > 0


NO_QUESTIONS = (
    "select 1; drop table facts.deals",
    "select 1 /* ; */; delete from facts.deals",
    "prepare p as select 1",
    "execute p",
    "create temp table t as select 1",
    "create temp table t as select 1; select * from t",
    "create temp macro f() as 1; select f()",
    "create type mood as enum ('a'); select 1",
    "call pragma_version()",
    "call enable_logging(storage='file', storage_path='stolen')",
    "explain analyze select * from enable_logging(storage='file', storage_path='stolen')",
    "update extensions",
    "checkpoint",
    "pragma enable_profiling",
    "create or replace macro mine() as 1",
    "create secret s (type s3)",
    "use staging",
    "attach ':memory:' as m",
    "detach closedloop",
    "copy (select 1) to '/dev/stdout'",
    "copy (from facts.deals) to 'stolen.parquet' (format parquet)",
    "install httpfs from 'http://127.0.0.1:1'",
    "load 'evil.so'",
    "set threads = 64",
    "set variable a = getenv('HOME')",
    "set global enable_external_access = true",
    "pragma enable_external_access = true",
    "pragma database_list; select 1",
    "vacuum",
    "set profiling_output = 'stolen.json'",
    "pragma profiling_output = 'stolen.json'",
    "import database '/tmp'",
    "update facts.deals set name = 'mine'",
    "truncate facts.deals",
    "with gone as (delete from facts.deals returning *) from gone",
)

WITHOUT_EFFECT = (
    "select * from checkpoint()",
    "pivot facts.deals on source_id using count(*)",
    "select * from (pivot (select 1 as a, 2 as b) on a using sum(b))",
    "show tables",
    "explain analyze select 1",
)
"""DuckDB answers these with a row; they affect only the memory of a connection that closes after the result."""

NOT_REACHED = (
    "from read_csv('/etc/passwd')",
    "from read_csv_auto('/etc/passwd')",
    "from sniff_csv('/etc/passwd')",
    "from read_blob('/etc/passwd')",
    "from read_json('/proc/self/environ')",
    "from read_parquet('/etc/*')",
    "from parquet_metadata('/etc/passwd')",
    "from '/proc/self/environ'",
    "from 'http://127.0.0.1:1/x.csv'",
    "from 's3://bucket/x.parquet'",
    "from glob('/etc/*')",
    "select getenv('HOME')",
    "select content from read_text('/proc/self/environ')",
    "select * from query('select * from read_text(''/etc/passwd'')')",
    "select * from query_table('/etc/passwd')",
    "explain analyze copy (select 1) to 'stolen.csv'",
)


@pytest.mark.parametrize("sql", [*NO_QUESTIONS, *NOT_REACHED])
def test_a_query_reads_the_ledger_and_does_nothing_else(sql, small_built, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = small_built.mark()

    with pytest.raises(QueryError) as shown, answer(small_built.published, sql) as found:
        list(found.rows())

    assert "root:" not in str(shown.value)
    assert "HOME=" not in str(shown.value)
    assert small_built.mark() == before
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("sql", WITHOUT_EFFECT)
def test_statements_that_still_return_a_row_change_nothing(sql, small_built, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = small_built.mark()
    with answer(small_built.published, sql) as found:
        list(found.rows())
    assert small_built.mark() == before
    assert list(tmp_path.iterdir()) == []


def test_refused_reads_would_work_without_the_lock(tmp_path, monkeypatch):
    """Control: the files exist, and a connection without the settings can read them."""
    monkeypatch.chdir(tmp_path)
    with duckdb.connect() as connection:
        assert connection.sql("select count(*) from glob('/etc/*')").fetchone()[0] > 0
        assert connection.sql("select size from read_text('/etc/passwd')").fetchone()[0] > 0
        connection.execute("copy (select 1) to 'stolen.csv'")
    assert (tmp_path / "stolen.csv").exists()
