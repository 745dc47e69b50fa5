"""The analyst's commands as a whole: help with examples, JSON, colours, narrow terminals, light imports, old files."""

import csv
import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios

import click
import duckdb
import pytest

from assets.cli.lazy_group import LazyGroup
from assets.cli.main import COMMANDS, cli
from tests.conftest import COMMAND, closedloop

HEAVY = {"polars", "dagster", "great_expectations", "pandas", "numpy", "pyarrow", "altair", "ortools"}

WITH_POLARS = {"diff", "explain"}

EXPLAIN = ("explain", "metrics.headline.gross_commitment_usd", "--key", "entity_id=openai", "--day", "2025-10-09")

QUESTIONS = [("query", "select 1 as one"), ("status",), ("diff", "2025-10-01", "2025-10-09"), EXPLAIN]


def commands(group, path=()):
    for name in group.commands:
        command = group.load(name) if isinstance(group, LazyGroup) else group.commands[name]
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


ALL = dict(commands(cli))


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_every_command_has_examples_that_parse(path, small_built):
    text = ALL[path].epilog or ""
    assert "Examples:" in text
    shown = [line.strip() for line in text.splitlines() if line.strip().startswith("closedloop")]
    assert shown
    for line in shown:
        assert line.split()[1 : len(path) + 1] == list(path)
        options = set(re.findall(r"(?<!\S)--[a-z-]+", line))
        assert options <= {o for p in ALL[path].params for o in p.opts}, line


def test_the_list_of_commands_has_the_summary_of_each_command():
    for name, summary in COMMANDS.items():
        command = cli.load(name)
        assert command.name == name
        assert command.get_short_help_str(limit=1000) == summary


@pytest.mark.parametrize("arguments", QUESTIONS, ids=lambda a: a[0])
def test_a_question_imports_at_most_polars(small_built, arguments):
    seeds = ("--seeds", small_built.seeds) if arguments[0] == "status" else ()
    code = (
        "import json, sys\n"
        "from assets.cli import main as cli\n"
        f"sys.argv = ['closedloop', *{[str(a) for a in (*arguments, *seeds)]!r}, '--warehouse', sys.argv[1]]\n"
        "try:\n    cli.main()\n"
        "except SystemExit as end:\n    assert not end.code, end.code\n"
        "print(json.dumps(sorted({m.partition('.')[0] for m in sys.modules})), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, small_built.published], capture_output=True, text=True, check=True, timeout=60
    )
    polars = {"polars"} if arguments[0] in WITH_POLARS else set()
    assert HEAVY & set(json.loads(done.stderr.splitlines()[-1])) == polars


@pytest.mark.parametrize("arguments", QUESTIONS, ids=lambda a: a[0])
def test_json_is_json_and_nothing_else(small_built, arguments):
    done = closedloop(*arguments, "--json", "--warehouse", small_built.published)

    assert done.returncode == 0, done.stderr
    assert isinstance(json.loads(done.stdout), dict)
    assert "\x1b" not in done.stdout


def test_check_speaks_json_of_good_and_of_bad_seeds(command, pipeline):
    good = command("check", "--json", "--seeds", pipeline.seeds)
    path = pipeline.seeds / "commitments.csv"
    path.write_text(path.read_text().replace(",announced,", ",anounced,", 1))
    bad = command("check", "--json", "--seeds", pipeline.seeds)

    assert (good.code, json.loads(good.out)["is_passed"]) == (0, True)
    assert bad.code == 1
    data = json.loads(bad.out)
    (rule,) = [r for r in data["failed_rules"] if r["severity"] == "error"]
    assert (rule["table_name"], rule["rule"], rule["rows_failed"]) == ("staging.commitments", "vocabulary:certainty", 1)
    assert isinstance(rule["samples"][0]["source_line"], int)


