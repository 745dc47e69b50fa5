"""Damages a copy of the real seeds: each harm changes one file and returns the affected lines."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

Harm = Callable[[Path], Sequence[int]]
"""Damages a file; returns the numbers of the lines that the refusal must name."""


@dataclass(frozen=True)
class Damage:
    """One kind of bad input and its complete expected refusal."""

    name: str
    file: str
    harm: Harm
    blocks: tuple[str, ...]
    """The blocks of the refusal: {0}, {1} are the lines that the harm returns, … is any text."""


def block(
    place: str, rule: str, remedy: str, *, reason: str = "…", severity: str = "error", more: Sequence[str] = ()
) -> str:
    """One block of a refusal: place, rule with reason, remedy. A place begins with the line, e.g. `:{0}  `."""
    places = "\n".join(f"seeds/{{file}}.csv{p}" for p in (place, *more))
    return f"{places}\n  rule    {rule} ({severity}): {reason}\n  remedy  {remedy}"


# --- whole files ----------------------------------------------------------------------------------------------------


def content(change: Callable[[bytes], bytes], *lines: int) -> Harm:
    """Change the bytes of the file."""

    def harm(path: Path) -> Sequence[int]:
        path.write_bytes(change(path.read_bytes()))
        return lines

    return harm


def place(change: Callable[[Path], object]) -> Harm:
    """Change the file itself: remove it, replace it, link it."""

    def harm(path: Path) -> Sequence[int]:
        change(path)
        return ()

    return harm


def replaced(old: str, new: str) -> Harm:
    """Replace the first occurrence of a text; returns its line."""

    def harm(path: Path) -> Sequence[int]:
        text = path.read_bytes().decode()
        before, found, after = text.partition(old)
        assert found, f"{old} does not stand in {path.name}"
        path.write_bytes((before + new + after).encode())
        return (before.count("\n") + 1,)

    return harm


# --- lines ----------------------------------------------------------------------------------------------------------


def inserted(at: int, *new: str) -> Harm:
    """Put lines before line `at` (negative: counted from the end, -1 appends); returns the number of the first."""

    def harm(path: Path) -> Sequence[int]:
        lines = path.read_text(encoding="utf-8").splitlines()
        index = at - 1 if at > 0 else len(lines) + 1 + at
        path.write_text("\n".join([*lines[:index], *new, *lines[index:]]) + "\n", encoding="utf-8")
        return (index + 1,)

    return harm


def each_line(change: Callable[[str], str]) -> Harm:
    """Change every line."""

    def harm(path: Path) -> Sequence[int]:
        lines = path.read_text(encoding="utf-8").splitlines()
        path.write_text("\n".join(change(line) for line in lines) + "\n", encoding="utf-8")
        return (1,)

    return harm


def line(key: str, change: Callable[[str], str], nth: int = 0) -> Harm:
    """Change the nth line that holds a cell `key`."""

    def harm(path: Path) -> Sequence[int]:
        lines = path.read_text(encoding="utf-8").splitlines()
        number = _line_of(lines, key, nth)
        lines[number - 1] = change(lines[number - 1])
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return (number,)

    return harm


def repeated(key: str, **changes: str) -> Harm:
    """Repeat the line of `key` at the end, with other values; returns both lines."""

    def harm(path: Path) -> Sequence[int]:
        lines = path.read_text(encoding="utf-8").splitlines()
        number = _line_of(lines, key, 0)
        again = _cells(lines[number - 1])
        for column, value in changes.items():
            again[_cells(lines[0]).index(column)] = value
        path.write_text("\n".join([*lines, _line(again)]) + "\n", encoding="utf-8")
        return number, len(lines) + 1

    return harm


def removed(keep: Callable[[str], bool]) -> Harm:
    """Remove all lines but the header and those to be kept."""

    def harm(path: Path) -> Sequence[int]:
        header, *lines = path.read_text(encoding="utf-8").splitlines()
        path.write_text("\n".join([header, *(one for one in lines if keep(one))]) + "\n", encoding="utf-8")
        return ()

    return harm


# --- columns and cells ----------------------------------------------------------------------------------------------


def columns(change: Callable[[list[str]], list[str]]) -> Harm:
    """Change every record, including the header, as a list of cells."""
    return each_line(lambda text: _line(change(_cells(text))))


def header(change: Callable[[str], str]) -> Harm:
    """Change the first line."""

    def harm(path: Path) -> Sequence[int]:
        first, rest = path.read_text(encoding="utf-8").split("\n", 1)
        path.write_text(f"{change(first)}\n{rest}", encoding="utf-8")
        return (1,)

    return harm


def cells(key: str, nth: int = 0, **values: str) -> Harm:
    """Set cells of the nth line that holds a cell `key`."""

    def harm(path: Path) -> Sequence[int]:
        lines = path.read_text(encoding="utf-8").splitlines()
        number = _line_of(lines, key, nth)
        record = _cells(lines[number - 1])
        for column, value in values.items():
            record[_cells(lines[0]).index(column)] = value
        lines[number - 1] = _line(record)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return (number,)

    return harm


def unquoted(key: str, column: str, text: str) -> Harm:
    """Write a cell without the quotes that it needs."""

    def harm(path: Path) -> Sequence[int]:
        lines = path.read_text(encoding="utf-8").splitlines()
        number = _line_of(lines, key, 0)
        quoted = [_line([c]) for c in _cells(lines[number - 1])]
        quoted[_cells(lines[0]).index(column)] = text
        lines[number - 1] = ",".join(quoted)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return (number,)

    return harm


def both(first: Harm, second: Harm) -> Harm:
    """One harm after the other; returns the lines of both."""
    return lambda path: (*first(path), *second(path))


def _line_of(lines: Sequence[str], key: str, nth: int) -> int:
    found = [n for n, text in enumerate(lines, start=1) if key in _cells(text)]
    assert len(found) > nth, f"no line {nth} with a cell {key}"
    return found[nth]


def _cells(text: str) -> list[str]:
    return next(csv.reader([text]), [])


def _line(record: Sequence[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(record)
    return out.getvalue()
