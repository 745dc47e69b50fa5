"""A table built in parts: a pure function of each part of what it rests on, through Parquet files.

Memory is bounded by the part, not by the ledger. One part is one frame in memory and touches no disk: the same
function, the same rows. Parts follow one another as the rows of the whole do, so how many there are changes nothing.
Not here: who does a part (`assets.scale.executors`), where the files lie (`assets.scale.large`), how a table in parts
is judged (`assets.scale.partitioned_gate`).
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
"""Rows of what a part is made of: a promise has about 20 quarters, so a part of a schedule has about a million rows."""

HASHED = "(hash)"

COMPRESSION: Literal["lz4"] = "lz4"

OPTION = f" with {PARTS_VARIABLE}"


class Workplace(Protocol):
    """Who works, where parts may lie, and who hears how far the work is."""

    workers: Executor

    def new_folder(self) -> Path:
        """An empty folder for the parts of one table."""
        ...

    def report(self, text: str) -> None:
        """Hear how far the work is."""
        ...


@dataclass(frozen=True)
class PartitionedTable:
    """The rows of one table in several Parquet files, in their order: what a frame is to a small table."""

    files: tuple[Path, ...]
    heights: tuple[int, ...]
    schema: pl.Schema

    @property
    def height(self) -> int:
        """How many rows there are."""
        return sum(self.heights)

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return self.schema.names()

    def frames(self, columns: Sequence[str] | None = None) -> Iterator[pl.DataFrame]:
        """The rows, part by part: all columns, or some in the order asked for."""
        return (_read(file, columns) for file in self.files)

    def lazy(self) -> pl.LazyFrame:
        """All rows, not yet read."""
        return pl.scan_parquet(list(self.files))

    def head(self, rows: int) -> pl.DataFrame:
        """The first rows."""
        return self.lazy().head(rows).collect()

    def judged(self, judge: Judge, rules: Sequence[Rule], samples: int) -> Sequence[Any]:
        """What a judge of frames says of the table: see `assets.scale.partitioned_gate`."""
        return partitioned_gate.judged(self, judge, rules, samples)

    def discard(self) -> None:
        """Remove the files, and the folder that was made for them."""
        shutil.rmtree(self.files[0].parent, ignore_errors=True)


def slices(chunks: Iterable[pl.DataFrame], rows: int | None = None) -> Iterator[pl.DataFrame]:
    """The parts of a table whose rows can be worked on one by one.

    Rules: no part is empty, but a table without rows is one part without rows.
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
    """The rows of all chunks in at most so many pieces on disk; rows that agree in the columns are in the same piece.

    For work that needs all rows of a key, such as the sums of a counterparty. Within a piece rows keep their order; no
    more than a chunk is held. A piece without rows is left out; of no rows at all one piece without rows stays.
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
    """The table that the work makes of the pieces: a frame of one piece, else parts in the order of the pieces.

    A piece is a frame or a few files. `beside` are small tables that every piece needs; the work gets them by their
    names. The work must be a function that every machine can import.

    Errors: those of the work; EnvironmentFailure of the disk or the cluster.
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
    """The table of some frames that follow one another: a frame if it is one, else parts."""
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
    """One piece of work: what is read, and what is written."""

    files: tuple[Path, ...]
    out: Path


@dataclass(frozen=True)
class _Done:
    file: Path
    height: int
    schema: pl.Schema


@dataclass(frozen=True)
class _Part:
    """What is sent to a worker: names of files, no rows."""

    work: Work
    beside: tuple[tuple[str, Path], ...]

    @cached_property
    def small_tables(self) -> dict[str, pl.DataFrame]:
        """What lies beside: read once for all pieces that this object works on."""
        return {name: _read(file) for name, file in self.beside}

    def __call__(self, asked: _Asked) -> _Done:
        """Read one piece, work on it, leave the result; done twice, it leaves the same."""
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
    """Write a file whole or not at all.

    By way of memory: on a full disk Polars can leave half a file and say nothing.
    """
    content = io.BytesIO()
    frame.write_parquet(content, compression=COMPRESSION)
    unfinished = file.with_suffix(".unfinished")
    with disk_errors(file, OPTION):
        unfinished.write_bytes(content.getbuffer())
        unfinished.replace(file)
    return file
