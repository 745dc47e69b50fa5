"""Errors of DuckDB and the disk as messages for the user. Imports no Polars, so that queries start fast."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from assets.core.errors import EnvironmentFailure
from assets.warehouse.disk import disk_errors

OF_THE_MACHINE = (duckdb.IOException, duckdb.FatalException, duckdb.OutOfMemoryException)

FULL = "No space left"

ADVICE = {
    "Permission denied": "give yourself the right to it, or choose another place with --warehouse",
    "set lock": "close the program that holds the file, then run the same command again",
    FULL: "free some space and run the same command again",
    "Is a directory": "a folder lies there: move it away and run the same command again",
    "Out of Memory": "ask for less, close other programs, or give a build more by CLOSEDLOOP_DUCKDB_MEMORY (6GB)",
    "File name too long": "choose a shorter name with --warehouse",
    "version number": "a newer DuckDB wrote it: remove the file and run `closedloop build`",
    "not a valid DuckDB": "it is another kind of file: move it away and run `closedloop build`",
    "Corrupt": "the file is damaged: remove it and run `closedloop build`",
    "read enough bytes": "the file is damaged: remove it and run `closedloop build`",
    "WAL": "another program wrote to it: remove the .wal file",
}

CAUSE = "Original error: "
"""The text that DuckDB puts before a cause that another error hides."""


@contextmanager
def environment_errors(path: Path) -> Iterator[None]:
    """Turn errors of the disk and of DuckDB about the machine into an EnvironmentFailure."""
    try:
        with disk_errors(path):
            yield
    except duckdb.Error as error:
        if not isinstance(error, OF_THE_MACHINE) and FULL not in str(error):  # a commit wraps the error of the disk
            raise
        text = str(error).rpartition(CAUSE)[2].splitlines()[0].partition(". See also")[0]
        advice = next((a for sign, a in ADVICE.items() if sign in text), "fix this and run the same command again")
        raise EnvironmentFailure(f"{path}: {text}: {advice}") from error
