"""Prompts for a row of the seeds, cell by cell, with the allowed words and conservative defaults."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import click

from assets.analysis.edit.draft_row import Cells, Folder, Unfit, cell, columns
from assets.cli import output
from assets.core.table import Column
from assets.core.vocabulary import VOCABULARIES

Defaults = Mapping[str, str | Callable[[Cells], str]]
"""The default of a column; a function receives the cells written so far."""


def row(
    name: str, folder: Folder, given: Cells, defaults: Defaults, hidden: Sequence[str] = (), *, ask: bool, whole: bool
) -> Cells:
    """One row of a seed.

    Rules: given cells are used. With `ask`, the user is prompted for all other columns of a `whole` row that are not
    hidden, else only for required ones. The remaining cells have their default, or stay empty.
    Errors: Unanswerable for an invalid cell, or a missing required one.
    """
    found: Cells = {}
    for column in columns(name):
        default = defaults.get(column.name, "")
        offered = default(found) if callable(default) else default
        if column.name in given:
            found[column.name] = _taken(column, given[column.name], folder)
        elif ask and column.name not in hidden and (whole or (column.required and not offered)):
            found[column.name] = _asked(column, offered, folder)
        else:
            found[column.name] = _taken(column, offered, folder)
    return found


def _taken(column: Column, written: str, folder: Folder) -> str:
    try:
        return cell(column, written, folder)
    except Unfit as error:
        raise output.Unanswerable(str(error)) from None


def _asked(column: Column, offered: str, folder: Folder) -> str:
    """Prompt until the answer is valid."""
    if column.vocabulary:
        click.echo(f"  {column.name}: {column.description}", err=True)
        for word, meaning in VOCABULARIES[column.vocabulary].items():
            click.echo(f"    {word:<20} {meaning}", err=True)
        text = f"  {column.name}"
    else:
        must = "" if column.required or "empty" in column.description else ", empty if unknown"
        text = f"  {column.name} ({column.description}{must})"
    while True:
        answer = click.prompt(text, default=offered, show_default=bool(offered), err=True)
        try:
            found = cell(column, "" if answer == "-" else str(answer), folder)
        except Unfit as error:
            output.warn(f"  {error}")
            if not (column.refers_to.startswith("staging.entities.") and yes(f"  Add {answer} to entities.csv?")):
                continue
            folder.add("entities", row("entities", folder, {"entity_id": str(answer)}, {}, ask=True, whole=True))
            return str(answer)
        if found != str(answer).strip() and found:
            click.echo(f"    read as {found}", err=True)
        return found


def yes(text: str, *, default: bool = False) -> bool:
    """Ask a yes-or-no question."""
    return click.confirm(text, default=default, err=True)
