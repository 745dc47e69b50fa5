"""What the content of a table is known by: equal content, equal hash, whoever built it, where and when."""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

import polars as pl

ROWS_HASHED_AT_ONCE = 100_000


class _Column:
    """What has been seen of one column: how long each value is or whether it is known, apart from what it is.

    Two hashes, so that it makes no difference where the rows are cut.
    """

    def __init__(self) -> None:
        self._shape, self._content = hashlib.sha256(), hashlib.sha256()

    def add(self, values: pl.Series) -> None:
        for start in range(0, values.len(), ROWS_HASHED_AT_ONCE):
            self._add(values.slice(start, ROWS_HASHED_AT_ONCE))

    def _add(self, values: pl.Series) -> None:
        if values.dtype == pl.Boolean:
            values = values.cast(pl.UInt8)
        elif not (values.dtype.is_numeric() or values.dtype.is_temporal()) or values.dtype.is_decimal():
            values = values.cast(pl.String)
        if values.dtype == pl.String:
            lengths = values.str.len_bytes().cast(pl.Int64).fill_null(-1)  # an empty text is not an unknown one
            self._shape.update(lengths.to_numpy().tobytes())
            self._content.update(values.str.join("").cast(pl.Binary).item())
        else:
            self._shape.update(values.is_null().cast(pl.UInt8).to_numpy().tobytes())
            self._content.update(values.to_physical().fill_null(0).to_numpy().tobytes())

    def digest(self) -> bytes:
        return self._shape.digest() + self._content.digest()


def fingerprint(frames: Iterable[pl.DataFrame]) -> str:
    """SHA-256 of names, types and rows in their order; how the rows are cut into frames makes no difference.

    Rules: a value counts by its bytes, as a machine holds it: several times faster than by its digits. Columns are
    hashed side by side, while the next rows are fetched.
    """
    schema: list[tuple[str, str]] = []
    columns: list[_Column] = []
    hashing: Iterator[None] = iter(())
    with ThreadPoolExecutor() as pool:
        for frame in frames:
            if not columns:
                schema = [(name, str(kind)) for name, kind in frame.schema.items()]
                columns = [_Column() for _ in schema]
            deque(hashing, maxlen=0)  # a column takes its rows in their order
            hashing = pool.map(_Column.add, columns, frame.get_columns())
        deque(hashing, maxlen=0)
    digest = hashlib.sha256(json.dumps(schema).encode())
    for column in columns:
        digest.update(column.digest())
    return digest.hexdigest()
