"""Schema `bi` of the published file of the real ledger: every table has rows, days are dates, years are words."""

from assets import catalog
from assets.bi import tables
from assets.core import sql_files

TABLES = {name for name, step in catalog.STEPS.items() if step.table.stage == "bi"}


def test_every_select_is_a_table_with_rows(ask):
    found = dict(ask("select 'bi.' || table_name, estimated_size from duckdb_tables() where schema_name = 'bi'"))

    assert set(found) == TABLES == {f"bi.{n}" for n in sql_files.names("bi")}
    assert [n for n, rows in found.items() if not rows] == []


def test_the_dictionary_names_the_dimension_of_a_key(ask):
    answer = dict(
        ask("select column_name, refers_to from quality.dictionary where schema_name = 'bi' and refers_to is not null")
    )

    assert answer["payer_id"] == "bi.dim_entity.entity_id"
    assert set(answer) == set(tables.STAR)


def test_days_are_days(ask):
    found = ask(
        """
        select table_name, column_name, data_type from duckdb_columns()
        where schema_name = 'bi' and not starts_with(column_name, 'is_')
            and regexp_matches(column_name, '(_on|_date|_start|_end|_from|_to|_until|^day)$')
        """
    )

    assert len(found) > 30
    assert [row for row in found if row[2] != "DATE"] == []


def test_a_first_shortfall_is_a_year_none_by_the_last_year_or_not_measurable_and_never_never(ask):
    answer = dict(
        ask("select entity, list(distinct first_year_short) from bi.first_shortfall where is_current group by 1")
    )
    ((last,),) = ask(
        "select max(year) from coverage_simulation_as_of((select max(as_of_date) from bi.first_shortfall))"
    )

    assert (
        answer["NVIDIA Corporation"] == answer["Oracle Corporation"] == answer["CoreWeave, Inc."] == ["not measurable"]
    )
    assert f"none by {last}" in answer["OpenAI"]
    assert {word for words in answer.values() for word in words if not word.isdigit()} == {
        "not measurable",
        f"none by {last}",
    }
    unknown = ask(
        "select count(probability), count(draws) from bi.first_shortfall where not_measurable_because is not null"
    )
    assert unknown == [(0, 0)]
