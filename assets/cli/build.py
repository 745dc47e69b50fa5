"""`closedloop build`: the main job with its progress."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from assets import catalog
from assets.cli import limits, options, output, progress
from assets.cli.intended_loss import intended_loss_option
from assets.core.errors import EnvironmentFailure
from assets.core.paths import Paths
from assets.orchestration import instance, runner
from assets.warehouse import ours


@click.command(
    epilog=options.examples(
        "closedloop build", "closedloop build --seeds ../what-if --warehouse ../what-if/closedloop.duckdb"
    )
)
@options.seeds_option
@options.warehouse_option
@click.option(
    "--wait",
    type=click.FloatRange(0, 86_400),
    default=60.0,
    callback=options.a_number,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for another writer.",
)
@click.option(
    "--draws",
    type=click.IntRange(1, 10_000_000),
    default=None,
    metavar="N",
    help="Draws of the simulation of coverage.  [default: assumption simulation_draws, 20,000]",
)
@intended_loss_option
@click.option("--debug", is_flag=True, help="Show Dagster's log and tracebacks.")
def build(
    seeds: Path,
    warehouse: Path | None,
    wait: float,
    draws: int | None,
    intended_loss: tuple[str, ...],
    *,
    debug: bool,
) -> None:
    """Run the main job: every asset, every gate, then publish; ends with the headline of the ledger."""
    limits.must_allow_address_space()
    published = options.published(warehouse)
    ours.must_be_ours(Paths(published))
    home = instance.prepare(options.home(published, is_own=warehouse is not None))
    before = _mark(published)
    runner.must_have_workers()
    with progress.progress(len(catalog.STEPS) + 2) as (asset, message, part):
        request = runner.Request(published, seeds.absolute(), home, wait, intended_loss, draws, debug)
        outcome = runner.build(request, runner.Ears(asset, message, part))
    if outcome.is_interrupted:
        raise KeyboardInterrupt
    for text in outcome.refusals:
        output.complain(text)
    if outcome.environment:
        raise EnvironmentFailure(outcome.environment)
    if not outcome.is_success:
        for text in outcome.errors:
            output.complain(text if debug else output.defect(text))
        output.complain(_what_stands(published, before))
        sys.exit(output.REFUSED)
    try:
        with output.reader_may_leave():
            progress.headline(published)
    except EnvironmentFailure as error:
        output.warn(f"Published, but the headline cannot be read just now: {error}")


def _mark(published: Path) -> tuple[int, int] | None:
    """Identifies a published file; publishing replaces it with a new one."""
    try:
        found = published.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def _what_stands(published: Path, before: tuple[int, int] | None) -> str:
    """The state of the published file after a failed run, which may have failed after publishing."""
    if before is None and _mark(published) is None:
        return "Nothing was published."
    if _mark(published) == before:
        return f"Nothing was published: {published} is untouched."
    return f"{published} was published; what came after it failed."
