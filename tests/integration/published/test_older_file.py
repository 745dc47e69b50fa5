"""A file published by an earlier version of the project is read and exported, and its history is kept."""

import datetime as dt
import json

import duckdb
import pytest

from assets.analysis.status import status
from assets.export import writing
from assets.published.schema import snapshots
from assets.warehouse.build_file import HISTORY


@pytest.fixture
def older(pipeline):
    """The small ledger as published before shapes had versions."""
    with duckdb.connect(str(pipeline.published)) as connection:
        connection.execute("alter table quality.publications drop column schema_version")
        connection.execute("delete from quality.dictionary where column_name = 'schema_version'")
    with duckdb.connect(str(pipeline.paths.build)) as connection:
        connection.execute(f"alter table {HISTORY} drop column schema_version")
    return pipeline


def versions(pipeline):
    return pipeline.ask("select schema_version from quality.publications order by publication_number")[
        "schema_version"
    ].to_list()


@pytest.mark.parametrize("lost", ["nothing", "published", "build"])
def test_the_history_of_an_older_file_is_kept_without_a_version(older, publish, lost):
    (first,) = older.ask("select publication_id from quality.publications").rows()
    if lost == "published":
        older.published.unlink()
    if lost == "build":
        with duckdb.connect(str(older.paths.build)) as connection:
            connection.execute(f"drop table {HISTORY}")

    publish(older)

    assert versions(older) == [None, str(snapshots.stored()[-1].version)]
    assert older.ask("select publication_id from quality.publications order by publication_number").rows()[0] == first


def test_an_older_file_is_exported_with_no_version(older, tmp_path):
    writing.export(older.published, tmp_path / "out", "csv", ["bi", "quality"])

    manifest = json.loads((tmp_path / "out" / "export.json").read_text())
    assert manifest["schema_version"] is None
    assert manifest["publication"]["publication_id"]


def test_an_older_file_has_a_status(older):
    found = status(older.published, older.seeds, dt.datetime(2026, 1, 31, tzinfo=dt.UTC).replace(tzinfo=None))

    assert found.publication_number == 1
    assert not found.is_seeds_changed


def test_an_export_replaces_one_that_named_no_version(older, publish, tmp_path):
    to = tmp_path / "out"
    writing.export(older.published, to, "csv", ["bi"])
    manifest = json.loads((to / "export.json").read_text())
    del manifest["schema_version"]
    (to / "export.json").write_text(json.dumps(manifest))
    publish(older)

    writing.export(older.published, to, "csv", ["bi"])

    newest = str(snapshots.stored()[-1].version)
    assert json.loads((to / "export.json").read_text())["schema_version"] == newest
