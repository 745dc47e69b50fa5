"""A table built in parts: a pure function of each part of its input, through Parquet files.

Memory is limited by the part, not by the ledger. A single part is a frame in memory, without files, but with the same
function and rows. Parts are in the order of the rows of the whole, so their number does not change the result.
Not here: running the work (`assets.scale.executors`), paths of the files (`assets.scale.large`), judging a table in
parts (`assets.scale.partitioned_gate`).
"""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice
from pathlib import Path
from typing import Any, Literal, Protocol

import polars as pl

from assets.core.errors import EnvironmentFailure
from assets.core.paths import PARTS_VARIABLE
from assets.core.rule import Rule
from assets.core.size import Executor, Frame, Judge, Work
from assets.scale import partitioned_gate
from assets.warehouse.disk import disk_errors

ROWS_PER_PART = 50_000
"""Input rows per part: a promise has about 20 quarters, so a part of a schedule has about a million rows."""

HASHED = "(hash)"

COMPRESSION: Literal["lz4"] = "lz4"

OPTION = f" with {PARTS_VARIABLE}"


class Workplace(Protocol):
    """The executor, the folder for parts and the listener for progress."""

    workers: Executor

    def new_folder(self) -> Path:
        """An empty folder for the parts of one table."""
        ...

    def report(self, text: str) -> None:
        """Report progress."""
        ...


@dataclass(frozen=True)
class PartitionedTable:
    """The rows of one table in several Parquet files, in order; used like a frame."""

    files: tuple[Path, ...]
    heights: tuple[int, ...]
    schema: pl.Schema

    @property
    def height(self) -> int:
        """Number of rows."""
        return sum(self.heights)

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return self.schema.names()

    def frames(self, columns: Sequence[str] | None = None) -> Iterator[pl.DataFrame]:
        """The rows, part by part: all columns, or the given ones in the given order."""
        return (_read(file, columns) for file in self.files)

    def lazy(self) -> pl.LazyFrame:
        """All rows as a lazy frame."""
        return pl.scan_parquet(list(self.files))

    def head(self, rows: int) -> pl.DataFrame:
        """The first rows."""
        return self.lazy().head(rows).collect()

    def judged(self, judge: Judge, rules: Sequence[Rule], samples: int) -> Sequence[Any]:
        """Judge the table: see `assets.scale.partitioned_gate`."""
        return partitioned_gate.judged(self, judge, rules, samples)

    def discard(self) -> None:
        """Remove the files and their folder."""
        shutil.rmtree(self.files[0].parent, ignore_errors=True)


def slices(chunks: Iterable[pl.DataFrame], rows: int | None = None) -> Iterator[pl.DataFrame]:
    """The parts of a table, for work on independent rows.

    Rules: no part is empty, except that a table without rows is one empty part.
    """
    empty: pl.DataFrame | None = None
    has_rows = False
    for chunk in chunks:
        yield from chunk.iter_slices(rows or ROWS_PER_PART) if chunk.height else ()
        has_rows, empty = has_rows or chunk.height > 0, chunk
    if empty is not None and not has_rows:
        yield empty


def by_hash(
    chunks: Iterable[pl.DataFrame], columns: Sequence[str], count: int, place: Workplace
) -> list[tuple[Path, ...]]:
    """Distribute the rows of all chunks to a limited number of pieces on disk; rows with equal keys share a piece.

    For work that needs all rows of a key, such as sums by counterparty. Rows keep their order within a piece; at most
    one chunk is in memory. Empty pieces are left out, but without any rows there is one empty piece.
    """
    folder = place.new_folder()
    given: list[list[Path]] = [[] for _ in range(count)]
    for n, chunk in enumerate(chunks):
        marked = chunk.with_columns((pl.struct(columns).hash() % count).alias(HASHED))
        for (part,), rows in marked.partition_by(HASHED, as_dict=True, include_key=False).items():
            given[part].append(_write(rows, folder / f"{part:06}-{n:06}.parquet"))
        if not chunk.height:
            given[0].append(_write(chunk, folder / f"{0:06}-{n:06}.parquet"))
    return [tuple(files) for files in given if files]


