"""raw: the files of seeds/ exactly as written, every cell as text, with file and line.

Not here: any judgement about a value (`assets.staging`). What is no record of the file's columns (a missing file,
another encoding, a shifted line, a total) becomes a problem for the gate, never an exception and never a row.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from assets import advice
from assets.contracts import staging
from assets.contracts.model import WRITTEN_FORMS, Column, Problem, Table
from assets.contracts.raw import TABLES
from assets.contracts.vocabulary import VOCABULARIES
from assets.failures import EnvironmentFailure
from assets.steps import Built, Inputs, Step

RULE = "readable"
LARGEST_FILE = 64 << 20
LARGEST_CELL = 1 << 20
SHOWN = 200
AROUND = 40
PREAMBLE = 50
DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}
SIGNATURES = {
    b"PK\x03\x04": "a spreadsheet or zip archive",
    b"\xd0\xcf\x11\xe0": "a spreadsheet",
    b"\x1f\x8b": "a gzip archive",
    b"%PDF": "a PDF document",
    b"PAR1": "a Parquet file",
    b"SQLite format 3": "an SQLite database",
    b"\xff\xfe\x00\x00": "text in UTF-32",
    b"\x00\x00\xfe\xff": "text in UTF-32",
    b"\xff\xfe": "text in UTF-16",
    b"\xfe\xff": "text in UTF-16",
}
SEEDS = {table.name: table for table in staging.TABLES}
SAVE_AS = "open it in the program that wrote it and save it as 'CSV UTF-8 (comma delimited)'"
TOTAL = re.compile(r"(grand |sub-?)?(total|sum)s?:?", re.IGNORECASE)
THOUSANDS = re.compile(r"[$€£]?\d{1,3}(,\d{3})+(\.\d+)?")


class Unreadable(Exception):  # noqa: N818 - a finding about a file, not an error of the code
    """The file as a whole cannot be read as records."""

    def __init__(self, reason: str, remedy: str, line: int = 0, value: str = "") -> None:
        super().__init__(reason)
        self.problem = Problem(RULE, line, "", value[:SHOWN], remedy, reason)


def read_seed(path: Path, table: Table) -> Built:
    """Read one file as text.

    Grain: one row per record of the file; columns in another order are accepted.
    Errors: EnvironmentFailure when the machine forbids to read the file.
    """
    fields = [c for c in table.column_names if c not in {"source_file", "source_line"}]
    detail = {}
    try:
        content = _content(path, fields)
        detail["sha256"] = hashlib.sha256(content).hexdigest()
        records = _Records(_text(content, fields), fields, table.name)
    except Unreadable as found:
        schema = {n: pl.Int64() if n == "source_line" else pl.String() for n in table.column_names}
        return Built(pl.DataFrame(schema=schema), [found.problem], detail)
    columns = {name: [r[i] for r in records.rows] for i, name in enumerate(_unique(records.header))}
    frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String)).with_columns(
        source_file=pl.lit(table.source), source_line=pl.Series(records.lines, dtype=pl.Int64)
    )
    if records.has_fields:
        frame = frame.select(table.column_names)
    return Built(frame, records.problems, detail)


# --- the file -------------------------------------------------------------------------------------------------------


def _content(path: Path, fields: Sequence[str]) -> bytes:
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            raise Unreadable("this is not a file", f"put a file there, with the header {','.join(fields)}")
        if about.st_size > LARGEST_FILE:
            size = f"{about.st_size / (1 << 20):.0f} MB"
            raise Unreadable(
                f"the file has {size}, a seed has at most {LARGEST_FILE >> 20} MB",
                "look for a line that repeats, or a cell that swallowed a document",
            )
        return path.read_bytes()
    except FileNotFoundError:
        others = [p.name for p in path.parent.glob("*") if p.stem not in SEEDS]
        near = [name for name in others if advice.nearest(name, [path.name])]
        rename = f"rename {near[0]}, or " if near else ""
        raise Unreadable("the file is missing", f"{rename}add it, with the header {','.join(fields)}") from None
    except PermissionError as error:
        message = f"{path}: {error.strerror}: give yourself the right to read it"
        raise EnvironmentFailure(message) from error
    except OSError as error:
        raise Unreadable(
            f"the file cannot be read ({error.strerror})", f"put a file there, with the header {','.join(fields)}"
        ) from None


def _text(content: bytes, fields: Sequence[str]) -> str:
    for signature, told in SIGNATURES.items():
        if content.startswith(signature):
            raise Unreadable(f"this is {told}, not text in UTF-8", SAVE_AS)
    zero = content.find(b"\0")
    if zero >= 0:
        if content[:4].count(0) == 2:  # noqa: PLR2004 - every other byte
            raise Unreadable("this is text in UTF-16, not text in UTF-8", SAVE_AS)
        line = content[:zero].count(b"\n")
        value = content.splitlines()[line].decode("utf-8", "replace")
        raise Unreadable("a NUL byte: this is no text", "remove it, or save the file as CSV again", line + 1, value)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        around = content[max(0, error.start - AROUND) : error.start + AROUND].decode("cp1252", "replace")
        value = next(part for part in around.splitlines() if not part.isascii())
        reason = f"byte 0x{content[error.start]:02x} on this line is not UTF-8 (perhaps Windows or Latin-1 text)"
        raise Unreadable(reason, SAVE_AS, line, value) from None
    if not text.strip():
        raise Unreadable("the file is empty", f"write the header {','.join(fields)} and the rows")
    if re.match(r"\s*<(!doctype|html|\?xml)", text, re.IGNORECASE):
        raise Unreadable("this is a web page, not CSV", "download the file itself, not the page that shows it")
    return text


# --- its records ----------------------------------------------------------------------------------------------------


class _Records:
    """The header and the rows of a text, each row with its line, and what is no record of these columns."""

    def __init__(self, text: str, fields: Sequence[str], name: str) -> None:
        self.problems: list[Problem] = []
        self.rows: list[list[str]] = []
        self.lines: list[int] = []
        found = list(self._split(text))
        if not found:
            return
        self.header = found[0][1]
        self.has_fields = sorted(self.header) == sorted(fields)
        if not self.has_fields:
            _whole_header(found, fields)
        columns = [SEEDS[name].column(n) for n in self.header] if self.has_fields else []
        for line, record in found[1:]:
            problem = _no_record(line, record, self.header, columns) if self.has_fields else None
            if problem:
                self.problems.append(problem)
            self.rows.append([*record, *[""] * len(self.header)][: len(self.header)])
            self.lines.append(line)

    def _split(self, text: str) -> Iterator[tuple[int, list[str]]]:
        csv.field_size_limit(LARGEST_CELL)
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        line = 1
        try:
            for record in reader:
                if record:
                    yield line, record
                line = reader.line_num + 1
        except csv.Error as error:
            self.problems.append(
                Problem(
                    RULE,
                    line,
                    "",
                    text.splitlines()[line - 1][:SHOWN] if line <= text.count("\n") + 1 else "",
                    'close the double quote, and write "" for a double quote inside quoted text',
                    f"the record that begins here cannot be split: {_quoting(str(error), reader.line_num)}",
                )
            )


def _quoting(error: str, last: int) -> str:
    if "limit" in error:
        return f"a cell has more than {LARGEST_CELL >> 20} MB"
    if "end of data" in error:
        return "a double quote is opened and never closed"
    return f"a double quote in the middle of a cell, on line {last} or before"


def _whole_header(found: Sequence[tuple[int, list[str]]], fields: Sequence[str]) -> None:
    """Say what is wrong with the first line where it is no header of ours at all.

    Errors: Unreadable. A header with a column too many, missing or misspelled is left to the rule `columns`.
    """
    first, header = found[0]
    for mark, told in DELIMITERS.items():
        if mark in header[0] and _shared(",".join(header).split(mark), fields) > len(fields) // 2:
            raise Unreadable(
                f"the fields are separated by {told}, not by commas",
                "save the file as 'CSV UTF-8 (comma delimited)'; text with a comma goes into double quotes",
                first,
                ",".join(header),
            )
    if _shared(header, fields):
        return
    expected = ",".join(fields)
    for line, record in found[1:PREAMBLE]:
        if _shared(record, fields) > len(fields) // 2:
            raise Unreadable(
                f"the header stands on line {line}, not on the first line",
                f"remove what stands above {expected}",
                first,
                ",".join(header),
            )
    raise Unreadable(
        "this is not the header of the file", f"write as the first line: {expected}", first, ",".join(header)
    )


def _shared(names: Sequence[str], fields: Sequence[str]) -> int:
    return len({advice.plain(n) for n in names} & set(fields))


def _unique(header: Sequence[str]) -> list[str]:
    """Header names, a repeated one marked so that the frame can hold it and the gate refuses it."""
    seen: dict[str, int] = {}
    names = []
    for name in header:
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name} (again, {seen[name]})")
    return names


# --- lines that are no records ----------------------------------------------------------------------------------------


def _no_record(line: int, record: Sequence[str], header: Sequence[str], columns: Sequence[Column]) -> Problem | None:
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
    """Remedy and reason for a line that was never meant to be a record."""
    first = next((c.strip() for c in record if c.strip()), "")
    if not first:
        return "remove the line", "a line without any value"
    if record == header:
        return "remove the line", "the header stands here again"
    if TOTAL.fullmatch(first):
        return "remove the line", "a total is no record: it would count everything twice"
    if first.startswith("#"):
        return "move it into the column note, or remove it", "a remark is no record"
    return None


def _too_long(line: int, record: Sequence[str], columns: Sequence[Column], counted: str) -> Problem:
    more = len(record) - len(columns)
    if not any(c.strip() for c in record[len(columns) :]):
        return Problem(RULE, line, "", ",".join(record)[:SHOWN], "remove the commas at the end of the line", counted)
    joined = {i: ",".join(record[i : i + more + 1]) for i in range(len(columns))}
    misfits = {}
    for i, column in enumerate(columns):
        whole = [*record[:i], *record[i + more + 1 :]]
        others = [*columns[:i], *columns[i + 1 :]]
        is_number = column.kind in {"number", "integer"}
        own = not (THOUSANDS.fullmatch(joined[i]) if is_number else _is_free(column))
        misfits[i] = own + sum(not _fits(v, c) for v, c in zip(whole, others, strict=True))
    best = [i for i, n in misfits.items() if n == min(misfits.values())]
    at = next((i for i in best if columns[i].kind != "text"), best[-1])
    if columns[at].kind == "text":
        remedy = f'put text that contains a comma in double quotes: "{joined[at][:SHOWN]}"'
    else:
        remedy = f"write {joined[at].lstrip('$€£').replace(',', '')}, without thousands separators"
    return Problem(RULE, line, columns[at].name, joined[at][:SHOWN], remedy, counted)


def _gaps(record: Sequence[str], columns: Sequence[Column]) -> list[str]:
    """The columns whose absence explains a line that is one field short."""
    if len(record) != len(columns) - 1:
        return []
    return [
        column.name
        for i, column in enumerate(columns)
        if all(_fits(v, c) for v, c in zip(record, [*columns[:i], *columns[i + 1 :]], strict=True))
    ]


def _is_free(column: Column) -> bool:
    return column.kind == "text" and not (column.vocabulary or column.pattern or column.refers_to)


def _fits(value: str, column: Column) -> bool:
    if not value:
        return not column.required
    if column.vocabulary:
        return value in VOCABULARIES[column.vocabulary]
    form = column.pattern or WRITTEN_FORMS.get(column.kind, staging.ID if column.refers_to else "")
    return not form or re.fullmatch(form, value) is not None


def _step(table: Table) -> Step:
    def build(inputs: Inputs) -> Built:
        return read_seed(inputs.seeds / f"{table.name}.csv", table)

    return Step(table, (), build)


STEPS = tuple(_step(table) for table in TABLES)
