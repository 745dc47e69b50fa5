"""Records are split at once or one by one: rows, lines and problems are equal on both paths."""

from __future__ import annotations

import csv
import io

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assets.raw import contract, csv_records
from assets.raw.csv_records import plain, split
from assets.raw.malformed_rows import no_record
from assets.raw.reader import read_seed
from assets.staging import commitments, deals

NAMES = ["deal_id", "name", "note"]

HEADER = b"deal_id,name,note\n"

COLUMNS = [deals.DEALS.column(n) if n != "note" else commitments.COMMITMENTS.column(n) for n in NAMES]

CELLS = st.one_of(
    st.sampled_from(
        [
            "",
            " ",
            "a",
            "a b",
            '""',
            '"a,b"',
            '"say ""yes"""',
            '"two\nlines"',
            '"a',
            'a"b',
            '"a"b',
            "#",
            "Total",
            "sums:",
        ]
    ),
    st.sampled_from(
        ["total_one", "\u017fum", "\u00a0total", "\x1c", "\u2028", "\x0b", "Größe", "\ufeffa", "deal_id", "'"]
    ),
    st.text(max_size=4).filter(lambda t: "\0" not in t),
)

RECORDS = st.lists(CELLS, min_size=1, max_size=4).map(",".join)

TIDY = st.tuples(*[st.sampled_from(["a", "b1", '"a,b"', '"say ""yes"""', "1", "Größe", '""', "x y"])] * 3).map(",".join)

ENDS = st.sampled_from(["\n", "\r\n", "\r", "\n\n"])

TEXTS = st.lists(st.tuples(st.one_of(TIDY, TIDY, RECORDS), ENDS), max_size=12).map(
    lambda lines: "".join(line + end for line, end in lines)
)


def encoded(text: str) -> bytes:
    """The text as bytes; lone halves of surrogate pairs cannot be written to a file."""
    return text.encode("utf-8", "ignore")


def explain(line, record):
    return no_record(line, record, NAMES, COLUMNS)


def with_care(content: bytes, monkeypatch) -> tuple[pl.DataFrame, list]:
    with monkeypatch.context() as patch:
        patch.setattr(csv_records, "plain", lambda *_: None)
        return split(content, NAMES, explain)


def in_blocks_of(size: int, content: bytes, monkeypatch) -> tuple[pl.DataFrame, list]:
    with monkeypatch.context() as patch:
        patch.setattr(csv_records, "BLOCK", size)
        return split(content, NAMES, explain)


@given(text=TEXTS, size=st.integers(1, 60))
@example(text='a,b,c\na,"two\nlines",c\na,b,c\n', size=8)
@example(text="a,b,c\r\na,b,c\r\n", size=6)
@example(text="a,b,c\rd,e,f", size=3)
@example(text='a,b,c\na,"b,c\nd,e,f\n', size=6)
@example(text="\ufeffa,b,c\na,b,c\n", size=20)
@example(text=",,\na,b,c\n\n\nTotal,1,2\na,b,c,d\n", size=5)
def test_blocks_of_any_size_give_the_rows_lines_and_problems_of_careful_reading(text, size):
    with pytest.MonkeyPatch.context() as monkeypatch:
        content = HEADER + encoded(text)
        expected, answer = with_care(content, monkeypatch)
        found, problems = in_blocks_of(size, content, monkeypatch)
        assert found.equals(expected)
        assert problems == answer


@given(text=TEXTS)
def test_careful_reading_equals_the_csv_module(text):
    content = encoded(text)
    expected, reader, line = [], csv.reader(io.StringIO(content.decode(), newline=""), strict=True), 1
    try:
        for record in reader:
            if record:
                expected.append((line + 1, [*record, "", "", ""][:3]))
            line = reader.line_num + 1
    except csv.Error:
        expected.append(None)
    with pytest.MonkeyPatch.context() as monkeypatch:
        frame, problems = with_care(HEADER + content, monkeypatch)
    rows = [(line, list(cells)) for *cells, line in frame.rows()]
    assert rows == [row for row in expected if row]
    assert any("cannot be split" in p.reason for p in problems) == (None in expected)


@given(text=st.lists(TIDY, min_size=1, max_size=20))
def test_tidy_lines_need_no_care(text):
    content = "\n".join(text).encode()
    frame = plain(content, NAMES, 2)
    assert frame is not None or '"",' in content.decode()  # a line with an empty first cell may be entirely empty


@pytest.mark.parametrize(
    "line",
    [
        "a,b",
        "a,b,c,d",
        "",
        ",,",
        " ,b,c",
        "Total,b,c",
        "grand total:,b,c",
        "#a,b,c",
        "deal_id,name,note",
        'a,b"c,d',
        'a,"b"c,d',
        'a,"b,c',
        'a,"b\nc",d',
        "a,b," + "x" * csv_records.LARGEST_CELL,
    ],
    ids=lambda line: line[:12],
)
def test_a_line_that_may_need_an_explanation_gives_its_block_to_careful_reading(line):
    assert plain(b"a,b,c\nd,e,f\n", NAMES, 2) is not None
    assert plain(f"a,b,c\n{line}\nd,e,f\n".encode(), NAMES, 2) is None


def test_one_odd_line_costs_its_own_block_only(monkeypatch):
    cut = []
    monkeypatch.setattr(csv_records, "BLOCK", 60)
    monkeypatch.setattr(csv_records, "plain", lambda *a: cut.append(found := plain(*a)) or found)
    lines = [b"a,b,c"] * 50
    lines[25] = b"a,b"
    frame, problems = split(HEADER + b"\n".join(lines), NAMES, explain)
    assert frame["source_line"].to_list() == list(range(2, 52))
    assert [p.line for p in problems] == [27]
    assert sum(found is None for found in cut) == 1
    assert len(cut) > 4


def test_every_seed_is_plain_or_read_with_care_to_the_same_rows(monkeypatch):
    from assets.cli.options import SEEDS

    for table in contract.TABLES:
        usual = read_seed(SEEDS / f"{table.name}.csv", table)
        with monkeypatch.context() as patch:
            patch.setattr(csv_records, "plain", lambda *_: None)
            careful = read_seed(SEEDS / f"{table.name}.csv", table)
        assert usual.frame.equals(careful.frame)
        assert (usual.problems, usual.detail) == (careful.problems, careful.detail)
        assert usual.problems == []
