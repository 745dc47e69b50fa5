"""Any corruption of a single cell is refused with its line, or changes only this cell."""

from __future__ import annotations

import csv
import functools
import io
import shutil
import tempfile
from pathlib import Path

import hypothesis.strategies as st
import polars as pl
import pytest
from hypothesis import given, settings

from assets.cli.options import SEEDS
from assets.staging.seeds import TABLES
from tests.integration.bad_input import remembered

EXAMPLES = 80

CHARACTERS = ' ,;"\n\r\t0159.-azAZ_$%=@#/\u00e9\u0430\u200b\u00a0\ufeff\x00\x1b'

FILES = {t.name: (SEEDS / f"{t.name}.csv").read_text(encoding="utf-8").splitlines() for t in TABLES}

RECORDS = {name: [next(csv.reader([line])) for line in lines] for name, lines in FILES.items()}


@st.composite
def corruptions(draw):
    """A file, a line, a column, the new content of the cell, and whether it is quoted correctly."""
    name = draw(st.sampled_from(sorted(FILES)))
    line = draw(st.integers(1, len(FILES[name]) - 1))
    column = draw(st.integers(0, len(RECORDS[name][0]) - 1))
    cell = RECORDS[name][line][column]
    at = draw(st.integers(0, len(cell)))
    character = draw(st.sampled_from(CHARACTERS))
    other = draw(st.sampled_from(RECORDS[name][draw(st.integers(1, len(FILES[name]) - 1))]))
    new = draw(
        st.sampled_from(
            [cell[:at] + character + cell[at:], cell[:at] + cell[at + 1 :], cell.upper(), f"-{cell}", other, ""]
        )
    )
    return name, line, column, new, draw(st.booleans())


def quoted(cell: str) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow([cell])
    return "" if cell == "" else out.getvalue()


@functools.cache
def before():
    """The frames of the undamaged seeds."""
    with pytest.MonkeyPatch.context() as patch:
        return remembered.check(SEEDS, patch)[1].frames


@settings(max_examples=EXAMPLES, derandomize=True, deadline=None)
@given(corruption=corruptions())
def test_a_corrupted_cell_is_named_or_alone(corruption):
    name, line, column, new, is_quoted = corruption
    cells = [quoted(c) for c in RECORDS[name][line]]
    cells[column] = quoted(new) if is_quoted else new
    lines = [*FILES[name][:line], ",".join(cells), *FILES[name][line + 1 :]]
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        seeds = shutil.copytree(SEEDS, Path(folder) / "seeds")
        (seeds / f"{name}.csv").write_bytes(("\n".join(lines) + "\n").encode())
        gates, after = remembered.check(seeds, patch)
    answer = remembered.refused(gates)
    if answer:
        old = RECORDS[name][line][column]
        places = (f"seeds/{name}.csv:{line + 1} ", f"seeds/{name}.csv:{line + 2} ", f'"{old}"')
        assert any(place in answer for place in places) or name in {"assumptions", "scenarios"}, answer
        assert "gate_runs" not in answer, answer
        assert "Error" not in answer, answer
    else:
        _assert_alone(after.frames, name, RECORDS[name][0][column], line - 1)


def _assert_alone(after, name, column, row):
    """Assert that only this cell has changed; a line break outside quotes may have moved the lines below."""
    assert after.keys() == before().keys()
    for table, frame in before().items():
        found = after[table]
        if table.endswith(f".{name}"):
            found, expected = found.drop("source_line"), frame.drop("source_line")
            assert found.drop(column).equals(expected.drop(column)), table
            elsewhere = pl.int_range(frame.height, eager=True) != row
            assert found.filter(elsewhere)[column].equals(expected.filter(elsewhere)[column]), table
        else:
            assert found.equals(frame), table
