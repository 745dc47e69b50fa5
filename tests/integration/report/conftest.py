"""Reports of the real and of the small ledger, and of copies of the small one that were changed."""

import shutil
from types import SimpleNamespace

import duckdb
import pytest

from tests.integration.report import reading


@pytest.fixture(scope="session")
def real(real_built):
    """The report that the build of the real ledger wrote: do not change it."""
    path = real_built.published.with_name("lédger.report.html")
    return SimpleNamespace(path=path, published=real_built.published, document=reading.read(path))


@pytest.fixture(scope="session")
def small(small_built):
    """The report that the build of the small ledger wrote: do not change it."""
    path = small_built.published.with_name("closedloop.report.html")
    return SimpleNamespace(path=path, published=small_built.published, document=reading.read(path))


@pytest.fixture
def changed(small_built, tmp_path):
    """Writes the report of a copy of the small ledger that SQL has changed."""

    def write(*statements):
        from assets.report import page

        published = tmp_path / "copy" / "closedloop.duckdb"
        published.parent.mkdir()
        shutil.copy(small_built.published, published)
        with duckdb.connect(str(published)) as connection:
            for sql in statements:
                connection.execute(sql)
        written = page.write(published)
        return SimpleNamespace(path=written.path, published=published, document=reading.read(written.path))

    return write
