"""The command `closedloop`. Imports little: each command imports what it needs."""

from __future__ import annotations

import math
import os
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import click

from assets import interrupts
from assets.failures import EnvironmentFailure

PROJECT = Path(__file__).resolve().parent.parent
WAREHOUSE = PROJECT / "warehouse" / "closedloop.duckdb"
SEEDS = PROJECT / "seeds"
DONE, REFUSED, USAGE, ENVIRONMENT = 0, 1, 2, 3
PIPE_CLOSED = 141  # as shells count SIGPIPE
PORT = 3000
LOGIN = """\
It has no login: whoever reaches this port can start runs. It listens on this machine only.
For others: serve `closedloop ui --read-only --port 3001` and put a proxy with a login in front of it, such as
oauth2-proxy, or nginx or Caddy with basic authentication over TLS (README, Security)."""
OUTPUT = Path("standard output")

Command = Callable[..., Any]


def _a_number(_context: click.Context, _parameter: click.Parameter, seconds: float) -> float:
    if math.isnan(seconds):
        raise click.BadParameter("this is not a number")
    return seconds


def _spelled(_context: click.Context, parameter: click.Parameter, path: Path | None) -> Path | None:
    try:
        str(path).encode()
    except UnicodeEncodeError:
        raise click.BadParameter("this name is not UTF-8", param=parameter) from None
    is_folder = path and os.path.isdir(path)  # noqa: PTH112 - Path.is_dir raises below a folder that is closed to us
    if is_folder and not os.access(str(path), os.R_OK | os.X_OK):
        raise EnvironmentFailure(f"{path}: Permission denied: give yourself the right to read it")
    return path


def warehouse_option(function: Command) -> Command:
    """--warehouse FILE."""
    return click.option(
        "--warehouse",
        type=click.Path(path_type=Path, dir_okay=False, readable=False),
        default=None,
        callback=_spelled,
        metavar="FILE",
        help="The published file; everything that a run writes goes beside it.  [default: warehouse/closedloop.duckdb]",
    )(function)


def seeds_option(function: Command) -> Command:
    """--seeds DIR."""
    return click.option(
        "--seeds",
        type=click.Path(path_type=Path, exists=True, file_okay=False, readable=False),
        default=SEEDS,
        callback=_spelled,
        metavar="DIR",
        help="The folder of CSV files to read.  [default: seeds]",
    )(function)


def intended_loss_option(function: Command) -> Command:
    """--intended-loss FILE."""
    return click.option(
        "--intended-loss",
        multiple=True,
        callback=_names_of_seeds,
        metavar="FILE",
        help="A file of seeds/ that may lose any number of rows this time, e.g. prices. May be repeated.",
    )(function)


def _names_of_seeds(_context: click.Context, _parameter: click.Parameter, told: tuple[str, ...]) -> tuple[str, ...]:
    from assets.contracts import staging

    known = [table.name for table in staging.TABLES]
    names = tuple(Path(name).name.removesuffix(".csv") for name in told)
    for name in names:
        if name not in known:
            raise click.BadParameter(f"{name} is not one of {', '.join(known)}")
    return names


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="closedloop")
def cli() -> None:
    """Who promised how many dollars and gigawatts of AI capacity to whom, as known on any day.

    \b
    closedloop build                     load the seeds, judge every stage, publish
    closedloop check                     judge the seeds only, write nothing
    closedloop query "select * from headline_as_of('2025-10-09')"
    closedloop report                    write the report beside the published file
    closedloop ui                        the Dagster web UI on 127.0.0.1:3000

    Exit codes: 0 done; 1 a gate refused the data; 2 wrong usage; 3 the environment failed.
    """  # noqa: D301 - click keeps the lines of a paragraph that starts with this character


