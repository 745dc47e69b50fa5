"""Splits CSV text into records with line numbers: a plain block at once, any other record by record.

A block is plain if each line is one complete record and none looks odd. Both paths give the same rows; only the careful
one explains why a line is not a record.
Not here: the file as a whole (`assets.raw.reader`), explanations of odd lines (`assets.raw.malformed_rows`).
"""

from __future__ import annotations

import csv
import re
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator, Sequence

import polars as pl

from assets.core.rule import Problem
from assets.raw.malformed_rows import RULE, SHOWN

LARGEST_CELL = 1 << 20

BLOCK = 16 << 20
"""Bytes per block: small compared with the frame of a large file, and large enough to work on columns, not cells."""

LINE_END = re.compile(rb"\r\n|\r|\n")

FIELD = r'(?:"(?:[^"]|"")*"|[^",]*)'

MAY_BE_NO_RECORD = r"^[^0-9A-Za-z_]|^(?i:(grand |sub-?)?(total|sum)s?:?\W*)$|^$"
"""Matches the first cell of every line that `assets.raw.malformed_rows` finds odd, and of some others."""

Record = tuple[int, list[str]]

Explain = Callable[[int, Sequence[str]], Problem | None]
"""Explains why a line is not a record; None if it is one."""


class CannotSplit(Exception):  # noqa: N818 - a finding about a text, not an error of the code
    """The text cannot be split into records from this line on."""

    def __init__(self, line: int, reason: str, value: str) -> None:
        """`value` is the line as written."""
        super().__init__(reason)
        remedy = 'close the double quote, and write "" for a double quote inside quoted text'
        message = f"the record that begins here cannot be split: {reason}"
        self.problem = Problem(RULE, line, "", value[:SHOWN], remedy, message)


def first_records(content: bytes, count: int) -> list[Record]:
    """The first `count` records of a UTF-8 text, or fewer if the text cannot be split further.

    Errors: CannotSplit if not even the first can be split.
    """
    found: list[Record] = []
    try:
        for record in _records(_Lines(content)):
            found.append(record)
            if len(found) == count:
                break
    except CannotSplit:
        if not found:
            raise
    return found


def split(content: bytes, names: Sequence[str], explain: Explain) -> tuple[pl.DataFrame, list[Problem]]:
    """The records after the first as a frame of text with `source_line`, and the problems that `explain` finds.

    A short record is padded with empty cells, a long one is cut. Splitting ends at a record that cannot be split.
    """
    frames = [_frame([], names)]
    problems: list[Problem] = []
    lines = _Lines(content)
    try:
        next(_records(lines))
        while lines.position < len(content):
            end = lines.end_of_block()
            frame = plain(content[lines.position : end], names, lines.number)
            if frame is None:
                frames.append(_with_care(lines, end, names, explain, problems))
            else:
                frames.append(frame)
                lines.position, lines.number = end, lines.number + frame.height
    except CannotSplit as stopped:
        problems.append(stopped.problem)
    return pl.concat(frames, rechunk=True), problems


def plain(block: bytes, names: Sequence[str], first_line: int) -> pl.DataFrame | None:
    """The records of a block of whole lines; None if the block is not plain."""
    if len(block) > BLOCK + LARGEST_CELL:
        return None
    text = block.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in block else block
    lines = pl.Series([text.removesuffix(b"\n").decode()]).str.split("\n").explode()
    lengths = lines.str.len_bytes()
    if text.startswith(BOM_UTF8) or lengths.min() == 0 or (lengths > LARGEST_CELL).any():
        return None
    has_quotes = lines.str.contains('"', literal=True)
    if (lines.filter(~has_quotes).str.count_matches(",", literal=True) != len(names) - 1).any():
        return None
    if (
        has_quotes.any()
        and not lines.filter(has_quotes).str.contains(f"^{FIELD}(?:,{FIELD}){{{len(names) - 1}}}$").all()
    ):
        return None
    frame = pl.read_csv(text, has_header=False, schema=dict.fromkeys(names, pl.String), empty_string_is_null=False)
    first = frame.to_series()
    if (first.str.contains(MAY_BE_NO_RECORD) | (first == names[0])).any():
        return None
    return frame.with_columns(source_line=pl.int_range(first_line, first_line + lines.len(), dtype=pl.Int64))


# --- with care ------------------------------------------------------------------------------------------------------


class _Lines:
    """Iterates over the lines of a text, with the position and the number of the next line."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.position = 0
        self.number = 1

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self.position == len(self.content):
            raise StopIteration
        start, self.position = self.position, self._end_of_line(self.position)
        self.number += 1
        return self.content[start : self.position].decode()

    def end_of_block(self) -> int:
        """The end of the last line of a block that begins here."""
        last = self.position + BLOCK - 1
        return self._end_of_line(last) if last < len(self.content) else len(self.content)

    def as_written(self, position: int) -> str:
        """The line that begins at this position, without its line ending."""
        return self.content[position : self._end_of_line(position)].decode().rstrip("\r\n")

    def _end_of_line(self, position: int) -> int:
        found = LINE_END.search(self.content, position)
        return found.end() if found else len(self.content)


def _records(lines: _Lines) -> Iterator[Record]:
    """The records from the next line on, skipping blank lines; a record may span several lines.

    Errors: CannotSplit.
    """
    csv.field_size_limit(LARGEST_CELL)
    reader = csv.reader(lines, strict=True)
    while True:
        position, number = lines.position, lines.number
        try:
            record = next(reader, None)
        except csv.Error as error:
            message = _quoting(str(error), lines.number - 1)
            raise CannotSplit(number, message, lines.as_written(position)) from None
        if record is None:
            return
        if record:
            yield number, record


def _quoting(error: str, last: int) -> str:
    if "limit" in error:
        return f"a cell has more than {LARGEST_CELL >> 20} MB"
    if "end of data" in error:
        return "a double quote is opened and never closed"
    return f"a double quote in the middle of a cell, on line {last} or before"


def _with_care(
    lines: _Lines, end: int, names: Sequence[str], explain: Explain, problems: list[Problem]
) -> pl.DataFrame:
    """The records up to a position, or up to a record that cannot be split; adds to `problems`."""
    records: list[Record] = []
    try:
        for line, record in _records(lines):
            records.append((line, [*record, *[""] * len(names)][: len(names)]))
            if problem := explain(line, record):
                problems.append(problem)
            if lines.position >= end:
                break
    except CannotSplit as stopped:
        problems.append(stopped.problem)
        lines.position = len(lines.content)
    return _frame(records, names)


def _frame(records: Sequence[Record], names: Sequence[str]) -> pl.DataFrame:
    columns = {name: [r[i] for _, r in records] for i, name in enumerate(names)}
    return pl.DataFrame(columns, schema=dict.fromkeys(names, pl.String)).with_columns(
        source_line=pl.Series([line for line, _ in records], dtype=pl.Int64)
    )
