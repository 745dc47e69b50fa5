"""The command `closedloop`. Imports little: each command imports what it needs."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

PROJECT = Path(__file__).resolve().parent.parent
WAREHOUSE = PROJECT / "warehouse" / "closedloop.duckdb"
SEEDS = PROJECT / "seeds"
DONE, REFUSED, USAGE, ENVIRONMENT = 0, 1, 2, 3
PORT = 3000

Command = Callable[..., Any]


def warehouse_option(function: Command) -> Command:
    """--warehouse FILE."""
    return click.option(
        "--warehouse",
        type=click.Path(path_type=Path, dir_okay=False),
        default=None,
        metavar="FILE",
        help="The published file; everything that a run writes goes beside it.  [default: warehouse/closedloop.duckdb]",
    )(function)


def seeds_option(function: Command) -> Command:
    """--seeds DIR."""
    return click.option(
        "--seeds",
        type=click.Path(path_type=Path, file_okay=False),
        default=SEEDS,
        metavar="DIR",
        help="The folder of CSV files to read.  [default: seeds]",
    )(function)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="closedloop")
def cli() -> None:
    """Who promised how many dollars and gigawatts of AI capacity to whom, as known on any day.

    \b
    closedloop build                     load the seeds, judge every stage, publish
    closedloop check                     judge the seeds only, write nothing
    closedloop query "select * from headline_as_of('2025-10-09')"
    closedloop ui                        the Dagster web UI on 127.0.0.1:3000

    Exit codes: 0 done; 1 a gate refused the data; 2 wrong usage; 3 the environment failed.
    """


@cli.command()
@seeds_option
@warehouse_option
@click.option("--wait", default=60.0, show_default=True, metavar="SECONDS", help="How long to wait for another writer.")
@click.option("--debug", is_flag=True, help="Show Dagster's log and tracebacks.")
def build(seeds: Path, warehouse: Path | None, wait: float, *, debug: bool) -> None:
    """Run the main job: every asset, every gate, then publish; ends with the headline of the ledger."""
    from assets import dagster_home, display
    from assets.warehouse import Paths

    published = (warehouse or WAREHOUSE).absolute()
    home = Paths(published).dagster_home if warehouse else PROJECT / ".dagster_home"
    display.start_imports()
    from assets import registry, run

    dagster_home.prepare(home)
    with display.progress(len(registry.STEPS) + 1) as told:
        outcome = run.build(published, seeds.absolute(), home.absolute(), wait, told, debug=debug)
    if outcome.environment:
        display.fail(outcome.environment)
        sys.exit(ENVIRONMENT)
    if not outcome.is_success:
        for text in outcome.refusals:
            display.refuse(text)
        for text in outcome.errors:
            display.fail(
                text if debug else f"{text.splitlines()[0]}\nThis is a defect of closedloop; --debug shows where."
            )
        display.refuse(f"Nothing was published: {published} is untouched.")
        sys.exit(REFUSED)
    display.headline(published)


@cli.command()
@seeds_option
@click.option("--debug", is_flag=True, help="Show tracebacks.")
def check(seeds: Path, *, debug: bool) -> None:
    """Judge the seeds only: every gate of raw and staging, in seconds, without writing anything."""
    del debug
    from assets import display, dry_run, refusals

    if not seeds.is_dir():
        display.fail(f"{seeds} is not a folder: name the folder that holds the CSV files with --seeds")
        sys.exit(ENVIRONMENT)
    gates, _ = dry_run.check_seeds(seeds)
    for gate in gates:
        for line in refusals.lines(gate, warnings=True):
            display.warn(line)
    refused = [g for g in gates if not g.is_passed]
    for gate in refused:
        display.refuse("\n".join(refusals.lines(gate)))
    rules = sum(len(g.results) for g in gates)
    if refused:
        display.refuse(f"Refused: {len(refused)} of {len(gates)} tables. Nothing was written.")
        sys.exit(REFUSED)
    click.echo(f"{len(gates)} tables pass {rules} rules. Nothing was written.")


@cli.command()
@click.argument("sql")
@warehouse_option
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV instead of a table.")
def query(sql: str, warehouse: Path | None, *, as_csv: bool) -> None:
    """Run one SELECT on the published file, read-only."""
    from assets import display
    from assets import warehouse as files

    try:
        answer = files.ask((warehouse or WAREHOUSE).absolute(), sql)
    except files.QueryError as error:
        display.fail(str(error))
        sys.exit(USAGE)
    if as_csv:
        click.echo(answer.write_csv(), nl=False)
    else:
        display.table(answer)


@cli.command()
@click.option("--port", default=PORT, show_default=True, help="Port on 127.0.0.1.")
@seeds_option
@warehouse_option
def ui(port: int, seeds: Path, warehouse: Path | None) -> None:
    """Open the Dagster web UI on 127.0.0.1, with schedule and sensor running, until Ctrl-C."""
    import os

    from assets import dagster_home
    from assets.warehouse import Paths

    published = (warehouse or WAREHOUSE).absolute()
    home = dagster_home.prepare(Paths(published).dagster_home if warehouse else PROJECT / ".dagster_home")
    environment = {
        **os.environ,
        "DAGSTER_HOME": str(home),
        "CLOSEDLOOP_WAREHOUSE": str(published),
        "CLOSEDLOOP_SEEDS": str(seeds.absolute()),
    }
    click.echo(
        f"Dagster on http://127.0.0.1:{port} (history in {home}); it has no login: put a proxy with one in front."
    )
    os.chdir(PROJECT)
    command = ["dagster", "dev", "--workspace", "workspace.yaml", "--host", "127.0.0.1", "--port", str(port)]
    os.execve(sys.executable, [sys.executable, "-m", *command], environment)  # noqa: S606 - our own arguments


def main() -> None:
    """Entry point: turns what the machine refuses into exit code 3."""
    from assets.failures import EnvironmentFailure

    try:
        cli.main(standalone_mode=True)
    except EnvironmentFailure as error:
        if "--debug" in sys.argv:
            raise
        click.secho(str(error), fg="red", err=True)
        sys.exit(ENVIRONMENT)
