"""Explains lines of a seed that do not match its columns, and names the cell that is probably wrong.

Not here: reading the file (`assets.raw.reader`), reading a value (`assets.staging.typed`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assets.core.rule import Problem
from assets.core.table import WRITTEN_FORMS, Column
from assets.core.vocabulary import VOCABULARIES
from assets.staging.columns import ID

RULE = "readable"

SHOWN = 200

TOTAL = re.compile(r"(grand |sub-?)?(total|sum)s?:?", re.IGNORECASE)

THOUSANDS = re.compile(r"[$€£]?\d{1,3}(,\d{3})+(\.\d+)?")


def no_record(line: int, record: Sequence[str], header: Sequence[str], columns: Sequence[Column]) -> Problem | None:
    """Why a line is not a record of these columns; None if it is one. `columns` are those of the header, with types."""
    counted = f"{len(record)} field{'s' * (len(record) > 1)} where the header has {len(header)}"
    if found := _not_meant(record, header):
        return Problem(RULE, line, "", ",".join(record)[:SHOWN], *found)
    if len(record) > len(header):
        return _too_long(line, record, columns, counted)
    if len(record) < len(header):
        where = _gaps(record, columns)
        near = f"; perhaps the value of {where[0]} is missing" if len(where) == 1 else ""
        remedy = f"write every field, an unknown one as nothing between commas{near}"
        return Problem(RULE, line, "", ",".join(record)[:SHOWN], remedy, counted)
    return None


def _not_meant(record: Sequence[str], header: Sequence[str]) -> tuple[str, str] | None:
    """Remedy and reason for a line that was not meant as a record."""
    first = next((c.strip() for c in record if c.strip()), "")
    if not first:
        return "remove the line", "a line without any value"
    if record == header:
        return "remove the line", "the header is repeated here"
    if TOTAL.fullmatch(first):
        return "remove the line", "a total is no record: it would count everything twice"
    if first.startswith("#"):
        return "move it into the column note, or remove it", "a remark is no record"
    return None


def _too_long(line: int, record: Sequence[str], columns: Sequence[Column], counted: str) -> Problem:
    more = len(record) - len(columns)
    is_blank = not any(c.strip() for c in record[len(columns) :])
    if is_blank and all(_fits(v, c) for v, c in zip(record, columns, strict=False)):
        return Problem(RULE, line, "", ",".join(record)[:SHOWN], "remove the commas at the end of the line", counted)
    joined = {i: ",".join(record[i : i + more + 1]) for i in range(len(columns))}
    explains = [
        i for i, whole in joined.items() if _may_hold_commas(whole, columns[i]) and _others_fit(record, i, columns)
    ]
    if not explains and is_blank:
        return Problem(RULE, line, "", ",".join(record)[:SHOWN], "remove the commas at the end of the line", counted)
    if not explains:
        remedy = "put text that contains a comma in double quotes, write figures without thousands separators"
        return Problem(RULE, line, "", ",".join(record)[:SHOWN], remedy, counted)
    at = next((i for i in explains if columns[i].kind != "text"), explains[-1])
    if columns[at].kind == "text":
        remedy = f'put text that contains a comma in double quotes: "{joined[at][:SHOWN]}"'
    else:
        remedy = f"write {joined[at].lstrip('$€£').replace(',', '')}, without thousands separators"
    return Problem(RULE, line, columns[at].name, joined[at][:SHOWN], remedy, counted)


def _may_hold_commas(whole: str, column: Column) -> bool:
    if column.kind in {"number", "integer"}:
        return THOUSANDS.fullmatch(whole) is not None
    return column.kind == "text" and not (column.vocabulary or column.pattern or column.refers_to)


def _others_fit(record: Sequence[str], i: int, columns: Sequence[Column]) -> bool:
    """Whether all other columns hold allowed values if the surplus field belongs to column i."""
    after = len(record) - len(columns) + i + 1
    others = zip([*record[:i], *record[after:]], [*columns[:i], *columns[i + 1 :]], strict=True)
    return all(_fits(v, c) for v, c in others)


def _gaps(record: Sequence[str], columns: Sequence[Column]) -> list[str]:
    """The columns that may be missing in a line that is one field short."""
    if len(record) != len(columns) - 1:
        return []
    return [
        column.name
        for i, column in enumerate(columns)
        if all(_fits(v, c) for v, c in zip(record, [*columns[:i], *columns[i + 1 :]], strict=True))
    ]


def _fits(value: str, column: Column) -> bool:
    if not value:
        return not column.required
    if column.vocabulary:
        return value in VOCABULARIES[column.vocabulary]
    form = column.pattern or WRITTEN_FORMS.get(column.kind, ID if column.refers_to else "")
    return not form or re.fullmatch(form, value) is not None
