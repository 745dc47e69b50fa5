"""The command `closedloop`: the group of commands and the exit codes. Each command is imported when it is called."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

import click

from assets.cli import interrupts
from assets.cli.lazy_group import LazyGroup
from assets.cli.output import DONE, ENVIRONMENT, PIPE_CLOSED, REFUSED, PipeClosed, complain, defect, finish_output
from assets.core.errors import EnvironmentFailure

COMMANDS = {
    "build": "Run the main job: every asset, every gate, then publish; ends with the headline of the ledger.",
    "check": "Judge the seeds only: every gate of raw and staging, in seconds, without writing anything.",
    "status": "Show what is published, how old it is, and whether seeds or code have changed since; writes nothing.",
    "diff": "Say what became known after DAY_A, up to and on DAY_B, and what it moved.",
    "explain": "Say where a published number comes from: legs with their shares, lines of the seeds, sources.",
    "add": "Add rows to the seeds: preview the effect, validate, then confirm.",
    "amend": "Add a new version of LEG: the given columns change, everything else is carried over from the version in "
    "force.",
    "query": "Run one SELECT on the published file, read-only.",
    "export": "Write the published tables into DIR: a new or empty folder, or that of an earlier export, which is "
    "replaced.",
    "report": "Write closedloop.report.html next to closedloop.duckdb: one page, no network; every build does it too.",
    "synth": "Write the seeds of a made-up ledger into DIR, with the totals that a warehouse must find in it "
    "(totals.json).",
    "ui": "Open the Dagster web UI on 127.0.0.1, with schedule and sensor running, until Ctrl-C.",
}
"""Every command with the first sentence of its help; a test compares them."""

STANDARD_ERROR = 2


@click.group(
    cls=LazyGroup,
    room="assets.cli",
    summaries=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
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


def main() -> None:
    """The command line: every outcome has an exit code, and tracebacks are shown only on request."""
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
        finish_output()
        sys.exit(PIPE_CLOSED)
    except EnvironmentFailure as error:
        _end(str(error), ENVIRONMENT)
    except Exception as error:  # noqa: BLE001 - the last stop
        _end(defect(f"{type(error).__name__}: {error}"), REFUSED)


def _open_closed_streams() -> None:
    """Redirect closed streams to null; otherwise the next opened file, such as a warehouse, would become one."""
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