@cli.command()
@seeds_option
@warehouse_option
@click.option(
    "--wait",
    type=click.FloatRange(0, 86_400),
    default=60.0,
    callback=_a_number,
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
    from assets import dagster_home, display

    if draws is not None:
        os.environ["CLOSEDLOOP_DRAWS"] = str(draws)
    published = (warehouse or WAREHOUSE).absolute()
    home = dagster_home.prepare(_home(published, is_own=warehouse is not None))
    display.start_imports()
    from assets import registry, run

    interrupts.in_order()
    with display.progress(len(registry.STEPS) + 2) as (asset, message):
        request = run.Request(published, seeds.absolute(), home, wait, intended_loss, debug)
        outcome = run.build(request, run.Ears(asset, message))
    if outcome.is_interrupted:
        raise KeyboardInterrupt
    for text in outcome.refusals:
        display.complain(text)
    if outcome.environment:
        raise EnvironmentFailure(outcome.environment)
    if not outcome.is_success:
        for text in outcome.errors:
            display.complain(text if debug else _defect(text))
        untouched = f": {published} is untouched" if published.exists() else ""
        display.complain(f"Nothing was published{untouched}.")
        sys.exit(REFUSED)
    try:
        with _reader_may_leave():
            display.headline(published)
    except EnvironmentFailure as error:
        display.warn(f"Published, but the headline cannot be read just now: {error}")


@cli.command()
@seeds_option
@warehouse_option
@intended_loss_option
@click.option("--debug", is_flag=True, help="Show tracebacks.")
def check(seeds: Path, warehouse: Path | None, intended_loss: tuple[str, ...], *, debug: bool) -> None:
    """Judge the seeds only: every gate of raw and staging, in seconds, without writing anything.

    The number of rows is compared with what --warehouse holds; without it and --seeds, with the project's own.
    """
    del debug
    from assets import display, dry_run, refusals

    compared = warehouse or (WAREHOUSE if seeds == SEEDS else None)
    before = _rows_published(compared.absolute(), intended_loss) if compared else {}
    gates, _ = dry_run.check_seeds(seeds, rows_published=before)
    for gate in gates:
        for line in refusals.lines(gate, warnings=True):
            display.warn(line)
    refused = [g for g in gates if not g.is_passed]
    for gate in refused:
        display.complain("\n".join(refusals.lines(gate)))
    rules = sum(len(g.results) for g in gates)
    if refused:
        display.complain(f"Refused: {len(refused)} of {len(gates)} tables. Nothing was written.")
        sys.exit(REFUSED)
    with _reader_may_leave():
        click.echo(f"{len(gates)} tables pass {rules} rules. Nothing was written.")


def _rows_published(published: Path, intended_loss: Sequence[str]) -> dict[str, int]:
    """Rows per table in the last publication; nothing is known of a file that cannot be read just now."""
    import json

    from assets.warehouse import readers

    if not os.path.exists(published):  # noqa: PTH110 - Path.exists raises below a folder that is closed to us
        return {}
    try:
        (last,) = readers.rows(
            published, "select arg_max(row_counts, publication_number) as r from quality.publications"
        )
        counts = json.loads(last["r"])
    except (readers.QueryError, EnvironmentFailure, TypeError, ValueError):
        return {}
    return {n: rows for n, rows in counts.items() if n.removeprefix("staging.") not in intended_loss}


@cli.command()
@click.argument("sql")
@warehouse_option
@click.option(
    "--csv", "as_csv", is_flag=True, help="Print CSV; a text that a spreadsheet would run gets an apostrophe."
)
@click.option("--debug", is_flag=True, help="Show tracebacks.")
def query(sql: str, warehouse: Path | None, *, as_csv: bool, debug: bool) -> None:
    """Run one SELECT on the published file, read-only."""
    from assets import tables
    from assets.warehouse import readers

    try:
        with _reader_may_leave(), readers.answer((warehouse or WAREHOUSE).absolute(), sql) as answer:
            show = tables.csv_lines if as_csv else tables.lines
            for line in show(answer):
                with _reader_may_leave():
                    click.echo(line)
    except readers.QueryError as error:
        if debug:
            raise
        click.secho(str(error), fg="red", err=True)
        sys.exit(USAGE)


@cli.command()
@warehouse_option
@click.option("--debug", is_flag=True, help="Show tracebacks.")
def report(warehouse: Path | None, *, debug: bool) -> None:
    """Write report.html beside the published file: one page that needs no network; every build does it too."""
    del debug
    from assets.report import page

    with _reader_may_leave():
        click.echo(page.write((warehouse or WAREHOUSE).absolute()).path)


@cli.command()
@click.option("--port", type=click.IntRange(1, 65_535), default=PORT, show_default=True, help="Port on 127.0.0.1.")
@click.option(
    "--read-only", is_flag=True, help="For viewers: nothing can be started or changed; no schedule, no sensor."
)
@seeds_option
@warehouse_option
@click.option("--debug", is_flag=True, help="Show tracebacks.")
def ui(port: int, seeds: Path, warehouse: Path | None, *, read_only: bool, debug: bool) -> None:
    """Open the Dagster web UI on 127.0.0.1, with schedule and sensor running, until Ctrl-C."""
    del debug
    from assets import dagster_home

    published = (warehouse or WAREHOUSE).absolute()
    home = dagster_home.prepare(_home(published, is_own=warehouse is not None))
    _refuse_taken(port)
    if not read_only:
        with dagster_home.opened(home) as instance:
            dagster_home.end_dead_runs(instance)
    environment = {
        **os.environ,
        "DAGSTER_HOME": str(home),
        "CLOSEDLOOP_WAREHOUSE": str(published),
        "CLOSEDLOOP_SEEDS": str(seeds.absolute()),
    }
    click.echo(f"Dagster on http://127.0.0.1:{port} (history in {home}){', read-only' if read_only else ''}.")
    if not read_only:
        click.echo(LOGIN)
    os.chdir(PROJECT)
    served = ["dagster_webserver", "--read-only"] if read_only else ["dagster", "dev"]
    command = [*served, "--workspace", "workspace.yaml", "--host", "127.0.0.1", "--port", str(port)]
    sys.stdout.flush()
    os.execve(sys.executable, [sys.executable, "-m", *command], environment)  # noqa: S606 - our own arguments


class PipeClosed(Exception):  # noqa: N818 - not an error: `closedloop query ... | head` has seen enough
    """The reader of standard output has gone. Not an OSError, which click would end with exit code 1."""


@contextmanager
def _reader_may_leave() -> Iterator[None]:
    from assets.warehouse.disk import disk_errors

    try:
        with disk_errors(OUTPUT):
            yield
            sys.stdout.flush()
    except BrokenPipeError:
        raise PipeClosed from None


def _home(published: Path, *, is_own: bool) -> Path:
    """Dagster's home: the project's, or beside a warehouse that the user named."""
    from assets.warehouse.paths import Paths

    return Paths(published).dagster_home if is_own else PROJECT / ".dagster_home"


def _refuse_taken(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise EnvironmentFailure(f"port {port}: {error.strerror}: choose another with --port") from error


def _defect(text: str) -> str:
    return f"{text.strip().splitlines()[0]}\nThis is a defect of closedloop; --debug shows where."


def main() -> None:
    """Entry point: every way to end has its exit code, and no traceback unless it is asked for."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a terminal that lacks a letter shows ?
    try:
        with interrupts.heard():
            sys.exit(cli.main(standalone_mode=False) or DONE)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        if "--debug" in sys.argv:
            raise
        interrupts.end()
    except PipeClosed:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(PIPE_CLOSED)
    except EnvironmentFailure as error:
        _end(str(error), ENVIRONMENT)
    except Exception as error:  # noqa: BLE001 - the last stop
        _end(_defect(f"{type(error).__name__}: {error}"), REFUSED)


def _end(text: str, code: int) -> NoReturn:
    if "--debug" in sys.argv:
        raise  # noqa: PLE0704 - called while the error is handled
    click.secho(text, fg="red", err=True)
    sys.exit(code)
