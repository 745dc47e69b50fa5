"""`closedloop build`: the main job, watched by a person."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from assets import catalog, dagster_home, display, run
from assets.commands import ends, options
from assets.commands.intended_loss import intended_loss_option
from assets.failures import EnvironmentFailure
from assets.warehouse import ours
from assets.warehouse.paths import Paths


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
    published = options.published(warehouse)
    ours.must_be_ours(Paths(published))
    home = dagster_home.prepare(options.home(published, is_own=warehouse is not None))
    before = _mark(published)
    run.must_have_workers()
    with display.progress(len(catalog.STEPS) + 2) as (asset, message, part):
        request = run.Request(published, seeds.absolute(), home, wait, intended_loss, draws, debug)
        outcome = run.build(request, run.Ears(asset, message, part))
    if outcome.is_interrupted:
        raise KeyboardInterrupt
    for text in outcome.refusals:
        ends.complain(text)
    if outcome.environment:
        raise EnvironmentFailure(outcome.environment)
    if not outcome.is_success:
        for text in outcome.errors:
            ends.complain(text if debug else ends.defect(text))
        ends.complain(_what_stands(published, before))
        sys.exit(ends.REFUSED)
    try:
        with ends.reader_may_leave():
            display.headline(published)
    except EnvironmentFailure as error:
        ends.warn(f"Published, but the headline cannot be read just now: {error}")


def _mark(published: Path) -> tuple[int, int] | None:
    """What tells one published file from the next: publishing puts a new file in its place."""
    try:
        found = published.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def _what_stands(published: Path, before: tuple[int, int] | None) -> str:
    """What a reader finds after a run that failed: it may have failed after it published."""
    if before is None and _mark(published) is None:
        return "Nothing was published."
    if _mark(published) == before:
        return f"Nothing was published: {published} is untouched."
    return f"{published} was published; what came after it failed."
