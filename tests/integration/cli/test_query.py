"""closedloop query: one read-only query, a result readable everywhere, and no access to anything else."""

import csv
import io
import os
import pty
import subprocess

import pytest

from tests.conftest import COMMAND, closedloop


@pytest.fixture
def query(command, small_built):
    return lambda *arguments: command("query", "--warehouse", small_built.published, *arguments)


def test_an_answer_is_a_table_with_aligned_columns(query):
    done = query("select leg_id, amount_usd from facts.commitments where leg_id like 'l_aws%' order by all")

    lines = done.out.splitlines()
    assert done.code == 0
    assert lines[0].split() == ["leg_id", "amount_usd"]
    assert lines[1] == "l_aws_100b   100000000000"
    assert lines[-1] == f"{len(lines) - 2} rows"
    assert len({len(line) for line in lines[:-1]}) == 1


def test_numbers_are_readable_and_exact(query):
    done = query(
        "select 0.1::double + 0.2::double as a, 1234567.891::double as b, 4.5e9::double as c, 9223372036854775807 as d"
    )

    assert done.out.splitlines()[1].split() == ["0.3", "1234567.891", "4500000000", "9223372036854775807"]


def test_an_empty_answer_has_its_header(query):
    done = query("select leg_id, amount_usd from facts.commitments where false")

    assert (done.code, done.out) == (0, "leg_id  amount_usd\n0 rows\n")


def test_every_type_can_be_shown(query):
    done = query(
        "select interval 1 day, 1::hugeint, 'x'::blob, [1, 2], {'a': 1}, uuid(), map {'a': 1}, time '10:00', "
        "1.5::decimal(10, 2), 'infinity'::date, '290000-01-01'::date, now(), null, true, 'nan'::double, 1 as a, 2 as a"
    )

    assert done.code == 0
    row = done.out.splitlines()[1]
    for text in ("1 day", "[1, 2]", "{'a': 1}", "{a=1}", "10:00:00", "1.50", "infinity", "290000-01-01", "true", "nan"):
        assert text in row


def test_text_is_shown_as_it_is(query):
    done = query("select '[/red] [bold] :smile: {x}' as \"[b]\", e'a\\x1b[31mb\\tc' as c")

    assert done.out.splitlines()[0].split() == ["[b]", "c"]
    assert done.out.splitlines()[1] == "[/red] [bold] :smile: {x}  a\ufffd[31mb c"


@pytest.mark.parametrize(
    "sql",
    [
        "describe facts.deals",
        "summarize facts.deals",
        "show all tables",
        "from metrics.claims",
        "values (1), (2)",
        "explain select 1",
        "with a as (select 1 as i) select * from a;",
        "pivot (select 1 as a, 2 as b) on a using sum(b)",
        "select * from commitments_as_of('2025-10-09')",
        "select * from headline_as_of(date '2025-10-09')",
    ],
)
def test_every_form_of_question_is_answered(query, sql):
    done = query(sql)

    assert done.code == 0, done.err
    assert len(done.out.splitlines()) > 2


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", " =1", "\uff1dHYPERLINK(0)", "-", "=-5"]
)
def test_a_text_of_csv_is_no_formula_for_a_spreadsheet(query, text):
    done = query("--csv", f"select '{text.replace(chr(39), chr(39) * 2)}' as shown")
    assert [row["shown"] for row in csv.DictReader(io.StringIO(done.out, newline=""))] == [f"'{text}"]


def test_a_column_of_csv_is_no_formula_either(query):
    assert query("--csv", 'select 1 as "=1+1"').out.splitlines() == ["'=1+1", "1"]


def test_negative_numbers_of_csv_are_left_alone(query):
    done = query(
        "--csv", "select -5 as a, -0.25::double as b, '-1.5e9' as c, '+7' as d, '-12%' as e, date '2025-10-09' as f"
    )
    assert done.out.splitlines()[1] == "-5,-0.25,-1.5e9,+7,-12%,2025-10-09"


