"""Both sizes build a small ledger equally, and substitutes have the signatures of the functions that they replace."""

import datetime as dt
import inspect

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from assets.core.paths import Paths
from assets.core.size import Small, every_day, whole
from assets.core.step import Inputs
from assets.scale import partitioned_table
from assets.scale.large import WAYS, Large
from assets.scale.reported_days import days_reported
from assets.warehouse.in_memory import InMemory

NUMBERS = pl.DataFrame({"n": range(7)})

DAYS = pl.DataFrame(
    {"as_of_date": [dt.date(2025, 1, 7), dt.date(2025, 2, 1), dt.date(2025, 4, 1)], "who": ["a", "b", "a"]}
)


class Held(Inputs):
    """One table, in frames of at most three rows."""

    def __init__(self, size):
        self.size = size

    def read(self, name):
        return {"stage.numbers": NUMBERS}[name]

    def chunks(self, name, columns=()):
        del columns
        yield from self.read(name).iter_slices(3)


@pytest.fixture(params=["small", "large", "cut"])
def inputs(request, tmp_path, monkeypatch):
    if request.param == "cut":
        monkeypatch.setattr(partitioned_table, "ROWS_PER_PART", 2)
    size = Small() if request.param == "small" else Large(Paths(tmp_path / "ledger.duckdb"))
    yield Held(size)
    size.clear()
    assert list(tmp_path.iterdir()) == []


def scaled(rows, by):
    return rows.with_columns(pl.col("n") * by.item())


def test_a_table_by_rows_is_the_same_at_every_size(inputs):
    found = inputs.by_rows(scaled, "stage.numbers", by=pl.DataFrame({"by": [3]}))

    assert found.height == NUMBERS.height
    assert_frame_equal(whole(found), NUMBERS * 3)


def test_collected_frames_are_the_same_table_at_every_size(inputs):
    assert_frame_equal(whole(inputs.collected(NUMBERS.iter_slices(3))), NUMBERS)
    assert_frame_equal(whole(inputs.collected([NUMBERS])), NUMBERS)


def test_pieces_are_worked_on_in_their_order_at_every_size(inputs):
    assert list(inputs.executor.map(abs, [-3, 2, -1])) == [3, 2, 1]
    assert inputs.executor == inputs.executor, "the last simulation is found again"


def test_a_ledger_in_memory_takes_tables_in_parts_and_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(partitioned_table, "ROWS_PER_PART", 2)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    memory = InMemory(tmp_path, size=Large())
    memory.keep("stage.numbers", NUMBERS)
    found = memory.by_rows(scaled, "stage.numbers", by=pl.DataFrame({"by": [3]}))
    assert len(found.files) == 4

    memory.keep("stage.more", found)
    assert not any(file.exists() for file in found.files)
    assert_frame_equal(memory.read("stage.more"), NUMBERS * 3)
    assert_frame_equal(memory.query("from stage.more"), NUMBERS * 3)
    memory.close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("ordinary", WAYS, ids=lambda f: f.__name__)
def test_a_substitute_has_the_signature_of_its_function(ordinary, tmp_path):
    taken = Large(Paths(tmp_path / "ledger.duckdb")).way(ordinary)

    assert taken is not ordinary
    assert Small().way(ordinary) is ordinary
    assert list(inspect.signature(taken).parameters) == list(inspect.signature(ordinary).parameters)


def test_a_function_without_a_substitute_is_unchanged(tmp_path):
    assert Large(Paths(tmp_path / "ledger.duckdb")).way(abs) is abs


def test_of_days_within_the_limit_all_are_reported():
    assert days_reported(DAYS, 3.0, 3.0) is every_day(DAYS, 3.0, 3.0) is DAYS


def test_beyond_the_limit_quarter_ends_are_reported_and_the_last_day():
    found = days_reported(DAYS, 3.1, 3.0).sort(pl.all())

    assert found.rows() == [(dt.date(2025, 3, 31), "a"), (dt.date(2025, 3, 31), "b"), (dt.date(2025, 4, 1), "a")]


def test_beyond_the_limit_other_days_may_replace_all():
    landmarks = [dt.date(2025, 1, 1), dt.date(2025, 12, 31)]

    assert days_reported(DAYS.select("as_of_date"), 2, 1, landmarks)["as_of_date"].to_list() == landmarks
    assert days_reported(DAYS, 1, 1, landmarks) is DAYS
