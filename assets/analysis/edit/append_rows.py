"""Appends rows to the seeds: the rest of a file is unchanged, and no file is left half written.

Rules: existing bytes stay; new lines use the file's line ending, order of columns and quoting. Files are replaced one
after the other, those that others refer to first.
Not here: judging the rows (`assets.analysis.edit.preview`), changing all files or none
(`assets.warehouse.seeds_journal`).
"""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assets.core.errors import EnvironmentFailure
from assets.warehouse import seeds_journal

Cells = Mapping[str, str]

ORDER = ("sources", "entities", "deals", "capacity", "commitments")
"""The files that a deal may need, each after those that it refers to."""

BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Addition:
    """One file with rows to append."""

    path: Path
    before: bytes
    after: bytes
    lines: tuple[str, ...]
    """The new lines as written to the file, without line endings."""


def additions(seeds: Path, rows: Mapping[str, Sequence[Cells]]) -> list[Addition]:
    """The files with these rows appended, by name of the seed.

    Errors: EnvironmentFailure if a file cannot be read; ValueError if a row has a column that its file lacks.
    """
    found = []
    for name in ORDER:
        if rows.get(name):
            path = seeds / f"{name}.csv"
            before = _read(path)
            new = appended(before, rows[name])
            lines = new[len(before) :].decode("utf-8").splitlines()
            found.append(Addition(path, before, new, tuple(line for line in lines if line)))
    return found


def appended(content: bytes, rows: Sequence[Cells]) -> bytes:
    """The content of a file with rows added at its end.

    Errors: ValueError if a row has a column that the file lacks.
    """
    ending = "\r\n" if b"\r\n" in content.partition(b"\n")[0] + b"\n" else "\n"
    text = content.removeprefix(BOM).decode("utf-8")
    header = next(csv.reader(io.StringIO(text, newline="")))
    is_all_quoted = text.startswith('"') and text.partition("\n")[0].count('"') >= 2 * len(header)
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator=ending, quoting=csv.QUOTE_ALL if is_all_quoted else csv.QUOTE_MINIMAL)
    for row in rows:
        unknown = sorted(row.keys() - set(header))
        if unknown:
            raise ValueError(f"the file has no column {', '.join(unknown)}; it has {', '.join(header)}")
        writer.writerow([row.get(column, "") for column in header])
    joint = b"" if content.endswith((b"\n", b"\r")) else ending.encode()
    return content + joint + written.getvalue().encode("utf-8")


def copy_with(seeds: Path, made: Sequence[Addition], folder: Path) -> Path:
    """A copy of the seeds with the additions, for the gates."""
    try:
        folder.mkdir(parents=True)
        for path in seeds.glob("*.csv"):
            shutil.copyfile(path, folder / path.name, follow_symlinks=False)
        for one in made:
            (folder / one.path.name).write_bytes(one.after)
    except OSError as error:
        raise EnvironmentFailure(f"{folder}: {error.strerror}: nothing was written") from error
    return folder


def write(seeds: Path, made: Sequence[Addition]) -> None:
    """Replace the files, all of them or none.

    Errors: EnvironmentFailure if a file was changed meanwhile or cannot be written; the seeds are then unchanged.
    """
    with seeds_journal.alone(seeds):
        changed = [one.path for one in made if _read(one.path) != one.before]
        if changed:
            raise EnvironmentFailure(f"{changed[0]}: it was changed in the meantime: nothing was written, run it again")
        seeds_journal.replace_all(seeds, {one.path: (one.before, one.after) for one in made})


def _read(path: Path) -> bytes:
    if path.is_symlink():
        raise EnvironmentFailure(f"{path}: this is a link to another file: put the file itself there")
    try:
        return path.read_bytes()
    except OSError as error:
        raise EnvironmentFailure(f"{path}: {error.strerror}: nothing was written") from error
