"""The published file in Node: it reads every table, survives a replacement, and cannot write."""

import contextlib
import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.system.bi_tools.conftest import TOOLS

SCRIPT = Path(__file__).with_name("read.cjs")

HEADLINE = "select entity_id, net_commitment_usd from headline_as_of('2026-10-08') order by entity_id"

COUNT = "select count(*) from bi.commitments"


class Node:
    """A Node program that has the file open."""

    def __init__(self, path, mode="READ_ONLY"):
        self.process = subprocess.Popen(
            ["node", SCRIPT, path, mode],
            env={**os.environ, "NODE_PATH": str(TOOLS / "node" / "node_modules")},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.opened = self.hear()

    def hear(self):
        return json.loads(self.process.stdout.readline())

    def say(self, **request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return self.hear()

    def ask(self, sql):
        found = self.say(ask=sql)
        assert "error" not in found, found
        return found["rows"]

    def end(self):
        self.process.stdin.close()
        code = self.process.wait(30)
        self.process.stdout.close()
        return code


@contextlib.contextmanager
def node(path, **more):
    program = Node(path, **more)
    try:
        yield program
    finally:
        program.end()


def test_every_table_of_schema_bi_is_read(place):
    tables = place.ask("select table_name from duckdb_tables() where schema_name = 'bi' order by all")
    assert len(tables) > 30
    with node(place.path) as program:
        listed = program.ask("select table_name from duckdb_tables() where schema_name = 'bi' order by all")
        assert [t for (t,) in listed] == [t for (t,) in tables]
        for (table,) in tables:
            rows = program.ask(f'select * from bi."{table}"')
            assert len(rows) == place.figure(f'select count(*) from bi."{table}"'), table
            assert rows, table


def test_a_macro_is_answered(place):
    with node(place.path) as program:
        found = {entity: net for entity, net in program.ask(HEADLINE) if net is not None}
    expected = {entity: net for entity, net in place.ask(HEADLINE) if net is not None}
    assert found == pytest.approx(expected)
    assert "openai" in found


def test_an_open_reader_keeps_its_publication_and_sees_the_new_one_on_reopening(place, publications):
    old = place.figure(COUNT)
    with node(place.path) as program:
        place.publish(publications.small)
        new = place.figure(COUNT)
        assert new != old
        for _ in range(20):
            assert [int(n) for (n,) in program.ask(COUNT)] == [old]
        assert program.say(reopen=True) == {"rows": []}
        assert [int(n) for (n,) in program.ask(COUNT)] == [new]


def test_a_write_is_refused(place):
    before = place.path.read_bytes()
    with node(place.path) as program:
        found = program.say(ask="delete from bi.headline")
    assert "attached in read-only mode" in found["error"]
    assert place.path.read_bytes() == before


def test_a_writer_is_refused_during_a_read(place):
    with node(place.path) as reader, node(place.path, mode="READ_WRITE") as writer:
        assert "Could not set lock on file" in writer.opened["error"]
        assert reader.ask(COUNT)


def test_a_missing_file_is_named(tmp_path):
    with node(tmp_path / "nothing.duckdb") as program:
        assert "nothing.duckdb" in program.opened["error"]
        assert "database does not exist" in program.opened["error"]


def test_a_path_with_spaces_and_quotes_is_a_path(publications):
    """The real ledger is in such a folder."""
    assert " " in str(publications.real)
    with node(publications.real) as program:
        assert program.ask(COUNT)
