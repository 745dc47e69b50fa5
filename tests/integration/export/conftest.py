"""Published files to export: the real one, and one of which only three tables are exported."""

import shutil

import duckdb
import pytest


@pytest.fixture(scope="module")
def published(real_built):
    return real_built.published


@pytest.fixture
def few(published, tmp_path):
    """A published file of which only three tables are exported: workbooks take long to read."""
    path = tmp_path / "few.duckdb"
    shutil.copy(published, path)
    with duckdb.connect(str(path)) as connection:
        connection.execute("delete from quality.dictionary where table_name not in ('claims', 'headline', 'stress')")
    return path