def built(
    work: Work, pieces: Iterable[pl.DataFrame | tuple[Path, ...]], place: Workplace, **beside: pl.DataFrame
) -> Frame:
    """Apply the work to the pieces: a frame for a single piece, else parts in the order of the pieces.

    A piece is a frame or a few files. `beside` are small tables that every piece needs, passed on as keyword arguments.
    The work must be a function that every machine can import.

    Errors: those of the work; EnvironmentFailure if the disk or the cluster fails.
    """
    given = iter(pieces)
    first = list(islice(given, 2))
    if len(first) == 1:
        return work(first[0] if isinstance(first[0], pl.DataFrame) else _read_all(first[0]), **beside)
    folder = place.new_folder()
    needed = tuple((name, _write(frame, folder / f"{name}.parquet")) for name, frame in beside.items())
    asked = [
        _Asked(
            (_write(piece, folder / f"in-{n:06}.parquet"),) if isinstance(piece, pl.DataFrame) else piece,
            folder / f"out-{n:06}.parquet",
        )
        for n, piece in enumerate(chain(first, given))
    ]
    done: list[_Done] = []
    for part in place.workers.map(_Part(work, needed), asked, is_threaded=True):
        done.append(part)
        place.report(f"part {len(done)} of {len(asked)}")
    filled = [p for p in done if p.height] or done[:1]
    return PartitionedTable(tuple(p.file for p in filled), tuple(p.height for p in filled), filled[0].schema)


def gathered(rows: Iterable[pl.DataFrame], place: Workplace) -> Frame:
    """Join consecutive frames into one table: a frame if there is one, else parts."""
    given = iter(rows)
    first = list(islice(given, 2))
    if len(first) == 1:
        return first[0]
    folder = place.new_folder()
    files, heights = [], []
    for number, frame in enumerate(chain(first, given)):
        files.append(_write(frame, folder / f"out-{number:06}.parquet"))
        heights.append(frame.height)
    return PartitionedTable(tuple(files), tuple(heights), first[0].schema)


@dataclass(frozen=True)
class _Asked:
    """One piece of work: its input and its output."""

    files: tuple[Path, ...]
    out: Path


@dataclass(frozen=True)
class _Done:
    file: Path
    height: int
    schema: pl.Schema


@dataclass(frozen=True)
class _Part:
    """The message to a worker: names of files, no rows."""

    work: Work
    beside: tuple[tuple[str, Path], ...]

    @cached_property
    def small_tables(self) -> dict[str, pl.DataFrame]:
        """The small tables, read once for all pieces of this object."""
        return {name: _read(file) for name, file in self.beside}

    def __call__(self, asked: _Asked) -> _Done:
        """Read one piece, apply the work, write the result; a repetition writes the same result."""
        frame = self.work(_read_all(asked.files), **self.small_tables)
        return _Done(_write(frame, asked.out), frame.height, frame.schema)


def _read_all(files: Sequence[Path]) -> pl.DataFrame:
    return _read(files[0]) if len(files) == 1 else pl.concat(map(_read, files))


def _read(file: Path, columns: Sequence[str] | None = None) -> pl.DataFrame:
    if not file.is_file():
        raise EnvironmentFailure(
            f"{file}: a machine that was to work on it does not see it: let {PARTS_VARIABLE} name a folder that every "
            "machine of the cluster shares, and that nobody empties"
        )
    with disk_errors(file, OPTION):
        return pl.read_parquet(file, columns=None if columns is None else list(columns))


def _write(frame: pl.DataFrame, file: Path) -> Path:
    """Write a file atomically.

    Through memory, because Polars can leave half a file on a full disk without an error.
    """
    content = io.BytesIO()
    frame.write_parquet(content, compression=COMPRESSION)
    unfinished = file.with_suffix(".unfinished")
    with disk_errors(file, OPTION):
        unfinished.write_bytes(content.getbuffer())
        unfinished.replace(file)
    return file
