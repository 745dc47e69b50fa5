"""The option --intended-loss: the seeds that may lose rows in this run. Their names come from the contracts.

Not here: the options that need no contract (`assets.cli.options`).
"""

from __future__ import annotations

from pathlib import Path

import click

from assets.cli import options
from assets.staging import seeds


def intended_loss_option(function: options.Command) -> options.Command:
    """--intended-loss FILE."""
    return click.option(
        "--intended-loss",
        multiple=True,
        callback=_names_of_seeds,
        metavar="FILE",
        help="A file of seeds/ that may lose any number of rows this time, e.g. prices. May be repeated.",
    )(function)


def _names_of_seeds(_context: click.Context, _parameter: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    if not given:
        return ()
    known = [table.name for table in seeds.TABLES]
    names = tuple(Path(name).name.removesuffix(".csv") for name in given)
    for name in names:
        if name not in known:
            raise click.BadParameter(f"{name} is not one of {', '.join(known)}")
    return names
