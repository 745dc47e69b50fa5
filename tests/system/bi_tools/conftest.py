"""One Superset and the published files that it reads, shared by the tests of `make bi`."""

import contextlib
import shutil
from types import SimpleNamespace

import duckdb
import pytest

from tests.places import PROJECT
from tests.system.bi_tools import superset_server

TOOLS = PROJECT / ".venv-bi"


@pytest.fixture(scope="session", autouse=True)
def _installed():
    """Superset and the packages of Node are installed separately from those of the project."""
    lacking = [p for p in (superset_server.COMMAND, TOOLS / "node" / "node_modules") if not p.exists()]
    if lacking:
        pytest.fail(f"{', '.join(str(p.relative_to(TOOLS.parent)) for p in lacking)} is missing: run make bi")
    if not shutil.which("node"):
        pytest.fail("no node on the PATH (Debian: apt-get install nodejs)")


class Place:
    """A published file that tools read and that can be replaced as by a build."""

    def __init__(self, path):
        self.path = path

    def publish(self, file):
        """Replace the publication here atomically, as a build does."""
        new = self.path.with_suffix(".new")
        shutil.copy(file, new)
        new.replace(self.path)

    @contextlib.contextmanager
    def missing(self):
        """Remove the published file for a while."""
        away = self.path.with_suffix(".away")
        self.path.replace(away)
        try:
            yield
        finally:
            away.replace(self.path)

    def ask(self, sql):
        """The result from DuckDB itself: rows as tuples."""
        with duckdb.connect(str(self.path), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def figure(self, sql):
        ((found,),) = self.ask(sql)
        return found


@pytest.fixture(scope="session")
def publications(real_built, small_built):
    """Two publications of two ledgers: the real one and the small one."""
    assert real_built.code == 0, real_built.stderr
    return SimpleNamespace(real=real_built.published, small=small_built.published)


@pytest.fixture
def place(publications, tmp_path):
    """A separate published file."""
    path = tmp_path / "warehouse" / "closedloop.duckdb"
    path.parent.mkdir()
    place = Place(path)
    place.publish(publications.real)
    return place


@pytest.fixture(scope="session")
def published(publications, tmp_path_factory):
    """The file that Superset reads; a test that replaces it restores it."""
    path = tmp_path_factory.mktemp("superset") / "warehouse" / "closedloop.duckdb"
    path.parent.mkdir()
    place = Place(path)
    place.publish(publications.real)
    return place


@pytest.fixture(scope="session")
def superset(published):
    """A running Superset with the dashboard of the repository, imported by Superset's command."""
    folder = published.path.parents[1]
    server = superset_server.Superset(folder)
    server.set_up()
    server.command("import-dashboards", "--path", superset_server.bundle(folder / "bundle.zip"), "-u", "tester")
    server.start()
    try:
        yield server
    finally:
        server.stop()
