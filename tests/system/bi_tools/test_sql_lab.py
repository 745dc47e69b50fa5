"""A user of SQL Lab can read everything, write nothing, and access no other file."""

import pytest

READ_ONLY = "which is attached in read-only mode"

CLOSED = "file system operations are disabled by configuration"


def message(found):
    assert found.status != 200, found
    return found["errors"][0]["message"]


def test_the_tables_of_schema_bi_are_listed(superset, published):
    found = superset.get(f"database/{superset.database()}/tables/?q=(schema_name:bi,force:!t)")
    listed = {t["value"] for t in found["result"]}
    real = {t for (t,) in published.ask("select table_name from duckdb_tables() where schema_name = 'bi'")}
    assert listed == real
    assert len(listed) > 30


def test_schemas_are_listed(superset):
    listed = superset.get(f"database/{superset.database()}/schemas/?q=(force:!t)")["result"]
    assert {"bi", "metrics", "facts", "quality"} <= {name.split(".")[-1].strip('"') for name in listed}


def test_a_question_is_answered(superset, published):
    rows = superset.sql("select entity, net_commitment_usd from bi.headline where is_current and entity_id = 'openai'")
    assert rows.status == 200, rows
    expected = published.figure("select net_commitment_usd from bi.headline where is_current and entity_id = 'openai'")
    assert rows["data"] == [{"entity": "OpenAI", "net_commitment_usd": pytest.approx(expected)}]


def test_a_macro_of_the_file_is_answered(superset, published):
    rows = superset.sql("select entity_id from headline_as_of('2025-10-09') order by entity_id")
    assert rows.status == 200, rows
    expected = published.ask("select entity_id from headline_as_of('2025-10-09') order by entity_id")
    assert [r["entity_id"] for r in rows["data"]] == [e for (e,) in expected]


@pytest.mark.parametrize(
    "sql",
    ["create table bi.mine as select 1 as x", "delete from bi.headline", "drop table bi.headline"],
)
def test_superset_refuses_to_write(sql, superset, published):
    before = published.path.read_bytes()
    assert "This database does not allow for DDL/DML" in message(superset.sql(sql))
    assert published.path.read_bytes() == before


def test_the_file_refuses_to_be_written_even_if_superset_would_write(superset, published):
    number = superset.database()
    assert superset.put(f"database/{number}", allow_dml=True).status == 200
    try:
        before = published.path.read_bytes()
        assert READ_ONLY in message(superset.sql("delete from bi.headline"))
        assert published.path.read_bytes() == before
    finally:
        assert superset.put(f"database/{number}", allow_dml=False).status == 200


@pytest.mark.parametrize(
    "sql",
    ["select * from read_csv('/etc/passwd')", "select * from read_blob('home/superset.db')"],
)
def test_other_files_of_the_machine_are_out_of_reach(sql, superset):
    assert CLOSED in message(superset.sql(sql))


def test_the_settings_cannot_be_unlocked(superset):
    assert "the configuration has been locked" in message(superset.sql("set enable_external_access = true"))
