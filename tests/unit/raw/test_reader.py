"""Seeds are read exactly as written, every record with its line; a malformed line is a problem, not an exception."""

from __future__ import annotations

import hashlib

import polars as pl
import pytest

from assets.raw import contract
from assets.raw.reader import STEPS, read_seed

TABLE = next(t for t in contract.TABLES if t.name == "deals")

HEADER = "deal_id,name,announced_on,description,source_id\n"


@pytest.fixture
def read(tmp_path):
    """The deals as read from a file with this content below the header."""

    def reading(text: str | bytes, header: str = HEADER):
        content = text if isinstance(text, bytes) else (header + text).encode()
        (tmp_path / "deals.csv").write_bytes(content)
        return read_seed(tmp_path / "deals.csv", TABLE)

    return reading


def rows(built):
    return built.frame.select("deal_id", "source_line").rows()


def test_a_record_knows_its_file_and_line(read):
    built = read("a,A,2025-01-01,text,s\nb,B,2025-01-02,text,s\n")
    assert rows(built) == [("a", 2), ("b", 3)]
    assert built.frame["source_file"].unique().to_list() == ["seeds/deals.csv"]
    assert built.problems == []


def test_a_line_break_inside_quotes_belongs_to_the_cell_and_the_next_record_keeps_its_line(read):
    built = read('a,A,2025-01-01,"one\ntwo\n\nthree",s\nb,B,2025-01-02,text,s\n')
    assert rows(built) == [("a", 2), ("b", 6)]
    assert built.frame["description"][0] == "one\ntwo\n\nthree"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["Unix", "Windows", "old Mac"])
def test_lines_are_counted_with_any_line_ending(read, end):
    text = (HEADER + 'a,A,2025-01-01,"one\ntwo",s\n\nb,B,2025-01-02,text,s\n').replace("\n", end)
    built = read(text.encode())
    assert rows(built) == [("a", 2), ("b", 5)]
    assert built.frame["description"][0] == f"one{end}two"


def test_blank_lines_are_counted_and_left_out(read):
    assert rows(read("\n\na,A,2025-01-01,text,s\n\n\nb,B,2025-01-02,text,s")) == [("a", 4), ("b", 7)]


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (" a ", " a "),
        ('""', ""),
        ("", ""),
        ('" "', " "),
        ("0001", "0001"),
        ("1e3", "1e3"),
        ("NULL", "NULL"),
        ("true", "true"),
        ('"say ""yes"""', 'say "yes"'),
        ('"a,b;c"', "a,b;c"),
        ("Größe 大 \u20ac", "Größe 大 \u20ac"),
        ("\u200b", "\u200b"),
    ],
)
def test_text_is_kept_exactly_as_written(read, written, text):
    assert read(f"a,{written},2025-01-01,text,s\n").frame["name"].to_list() == [text]


def test_every_cell_is_text(read):
    frame = read("1,2,3,4,5\n").frame
    assert frame.schema == pl.Schema(TABLE.polars_schema)
    assert frame.row(0)[:5] == ("1", "2", "3", "4", "5")


def test_columns_in_another_order_are_put_in_the_order_of_the_contract(read):
    built = read("s,text,2025-01-01,A,a\n", header="source_id,description,announced_on,name,deal_id\n")
    assert built.frame.columns == TABLE.column_names
    assert built.frame.row(0)[:5] == ("a", "A", "2025-01-01", "text", "s")


def test_a_byte_order_mark_is_no_part_of_the_first_column(read):
    assert read(b"\xef\xbb\xbf" + HEADER.encode() + b"a,A,2025-01-01,text,s\n").frame["deal_id"].to_list() == ["a"]


def test_other_columns_are_shown_to_the_gate_as_they_are(read):
    assert read("a,A\n", header="deal_id,nane\n").frame.columns == ["deal_id", "nane", "source_file", "source_line"]


def test_a_repeated_column_is_marked_so_that_nothing_is_overwritten(read):
    frame = read("a,A,B\n", header="deal_id,name,name\n").frame
    assert frame.columns[:3] == ["deal_id", "name", "name (again, 2)"]
    assert frame.row(0)[:3] == ("a", "A", "B")


def test_the_hash_is_that_of_the_bytes_of_the_file(read):
    content = (HEADER + "a,A,2025-01-01,text,s\n").encode()
    assert read(content).detail == {"sha256": hashlib.sha256(content).hexdigest()}
    assert read(b"\xff\xfe").detail == {"sha256": hashlib.sha256(b"\xff\xfe").hexdigest()}


def test_a_file_that_is_not_there_gives_an_empty_frame_of_the_contract_and_one_problem(tmp_path):
    built = read_seed(tmp_path / "deals.csv", TABLE)
    assert built.frame.schema == pl.Schema(TABLE.polars_schema)
    assert built.frame.is_empty()
    assert [(p.rule, p.line, p.reason) for p in built.problems] == [("readable", 0, "the file is missing")]
    assert built.detail == {}


def test_a_shifted_line_is_kept_and_reported(read):
    built = read("a,A,2025-01-01,one, two,s\nb,B,2025-01-02,text,s\n")
    assert built.frame.height == 2
    (problem,) = built.problems
    assert (problem.line, problem.column, problem.value) == (2, "description", "one, two")


@pytest.mark.parametrize(
    ("line", "column", "value"),
    [
        ("a,Acme, Inc.,2025-01-01,text,s", "name", "Acme, Inc."),
        ("a,A,2025-01-01,1,2,3,s", "description", "1,2,3"),
        ("a,Acme, Inc.,2025-01-01,one, two,s", "", "a,Acme, Inc.,2025-01-01,one, two,s"),
    ],
    ids=["one column explains it", "another explains it", "no single column explains it"],
)
def test_the_cell_that_needs_quotes_is_guessed_from_the_other_columns(read, line, column, value):
    (problem,) = read(f"{line}\n").problems
    assert (problem.line, problem.column, problem.value) == (2, column, value)
    assert "double quotes" in problem.remedy


def test_lines_after_an_open_quote_are_not_guessed_at(read):
    built = read('a,A,2025-01-01,text,s\nb,"B,2025-01-02,text,s\nc,C,2025-01-03,text,s\n')
    assert rows(built) == [("a", 2)]
    assert [p.line for p in built.problems] == [3]


def test_a_header_that_cannot_be_split_is_one_problem(read):
    built = read("a,A,2025-01-01,text,s\n", header='deal_id,"na"me,announced_on,description,source_id\n')
    assert built.frame.schema == pl.Schema(TABLE.polars_schema)
    assert [(p.line, p.value[:12]) for p in built.problems] == [(1, 'deal_id,"na"')]


def test_every_seed_has_its_step_and_reads_nothing_else():
    assert [s.table for s in STEPS] == list(contract.TABLES)
    assert all(s.reads == () for s in STEPS)
