"""A connection for SQLAlchemy in which DuckDB reads one frame in place, without copying or writing."""

from __future__ import annotations

from typing import Any

import duckdb
import polars as pl

from assets.warehouse.frames import in_slices

VIEW = "frame"


class OneFrame:
    """A connection to a DuckDB in memory in which the frame is the view `frame`.

    SQLAlchemy opens a cursor for each statement. In DuckDB this is a new connection, so each must register the frame.
    """

    def __init__(self, frame: pl.DataFrame) -> None:
        self._rows = in_slices(frame).to_arrow(compat_level=pl.CompatLevel.newest())
        self._connection = duckdb.connect()

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A connection that sees the frame."""
        own = self._connection.cursor()
        own.register(VIEW, self._rows)
        return own

    def close(self) -> None:
        """Release the frame."""
        self._connection.close()
        self._rows = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)
