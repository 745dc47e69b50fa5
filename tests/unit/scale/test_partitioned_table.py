"""A table in parts has the same rows in the same order as the whole, with any workers and any split."""

import datetime as dt
import tempfile
from functools import partial
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from assets.core.errors import EnvironmentFailure
from assets.core.size import Local, whole
from assets.facts.capacity_schedule import capacity_schedule
from assets.facts.commitment_schedule import commitment_schedule
from assets.scale import partitioned_table
from assets.scale.partitioned_table import PartitionedTable
from assets.warehouse.content_hash import fingerprint
from tests.ledgers import real


class Place:
    """A folder of a test, the executor of this process, and the reported progress."""

    def __init__(self, folder):
        self.workers = Local()
        self.folder = folder
        self.heard = []

    def new_folder(self):
        self.folder.mkdir(exist_ok=True)
        return self.folder

    def report(self, text):
        self.heard.append(text)


def twice(frame):
    return pl.concat([frame, frame]).sort("n")


def numbers(size):
    return pl.DataFrame({"n": range(size)}, schema={"n": pl.Int64})


def cut(frame, rows):
    return partitioned_table.slices([frame], rows)


def test_one_part_is_a_frame_and_touches_no_disk(tmp_path):
    place = Place(tmp_path / "parts")

    found = partitioned_table.built(twice, cut(numbers(3), 3), place)

    assert isinstance(found, pl.DataFrame)
    assert found["n"].to_list() == [0, 0, 1, 1, 2, 2]
    assert not place.folder.exists()
    assert place.heard == []


def test_several_parts_are_files_whose_rows_follow_one_another(tmp_path):
    place = Place(tmp_path / "parts")

    found = partitioned_table.built(twice, cut(numbers(5), 2), place)

    assert isinstance(found, PartitionedTable)
    assert (found.height, found.columns) == (10, ["n"])
    assert_frame_equal(whole(found), twice(numbers(5)))
    assert_frame_equal(found.lazy().collect(), twice(numbers(5)))
    assert found.head(3)["n"].to_list() == [0, 0, 1]
    assert place.heard == ["part 1 of 3", "part 2 of 3", "part 3 of 3"]


def only_known(frame, known):
    return frame.join(known, on="n")


def test_small_tables_are_read_once_not_once_a_part(tmp_path, monkeypatch):
    read = []
    monkeypatch.setattr(
        partitioned_table,
        "_read",
        lambda file, *columns, real=partitioned_table._read: read.append(file.name) or real(file, *columns),
    )

    found = partitioned_table.built(only_known, cut(numbers(6), 2), Place(tmp_path), known=numbers(5))

    assert read.count("known.parquet") == 1
    assert_frame_equal(whole(found), numbers(5))


@given(st.lists(st.integers(0, 7), max_size=4), st.integers(1, 5))
def test_no_part_is_empty_and_no_row_is_lost(heights, rows):
    chunks = [numbers(h) for h in heights]
    cuts = list(partitioned_table.slices(chunks, rows))

    assert [f.height for f in cuts if f.height > rows] == []
    assert [n for f in cuts for n in f["n"]] == [n for h in heights for n in range(h)]
    assert all(f.height for f in cuts) or (len(cuts) == 1 and not sum(heights))
    assert bool(cuts) == bool(heights)


def test_work_that_leaves_nothing_of_a_part_leaves_no_file_of_it_but_one(tmp_path):
    large = partitioned_table.built(lambda f: f.filter(pl.col("n") > 3), cut(numbers(6), 2), Place(tmp_path / "some"))
    none = partitioned_table.built(lambda f: f.clear(), cut(numbers(6), 2), Place(tmp_path / "none"))

    assert (len(large.files), large.heights) == (1, (2,))
    assert (len(none.files), none.height, none.schema) == (1, 0, pl.Schema({"n": pl.Int64}))


@pytest.fixture(scope="module")
def facts():
    return real.facts_of(real.seeds())


@pytest.mark.parametrize("rows", [7, 100])
def test_schedules_of_the_real_ledger_do_not_depend_on_how_it_is_cut(tmp_path, facts, rows):
    commitments, capacity = facts["facts.commitments"], facts["facts.capacity"]
    power = partial(capacity_schedule, last_year=2035)

    for n, (work, frame, beside) in enumerate(
        ((commitment_schedule, commitments, {"capacity": capacity}), (power, capacity, {}))
    ):
        found, expected = (
            partitioned_table.built(work, cut(frame, rows), Place(tmp_path / str(n)), **beside),
            work(frame, **beside),
        )
        assert isinstance(found, PartitionedTable)
        assert_frame_equal(whole(found), expected, check_exact=True)
        assert fingerprint(found.frames()) == fingerprint([expected])


# --- errors ---------------------------------------------------------------------------------------------------------


def test_a_missing_part_is_reported_with_the_folder_to_share(tmp_path):
    with pytest.raises(EnvironmentFailure, match=r"in-000000\.parquet: a machine .* CLOSEDLOOP_PARTS name a folder"):
        partitioned_table._Part(twice, ())(
            partitioned_table._Asked((tmp_path / "gone" / "in-000000.parquet",), tmp_path / "out.parquet")
        )


def test_a_full_disk_is_reported_and_leaves_no_half_written_file(disk):
    full = disk(1024).folder
    wide = pl.DataFrame({"n": range(200_000), "text": [str(n * 7919) * 5 for n in range(200_000)]})

    with pytest.raises(EnvironmentFailure, match=r"in-0000.*\.parquet.*: No space left on device: free some space"):
        partitioned_table.built(twice, cut(wide, 100_000), Place(full / "parts"))
    assert not list(full.rglob("*.parquet"))


def test_an_error_of_the_work_is_not_hidden(tmp_path):
    def refuses(frame):
        raise ValueError(frame.height)

    with pytest.raises(ValueError, match="2"):
        partitioned_table.built(refuses, cut(numbers(4), 2), Place(tmp_path / "parts"))


def test_dates_and_unknown_values_survive_the_files(tmp_path):
    frame = pl.DataFrame({"n": [1, 2], "day": [dt.date(2025, 1, 1), None], "text": [None, ""]})

    found = partitioned_table.built(lambda f: f, cut(frame, 1), Place(tmp_path / "parts"))
    assert_frame_equal(whole(found), frame)


# --- pieces by hash -------------------------------------------------------------------------------------------------


def by_key(frame):
    return frame.group_by("key").agg(pl.col("n").sum(), rows=pl.len().cast(pl.Int64)).sort("key")


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("abcd"), st.integers(-9, 9)), max_size=12), st.integers(1, 4), st.integers(1, 5)
)
def test_sums_of_a_key_need_no_other_piece_than_its_own(rows, count, cut_at):
    frame = pl.DataFrame(rows, schema={"key": pl.String, "n": pl.Int64}, orient="row")
    with tempfile.TemporaryDirectory() as folder:
        place = Place(Path(folder) / "parts")
        pieces = partitioned_table.by_hash(partitioned_table.slices([frame], cut_at), ["key"], count, place)
        place.folder = Path(folder) / "out"
        found = whole(partitioned_table.built(by_key, pieces, place))

    assert_frame_equal(found.sort("key"), by_key(frame))
    assert 1 <= len(pieces) <= count
