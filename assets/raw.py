"""raw: the files of seeds/ exactly as written, every cell as text, with file and line.

Not here: any judgement about a value (`assets.staging`).
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from assets.contracts.model import Problem, Table
from assets.contracts.raw import TABLES
from assets.steps import Built, Inputs, Step

RULE = "readable"
csv.field_size_limit(1 << 20)


def read_seed(path: Path, table: Table) -> Built:
    """Read one file as text.

    Grain: one row per record of the file. A file that is missing, is not UTF-8 or whose lines cannot be split gives
    problems for the gate instead of an exception; columns in another order are accepted.
    """
    fields = [c for c in table.column_names if c not in {"source_file", "source_line"}]
    try:
        content = path.read_bytes()
    except OSError as error:
        return _nothing(
            fields, f"the file cannot be read ({error.strerror}): add it, with the header {','.join(fields)}"
        )
    detail = {"sha256": hashlib.sha256(content).hexdigest()}
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return _nothing(fields, "the file is not UTF-8: save it as 'CSV UTF-8'", line=line, detail=detail)
    if not text.strip():
        return _nothing(fields, f"the file is empty: write the header {','.join(fields)} and the rows", detail=detail)
    return _records(text, fields, table, detail)


def _records(text: str, fields: Sequence[str], table: Table, detail: dict[str, str]) -> Built:
    problems: list[Problem] = []
    rows: list[list[str]] = []
    lines: list[int] = []
    header: list[str] = []
    try:
        for line, record in _split(text):
            if not header:
                header = record
            elif record:
                if len(record) != len(header):
                    problems.append(_ragged(line, record, header))
                    record = [*record, *[""] * len(header)][: len(header)]  # noqa: PLW2901 - shown, never published
                rows.append(record)
                lines.append(line)
    except csv.Error as error:
        last = lines[-1] + 1 if lines else 1
        problems.append(Problem(RULE, last, "", "", f"{error}: check the double quotes from this line on"))
    columns = {name: [r[i] for r in rows] for i, name in enumerate(_unique(header))}
    frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String)).with_columns(
        source_file=pl.lit(table.source), source_line=pl.Series(lines, dtype=pl.Int64)
    )
    if sorted(header) == sorted(fields):
        frame = frame.select(table.column_names)
    return Built(frame, problems, detail)


def _split(text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    for record in reader:
        yield line, record
        line = reader.line_num + 1


def _unique(header: Sequence[str]) -> list[str]:
    """Header names, a repeated one marked so that the frame can hold it and the gate refuses it."""
    seen: dict[str, int] = {}
    names = []
    for name in header:
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name} (again, {seen[name]})")
    return names


def _ragged(line: int, record: Sequence[str], header: Sequence[str]) -> Problem:
    counted = f"{len(record)} fields where the header has {len(header)}"
    for i in range(min(len(header), len(record) - 1)):
        if re.fullmatch(r"[$€£]?\d{1,3}", record[i]) and re.fullmatch(r"\d{3}(\.\d+)?", record[i + 1]):
            value = f"{record[i]},{record[i + 1]}"
            plain = value.lstrip("$€£").replace(",", "")
            return Problem(RULE, line, header[i], value, f"{counted}: write {plain}, without a thousands separator")
    return Problem(
        RULE,
        line,
        header[-1],
        ",".join(record)[:80],
        f"{counted}: put text that contains a comma in double quotes",
    )


def _nothing(fields: Sequence[str], remedy: str, line: int = 1, detail: dict[str, str] | None = None) -> Built:
    schema: dict[str, type[pl.DataType]] = {
        **dict.fromkeys(fields, pl.String),
        "source_file": pl.String,
        "source_line": pl.Int64,
    }
    return Built(pl.DataFrame(schema=schema), [Problem(RULE, line, "", "", remedy)], detail or {})


def _step(table: Table) -> Step:
    def build(inputs: Inputs) -> Built:
        return read_seed(inputs.seeds / f"{table.name}.csv", table)

    return Step(table, (), build)


STEPS = tuple(_step(table) for table in TABLES)
