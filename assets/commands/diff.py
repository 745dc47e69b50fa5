"""`closedloop diff`: what became known between two days, and what it moved."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from assets.analyst import diff as room
from assets.analyst import told, words
from assets.analyst.asked import Unclear
from assets.commands import ends, options
from assets.commands.parameters import DAY
from assets.warehouse import book


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
        with book.opened(options.published(warehouse)) as opened:
            found = room.difference(opened, day_a, day_b)
    except Unclear as error:
        raise ends.Unanswerable(str(error)) from None
    if as_json:
        ends.echo_json(found.as_dict())
        return
    legs = words.number(len(found.changes), "leg")
    ends.echo(click.style(f"After {found.day_a}, up to {found.day_b}: {legs}", bold=True))
    for line in told.change_lines(found.changes):
        ends.echo(line)
    parts = (
        ("Figures of companies", told.figure_lines(found.figures)),
        ("What moved, deal by deal", told.deal_lines(found.deals)),
        ("What moved, entity by entity", told.move_lines(found.moves)),
    )
    for title, lines in parts:
        shown = list(lines)
        if shown:
            ends.echo(click.style(f"\n{title}", bold=True))
        for line in shown:
            ends.echo(line)
    for remark in found.remarks:
        ends.warn(f"Note: {remark}")
