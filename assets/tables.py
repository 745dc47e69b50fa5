"""The answer to a query as lines of text: CSV, JSON, or a table that stays readable on a narrow terminal, in a pipe."""

from __future__ import annotations

import json
import re
import shutil
import sys
import textwrap
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Protocol

from rich.cells import cell_len

GAP = "  "
FORMULA = re.compile(r"\s*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]")
"""How a cell begins that a spreadsheet may run; the last four are the full-width forms of = + - @."""
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?%?")
NARROWEST = 12
"""Characters below which a column is no longer read with pleasure."""
LARGEST_PLAIN = 1e15

Row = Sequence[str | None]


class Answer(Protocol):
    """What a query gave."""

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
    """RFC 4180 lines: unknown is nothing between commas, an empty text is a pair of quotes, no text is a formula."""
    yield ",".join(_field(harmless(c)) for c in answer.columns)
    for row in answer.rows():
        cells = zip(row, answer.is_number, strict=True)
        yield ",".join(_field(v if is_number or v is None else harmless(v)) for v, is_number in cells)


def harmless(text: str) -> str:
    """A text that no spreadsheet runs: one that begins like a formula gets an apostrophe, a number stays a number.

    Source: OWASP, CSV injection.
    """
    return f"'{text}" if FORMULA.match(text) and not NUMBER.fullmatch(text) else text


def _field(value: str | None) -> str:
    if value is None:
        return ""
    if value == "" or any(c in value for c in ',"\r\n'):
        return '"' + value.replace('"', '""') + '"'
    return value


def json_lines(answer: Answer) -> Iterator[str]:
    """One object: the columns, then the rows, each on its line; numbers as numbers, days as ISO text, unknown as null.

    Rules: what is neither number, text, day nor flag (a list, say) is text as DuckDB writes it; so are inf and nan,
    which JSON does not know.
    """
    names = _told_apart(answer.columns)
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


def _told_apart(names: Sequence[str]) -> list[str]:
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
    if NUMBER.fullmatch(text) and (kind in {"DOUBLE", "FLOAT"} or kind.startswith("DECIMAL")):
        return float(text)
    return int(text) if "INT" in kind and re.fullmatch(r"-?\d+", text) else text


def lines(answer: Answer) -> Iterator[str]:
    """A table: as wide as it is in a pipe; on a terminal folded to fit, or one record under the other."""
    rows = [[_cell(v, is_float=f) for v, f in zip(row, answer.is_float, strict=True)] for row in answer.rows()]
    header = [_clean(c) for c in answer.columns]
    widths = [max(_width(cell) for cell in column) for column in zip(header, *rows, strict=True)]
    screen = shutil.get_terminal_size().columns if sys.stdout.isatty() else sum(widths) + len(GAP) * len(widths)
    fitted = _fit(widths, screen)
    if fitted:
        for row in (header, *rows):
            yield from _table_row(row, fitted, answer.is_number)
    else:
        for number, row in enumerate(rows, start=1):
            yield from _record(number, header, row, screen)
    yield f"{len(rows)} row{'' if len(rows) == 1 else 's'}"


def _fit(widths: Sequence[int], screen: int) -> list[int]:
    """Widths that fit the screen: the widest columns give way, none below what can be read; empty if nothing fits."""
    room = screen - len(GAP) * (len(widths) - 1)
    least = [min(w, NARROWEST) for w in widths]
    if sum(least) > room:
        return []
    fitted = list(widths)
    while sum(fitted) > room:
        widest = max(range(len(fitted)), key=fitted.__getitem__)
        fitted[widest] -= 1
    return fitted


def _table_row(row: Sequence[str], widths: Sequence[int], is_number: Sequence[bool]) -> Iterator[str]:
    folded = [_folded(cell, width) for cell, width in zip(row, widths, strict=True)]
    for parts in zip_longest(*folded, fillvalue=""):
        cells = [_padded(p, w, right=n) for p, w, n in zip(parts, widths, is_number, strict=True)]
        yield GAP.join(cells).rstrip()


def _record(number: int, header: Sequence[str], row: Sequence[str], screen: int) -> Iterator[str]:
    yield f"-- row {number} ".ljust(min(screen, 40), "-")
    margin = max(len(name) for name in header) + len(GAP)
    for name, cell in zip(header, row, strict=True):
        if screen - margin >= NARROWEST:
            first, *more = _folded(cell, screen - margin)
            yield f"{name.ljust(margin)}{first}".rstrip()
            yield from (f"{' ' * margin}{part}" for part in more)
        else:
            yield name
            yield from (f"{GAP}{part}" for part in _folded(cell, max(NARROWEST, screen - len(GAP))))


def _folded(cell: str, width: int) -> list[str]:
    return [
        part
        for line in cell.split("\n")
        for part in (
            [line]
            if cell_len(line) <= width
            else textwrap.wrap(line, width, break_on_hyphens=False, drop_whitespace=True)
        )
    ] or [""]


def _padded(text: str, width: int, *, right: bool) -> str:
    space = " " * max(0, width - cell_len(text))
    return space + text if right else text + space


def _width(cell: str) -> int:
    return max(cell_len(line) for line in cell.split("\n"))


def _cell(value: str | None, *, is_float: bool) -> str:
    if value is None:
        return ""
    if not is_float:
        return _clean(value)
    number = float(value)
    return f"{number:.0f}" if number.is_integer() and abs(number) < LARGEST_PLAIN else f"{number:.12g}"


def _clean(text: str) -> str:
    """Without what would move the cursor or colour the terminal."""
    return "".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in text.rstrip("\n").replace("\t", " "))
