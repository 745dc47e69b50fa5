"""The end of `add` and `amend`: show the rows and what they move, ask, write; what a gate refuses is not written."""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click

from assets import refusals
from assets.analyst import preview, seed_rows, told
from assets.analyst.drafts import Folder
from assets.analyst.preview import Preview
from assets.commands import ends
from assets.commands.asking import yes


def append(folder: Folder, *, is_agreed: bool, is_preview: bool = False, remarks: Sequence[str] = ()) -> None:
    """Judge, preview, ask and write the new rows of a folder of seeds.

    Errors: EnvironmentFailure; the seeds are then as before. Exit code 1 if a gate refuses the rows.
    """
    made = seed_rows.additions(folder.path, folder.new)
    ends.echo(click.style("Rows to append", bold=True))
    for one in made:
        ends.echo(f"  seeds/{one.path.name}")
        for line in one.lines:
            ends.echo(click.style(f"    + {line}", fg="green"))
    with tempfile.TemporaryDirectory(prefix="closedloop-") as place:
        copy = seed_rows.copy_with(folder.path, made, Path(place) / "seeds")
        found = preview.preview(folder.path, copy, _entities(folder), _days(folder))
    _tell(found)
    for remark in remarks:
        ends.warn(f"\nNote: {remark}")
    for day, moves in found.moves.items():
        ends.echo(click.style(f"\nWhat moves, as known on {day}", bold=True))
        for line in told.move_lines(moves):
            ends.echo(line)
    if is_preview:
        ends.echo("\nNothing was written: this is a preview.")
        return
    if not is_agreed and not yes("\nAppend these rows?"):
        ends.echo("Nothing was written.")
        return
    seed_rows.write(made)
    files = ", ".join(f"seeds/{one.path.name}" for one in made)
    ends.echo(f"\nWritten: {files}. Run `closedloop build` to publish.")


def _tell(found: Preview) -> None:
    """What the gates say; refused rows end the command."""
    for gate in found.refusals:
        ends.complain("\n" + "\n".join(refusals.lines(gate)).rstrip())
    if found.refusals:
        ends.complain("\nRefused: nothing was written.")
        sys.exit(ends.REFUSED)
    for gate in found.warnings:
        ends.warn("\n" + "\n".join(refusals.lines(gate, warnings=True)).rstrip())


def _entities(folder: Folder) -> list[str]:
    """The parties that the new rows touch."""
    names = ("payer_id", "payee_id", "provider_id", "user_id")
    rows = [*folder.new.get("commitments", []), *folder.new.get("capacity", [])]
    return sorted({r[n] for r in rows for n in names if r.get(n)})


def _days(folder: Folder) -> list[dt.date]:
    rows = [*folder.new.get("commitments", []), *folder.new.get("capacity", [])]
    return sorted({dt.date.fromisoformat(r["known_from"]) for r in rows})
