"""The hash of a table's content: equal content has an equal hash on any machine."""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

import polars as pl
import polars.selectors as cs

ROWS_HASHED_AT_ONCE = 100_000


class _Column:
    """Running hashes of one column: of lengths or nulls, and of values.

    They are separate so that the result does not depend on how rows are split into frames.
    """

    def __init__(self) -> None:
        self._shape, self._content = hashlib.sha256(), hashlib.sha256()

    def add(self, shape: pl.Series, content: pl.Series) -> None:
        """Add the next rows, as given by `_shapes` and `_contents`."""
        self._shape.update(shape.to_numpy().tobytes())
        self._content.update(content.item() if content.dtype == pl.Binary else content.to_numpy().tobytes())

    def digest(self) -> bytes:
        return self._shape.digest() + self._content.digest()


def _cleared(frame: pl.DataFrame) -> pl.DataFrame:
    """Convert all columns to numbers, times and texts."""
    as_numbers = [n for n, kind in frame.schema.items() if kind == pl.Boolean]
    as_texts = [n for n, kind in frame.schema.items() if not _is_fixed(kind)]
    return frame.with_columns(pl.col(as_numbers).cast(pl.UInt8), pl.col(as_texts).cast(pl.String))


def _is_fixed(kind: pl.DataType) -> bool:
    return kind == pl.Boolean or kind.is_temporal() or (kind.is_numeric() and not kind.is_decimal())


def _shapes(frame: pl.DataFrame) -> list[pl.Series]:
    """For each text column the lengths, -1 for null; for any other column whether values are null."""
    return frame.select(
        pl.col(n).str.len_bytes().cast(pl.Int64).fill_null(-1)  # an empty text is not null
        if kind == pl.String
        else pl.col(n).is_null().cast(pl.UInt8)
        for n, kind in frame.schema.items()
    ).get_columns()


def _contents(frame: pl.DataFrame) -> list[pl.Series]:
    """For each text column all texts joined; for any other column the binary values, null as 0."""
    texts = frame.select(cs.string().str.join("").cast(pl.Binary))
    values = frame.select((~cs.string()).to_physical().fill_null(0))
    return [(texts if kind == pl.String else values)[n] for n, kind in frame.schema.items()]


def fingerprint(frames: Iterable[pl.DataFrame]) -> str:
    """SHA-256 of names, types and rows in order, independent of how the rows are split into frames.

    Rules: the binary form of a value is hashed, which is several times faster than its digits. Columns are hashed in
    parallel, while the next rows are fetched.
    """
    schema: list[tuple[str, str]] = []
    columns: list[_Column] = []
    hashing: Iterator[None] = iter(())
    with ThreadPoolExecutor() as pool:
        for frame in frames:
            if not columns:
                schema = [(name, str(kind)) for name, kind in frame.schema.items()]
                columns = [_Column() for _ in schema]
            for rows in frame.iter_slices(ROWS_HASHED_AT_ONCE):
                seen = _cleared(rows)
                shapes, contents = _shapes(seen), _contents(seen)
                deque(hashing, maxlen=0)  # a column needs its rows in order
                hashing = pool.map(_Column.add, columns, shapes, contents)
        deque(hashing, maxlen=0)
    digest = hashlib.sha256(json.dumps(schema).encode())
    for column in columns:
        digest.update(column.digest())
    return digest.hexdigest()
