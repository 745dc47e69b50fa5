"""All tables of a ledger in memory, to try changes before writing. Uses no Dagster and no file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path

import duckdb
import polars as pl

from assets.core.size import Frame, Size, Small, in_chunks, whole
from assets.core.step import Inputs
from assets.warehouse.frames import readable
from assets.warehouse.identifiers import qualified, quoted


class InMemory(Inputs):
    """The inputs of the builders, all in memory; a SELECT runs in a DuckDB without a file."""

    def __init__(
        self,
        seeds: Path,
        rows_published: Mapping[str, int] | None = None,
        size: Size | None = None,
        macros: Mapping[str, str] | None = None,
    ) -> None:
        """`rows_published` are the rows per table of the publication with which these tables are compared.

        `macros` are the CREATE MACRO statements, by name, that a SELECT may use.
        """
        self.seeds = seeds
        self.draws: int | None = None
        self.size = size or Small()
        self.frames: dict[str, pl.DataFrame] = {}
        """Every table so far, by `stage.name`."""
        self._rows_published = rows_published or {}
        self._connection = duckdb.connect()
        self._unloaded: dict[str, None] = {}
        """Tables that are not loaded into DuckDB yet; tables that only builders read are never loaded."""
        self._macros = dict(macros or {})

    def read(self, name: str) -> pl.DataFrame:
        """The frame of a table.

        Errors: KeyError if it was not built.
        """
        return self.frames[name]

    def chunks(self, name: str, columns: Sequence[str] = ()) -> Iterator[pl.DataFrame]:
        """The rows of a table in frames."""
        return in_chunks(self.read(name), columns)

    def query(
        self, sql: str, parameters: Mapping[str, object] | None = None, candidate: Frame | None = None
    ) -> pl.DataFrame:
        """The result of a SELECT from `sql/`."""
        self._load()
        for name in [n for n in self._macros if f"{n}(" in sql]:
            self._connection.execute(self._macros.pop(name))
        with nullcontext() if candidate is None else readable(self._connection, "candidate", candidate):
            return pl.DataFrame(self._connection.sql(sql, params=dict(parameters) if parameters else None))

    def select(self, sql: str) -> Iterator[pl.DataFrame]:
        """The result of a SELECT from `sql/`, in one frame."""
        yield self.query(sql)

    def rows_published(self, name: str) -> int | None:
        """Rows of a table in the given publication, if any."""
        return self._rows_published.get(name)

    def keep(self, name: str, frame: Frame) -> None:
        """Make a frame a table, replacing the previous one."""
        self.frames[name] = whole(frame)
        self._unloaded[name] = None
        if not isinstance(frame, pl.DataFrame):
            frame.discard()

    def _load(self) -> None:
        """Load the remaining tables into DuckDB."""
        for name in self._unloaded:
            schema = name.partition(".")[0]
            self._connection.execute(f"create schema if not exists {quoted(schema)}")
            with readable(self._connection, "incoming", self.frames[name]):
                self._connection.execute(f"create or replace table {qualified(name)} as from incoming")
        self._unloaded.clear()

    def close(self) -> None:
        """Release the memory."""
        self._connection.close()
        self.size.clear()
