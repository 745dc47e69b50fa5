"""The declared reads of a table are exactly those of its builder."""

import shutil

from assets import catalog
from assets.cli.options import SEEDS
from assets.core import sql_files
from assets.core.step import in_order
from assets.warehouse.in_memory import InMemory
from tests.ledgers import small


class Traced(InMemory):
    """A ledger in memory that records which tables were read."""

    def __init__(self, seeds):
        super().__init__(seeds, macros=catalog.STATEMENTS)
        self.asked = set()
        self.draws = 100

    def read(self, name):
        self.asked.add(name)
        return super().read(name)

    def chunks(self, name, columns=()):
        self.asked.add(name)
        yield from super().chunks(name, columns)

    def query(self, sql, parameters=None, candidate=None):
        macros = {macro.table.full_name for name, macro in catalog.MACROS.items() if f"{name}(" in sql}
        self.asked |= {*sql_files.tables_named(sql), *macros}
        return super().query(sql, parameters, candidate)


def reads_of_a_build(seeds):
    """The tables that each builder read, by name."""
    traced, found = Traced(seeds), {}
    try:
        for step in in_order(catalog.STEPS):
            traced.asked = set()
            traced.keep(step.name, step.build(traced).frame)
            found[step.name] = traced.asked
    finally:
        traced.close()
    return found


def test_every_table_declares_exactly_what_its_builder_reads(tmp_path):
    seeds = small.write(tmp_path / "seeds")
    shutil.copy(SEEDS / "claims.csv", seeds)  # all claims: each is a separate SELECT
    read = reads_of_a_build(seeds)

    assert {name: set(step.reads) for name, step in catalog.STEPS.items()} == read


def test_the_published_dictionary_and_dagster_say_the_same(small_built):
    from assets.orchestration.assets import definition_metadata

    rows = small_built.ask("select distinct schema_name || '.' || table_name as name, source from quality.dictionary")
    said = dict(rows.rows())

    for name, step in catalog.STEPS.items():
        assert said[name] == definition_metadata(step)["source"] == (", ".join(step.reads) or step.origin), name
    assert said["raw.deals"] == "seeds/deals.csv"
    assert said["bi.headline"] == "metrics.headline, facts.entities"
