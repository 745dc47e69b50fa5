"""Answers as tables for a terminal.

Not here: CSV and JSON (`assets.export.as_lines`).
"""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from rich.cells import cell_len

from assets.cli.output import shown
from assets.export.as_lines import LARGEST_PLAIN, Answer

GAP = "  "

NARROWEST = 12
"""Characters below which a column is no longer read with pleasure."""


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
    return shown(text.rstrip("\n").replace("\t", " "))
