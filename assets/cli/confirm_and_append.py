"""The end of `add` and `amend`: show the rows and their effect, ask, write; refused rows are not written."""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from assets.analysis import render_changes
from assets.analysis.edit import append_rows, preview
from assets.analysis.edit.draft_row import Folder
from assets.analysis.edit.preview import Preview
from assets.cli import output
from assets.cli.prompts import yes
from assets.gates import messages


def append(folder: Folder, *, is_agreed: bool, is_preview: bool = False, remarks: Sequence[str] = ()) -> None:
    """Judge, preview, confirm and write the new rows of a folder of seeds.

    Errors: EnvironmentFailure; the seeds are then unchanged. Exit code 1 if a gate refuses the rows.
    """
    made = append_rows.additions(folder.path, folder.new)
    output.echo(output.styled("Rows to append", bold=True))
    for one in made:
        output.echo(f"  seeds/{one.path.name}")
        for line in one.lines:
            output.echo(output.styled(f"    + {line}", fg="green"))
    with tempfile.TemporaryDirectory(prefix="closedloop-") as place:
        copy = append_rows.copy_with(folder.path, made, Path(place) / "seeds")
        found = preview.preview(folder.path, copy, _entities(folder), _days(folder))
    _tell(found)
    for remark in remarks:
        output.warn(f"\nNote: {remark}")
    for day, moves in found.moves.items():
        output.echo(output.styled(f"\nWhat moves, as known on {day}", bold=True))
        for line in render_changes.move_lines(moves):
            output.echo(line)
    if is_preview:
        output.echo("\nNothing was written: this is a preview.")
        return
    if not is_agreed and not yes("\nAppend these rows?"):
        output.echo("Nothing was written.")
        return
    append_rows.write(folder.path, made)
    files = ", ".join(f"seeds/{one.path.name}" for one in made)
    output.echo(f"\nWritten: {files}. Run `closedloop build` to publish.")


def _tell(found: Preview) -> None:
    """Print the messages of the gates; refused rows end the command."""
    for gate in found.refusals:
        output.complain("\n" + "\n".join(messages.lines(gate)).rstrip())
    if found.refusals:
        output.complain("\nRefused: nothing was written.")
        sys.exit(output.REFUSED)
    for gate in found.warnings:
        output.warn("\n" + "\n".join(messages.lines(gate, warnings=True)).rstrip())


def _entities(folder: Folder) -> list[str]:
    """The parties of the new rows."""
    names = ("payer_id", "payee_id", "provider_id", "user_id")
    rows = [*folder.new.get("commitments", []), *folder.new.get("capacity", [])]
    return sorted({r[n] for r in rows for n in names if r.get(n)})


def _days(folder: Folder) -> list[dt.date]:
    rows = [*folder.new.get("commitments", []), *folder.new.get("capacity", [])]
    return sorted({dt.date.fromisoformat(r["known_from"]) for r in rows})
