"""The Dagster resources: where the warehouse lies, opened once a run by its only writer; and who does the work."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
from pydantic import Field, PrivateAttr

from assets import dagster_home, fleet, sqlfiles
from assets.published import publication
from assets.warehouse.build_file import BuildFile
from assets.warehouse.lock import one_writer
from assets.warehouse.paths import Paths

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
    intended_loss: list[str] = Field(
        default=[], description="Files of seeds/ that may lose rows in this run, e.g. commitments."
    )

    _site: Site | None = PrivateAttr(default=None)

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Generator["WarehouseResource", None, None]:
        """Take the lock, open the build file, close both after the run.

        Errors: EnvironmentFailure that says who holds the lock or what the disk refuses.
        """
        paths = Paths(Path(self.warehouse).absolute())
        purpose = "Dagster"
        if context.run and context.instance:
            purpose = f"Dagster run {context.run.run_id}"
            dagster_home.sign(context.instance, context.run.run_id)
        told = context.log.warning if context.log else print
        with one_writer(paths, self.lock_wait_seconds, purpose, told):
            macros = {name: sqlfiles.text("macros", name) for name in sqlfiles.names("macros")}
            build = BuildFile(paths, Path(self.seeds).absolute(), macros)
            try:
                build.compare_with(publication.rows_published(build), self.intended_loss)
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


class FleetResource(dg.ConfigurableResource):  # type: ignore[type-arg]  # it gives itself
    """Who does the work of a run that can be cut into pieces."""

    scheduler: str = Field(
        default="", description="Address of a Dask scheduler, such as tcp://10.0.0.5:8786; empty: this process."
    )

    def chosen(self) -> fleet.Fleet:
        """The fleet that the configuration names."""
        return fleet.named(self.scheduler)
