"""The build file accepts tables in parts, reads large ones in chunks with limited memory, and leaves no files."""

from contextlib import closing

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from assets.core.errors import EnvironmentFailure
from assets.core.paths import Paths
from assets.scale.partitioned_table import PartitionedTable
from assets.warehouse.frames import Held, ahead, in_slices
from tests.integration.pipeline.test_build_file import FRAME, NUMBERS, opened


@pytest.fixture
def paths(tmp_path):
    return Paths(tmp_path / "ledger.duckdb")


@pytest.fixture
def in_parts(tmp_path):
    """The frame in two files."""
    files = (tmp_path / "parts" / "1.parquet", tmp_path / "parts" / "2.parquet")
    files[0].parent.mkdir()
    for file in files:
        FRAME.write_parquet(file)
    return PartitionedTable(files, (FRAME.height, FRAME.height), FRAME.schema)


def test_a_table_in_parts_is_committed_as_the_frame_would_be_and_its_files_go(paths, in_parts):
    twice = pl.concat([FRAME, FRAME])
    with closing(opened(paths)) as build:
        mark = build.commit(NUMBERS, in_parts, {}, {}, "run")
        assert build.query(f"select count(*) as n from {NUMBERS.full_name}").item() == twice.height
        assert_frame_equal(build.read(NUMBERS.full_name), twice)
        assert mark == build.commit(NUMBERS, twice, {}, {}, "run")
    assert not in_parts.files[0].parent.exists()


def test_a_rule_reads_parts_as_it_reads_a_frame(paths, in_parts):
    with closing(opened(paths)) as build:
        assert build.query("select count(*) as n from candidate", candidate=in_parts).item() == 2 * FRAME.height
        with pytest.raises(duckdb.Error):
            build.query("from candidate")


def test_a_large_table_is_read_in_chunks_in_its_order(paths, monkeypatch):
    monkeypatch.setattr("assets.warehouse.build_file.ROWS_AT_ONCE", 2048)
    monkeypatch.setattr("assets.warehouse.frames.ROWS_AT_ONCE", 2048)
    large = pl.DataFrame({"n": range(10_000)})
    with closing(opened(paths)) as build:
        build.commit(NUMBERS, large, {}, {}, "run")
        build._held.drop(NUMBERS.full_name)
        chunks = list(build.chunks(NUMBERS.full_name))
        assert max(c.height for c in chunks) <= 2048 < large.height
        assert_frame_equal(pl.concat(chunks), large)
        with pytest.raises(KeyError):
            list(build.chunks("stage.nothing"))


@pytest.mark.parametrize("most_rows", [2048, 20_000])
def test_only_the_requested_columns_of_a_table_in_chunks_are_read(paths, monkeypatch, most_rows):
    monkeypatch.setattr("assets.warehouse.build_file.ROWS_AT_ONCE", most_rows)
    monkeypatch.setattr("assets.warehouse.frames.ROWS_AT_ONCE", most_rows)
    large = pl.DataFrame({"n": range(10_000)}).with_columns(square=pl.col("n") ** 2, other=pl.lit("x"))
    with closing(opened(paths)) as build:
        build.commit(NUMBERS, large, {}, {}, "run")
        build._held.drop(NUMBERS.full_name)
        chunks = list(build.chunks(NUMBERS.full_name, ("square", "n")))
    assert_frame_equal(pl.concat(chunks), large.select("square", "n"))


def test_the_next_frame_is_prefetched_and_its_errors_are_raised_here():
    fetched = []

    def frames():
        for n in range(3):
            fetched.append(n)
            yield pl.DataFrame({"n": [n]})
        raise OSError("gone")

    coming = ahead(frames())
    assert next(coming)["n"].to_list() == [0]
    assert next(coming)["n"].to_list() == [1]
    assert next(coming)["n"].to_list() == [2]
    with pytest.raises(OSError, match="gone"):
        next(coming)
    again = ahead(frames())
    next(again)
    again.close()
    assert fetched == [0, 1, 2, 0, 1], "one frame ahead, and none any more for one who has left"


def test_a_frame_whose_columns_are_cut_differently_is_handed_over_in_slices(monkeypatch):
    monkeypatch.setattr("assets.warehouse.frames.ROWS_READ_AT_ONCE", 4)
    whole = pl.DataFrame({"n": range(10)})
    odd = pl.concat([whole[:3], whole[3:]], rechunk=False).with_columns(verdict=pl.repeat(value=True, n=10, eager=True))
    assert odd.n_chunks("all") == [2, 1]
    assert in_slices(odd).n_chunks("all") == [3, 3]
    assert_frame_equal(in_slices(odd), odd)
    assert in_slices(whole).n_chunks() == 3
    assert in_slices(odd.clear()).height == 0


