"""The Dagster resources: the warehouse, opened once per run by its only writer; the options of a run.

The paths of warehouse and seeds, and the machines that work, are fixed when the definitions are made. A run
configuration cannot change them: a user who can start a run must not choose which file it replaces, or which machine it
contacts.
"""

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
from pydantic import Field, field_validator

from assets import catalog
from assets.core.paths import Paths
from assets.orchestration import instance
from assets.published import publication
from assets.raw.seeds_version import SeedsVersion
from assets.scale import executors
from assets.scale.large import Large
from assets.staging.seeds import TABLES
from assets.warehouse import seeds_journal
from assets.warehouse.build_file import BuildFile
from assets.warehouse.lock import one_writer

LOCK_WAIT_SECONDS = 600.0


@dataclass(frozen=True)
class Site:
    """An open build file and its paths."""

    paths: Paths
    build: BuildFile
    version: SeedsVersion
    """The version of the seeds at the start of the run."""


class RunOptions(dg.ConfigurableResource):  # type: ignore[type-arg]  # it gives itself
    """The options of a run: no path, no machine."""

    intended_loss: list[str] = Field(
        default=[], description="Files of seeds/ that may lose rows in this run, e.g. commitments."
    )
    draws: int | None = Field(
        default=None,
        ge=1,
        le=10_000_000,
        description="Draws of the simulation of coverage; empty: assumption simulation_draws.",
    )

    @field_validator("intended_loss")
    @classmethod
    def _are_seeds(cls, names: list[str]) -> list[str]:
        known = [table.name for table in TABLES]
        if unknown := [n for n in names if n not in known]:
            raise ValueError(f"intended_loss names {', '.join(unknown)}: write some of {', '.join(known)}")
        return names


def warehouse_resource(
    warehouse: Path, seeds: Path, lock_wait_seconds: float = LOCK_WAIT_SECONDS, scheduler: str = ""
) -> dg.ResourceDefinition:
    """The build file of one warehouse, locked during a run. It takes no configuration.

    Divisible work runs on the workers of a Dask scheduler if its address is given.

    Errors of a run: EnvironmentFailure that names the holder of the lock or the error of the disk.
    """

    @dg.resource(
        config_schema={},
        required_resource_keys={"options"},
        description=f"Builds {warehouse} from {seeds}, both fixed by the server that shows them; "
        f"work is done by {scheduler or 'the process of the run'}.",
    )
    def opened(context: dg.InitResourceContext) -> Generator[Site, None, None]:
        options: RunOptions = context.resources.options
        paths = Paths(warehouse.absolute())
        purpose = "Dagster"
        if context.run and context.instance:
            purpose = f"Dagster run {context.run.run_id}"
            instance.sign(context.instance, context.run.run_id)
        say = context.log.warning if context.log else print
        with one_writer(paths, lock_wait_seconds, purpose, say):
            build = BuildFile(paths, seeds.absolute(), catalog.STATEMENTS, Large(paths, executors.named(scheduler)))
            try:
                build.draws = options.draws
                build.compare_with(publication.rows_published(build), options.intended_loss)
                with seeds_journal.alone(build.seeds, is_reader=True):
                    version = SeedsVersion(build.seeds)
                yield Site(paths, build, version)
            finally:
                build.close()

    return opened


@dg.io_manager(config_schema={}, description="Tables lie in the build file: Dagster itself stores no values.")
def no_values(_context: dg.InitResourceContext) -> dg.InMemoryIOManager:
    """Replaces Dagster's IO manager, with which a run configuration could choose a folder for pickles."""
    return dg.InMemoryIOManager()  # type: ignore[no-untyped-call]