def test_csv_can_be_read_back(query):
    done = query(
        "--csv", "select 'a,b\"c' as x, '' as empty, null as nothing, e'1\\n2' as lines, 4.5e9::double as n, [1] as l"
    )

    assert done.out == 'x,empty,nothing,lines,n,l\n"a,b""c","",,"1\n2",4500000000.0,[1]\n'
    assert next(csv.DictReader(io.StringIO(done.out)))["x"] == 'a,b"c'


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("selec 1", 'syntax error at or near "selec"'),
        ("select nope from facts.deals", 'Referenced column "nope" not found'),
        ("select * from nope", "Table with name nope does not exist"),
        ("select 'abc'::int from facts.deals", "Could not convert string 'abc' to INT32"),
        ("select 1; select 2", "these are several statements: write one"),
        ("select 1; drop table facts.deals", "write a SELECT"),
        ("", "this statement asks nothing: write a SELECT"),
        ("/* nothing */", "this statement asks nothing: write a SELECT"),
        ("begin", "this statement asks nothing: write a SELECT"),
    ],
)
def test_wrong_sql_is_wrong_usage_and_gets_the_words_of_duckdb(query, sql, said):
    done = query(sql)

    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    "sql",
    [
        "insert into facts.deals select * from facts.deals",
        "delete from facts.deals",
        "drop table facts.deals",
        "create table facts.mine as select 1",
        "alter table facts.deals add column mine int",
        "comment on table facts.deals is 'mine'",
        "from read_csv('/etc/passwd')",
        "from read_text('/etc/passwd')",
        "from '/etc/passwd'",
        "from glob('/*')",
        "attach '/etc/passwd' as other",
        "copy (select 1) to 'stolen.csv'",
        "copy facts.deals from '/etc/passwd'",
        "export database 'stolen'",
        "install httpfs",
        "load httpfs",
        "set enable_external_access = true",
        "set lock_configuration = false",
        "set memory_limit = '1TB'",
        "reset enable_external_access",
        "call force_checkpoint()",
    ],
)
def test_nothing_else_on_the_machine_can_be_reached_and_nothing_changed(query, small_built, sql, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = small_built.mark()

    done = query(sql)

    assert done.code == 2, done.out
    assert "root:" not in done.out + done.err
    assert "Traceback" not in done.err
    assert small_built.mark() == before
    assert list(tmp_path.iterdir()) == []


def test_a_missing_file_is_reported_with_the_remedy(command, tmp_path):
    done = command("query", "--warehouse", tmp_path / "none.duckdb", "select 1")

    assert done.code == 3
    assert done.err == f"{tmp_path / 'none.duckdb'} does not exist yet: run `closedloop build` first\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"SQLite format 3\0" + bytes(100)])
def test_another_kind_of_file_is_reported(command, tmp_path, content):
    path = tmp_path / "other.csv"
    path.write_bytes(content)

    done = command("query", "--warehouse", path, "select 1")

    assert done.code == 3
    assert "not a valid DuckDB database file" in done.err
    assert path.read_bytes() == content


def on_a_terminal(columns, *arguments):
    """The output of the real command on a terminal of that width."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "COLUMNS": str(columns), "TERM": "xterm"}
    with subprocess.Popen([COMMAND, *arguments], stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        shown = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:
                break
            if not part:
                break
            shown += part
    os.close(ours)
    assert process.returncode == 0, shown
    return shown.decode().replace("\r\n", "\n").splitlines()


def test_sixty_columns_are_enough(small_built):
    few = on_a_terminal(
        60, "query", "--warehouse", small_built.published, "select claim_id, verdict, statement from metrics.claims"
    )
    many = on_a_terminal(
        60, "query", "--warehouse", small_built.published, "from commitments_as_of('2026-03-01') limit 2"
    )

    assert max(map(len, few + many)) <= 60
    assert few[0].split() == ["claim_id", "verdict", "statement"]
    assert "NVIDIA and AMD" in " ".join(few)
    assert sum(line.startswith("-- row") for line in many) == 2
    assert sum(line.startswith("leg_id ") for line in many) == 2


def test_a_pipe_gets_whole_lines_and_may_be_closed(small_built):
    sql = "select repeat('long text ', 50) as a, range as b from range(50000)"
    done = closedloop("query", "--warehouse", small_built.published, sql)
    assert done.stdout.splitlines()[1] == f"{'long text ' * 50}      0"

    with subprocess.Popen(
        [COMMAND, "query", "--warehouse", small_built.published, sql],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 141


def test_a_terminal_that_lacks_letters_shows_question_marks(small_built):
    done = closedloop(
        "query", "--warehouse", small_built.published, "select 'a – ω' as x", env={"PYTHONIOENCODING": "latin-1"}
    )

    assert (done.returncode, done.stdout) == (0, "x\na ? ?\n1 row\n")


def test_a_text_with_escape_sequences_is_whole_in_a_pipe(query):
    done = query("select chr(27) || '[45mx' || chr(27) || '[0m' as a", "--csv")

    assert done.out == "a\n\x1b[45mx\x1b[0m\n"
