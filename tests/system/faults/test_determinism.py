"""The fast part of the room `determinism`: `make faults` also builds the real ledger."""

import duckdb

from tests.system.faults import determinism
from tests.system.faults.harness import contents


def test_one_thread_and_another_hash_seed_change_nothing(small_built, tmp_path):
    other = determinism.built(tmp_path, "small", "on one thread", PYTHONHASHSEED="12345")
    assert determinism.differing(small_built, other) == []


def test_the_publication_has_a_hash_of_every_table_that_a_step_builds(small_built):
    assert set(determinism.hashes(small_built)) == {*contents(small_built.published), "quality.vocabulary"}


def test_a_changed_cell_would_be_seen(small_built, tmp_path):
    copy = tmp_path / "copy.duckdb"
    copy.write_bytes(small_built.published.read_bytes())
    with duckdb.connect(str(copy)) as connection:
        connection.execute("update facts.entities set name = name || '.' where entity_id = 'openai'")
    before, after = contents(small_built.published), contents(copy)
    assert {name for name in before if before[name] != after[name]} == {"facts.entities"}
