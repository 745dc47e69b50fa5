"""Draft rows: cells in the form of the seeds, by the contract of their file.

Input is converted to the form of the seeds if it is unambiguous ($6.5bn is 6500000000); anything else is refused with
the allowed values.
Not here: prompts (`assets.cli.prompts`), rules of rows (the gates).
"""

from __future__ import annotations

import csv
import datetime as dt
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from assets.core import plain_text, suggestions
from assets.core.errors import EnvironmentFailure
from assets.core.table import WRITTEN_FORMS, Column, Table
from assets.core.vocabulary import VOCABULARIES
from assets.staging import seeds
from assets.warehouse import seeds_journal

SEEDS: Mapping[str, Table] = {t.name: t for t in seeds.TABLES}

KEY = {
    "sources": "source_id",
    "entities": "entity_id",
    "deals": "deal_id",
    "capacity": "leg_id",
    "commitments": "leg_id",
}

Cells = dict[str, str]


class Unfit(ValueError):  # noqa: N818 - a finding about what a person wrote, not an error of the code
    """An invalid cell or row; the message suggests a valid one."""


def columns(name: str) -> list[Column]:
    """The columns of a seed that a user writes."""
    return [c for c in SEEDS[name].columns if c.name not in {"source_file", "source_line"}]


@dataclass
class Folder:
    """The current seeds, and the rows to be added."""

    path: Path
    new: dict[str, list[Cells]] = field(default_factory=dict)
    there: dict[str, list[Cells]] = field(default_factory=dict)
    """Rows that were to be added but exist already, because the command was run before."""
    _read: dict[str, list[Cells]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Finish or undo an interrupted command.

        Errors: EnvironmentFailure.
        """
        with seeds_journal.alone(self.path):
            pass

    def rows(self, name: str) -> list[Cells]:
        """The rows of a seed, new ones last.

        Errors: EnvironmentFailure if the file cannot be read.
        """
        if name not in self._read:
            path = self.path / f"{name}.csv"
            try:
                with path.open(encoding="utf-8-sig", newline="") as file:
                    reader = csv.DictReader(file)
                    self._read[name] = [
                        {k: v or "" for k, v in r.items() if k} | {"": str(reader.line_num)} for r in reader
                    ]
            except (OSError, UnicodeDecodeError, csv.Error) as error:
                raise EnvironmentFailure(f"{path}: {error}: run `closedloop check`") from error
        return [*self._read[name], *self.new.get(name, [])]

    def ids(self, name: str) -> list[str]:
        """The keys of a seed, including new ones."""
        return list(dict.fromkeys(r.get(KEY[name], "") for r in self.rows(name)))

    def add(self, name: str, row: Cells, *, is_id_made: bool = False) -> str:
        """Add a row to those to be added, unless it is there already, and return its id.

        If the id was made here, a row that is equal in every other column is the same row.
        """
        free = {KEY[name]} if is_id_made else set()
        self.rows(name)
        for old in self._read[name]:
            if all(old.get(column, "") == value for column, value in row.items() if column not in free):
                self.there.setdefault(name, []).append(old)
                return old[KEY[name]]
        self.new.setdefault(name, []).append(row)
        return row[KEY[name]]

    def free_id(self, name: str, wish: str) -> str:
        """A free id: the wanted one, or the wanted one with a number."""
        taken = set(self.ids(name))
        return next(c for c in (wish, *(f"{wish}_{n}" for n in range(2, len(taken) + 3))) if c not in taken)


def places(folder: Folder) -> list[str]:
    """File and line of the rows that were to be added but exist already."""
    return [f"seeds/{name}.csv:{row['']}" for name, rows in folder.there.items() for row in rows]


def slug(text: str, words: int = 4) -> str:
    """An id from the first words of a text."""
    return "_".join(re.findall(r"[a-z0-9]+", suggestions.plain(text))[:words])


def cell(column: Column, written: str, folder: Folder) -> str:
    """Convert a user's input to the form of the seeds.

    Errors: Unfit, with the allowed values and a suggestion.
    """
    text = written.strip()
    if not text:
        if column.required:
            raise Unfit(f"{column.name} must be known: {column.description}")
        return ""
    if column.vocabulary:
        return _word(column, text)
    if column.refers_to:
        return _reference(column, text, folder)
    form = column.pattern or WRITTEN_FORMS.get(column.kind, "")
    if form and not re.fullmatch(form, text):
        return _meant(column, text, form)
    if column.kind == "date":
        _must_exist(column, text)
    if column.kind == "text" and not column.pattern and plain_text.oddity(text):
        raise Unfit(f"{column.name}: {plain_text.oddity(text)} in {text!r}: write plain text")
    return text


def _word(column: Column, text: str) -> str:
    words = VOCABULARIES[column.vocabulary]
    if text in words:
        return text
    near = suggestions.nearest(text, words)
    raise Unfit(f"{column.name}: {text} is not one of {', '.join(words)}{f': did you mean {near}?' if near else ''}")


def _reference(column: Column, text: str, folder: Folder) -> str:
    name = column.refers_to.split(".")[1]
    known = folder.ids(name)
    if text in known:
        return text
    near = suggestions.nearest(text, known)
    hint = f": did you mean {near}?" if near else ""
    raise Unfit(f"{column.name}: {text} is not in seeds/{name}.csv{hint}")


def _meant(column: Column, text: str, form: str) -> str:
    """A number with a unit, converted to digits.

    Errors: Unfit with the advice of the gates.
    """
    if column.pattern:
        near = suggestions.pattern(text, form)
        raise Unfit(f"{column.name}: {text} has not the form {form.strip('^$')}{f': {near}?' if near else ''}")
    hint = suggestions.cell(text, column.kind, required=column.required)
    meant = hint.rpartition(": ")[2]
    if column.kind == "number" and re.fullmatch(form, meant):
        return meant
    raise Unfit(f"{column.name}: {text}: {hint}")


def _must_exist(column: Column, text: str) -> None:
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        raise Unfit(f"{column.name}: {text}: {suggestions.cell(text, 'date', required=column.required)}") from None


def record(name: str, written: str) -> Cells:
    """A row given on the command line: several `column=value`, quoted as in a shell.

    Errors: Unfit for an invalid pair or an unknown column.
    """
    try:
        parts = shlex.split(written)
    except ValueError as error:
        raise Unfit(f"{written}: {error}: write column=value, with quotes around blanks") from None
    return pairs(name, parts)


def pairs(name: str, parts: Sequence[str]) -> Cells:
    """`column=value` each.

    Errors: Unfit for an invalid pair or an unknown column.
    """
    known = [c.name for c in columns(name)]
    found: Cells = {}
    for part in parts:
        column, sign, value = part.partition("=")
        if not sign:
            raise Unfit(f"{part}: write column=value")
        if column not in known:
            near = suggestions.nearest(column, known)
            hint = f"did you mean {near}?" if near else f"there are {', '.join(known)}"
            raise Unfit(f"{column} is no column of seeds/{name}.csv: {hint}")
        found[column] = value
    return found
