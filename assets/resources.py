"""The one Dagster resource: where the warehouse lies, opened once a run by its only writer."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
from pydantic import PrivateAttr

from assets import sqlfiles
from assets.warehouse import BuildFile, Paths, one_writer

PROJECT = Path(__file__).resolve().parent.parent
DEFAULT_WAREHOUSE = PROJECT / "warehouse" / "closedloop.duckdb"
DEFAULT_SEEDS = PROJECT / "seeds"
LOCK_WAIT_SECONDS = 600.0


@dataclass(frozen=True)
class Site:
    """An open build file and where everything lies."""

    paths: Paths
    build: BuildFile


class WarehouseResource(dg.ConfigurableResource):  # type: ignore[type-arg]  # it gives itself
    """The build file of one warehouse, locked for the length of a run."""

    warehouse: str = str(DEFAULT_WAREHOUSE)
    seeds: str = str(DEFAULT_SEEDS)
    lock_wait_seconds: float = LOCK_WAIT_SECONDS

    _site: Site | None = PrivateAttr(default=None)

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Generator["WarehouseResource", None, None]:
        """Take the lock, open the build file, close both after the run.

        Errors: EnvironmentFailure that says who holds the lock or what the disk refuses.
        """
        paths = Paths(Path(self.warehouse).absolute())
        purpose = f"Dagster run {context.run_id}" if context.run_id else "Dagster"
        with one_writer(paths, self.lock_wait_seconds, purpose):
            macros = {name: sqlfiles.text("macros", name) for name in sqlfiles.names("macros")}
            build = BuildFile(paths, Path(self.seeds).absolute(), macros)
            try:
                self._site = Site(paths, build)
                yield self
            finally:
                self._site = None
                build.close()

    def site(self) -> Site:
        """The open site.

        Errors: RuntimeError outside a run.
        """
        if self._site is None:
            message = "the warehouse is open only while a run is in progress"
            raise RuntimeError(message)
        return self._site
