"""`closedloop synth`: the seeds of a synthetic ledger, to try the warehouse at the size of a bank or a regulator."""

from __future__ import annotations

from pathlib import Path

import click

from assets.cli import options, output
from assets.export.folder import Occupied
from assets.scale.synthetic import ledger
from assets.scale.synthetic.shape import LEAST_LEGS, MOST_LEGS

SMALLEST_SEED, LARGEST_SEED = 0, 2**63 - 1


def _of_a_size(_context: click.Context, _parameter: click.Parameter, legs: int) -> int:
    """Refuse a number of legs that is too small for every kind of row, or larger than was ever measured."""
    if legs < LEAST_LEGS:
        raise click.BadParameter(
            f"{legs} is too small: with fewer than {LEAST_LEGS} legs some kind of promise would be missing"
        )
    if legs > MOST_LEGS:
        raise click.BadParameter(f"{legs} is too large: more than {MOST_LEGS} legs were never measured")
    return legs


@click.command(
    epilog=options.examples(
        "closedloop synth --legs 1000 --out /tmp/ledger",
        "closedloop synth --legs 100000 --seed 2 --out /tmp/another",
    )
)
@click.option("--legs", type=int, required=True, callback=_of_a_size, metavar="N", help="How many promises of money.")
@click.option(
    "--out",
    "folder",
    type=click.Path(path_type=Path),
    required=True,
    callback=options.spelled,
    metavar="DIR",
    help="A new or empty folder.",
)
@click.option(
    "--seed",
    type=click.IntRange(SMALLEST_SEED, LARGEST_SEED),
    default=1,
    show_default=True,
    metavar="K",
    help="Another number, another ledger; the same one, the same bytes.",
)
@options.debug_option
def synth(legs: int, folder: Path, seed: int) -> None:
    """Write the seeds of a made-up ledger into DIR, with the totals that a warehouse must find in it (totals.json).

    It passes every gate. Assumptions and scenarios are those of the project; all else is made up.
    """
    try:
        summary = ledger.write(legs, seed, folder)
    except Occupied as error:
        raise output.Unanswerable(str(error)) from error
    for file, rows in summary["rows_by_file"].items():
        output.echo(f"{rows:>10,}  {file}.csv")
    output.echo(f"{legs:>10,}  legs of a made-up ledger in {folder}; what must be found in it: {ledger.TOTALS}")
