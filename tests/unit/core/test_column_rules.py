"""Everything derived from a contract agrees with it: Polars, DuckDB, Dagster, the dictionary, the raw contracts."""

from __future__ import annotations

import csv

import duckdb
import polars as pl
import pytest

from assets import catalog
from assets.cli.options import SEEDS
from assets.core.table import DUCKDB_TYPES, POLARS_TYPES
from assets.core.vocabulary import VOCABULARIES
from assets.quality import own_tables
from assets.quality.dictionary import DICTIONARY, dictionary
from assets.raw import contract
from assets.staging import columns, seeds
from assets.warehouse.ddl import columns_sql, comment, comments_sql
from tests.unit.core.everything import BUILT, TABLES
from tests.unit.gates.examples import example


def test_every_contract_is_built_by_a_step_or_belongs_to_the_published_file():
    assert set(TABLES) == set(BUILT) | {table.full_name for table, _ in own_tables.OWN_TABLES}
    assert all(TABLES[name] is BUILT[name] for name in BUILT)


@pytest.fixture(scope="module")
def database():
    with duckdb.connect() as connection:
        yield connection


@pytest.fixture
def connection(database):
    """An empty database for one test."""
    database.begin()
    yield database
    database.rollback()


@pytest.mark.parametrize("name", TABLES)
def test_duckdb_holds_the_types_comments_and_not_nulls_of_the_contract(name, connection):
    table = TABLES[name]
    connection.execute(f"create schema {table.stage}; create table {name} ({columns_sql(table)})")
    connection.execute(comments_sql(table))
    found = connection.execute(
        "select column_name, data_type, not is_nullable, comment from duckdb_columns() "
        "where not internal order by column_index"
    ).fetchall()
    about = connection.execute("select comment from duckdb_tables() where not internal").fetchone()[0]
    assert found == [(c.name, DUCKDB_TYPES[c.kind], c.required, comment(c)) for c in table.columns]
    assert table.summary in about
    assert table.grain in about
    assert all(hazard in about for hazard in table.hazards)


@pytest.mark.parametrize("name", TABLES)
def test_a_frame_goes_through_duckdb_and_comes_back_with_the_types_of_the_contract(name, connection):
    table = TABLES[name]
    frame = example(table)
    connection.execute(f"create schema {table.stage}; create table {name} ({columns_sql(table)})")
    connection.register("incoming", frame)
    connection.execute(f"insert into {name} from incoming")
    back = pl.DataFrame(connection.sql(f"from {name}"))
    assert back.schema == pl.Schema(table.polars_schema)
    assert back.equals(frame)


def test_every_kind_has_a_type_everywhere():
    assert set(POLARS_TYPES) == set(DUCKDB_TYPES)


@pytest.mark.parametrize("name", BUILT)
def test_dagster_shows_the_columns_of_the_contract(name):
    from assets.orchestration.assets import definition_metadata

    table = TABLES[name]
    shown = definition_metadata(catalog.STEPS[name])["dagster/column_schema"].columns
    assert [(c.name, c.type) for c in shown] == [(c.name, DUCKDB_TYPES[c.kind]) for c in table.columns]
    assert [c.constraints.nullable for c in shown] == [not c.required for c in table.columns]
    assert all(c.description.startswith(o.description) for c, o in zip(shown, table.columns, strict=True))
    assert all(o.unit in c.description for c, o in zip(shown, table.columns, strict=True))


def test_the_dictionary_describes_every_column_of_every_table_once():
    frame = dictionary(list(TABLES.values()), dict.fromkeys(TABLES, "what it is made of"))
    assert frame.schema == pl.Schema(DICTIONARY.polars_schema)
    assert frame.height == sum(len(t.columns) for t in TABLES.values())
    assert not frame.select(DICTIONARY.key).is_duplicated().any()
    for row in frame.iter_rows(named=True):
        table = TABLES[f"{row['schema_name']}.{row['table_name']}"]
        column = table.column(row["column_name"])
        assert (row["unit"], row["description"]) == (column.unit, column.description)
        assert (row["is_required"], row["is_key"]) == (column.required, column.name in table.key)
        assert table.columns[row["position"] - 1] is column
        assert (row["allowed_values"] or "") == ", ".join(VOCABULARIES[column.vocabulary] if column.vocabulary else ())


@pytest.mark.parametrize("table", contract.TABLES, ids=lambda t: t.name)
def test_raw_has_the_columns_of_staging_as_text(table):
    typed = TABLES[f"staging.{table.name}"]
    assert table.column_names == typed.column_names
    assert {c.kind for c in table.columns if c not in columns.SOURCE_LINE} == {"text"}
    assert table.seed_file == typed.seed_file
    assert table.min_rows == typed.min_rows
    assert table.key == ("source_file", "source_line")


@pytest.mark.parametrize("table", seeds.TABLES, ids=lambda t: t.name)
def test_staging_has_the_columns_of_the_header_of_its_seed(table):
    with (SEEDS / f"{table.name}.csv").open(encoding="utf-8", newline="") as file:
        header = next(csv.reader(file))
    assert header == [c for c in table.column_names if c not in {"source_file", "source_line"}]
    assert table.seed_file == f"seeds/{table.name}.csv"


def test_every_seed_has_a_contract():
    assert {p.stem for p in SEEDS.glob("*.csv")} == {t.name for t in seeds.TABLES}