def test_values_of_a_query_are_values_in_json(small_built):
    sql = (
        "select 1 as whole, "
        "2.5::double as number, 'x' as text, true as flag, null as nothing, date '2025-10-09' as day, "
        "timestamp '2025-10-09 10:00:00' as instant, 12345678901234567890::hugeint as large, 1 as whole, 'ü\"' as odd"
    )
    done = closedloop("query", sql, "--json", "--warehouse", small_built.published)

    assert json.loads(done.stdout) == {
        "columns": ["whole", "number", "text", "flag", "nothing", "day", "instant", "large", "whole_2", "odd"],
        "rows": [
            {
                "whole": 1, "number": 2.5, "text": "x", "flag": True, "nothing": None, "day": "2025-10-09",
                "instant": "2025-10-09T10:00:00", "large": 12345678901234567890, "whole_2": 1, "odd": 'ü"',
            }
        ],
    }  # fmt: skip
    empty = closedloop("query", "select 1 as a where false", "--json", "--warehouse", small_built.published)
    assert json.loads(empty.stdout) == {"columns": ["a"], "rows": []}
    both = closedloop("query", "select 1", "--json", "--csv", "--warehouse", small_built.published)
    assert both.returncode == 2


def on_terminal(*arguments, columns=60, **environment):
    """The output on a terminal of a given width."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    settings = {k: v for k, v in os.environ.items() if k not in {"NO_COLOR", "COLUMNS"}}
    process = subprocess.Popen(
        [COMMAND, *map(str, arguments)], stdin=slave, stdout=slave, stderr=slave, env={**settings, **environment}
    )
    os.close(slave)
    found = b""
    while True:
        try:
            part = os.read(master, 1 << 16)
        except OSError:
            break
        if not part:
            break
        found += part
    process.wait()
    os.close(master)
    return found.decode().replace("\r\n", "\n")


def test_a_terminal_of_60_columns_has_lines_that_fit(small_built):
    for arguments in (("diff", "2025-10-01", "2025-10-09"), EXPLAIN):
        text = re.sub(r"\x1b\[[0-9;]*m", "", on_terminal(*arguments, "--warehouse", small_built.published))
        assert text
        too_long = [line for line in text.split("\n") if len(line) > 60 and len(line.split()) > 1]
        assert too_long == []


def test_colours_only_on_a_terminal_and_never_with_no_color(small_built):
    arguments = (*EXPLAIN, "--warehouse", small_built.published)

    assert "\x1b[1m" in on_terminal(*arguments)
    assert "\x1b" not in on_terminal(*arguments, NO_COLOR="1")
    assert "\x1b" not in closedloop(*arguments).stdout


@pytest.mark.parametrize("arguments", [("status",), ("diff",), EXPLAIN], ids=lambda a: a[0])
def test_without_a_published_file_or_with_an_old_one_the_remedy_is_shown(tmp_path, arguments):
    missing = closedloop(*arguments, "--warehouse", tmp_path / "x.duckdb")
    with duckdb.connect(str(tmp_path / "old.duckdb")) as connection:
        connection.execute("create schema quality; create table quality.publications (publication_id varchar)")
    old = closedloop(*arguments, "--warehouse", tmp_path / "old.duckdb")

    for done in (missing, old):
        assert done.returncode == 3
        assert "run `closedloop build`" in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_click_prints_the_completion_script_of_a_shell(shell):
    done = closedloop(env={"_CLOSEDLOOP_COMPLETE": f"{shell}_source"})

    assert done.returncode == 0
    assert "_CLOSEDLOOP_COMPLETE" in done.stdout


def completed(line, *place):
    words = line.split(" ")
    environment = {
        "_CLOSEDLOOP_COMPLETE": "bash_complete",
        "COMP_WORDS": " ".join(["closedloop", *map(str, place), *words]),
        "COMP_CWORD": str(len(place) + len(words)),
    }
    done = closedloop(env=environment)
    assert done.stderr == ""
    return [row[1] for row in csv.reader(done.stdout.splitlines()) if row]


def test_commands_columns_keys_and_legs_are_completed(small_built):
    place = f"--warehouse {small_built.published}"

    assert "explain" in completed("ex")
    assert "metrics.headline.net_commitment_usd" in completed(f"explain {place} metrics.headline.net")
    assert completed(f"explain {place} metrics.headline.capacity_gw --key entity_id=opena") == ["entity_id=openai"]
    assert "l_aws_38b" in completed("amend l_aws") or completed("amend l_aws") == []
    assert completed("amend l_aws_38b --set certainty=con") == ["certainty=contracted"]
    assert completed("explain --warehouse nowhere.duckdb metrics.") == []
