"""Lets Great Expectations judge a large frame in SQL: DuckDB reads it in place, without a copy.

Not here: the rules as expectations (`assets.gates.gx_suite`), the connection (`assets.warehouse.gx_connection`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import polars as pl
from sqlalchemy.pool import StaticPool

from assets.gates.gx_suite import InPandas, Place, context, expectation
from assets.warehouse.gx_connection import VIEW, OneFrame
from assets.warehouse.identifiers import literal, quoted

ROWS_IN_PANDAS = 200_000
"""The most rows of a frame to copy into pandas: up to here pandas is faster than SQL, beyond it needs too much memory.
"""

SOURCE = "large frame"


def place_of(frame: pl.DataFrame) -> Place:
    """The engine that judges a frame: SQL, if it has more than ROWS_IN_PANDAS rows."""
    return InSql(frame) if frame.height > ROWS_IN_PANDAS else InPandas(frame)


class InSql:
    """A frame that is not copied."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self._frame = frame

    @contextmanager
    def shown(self) -> Iterator[Callable[[Sequence[str]], Any]]:
        """Load the frame, or the distinct values of some of its columns."""
        sources = context().data_sources
        shown = OneFrame(self._frame)
        try:
            source = sources.add_or_update_sql(
                SOURCE,
                connection_string="duckdb:///:memory:",
                create_temp_table=False,
                kwargs={"creator": lambda: shown, "poolclass": StaticPool},
            )

            def batch(columns: Sequence[str]) -> Any:
                if columns:
                    query = f"select distinct {', '.join(quoted(c) for c in columns)} from {VIEW}"  # noqa: S608 - quoted
                    asset = source.add_query_asset(" ".join(columns), query=query)
                else:
                    asset = source.add_table_asset("the frame", table_name=VIEW)
                return asset.add_batch_definition_whole_table("whole").get_batch()

            yield batch
        finally:
            sources.delete(SOURCE)
            shown.close()

    def key(self, columns: Sequence[str], **more: Any) -> tuple[Sequence[str], Any]:
        """A key is unique if there are as many distinct keys as rows."""
        return columns, expectation("ExpectTableRowCountToEqual", value=self._frame.height, **more)

    def pattern(self, column: str, pattern: str, **more: Any) -> Any:
        """A SELECT of the values that do not match, since Great Expectations cannot match patterns in DuckDB.

        The pattern is written in hexadecimal, because braces, colons and quotes have a meaning in the layers between.
        """
        digits = literal(pattern.encode().hex())
        mismatches = (
            f"select {quoted(column)} from {{batch}} "  # noqa: S608 - quoted
            f"where not regexp_matches({quoted(column)}, decode(unhex({digits})))"
        )
        return expectation("UnexpectedRowsExpectation", unexpected_rows_query=mismatches, **more)
