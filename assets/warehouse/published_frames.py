"""Results of queries on the published file as Polars frames."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from assets.warehouse.errors import environment_errors
from assets.warehouse.questions import reading, sql_errors


def ask(published: Path, sql: str) -> pl.DataFrame:
    """The result of one SELECT of this project on the published file.

    Errors: QueryError for wrong SQL; EnvironmentFailure for the file.
    """
    with reading(published) as connection, environment_errors(published), sql_errors():
        return pl.DataFrame(connection.sql(sql))