def test_tables_that_are_too_large_together_are_not_all_held():
    held = Held(most_bytes=3 * FRAME.estimated_size())
    for n in range(5):
        held.keep(str(n), FRAME)
        held.get("0")
    assert [n for n in "01234" if held.get(n) is not None] == ["0", "3", "4"]


def test_parts_of_a_run_that_was_killed_are_gone_with_the_next_one(paths):
    with closing(opened(paths)) as build:
        left = build.size.new_folder() / "in-000000.parquet"
        left.touch()
        (paths.parts / "7").mkdir()
    assert not paths.parts.exists()
    paths.parts.mkdir()
    (paths.parts / "left.parquet").touch()
    with closing(opened(paths)):
        assert not paths.parts.exists()


def test_the_folder_of_parts_may_be_one_that_machines_share(paths, tmp_path, monkeypatch):
    monkeypatch.setenv("CLOSEDLOOP_PARTS", str(tmp_path / "shared"))
    with closing(opened(paths)) as build:
        assert build.size.new_folder().is_relative_to(tmp_path / "shared")
        assert Paths(tmp_path / "other" / "closedloop.duckdb").parts != paths.parts
    assert list((tmp_path / "shared").iterdir()) == []


def test_the_memory_of_the_writer_may_be_set_and_nonsense_is_refused_without_harm(paths, monkeypatch):
    with closing(opened(paths)) as build:
        build.commit(NUMBERS, FRAME, {}, {}, "run")
    before = paths.build.read_bytes()

    monkeypatch.setenv("CLOSEDLOOP_DUCKDB_MEMORY", "lots")
    with pytest.raises(EnvironmentFailure, match=r"CLOSEDLOOP_DUCKDB_MEMORY=lots: this is no size .* such as 8GB"):
        opened(paths)
    assert paths.build.read_bytes() == before

    monkeypatch.setenv("CLOSEDLOOP_DUCKDB_MEMORY", "500MB")
    with closing(opened(paths)) as build:
        assert build.query("select current_setting('memory_limit') as m").item() == "476.8 MiB"
        assert_frame_equal(build.read(NUMBERS.full_name), FRAME)


def test_released_memory_is_read_again_on_demand(paths, monkeypatch):
    monkeypatch.setattr("assets.warehouse.connection.LEAST_MEMORY", "1MB")
    large = pl.DataFrame({"n": range(3_000_000)}).sample(fraction=1, shuffle=True, seed=1)
    asked = "select sum(memory_usage_bytes)::bigint as bytes from duckdb_memory()"
    with closing(opened(paths)) as build:
        build.commit(NUMBERS, large, {}, {}, "run")
        build.query(f"select max(n) from {NUMBERS.full_name}")
        held = build.query(asked).item()

        build.give_back_memory()

        assert build.query(asked).item() < held / 4
        assert build._held.get(NUMBERS.full_name) is None
        assert build.query("select current_setting('memory_limit') as m").item() == "2.7 GiB"
        assert_frame_equal(build.read(NUMBERS.full_name), large)


@pytest.mark.parametrize("rows", [1, 3, 10])
def test_a_frame_reaches_the_file_whole_however_it_is_sliced(paths, monkeypatch, rows):
    monkeypatch.setattr("assets.warehouse.frames.ROWS_READ_AT_ONCE", rows)
    frame = pl.DataFrame({"n": [5, None, 3, 1, 4], "text": ["e", "", None, "a", "Ω"]})
    with closing(opened(paths)) as build:
        assert_frame_equal(build.query("from candidate", candidate=frame), frame)
        assert_frame_equal(build.query("from candidate", candidate=frame.clear()), frame.clear())


def test_data_that_exceeds_memory_spills_next_to_the_warehouse_and_is_removed(paths, monkeypatch):
    monkeypatch.setenv("CLOSEDLOOP_DUCKDB_MEMORY", "60MB")
    with closing(opened(paths)) as build:
        found = build.query("select count(*) as n from (select random() as r from range(8_000_000) order by r)")
        assert found.item() == 8_000_000
    assert not paths.spill.exists()
