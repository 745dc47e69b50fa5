"""raw: the files of seeds/ exactly as written, every cell as text, with file and line.

Not here: any judgement about a value (`assets.staging.typed`). An unreadable file or line (a missing file, another
encoding, a shifted line, a total) becomes a problem for the gate, never an exception or a row.
"""

from __future__ import annotations

import codecs
import hashlib
import re
import stat
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from assets.core import suggestions
from assets.core.errors import EnvironmentFailure
from assets.core.rule import Problem
from assets.core.step import Built, Inputs, Step
from assets.core.table import Table
from assets.raw.contract import TABLES
from assets.raw.csv_records import CannotSplit, first_records, split
from assets.raw.malformed_rows import RULE, SHOWN, no_record
from assets.staging import seeds

LARGEST_FILE = 640 << 20
"""In bytes: two million legs with long notes."""

BLOCK = 1 << 20
"""Bytes per block when the encoding is checked."""

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

SEEDS = {table.name: table for table in seeds.TABLES}

SAVE_AS = "open it in the program that wrote it and save it as 'CSV UTF-8 (comma delimited)'"


class Unreadable(Exception):  # noqa: N818 - a finding about a file, not an error of the code
    """The file as a whole cannot be read as records."""

    def __init__(self, reason: str, remedy: str, line: int = 0, value: str = "") -> None:
        """Line 0 means the whole file."""
        super().__init__(reason)
        self.problem = Problem(RULE, line, "", value[:SHOWN], remedy, reason)


def read_seed(path: Path, table: Table) -> Built:
    """Read one file as text.

    Grain: one row per record of the file; columns may be in any order.
    Errors: EnvironmentFailure if the machine denies reading the file.
    """
    fields = [c for c in table.column_names if c not in {"source_file", "source_line"}]
    detail = {}
    try:
        content = _content(path, fields)
        detail["sha256"] = hashlib.sha256(content).hexdigest()
        _must_be_no_other_format(content)
        content = content.removeprefix(codecs.BOM_UTF8)
        _must_be_text(content, fields)
        (first, header), *others = first_records(content, 1 + PREAMBLE)
        has_fields = sorted(header) == sorted(fields)
        if not has_fields:
            _whole_header(first, header, others, fields)
    except (Unreadable, CannotSplit) as found:
        schema = {n: pl.Int64() if n == "source_line" else pl.String() for n in table.column_names}
        return Built(pl.DataFrame(schema=schema), [found.problem], detail)
    columns = [SEEDS[table.name].column(n) for n in header] if has_fields else []

    def explain(line: int, record: Sequence[str]) -> Problem | None:
        return no_record(line, record, header, columns) if has_fields else None

    frame, problems = split(content, _unique(header), explain)
    frame = frame.drop("source_line").with_columns(
        source_file=pl.lit(table.seed_file), source_line=frame["source_line"]
    )
    if has_fields:
        frame = frame.select(table.column_names)
    return Built(frame, problems, detail)


# --- the file -------------------------------------------------------------------------------------------------------


def _content(path: Path, fields: Sequence[str]) -> bytes:
    try:
        if path.is_symlink():
            raise Unreadable("this is a link to another file", "put the file itself there")
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
        near = [name for name in others if suggestions.nearest(name, [path.name])]
        rename = f"rename {near[0]}, or " if near else ""
        raise Unreadable("the file is missing", f"{rename}add it, with the header {','.join(fields)}") from None
    except PermissionError as error:
        message = f"{path}: {error.strerror}: give yourself the right to read it"
        raise EnvironmentFailure(message) from error
    except OSError as error:
        raise Unreadable(
            f"the file cannot be read ({error.strerror})", f"put a file there, with the header {','.join(fields)}"
        ) from None


def _must_be_no_other_format(content: bytes) -> None:
    """Raise Unreadable if the first bytes are those of another file format."""
    for signature, kind in SIGNATURES.items():
        if content.startswith(signature):
            raise Unreadable(f"this is {kind}, not text in UTF-8", SAVE_AS)


def _must_be_text(content: bytes, fields: Sequence[str]) -> None:
    """Raise Unreadable if the content is not UTF-8 text, or cannot be a seed."""
    zero = content.find(b"\0")
    if zero >= 0:
        if content[:4].count(0) == 2:  # noqa: PLR2004 - every other byte
            raise Unreadable("this is text in UTF-16, not text in UTF-8", SAVE_AS)
        line = content.count(b"\n", 0, zero) + 1
        value = content[content.rfind(b"\n", 0, zero) + 1 : zero + AROUND].splitlines()[0].decode("utf-8", "replace")
        raise Unreadable("a NUL byte: this is no text", "remove it, or save the file as CSV again", line, value)
    start = 0
    while start < len(content):
        end = content.find(b"\n", start + BLOCK) + 1 or len(content)
        try:
            content[start:end].decode()
        except UnicodeDecodeError as error:
            raise _not_utf8(content, start + error.start) from None
        start = end
    if not re.search(rb"[!-~]", content) and not content.decode().strip():
        raise Unreadable("the file is empty", f"write the header {','.join(fields)} and the rows")
    if re.match(r"\s*<(!doctype|html|\?xml)", content[:BLOCK].decode("utf-8", "ignore"), re.IGNORECASE):
        raise Unreadable("this is a web page, not CSV", "download the file itself, not the page that shows it")


def _not_utf8(content: bytes, at: int) -> Unreadable:
    line = content.count(b"\n", 0, at) + 1
    around = content[max(0, at - AROUND) : at + AROUND].decode("cp1252", "replace")
    value = next(part for part in around.splitlines() if not part.isascii())
    reason = f"byte 0x{content[at]:02x} on this line is not UTF-8 (perhaps Windows or Latin-1 text)"
    return Unreadable(reason, SAVE_AS, line, value)


# --- its header ------------------------------------------------------------------------------------------------------


def _whole_header(
    first: int, header: Sequence[str], others: Sequence[tuple[int, list[str]]], fields: Sequence[str]
) -> None:
    """Explain a first line that is no header of this file at all.

    Errors: Unreadable. A header with a column too many, missing or misspelled is left to the rule `columns`.
    """
    for mark, delimiter in DELIMITERS.items():
        if mark in header[0] and _shared(",".join(header).split(mark), fields) > len(fields) // 2:
            raise Unreadable(
                f"the fields are separated by {delimiter}, not by commas",
                "save the file as 'CSV UTF-8 (comma delimited)'; text with a comma goes into double quotes",
                first,
                ",".join(header),
            )
    if _shared(header, fields):
        return
    expected = ",".join(fields)
    for line, record in others[:PREAMBLE]:
        if _shared(record, fields) > len(fields) // 2:
            raise Unreadable(
                f"the header is on line {line}, not on the first line",
                f"remove everything above {expected}",
                first,
                ",".join(header),
            )
    raise Unreadable(
        "this is not the header of the file", f"write as the first line: {expected}", first, ",".join(header)
    )


def _shared(names: Sequence[str], fields: Sequence[str]) -> int:
    return len({suggestions.plain(n) for n in names} & set(fields))


def _unique(header: Sequence[str]) -> list[str]:
    """Header names; a repeated name is marked, so that the frame can hold it and the gate refuses it."""
    seen: dict[str, int] = {}
    names = []
    for name in header:
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name} (again, {seen[name]})")
    return names


def _step(table: Table) -> Step:
    def build(inputs: Inputs) -> Built:
        return read_seed(inputs.seeds / f"{table.name}.csv", table)

    return Step(table, (), build, table.seed_file)


STEPS = tuple(_step(table) for table in TABLES)
