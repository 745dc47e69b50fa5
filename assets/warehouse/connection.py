"""Opens DuckDB for the writer, with a memory limit beyond which it spills to files in our folder."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import duckdb

from assets.core.errors import EnvironmentFailure
from assets.warehouse.identifiers import literal

MEMORY_VARIABLE = "CLOSEDLOOP_DUCKDB_MEMORY"
"""Environment variable with the memory that DuckDB may use while it writes, such as 8GB."""

MEMORY = "3GB"

LEAST_MEMORY = "100MB"


def connect(path: Path, spill: Path, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """Open a database to write, or to verify a written one; `spill` is the folder for data that exceeds memory.

    Errors: duckdb.Error; EnvironmentFailure if the variable is not a memory size.
    """
    bounds: dict[str, str | bool | int | float | list[str]] = {"memory_limit": _memory(), "temp_directory": str(spill)}
    return duckdb.connect(str(path), read_only=read_only, config=bounds)


def give_back_memory(connection: duckdb.DuckDBPyConnection) -> None:
    """Release cached blocks of the file; they are read again on demand."""
    for bound in (LEAST_MEMORY, _memory()):
        with suppress(duckdb.OutOfMemoryException):  # blocks in use stay
            connection.execute(f"SET memory_limit = {literal(bound)}")


def _memory() -> str:
    wanted = os.environ.get(MEMORY_VARIABLE, "").strip()
    if wanted:
        try:
            duckdb.connect(config={"memory_limit": wanted}).close()
        except duckdb.Error as error:
            raise EnvironmentFailure(
                f"{MEMORY_VARIABLE}={wanted}: this is no size of memory: write a number and a unit, such as 8GB"
            ) from error
    return wanted or MEMORY
