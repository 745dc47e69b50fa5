"""Any corruption of a cell of any valid ledger is refused and names the cell, or changes only this cell."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

import hypothesis.strategies as st
import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, event, given, settings

from tests.integration.bad_input import remembered
from tests.ledgers import seed_files
from tests.ledgers.random import ledgers

MANY = int(os.environ.get("CLOSEDLOOP_RANDOM_LEDGERS", "0"))

CHARACTERS = ' ,;"\n\r\t0159.-azAZ_$%=@#/\u00e9\u0430\u200b\u00a0\ufeff\x1b'

GROUND = ("assumptions", "scenarios")
"""Judgements: a corrupted one may be reported at the rows that it makes implausible or incomplete."""


@st.composite
def corruptions(draw):
    """A valid ledger, and one of its cells with other content."""
    seeds = draw(ledgers())
    file = draw(st.sampled_from(sorted(n for n, rows in seeds.items() if rows)))
    number = draw(st.integers(0, len(seeds[file]) - 1))
    column = draw(st.sampled_from(seed_files.HEADERS[file]))
    cell = seeds[file][number][column]
    at, character = draw(st.integers(0, len(cell))), draw(st.sampled_from(CHARACTERS))
    neighbour = draw(st.sampled_from(list(seeds[file][number].values())))
    other = draw(st.sampled_from(seeds[file]))[column]
    shapes = [cell[:at] + character + cell[at:], cell[:at] + cell[at + 1 :], cell.upper(), f"-{cell}", neighbour, other]
    return seeds, file, number, column, draw(st.sampled_from([*shapes, "", cell * 2, "9" * 30]))


def checked(seeds: seed_files.Seeds, patch) -> tuple[str, dict[str, pl.DataFrame]]:
    with tempfile.TemporaryDirectory() as folder:
        gates, memory = remembered.check(seed_files.write(seeds, Path(folder) / "seeds"), patch)
    return remembered.refused(gates), memory.frames


@settings(
    max_examples=MANY or 12,
    derandomize=not MANY,
    deadline=None,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(corruption=corruptions())
def test_a_corrupted_cell_is_named_or_alone(corruption):
    seeds, file, number, column, new = corruption
    old = seeds[file][number][column]
    changed = seeds | {file: [r | {column: new} if n == number else r for n, r in enumerate(seeds[file])]}
    with pytest.MonkeyPatch.context() as patch:
        before_told, before = checked(seeds, patch)
        answer, after = checked(changed, patch)
    assert before_told == ""
    assert "gate_runs" not in answer, answer
    assert "Traceback" not in answer
    if not answer:
        event("harmless")
        assert_alone(before, after, file, column, number)
        return
    event("refused")
    line = f"seeds/{file}.csv:{line_of(seeds[file], number)} "
    is_at_its_line = line in answer and (column in answer or new in answer)
    is_at_its_reference = old != "" and f'"{old}"' in answer  # a changed key is reported at the rows that refer to it
    is_at_its_twin = re.search(rf"lines [0-9 and]*\b{line_of(seeds[file], number)}\b", answer) is not None
    assert is_at_its_line or is_at_its_reference or is_at_its_twin or file in GROUND, (line, column, old, new, answer)


def line_of(rows: list[seed_files.Row], number: int) -> int:
    """The line of a row; no cell of a random ledger holds a line break."""
    assert not any("\n" in value for row in rows for value in row.values())
    return number + 2


def assert_alone(before, after, file, column, number) -> None:
    """Assert that only this cell differs in the tables read from its file, and that no other table differs."""
    assert after.keys() == before.keys()
    for table, frame in before.items():
        found = after[table]
        if not table.endswith(f".{file}"):
            assert found.equals(frame), table
            continue
        places = ["source_line", column]
        assert found.drop(places).equals(frame.drop(places)), table
        elsewhere = pl.int_range(frame.height, eager=True) != number
        assert found.filter(elsewhere)[column].equals(frame.filter(elsewhere)[column]), table
