"""Results as CSV and JSON, line by line; spreadsheets run no text as a formula."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Protocol

from assets.core.formulas import FIGURE, is_formula

LARGEST_PLAIN = 1e15

Row = Sequence[str | None]


class Answer(Protocol):
    """The result of a query."""

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        ...

    @property
    def is_number(self) -> list[bool]:
        """Which columns hold numbers."""
        ...

    @property
    def is_float(self) -> list[bool]:
        """Which of them are floating-point."""
        ...

    @property
    def kinds(self) -> list[str]:
        """Types of the columns in DuckDB."""
        ...

    def rows(self) -> Iterator[tuple[str | None, ...]]:
        """The values as text."""
        ...


def csv_lines(answer: Answer) -> Iterator[str]:
    """RFC 4180 lines: null is an empty field, an empty text is a pair of quotes, no text is a formula."""
    yield ",".join(_field(harmless(c)) for c in answer.columns)
    for row in answer.rows():
        cells = zip(row, answer.is_number, strict=True)
        yield ",".join(_field(v if is_number or v is None else harmless(v)) for v, is_number in cells)


def harmless(text: str) -> str:
    """A text that no spreadsheet runs: what it may take for a formula gets an apostrophe."""
    return f"'{text}" if is_formula(text) else text


def _field(value: str | None) -> str:
    if value is None:
        return ""
    if value == "" or any(c in value for c in ',"\r\n'):
        return '"' + value.replace('"', '""') + '"'
    return value


def json_lines(answer: Answer) -> Iterator[str]:
    """One object: the columns, then the rows, one per line; numbers as numbers, days as ISO text, unknown as null.

    Rules: any other type, such as a list, is text as DuckDB writes it; so are inf and nan, which JSON does not have.
    """
    names = _distinct(answer.columns)
    yield f'{{"columns": {json.dumps(names, ensure_ascii=False)}, "rows": ['
    before = None
    for row in answer.rows():
        if before is not None:
            yield f"{before},"
        values = {n: _json_value(v, k) for n, v, k in zip(names, row, answer.kinds, strict=True)}
        before = json.dumps(values, ensure_ascii=False)
    if before is not None:
        yield before
    yield "]}"


def _distinct(names: Sequence[str]) -> list[str]:
    found: list[str] = []
    for name in names:
        again = found.count(name)
        found.append(name if not again else f"{name}_{again + 1}")
    return found


def _json_value(text: str | None, kind: str) -> object:
    if text is None:
        return None
    if kind == "BOOLEAN":
        return text == "true"
    if kind.startswith("TIMESTAMP"):
        return text.replace(" ", "T", 1)
    if FIGURE.fullmatch(text) and (kind in {"DOUBLE", "FLOAT"} or kind.startswith("DECIMAL")):
        return float(text)
    return int(text) if "INT" in kind and re.fullmatch(r"-?\d+", text) else text
