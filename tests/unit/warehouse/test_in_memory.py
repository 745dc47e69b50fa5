"""Tables in memory: read by builders as frames, and by SELECTs as tables."""

from pathlib import Path

import polars as pl
import pytest

from assets.warehouse.in_memory import InMemory

NAME = "staging.words"


@pytest.fixture
def memory():
    memory = InMemory(Path("seeds"), {NAME: 7})
    yield memory
    memory.close()


def total(memory):
    return memory.query(f"select sum(n) as total from {NAME}").item()


def test_a_table_that_is_kept_is_there_for_builders_and_for_selects(memory):
    memory.keep(NAME, pl.DataFrame({"n": [1, 2]}))

    assert memory.read(NAME)["n"].to_list() == [1, 2]
    assert total(memory) == 3


@pytest.mark.parametrize("is_asked_between", [False, True])
def test_a_table_that_is_kept_again_takes_the_place_of_the_one_before(memory, is_asked_between):
    memory.keep(NAME, pl.DataFrame({"n": [1, 2]}))
    if is_asked_between:
        assert total(memory) == 3
    memory.keep(NAME, pl.DataFrame({"n": [40]}))

    assert memory.read(NAME)["n"].to_list() == [40]
    assert total(memory) == 40


def test_a_table_that_was_not_built_is_a_key_error(memory):
    with pytest.raises(KeyError, match=NAME):
        memory.read(NAME)


def test_rows_of_the_publication_are_those_that_were_given(memory):
    assert (memory.rows_published(NAME), memory.rows_published("staging.others")) == (7, None)
