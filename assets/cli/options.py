"""Paths of the command's files, and options that several commands share."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from assets.core import paths
from assets.core.errors import EnvironmentFailure
from assets.core.paths import Paths

PROJECT, SEEDS, WAREHOUSE = paths.PROJECT, paths.SEEDS, paths.WAREHOUSE

LOGIN = """\
It has no login: anyone who can reach this port can start runs. It listens on this machine only.
For others: serve `closedloop ui --read-only --port 3001` and put a proxy with a login in front of it, such as
oauth2-proxy, or nginx or Caddy with basic authentication over TLS (assets/orchestration/README.md, Security)."""

Command = Callable[..., Any]

Decorator = Callable[[Command], Command]


def published(warehouse: Path | None) -> Path:
    """The published file: the given one, or the project's."""
    return (warehouse or WAREHOUSE).absolute()


def home(file: Path, *, is_own: bool) -> Path:
    """Dagster's home: the project's, or next to a warehouse given by the user."""
    return Paths(file).dagster_home if is_own else PROJECT / ".dagster_home"


def a_number(_context: click.Context, _parameter: click.Parameter, seconds: float) -> float:
    """Refuse NaN, which Python accepts as a float."""
    if math.isnan(seconds):
        raise click.BadParameter("this is not a number")
    return seconds


def spelled(_context: click.Context, parameter: click.Parameter, path: Path | None) -> Path | None:
    """Refuse a name that cannot be written, and a folder that cannot be read."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        raise click.BadParameter("this name is not UTF-8", param=parameter) from None
    is_folder = path and os.path.isdir(path)  # noqa: PTH112 - Path.is_dir raises below a folder that is closed to us
    if is_folder and not os.access(str(path), os.R_OK | os.X_OK):
        raise EnvironmentFailure(f"{path}: Permission denied: give yourself the right to read it")
    return path


def debug_option(function: Command) -> Command:
    """--debug, handled by `assets.cli.main`, not by the commands."""
    return click.option("--debug", is_flag=True, expose_value=False, help="Show tracebacks.")(function)


def consent_options(function: Command) -> Command:
    """--yes and --preview."""
    agreed = click.option("--yes", "is_agreed", is_flag=True, help="Ask nothing; write if every gate passes.")
    preview = click.option("--preview", "is_preview", is_flag=True, help="Show what would move, and write nothing.")
    return agreed(preview(function))


def json_option(function: Command) -> Command:
    """--json."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON, for machines.")(function)


def examples(*lines: str) -> str:
    """The end of a help text: commands to copy, line by line."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def warehouse_option(function: Command) -> Command:
    """--warehouse FILE."""
    return click.option(
        "--warehouse",
        type=click.Path(path_type=Path, dir_okay=False, readable=False),
        default=None,
        callback=spelled,
        metavar="FILE",
        help="The published file; a run writes everything else next to it.  [default: warehouse/closedloop.duckdb]",
    )(function)


def seeds_option(function: Command) -> Command:
    """--seeds DIR."""
    return click.option(
        "--seeds",
        type=click.Path(path_type=Path, exists=True, file_okay=False, readable=False),
        default=SEEDS,
        callback=spelled,
        metavar="DIR",
        help="The folder of CSV files to read.  [default: seeds]",
    )(function)
