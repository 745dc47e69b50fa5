"""The header of a SQL file: the comment above its SELECT, which is the contract of the table.

The first line is the summary and the second the grain. Then come labels, in any order:

    -- How many gigawatts does each user have?
    -- One row per user and day on which something changed.
    -- Key: as_of_date, user_id
    -- Latest day: of each user_id
    -- Hazard: a level, not a flow: never add days
    -- May be empty: a ledger may name no user
    -- Columns:
    --   as_of_date: date, day, required; day of knowledge
    --   user_id: text, required, in facts.entities.entity_id; who uses the power
    --   view: text, word of view; the side from which the power is described
    --   capacity_gw: number, GW, at least 0; own shares, long descriptions go on
    --     in lines that are indented deeper
    --   rumoured_share: number, fraction, 0 to 1; share of it that is only rumoured
    -- Note: how the SELECT works, for its readers; no part of the contract

A table of `bi` may say "Rows: <table>" and leave out columns: these have the meaning that they have in the tables read.
A header has no rules that span columns: `sql/checks/<table>.sql` returns the rows that break them.
Not here: which labels a stage requires (`assets.metrics.selects`, `assets.bi.tables`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NoReturn, get_args

from assets.core import sql_files
from assets.core.table import UNITS, Column, Kind, Latest, Table
from assets.core.vocabulary import VOCABULARIES

GRAIN = "One row per "

COLUMNS = "Columns"

LABELS = ("Key", "Hazard", "Rows", "May be empty", "Latest day", COLUMNS, "Note")

REPEATED = {"Hazard", "Note"}

KINDS: tuple[Kind, ...] = get_args(Kind)

NUMBER = r"-?\d+(?:\.\d+)?"

BOUNDS = re.compile(rf"at least (?P<least>{NUMBER})|at most (?P<most>{NUMBER})|(?P<low>{NUMBER}) to (?P<high>{NUMBER})")

A_COLUMN = "write 'name: kind, unit, required, ...; what it means'"

LATEST = re.compile(r"of (?:all rows|each (?P<columns>\w+(?:, *\w+)*))(?:, where (?P<only>.+))?")
"""The rows whose latest day is in force: `of all rows`, `of each user_id, view`, `of each payer_id, where leg_count >
0`.
"""

LOST = re.compile(rf"(?:{'|'.join(LABELS)}):|[a-z]\w*: (?:{'|'.join(KINDS)})\b")
"""How a label or a column begins; a continuation line never begins so."""


@dataclass(frozen=True)
class Header:
    """The content of a header, with line numbers."""

    file: str
    summary: str
    grain: str
    key: tuple[str, ...]
    latest: Latest | None
    hazards: tuple[str, ...]
    rows: str
    """The table whose rows this table shows, `stage.name`; empty if the SELECT makes new rows."""
    may_be_empty_because: str
    columns: tuple[Column, ...]
    lines: Mapping[str, int]
    """The line of every label."""

    def refuse(self, label: str, wrong: str) -> NoReturn:
        """Raise ValueError with the file and the line of a label (line 1 for an unknown label)."""
        _refuse(self.file, self.lines.get(label, 1), wrong)


@dataclass
class _Entry:
    """One line of a header with its continuation lines."""

    line: int
    depth: int
    text: str
    is_column: bool = field(default=False)

    @property
    def label(self) -> str:
        return next((label for label in LABELS if self.text.startswith(f"{label}:")), "")

    @property
    def said(self) -> str:
        return self.text.removeprefix(f"{self.label}:").strip()


def comment(sql: str) -> list[str]:
    """The lines of the comment at the top of a SELECT."""
    lines = []
    for line in sql.splitlines():
        if not line.startswith("--"):
            break
        lines.append(line.removeprefix("--").strip())
    return lines


def tables_read(sql: str, tables: Sequence[Table]) -> list[Table]:
    """The tables of a query in order of mention."""
    by_name = {t.full_name: t for t in tables}
    return [by_name[name] for name in sql_files.tables_named(sql) if name in by_name]


def read(sql: str, file: str) -> Header:
    """Read the header of a SELECT; errors name `file`.

    Errors: ValueError with file, line, error and remedy.
    """
    entries = _entries(sql, file)
    labelled: dict[str, list[_Entry]] = {}
    for entry in entries[2:]:
        if entry.is_column:
            continue
        if not entry.label:
            known = ", ".join(f"'{label}:'" for label in LABELS)
            _refuse(file, entry.line, f"{entry.text!r} begins with no label: write one of {known}, or indent the line")
        if entry.label in labelled and entry.label not in REPEATED:
            _refuse(file, entry.line, f"'{entry.label}:' appears twice: keep one")
        labelled.setdefault(entry.label, []).append(entry)
    has_ground = len(entries) > 1 and not entries[0].label and entries[1].text.startswith(GRAIN)
    if not has_ground or "Key" not in labelled:
        _refuse(file, 1, f"the header must say what the table holds, '{GRAIN}...' and 'Key: ...', a line each")

    def said(label: str) -> list[str]:
        return [entry.said for entry in labelled.get(label, [])]

    grain = entries[1].text
    header = Header(
        file=file,
        summary=entries[0].text,
        grain=grain[0].lower() + grain[1:].removesuffix("."),
        key=tuple(re.split(r",\s*", said("Key")[0])),
        latest=_latest(labelled["Latest day"][0], file) if "Latest day" in labelled else None,
        hazards=tuple(hazard.removesuffix(".") for hazard in said("Hazard")),
        rows=" ".join(said("Rows")),
        may_be_empty_because=" ".join(said("May be empty")),
        columns=_columns([entry for entry in entries if entry.is_column], file),
        lines={label: found[0].line for label, found in labelled.items()},
    )
    for label, (first, *_) in labelled.items():
        if not first.said and label != COLUMNS:
            _refuse(file, first.line, f"'{label}:' says nothing: complete the line, or remove it")
    return header


def _latest(entry: _Entry, file: str) -> Latest:
    """The rows whose latest day counts in the macro of the table."""
    form = LATEST.fullmatch(entry.said)
    if form is None:
        _refuse(file, entry.line, f"{entry.said!r} is not understood: write 'of all rows' or 'of each user_id, view'")
    return Latest(tuple(re.split(r",\s*", form["columns"])) if form["columns"] else (), form["only"] or "")


def contract(stage: str, name: str, sql: str) -> Table:
    """The contract of a table from its header alone: `sql/<stage>/<name>.sql`.

    Errors: ValueError with file, line, error and remedy.
    """
    header = read(sql, f"sql/{stage}/{name}.sql")
    if header.rows:
        header.refuse("Rows", "only a table of bi shows the rows of another: remove 'Rows:'")
    if not header.columns:
        header.refuse(COLUMNS, f"the header must describe every column of the SELECT below 'Columns:': {A_COLUMN}")
    names = [c.name for c in header.columns]
    for column in header.key:
        if column not in names:
            header.refuse("Key", f"{column!r} of the key is no column: describe it below 'Columns:'")
    return Table(
        stage=stage,
        name=name,
        summary=header.summary,
        grain=header.grain,
        columns=header.columns,
        key=header.key,
        latest=header.latest,
        hazards=header.hazards,
        min_rows=0 if header.may_be_empty_because else 1,
        may_be_empty_because=header.may_be_empty_because,
    )


def _entries(sql: str, file: str) -> list[_Entry]:
    """The entries of a header with their indented continuation lines; indented lines below "Columns:" are columns."""
    found: list[_Entry] = []
    for number, line in enumerate(sql.splitlines(), start=1):
        if not line.startswith("--"):
            break
        text = line.removeprefix("--")
        words = text.strip()
        if not words:
            continue
        depth = len(text) - len(text.lstrip())
        last = found[-1] if found else None
        if last is None or depth <= last.depth:
            is_column = last is not None and last.is_column and depth == last.depth
            found.append(_Entry(number, depth, words, is_column))
        elif last.text == f"{COLUMNS}:":
            found.append(_Entry(number, depth, words, is_column=True))
        elif LOST.match(words):
            _refuse(file, number, f"{words!r} is indented deeper than the line above: indent it as the others are")
        else:
            last.text = f"{last.text} {words}"
    return found


def _columns(entries: Sequence[_Entry], file: str) -> tuple[Column, ...]:
    found: dict[str, Column] = {}
    for entry in entries:
        column = _column(entry, file)
        if column.name in found:
            _refuse(file, entry.line, f"column {column.name} is described twice: keep one description")
        found[column.name] = column
    return tuple(found.values())


def _column(entry: _Entry, file: str) -> Column:
    """One column: its name, then kind, unit and allowed values, then its meaning."""
    form = re.fullmatch(r"([a-z]\w*): ([^;]+); (.+)", entry.text)
    if form is None:
        _refuse(file, entry.line, f"{entry.text!r} does not describe a column: {A_COLUMN}")
    name, typed, description = form.groups()
    kind, *words = (word.strip() for word in typed.split(","))
    found = next((k for k in KINDS if k == kind), None)
    if found is None:
        _refuse(file, entry.line, f"column {name}: {kind!r} is no kind: write one of {', '.join(KINDS)}")
    try:
        column = Column(name, found, "", description)
        for word in words:
            column = _with(column, word)
    except ValueError as wrong:
        _refuse(file, entry.line, str(wrong))
    return column


def _with(column: Column, word: str) -> Column:
    """The column with one attribute applied.

    Errors: ValueError that lists the known attributes.
    """
    if word == "required":
        return replace(column, required=True)
    if word and word in UNITS:
        return replace(column, unit=word)
    if bounds := BOUNDS.fullmatch(word):
        low, high = bounds["least"] or bounds["low"], bounds["most"] or bounds["high"]
        return replace(
            column,
            at_least=_number(low) if low else column.at_least,
            at_most=_number(high) if high else column.at_most,
        )
    if target := re.fullmatch(r"in (\w+\.\w+\.\w+)", word):
        return replace(column, refers_to=target[1])
    if (vocabulary := word.removeprefix("word of ")) != word:
        if vocabulary not in VOCABULARIES:
            raise ValueError(
                f"column {column.name}: {vocabulary!r} is no vocabulary: write one of {', '.join(VOCABULARIES)}"
            )
        return replace(column, vocabulary=vocabulary)
    units = ", ".join(sorted(filter(None, UNITS)))
    raise ValueError(
        f"column {column.name}: {word!r} is not understood: write a unit ({units}), 'required', 'at least 0', "
        "'at most 1', '0 to 1', 'word of flow' or 'in facts.entities.entity_id'"
    )


def _number(text: str) -> float:
    return float(text) if "." in text else int(text)


def _refuse(file: str, line: int, wrong: str) -> NoReturn:
    raise ValueError(f"{file}:{line}: {wrong}")
