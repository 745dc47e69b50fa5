"""Wrong usage and failures of the environment: an exit code each, a few lines, no traceback, no files written."""

import json
import os
import shutil
import socket
import subprocess
import sys

import pytest

from assets.cli import output
from tests.conftest import COMMAND, closedloop
from tests.integration.scale import cluster

HEAVY = {
    "altair",
    "vl_convert",
    "jinja2",
    "dagster",
    "great_expectations",
    "polars",
    "duckdb",
    "pandas",
    "numpy",
    "rich",
}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Usage: closedloop"),
        (["bild"], "No such command 'bild'. Did you mean 'build'?"),
        (["build", "--wharehouse", "x"], "No such option '--wharehouse'"),
        (["build", "surplus"], "unexpected extra argument"),
        (["build", "--wait", "-3"], "is not in the range"),
        (["build", "--wait", "soon"], "is not a valid float"),
        (["build", "--wait", "nan"], "this is not a number"),
        (["build", "--seeds", "none"], "Directory 'none' does not exist"),
        (["build", "--warehouse", "."], "is a directory"),
        (["check", "--seeds", "none"], "Directory 'none' does not exist"),
        (["query"], "Missing argument 'SQL'"),
        (["query", "select 1", "select 2"], "unexpected extra argument"),
        (["report", "surplus"], "unexpected extra argument"),
        (["ui", "--port", "0"], "is not in the range"),
        (["ui", "--port", "high"], "is not a valid integer"),
    ],
)
def test_wrong_usage_is_exit_code_2(command, arguments, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    done = command(*arguments)

    assert done.code == 2
    assert said in done.err
    assert "Traceback" not in done.err
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_not_utf8_is_wrong_usage(tmp_path):
    name = os.fsdecode(b"\xff\xfe.duckdb")

    done = closedloop("build", "--warehouse", name, cwd=tmp_path)

    assert (done.returncode, list(tmp_path.iterdir())) == (2, [])
    assert "this name is not UTF-8" in done.stderr


@pytest.mark.parametrize(
    "options", [["--help"], ["-h"], ["--version"], ["build", "--help"], ["query", "--help"], ["report", "--help"]]
)
def test_help_is_exit_code_0(command, options):
    done = command(*options)

    assert done.code == 0
    assert "closedloop" in done.out
    assert done.err == ""


def test_help_names_commands_and_exit_codes(command):
    text = " ".join(command("--help").out.split())

    for name in ("build", "check", "query", "report", "ui"):
        assert f"closedloop {name} " in text
    assert "0 done; 1 a gate refused the data; 2 wrong usage; 3 the environment failed" in text


def modules_after(*arguments):
    """The heavy packages that a command imports."""
    code = (
        "import json, sys\n"
        "from assets.cli import main as cli\n"
        f"sys.argv = ['closedloop', *{list(map(str, arguments))!r}]\n"
        "try:\n    cli.main()\n"
        "except SystemExit as end:\n    assert not end.code, end.code\n"
        "print(json.dumps(sorted({m.partition('.')[0] for m in sys.modules})), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    return HEAVY & set(json.loads(done.stderr.splitlines()[-1]))


def test_the_list_of_commands_imports_nothing_heavy():
    assert modules_after("--help") == set()


def test_the_help_of_a_command_imports_that_command_alone():
    assert modules_after("query", "--help") == {"duckdb", "rich"}


def test_a_query_imports_neither_polars_nor_dagster_nor_great_expectations(small_built):
    assert modules_after("query", "--warehouse", small_built.published, "select 1") == {"duckdb", "rich"}


def test_a_check_imports_great_expectations_and_not_dagster(small_built):
    found = modules_after("check", "--seeds", small_built.seeds)

    assert {"great_expectations", "dagster"} & found == {"great_expectations"}


def test_a_check_writes_nothing(small_built, tmp_path):
    seeds, *places = (tmp_path / name for name in ("seeds", "home", "temporary", "here"))
    shutil.copytree(small_built.seeds, seeds)
    before = {path: path.read_bytes() for path in seeds.iterdir()}
    for place in places:
        place.mkdir()
    home, temporary, here = places

    done = closedloop("check", "--seeds", seeds, env={"HOME": str(home), "TMPDIR": str(temporary)}, cwd=here)

    assert done.returncode == 0, done.stderr
    assert {path: path.read_bytes() for path in seeds.iterdir()} == before
    assert [path for place in places for path in place.rglob("*")] == []


@pytest.mark.parametrize("place", ["file.txt/neu/x.duckdb", "file.txt/x.duckdb"])
@pytest.mark.parametrize("name", ["build", "ui"])
def test_a_folder_that_cannot_be_made_is_exit_code_3(command, tmp_path, place, name):
    (tmp_path / "file.txt").write_text("mine")

    done = command(name, "--warehouse", tmp_path / place)

    assert done.code == 3
    assert str(tmp_path / "file.txt") in done.err
    assert "a part of the path is a file: choose another place with --warehouse" in done.err
    assert "Traceback" not in done.err
    assert (tmp_path / "file.txt").read_text() == "mine"


def as_a_mere_user(*arguments):
    """Run the command without the superuser's right to ignore permissions."""
    held = "-dac_override,-dac_read_search"
    drop = ["setpriv", "--bounding-set", held, "--inh-caps", held] if os.geteuid() == 0 else []
    return subprocess.run(
        [*drop, COMMAND, *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.skipif(os.geteuid() == 0 and not shutil.which("setpriv"), reason="the superuser may do anything")
@pytest.mark.parametrize(
    ("command", "option", "said"),
    [
        ("build", "--warehouse", "give yourself the right to write there"),
        ("check", "--seeds", "give yourself the right to read it"),
        ("query", "--warehouse", "give yourself the right to it"),
    ],
)
def test_a_missing_permission_is_exit_code_3(tmp_path, command, option, said):
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500 if command == "build" else 0o000)
    place = {"build": locked / "neu" / "x.duckdb", "check": locked, "query": tmp_path / "x.duckdb"}[command]
    if command == "query":
        place.touch(mode=0o000)

    done = as_a_mere_user(command, option, place, *(["select 1"] if command == "query" else []))

    assert done.returncode == 3, done.stderr
    assert "Permission denied" in done.stderr
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("name", ["a%41b", "what?", "x [1]", "all*"])
def test_a_path_that_dagster_would_misread_is_exit_code_3(command, tmp_path, name):
    done = command("build", "--warehouse", tmp_path / name / "x.duckdb")

    assert done.code == 3
    assert "choose another place" in done.err
    assert list(tmp_path.iterdir()) == []


def test_a_taken_port_is_exit_code_3(command, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        done = command("ui", "--port", port, "--warehouse", tmp_path / "x.duckdb")

    assert done.code == 3
    assert done.err == f"port {port}: Address already in use: choose another with --port\n"


def test_a_fleet_that_cannot_work_is_exit_code_3_before_any_work(command, small_built, tmp_path, monkeypatch):
    cluster.require()
    monkeypatch.setenv("CLOSEDLOOP_SCHEDULER", "nonsense")
    monkeypatch.setenv("CLOSEDLOOP_TRUST_SCHEDULER", "1")

    done = command("build", "--seeds", small_built.seeds, "--warehouse", tmp_path / "x.duckdb")

    assert done.code == 3, done.err
    assert done.err.startswith("nonsense: no scheduler answers (missing port number in address 'nonsense')")
    assert {p.name for p in tmp_path.iterdir()} == {".dagster_home"}


@pytest.mark.parametrize("arguments", [("build",), ("report",)])
def test_a_limit_of_the_address_space_is_exit_code_3_before_any_work(arguments, small_built, tmp_path):
    script = 'ulimit -v 4000000; exec "$0" "$@"'
    place = ("--warehouse", tmp_path / "x.duckdb")

    done = subprocess.run(
        ["bash", "-c", script, COMMAND, *arguments, *place], capture_output=True, text=True, check=False, timeout=60
    )

    assert done.returncode == 3, done.stderr
    assert "limits the address space to 3.8 GB (ulimit -v)" in done.stderr
    assert "ulimit -v unlimited" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_error_says_nothing_to_the_terminal_but_text(small_built):
    hostile = "chr(27) || '[31m' || chr(8238) || chr(155) || 'x'"

    done = closedloop("query", "--warehouse", small_built.published, f"select cast({hostile} as int)")

    assert done.returncode == 2
    assert "Could not convert string" in done.stderr
    assert all(c.isprintable() or c == "\n" for c in done.stderr)


def test_json_holds_every_character_and_nothing_that_steers_a_terminal(capsys):
    said = "\x1b[2J\x9b\u202e\u200b\x7f\U000e0041é\n"

    output.echo_json({"a": said})

    written = capsys.readouterr().out
    assert json.loads(written) == {"a": said}
    assert all(c.isprintable() or c == "\n" for c in written)


def test_a_line_keeps_the_styles_of_the_program_and_no_others(capsys, monkeypatch):
    monkeypatch.setattr(output, "colours", lambda: True)

    output.echo("a\x1b[1mb ", output.styled("c\x1b[2Jd", bold=True))

    assert capsys.readouterr().out == "a\ufffd[1mb \x1b[1mc\ufffd[2Jd\x1b[0m\n"


def test_a_damaged_history_of_dagster_is_exit_code_3(command, small_built, tmp_path):
    runs = tmp_path / ".dagster_home" / "history" / "runs.db"
    runs.parent.mkdir(parents=True)
    runs.write_bytes(b"no database" * 100)

    done = command("build", "--seeds", small_built.seeds, "--warehouse", tmp_path / "x.duckdb")

    assert done.code == 3, done.err
    assert f"{tmp_path / '.dagster_home'}: Dagster cannot use its history: file is not a database" in done.err
    assert "Traceback" not in done.err
    assert not (tmp_path / "x.duckdb").exists()


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize(("sql", "code"), [("select 1", 0), ("selec 1", 2)])
def test_streams_that_the_caller_closed_lead_nowhere(small_built, closed, sql, code):
    lines = [COMMAND, "query", "--warehouse", small_built.published, sql]

    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {closed}', "sh", *lines], capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == code
    assert "Traceback" not in done.stdout + done.stderr
    if closed == "2>&-" and code == 0:
        assert done.stdout == "1\n1\n1 row\n"


def test_a_long_answer_arrives_whole_at_a_slow_reader_and_one_that_goes_is_no_error(small_built):
    lines = [COMMAND, "query", "--csv", "--warehouse", small_built.published, "select * from range(200000)"]

    slow = subprocess.run(
        ["sh", "-c", '"$@" | (sleep 1; wc -l)', "sh", *lines], capture_output=True, text=True, check=True
    )
    left = subprocess.run(
        ["bash", "-c", '"$@" | head -1; exit ${PIPESTATUS[0]}', "bash", *lines],
        capture_output=True,
        text=True,
        check=False,
    )

    assert slow.stdout.strip() == "200001"
    assert (left.returncode, left.stdout, left.stderr) == (141, "range\n", "")


def test_debug_shows_where_an_error_came_from(tmp_path):
    done = closedloop("query", "--debug", "--warehouse", tmp_path / "x.duckdb", "select 1")

    assert "Traceback" in done.stderr
    assert "EnvironmentFailure" in done.stderr
