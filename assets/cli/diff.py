"""`closedloop diff`: facts that became known between two days, and their effect."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from assets.analysis import changes, render_changes
from assets.analysis.names_and_days import Unclear
from assets.cli import options, output
from assets.cli.parameters import DAY
from assets.core import formatting
from assets.warehouse import published_file


@click.command(
    epilog=options.examples(
        "closedloop diff", "closedloop diff 2026-06-30 2026-09-30", "closedloop diff 2025-10-08 2025-10-09 --json"
    )
)
@click.argument("day_a", type=DAY, required=False)
@click.argument("day_b", type=DAY, required=False)
@options.warehouse_option
@options.json_option
@options.debug_option
def diff(day_a: dt.date | None, day_b: dt.date | None, warehouse: Path | None, *, as_json: bool) -> None:
    """Say what became known after DAY_A, up to and on DAY_B, and what it moved.

    Without DAY_B the last day of the ledger; without DAY_A the day before the last change.
    """
    try:
        with published_file.opened(options.published(warehouse)) as opened:
            found = changes.difference(opened, day_a, day_b)
    except Unclear as error:
        raise output.Unanswerable(str(error)) from None
    if as_json:
        output.echo_json(found.as_dict())
        return
    legs = formatting.number(len(found.changes), "leg")
    output.echo(output.styled(f"After {found.day_a}, up to {found.day_b}: {legs}", bold=True))
    for line in render_changes.change_lines(found.changes):
        output.echo(line)
    parts = (
        ("Figures of companies", render_changes.figure_lines(found.figures)),
        ("What moved, deal by deal", render_changes.deal_lines(found.deals)),
        ("What moved, entity by entity", render_changes.move_lines(found.moves)),
    )
    for title, lines in parts:
        shown = list(lines)
        if shown:
            output.echo(output.styled(f"\n{title}", bold=True))
        for line in shown:
            output.echo(line)
    for remark in found.remarks:
        output.warn(f"Note: {remark}")
