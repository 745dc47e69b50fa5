"""The command `closedloop`: the group of commands, and every way to end. Only what is asked for is imported."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import NoReturn

import click

from assets import interrupts
from assets.commands.ends import DONE, ENVIRONMENT, PIPE_CLOSED, REFUSED, USAGE, PipeClosed, complain, defect
from assets.commands.lazily import Commands
from assets.commands.options import LOGIN, PROJECT, SEEDS, WAREHOUSE
from assets.failures import EnvironmentFailure

__all__ = ["DONE", "ENVIRONMENT", "LOGIN", "PROJECT", "REFUSED", "SEEDS", "USAGE", "WAREHOUSE", "cli", "main"]


COMMANDS = (
    ("build", "build"),
    ("check", "check"),
    ("status", "status"),
    ("diff", "diff"),
    ("explain", "explain"),
    ("add", "add"),
    ("amend", "amend"),
    ("query", "query"),
    ("export", "export"),
    ("report", "report"),
    ("synth", "synth"),
    ("ui", "ui"),
    ("completion", "completion"),
)
"""Every command with its module in `assets/commands/`."""


STANDARD_ERROR = 2
ONLY_READ = frozenset({"status", "diff", "explain", "query"})
"""Commands that leave nothing to clear up: files and connections are closed by then, and what is said is flushed."""


@click.group(
    commands=Commands(COMMANDS), context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(package_name="closedloop")
def cli() -> None:
    """Who promised how many dollars and gigawatts of AI capacity to whom, as known on any day.

    \b
    closedloop build                     load the seeds, judge every stage, publish
    closedloop check                     judge the seeds only, write nothing
    closedloop status                    what is published, and what has changed since
    closedloop diff                      what became known last, and what it moved
    closedloop explain metrics.headline.net_commitment_usd --key entity_id=openai
    closedloop add deal                  new rows of the seeds, with a preview
    closedloop amend LEG                 a new version of a promise, with a preview
    closedloop query "select * from headline_as_of('2025-10-09')"
    closedloop export --format xlsx DIR  the tables as Parquet, CSV or workbooks
    closedloop report                    write the report beside the published file
    closedloop synth --legs 1000 --out D the seeds of a made-up ledger, of any size
    closedloop ui                        the Dagster web UI on 127.0.0.1:3000

    Exit codes: 0 done; 1 a gate refused the data; 2 wrong usage; 3 the environment failed.
    """  # noqa: D301 - click keeps the lines of a paragraph that starts with this character


def process() -> None:
    """Entry point: `main`, but a command that only reads ends at once.

    Python would first clear up what it imported, which for DuckDB is about a sixth of the command.
    """
    try:
        main()
    except SystemExit as ended:
        if not ONLY_READ.isdisjoint(sys.argv[1:2]) and isinstance(ended.code, int):
            with suppress(OSError):  # a reader that has gone is told as Python tells it
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(ended.code)
        raise


def main() -> None:
    """The command line: every way to end has its exit code, and no traceback unless it is asked for."""
    _open_closed_streams()
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
        _end(defect(f"{type(error).__name__}: {error}"), REFUSED)


def _open_closed_streams() -> None:
    """Streams that the caller closed lead nowhere; else the next file to be opened, a warehouse, would be one."""
    while (number := os.open(os.devnull, os.O_RDWR)) <= STANDARD_ERROR:
        os.set_inheritable(number, True)
    os.close(number)
    sys.stdout = sys.stdout or os.fdopen(1, "w", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(STANDARD_ERROR, "w", closefd=False)


def _end(text: str, code: int) -> NoReturn:
    if "--debug" in sys.argv:
        raise  # noqa: PLE0704 - called while the error is handled
    complain(text)
    sys.exit(code)
