"""Whether a seed ends in the middle of what it held when it was published: a file that was saved in halves.

Not here: how many rows may go missing (`assets.core.shared_rules.rows_kept`).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl

from assets.core.errors import EnvironmentFailure
from assets.core.rule import Problem
from assets.core.step import Built
from assets.raw.contract import NOT_CUT_SHORT
from assets.warehouse.identifiers import qualified
from assets.warehouse.published_frames import ask
from assets.warehouse.questions import QueryError


def judged(built: Built, name: str, published: Path, rows_published: int | None) -> Built:
    """What was read of the seed `name`, with a warning if the published rows begin with it and go on.

    `rows_published` are the rows of the seed in the published file; None if there is none, or if a loss is intended.
    """
    frame = built.frame
    if rows_published is None or not 0 < frame.height < rows_published or not isinstance(frame, pl.DataFrame):
        return built
    try:
        before = ask(published, f"from {qualified(f'raw.{name}')} order by source_line")
    except (EnvironmentFailure, QueryError):
        return built
    cells = [c for c in frame.columns if c != "source_line"]
    if not set(frame.columns) <= set(before.columns) or not frame.select(cells).equals(
        before.head(frame.height).select(cells)
    ):
        return built
    reason = f"the file ends here; when it was published, {before.height - frame.height} more rows followed"
    last = int(frame["source_line"][-1])
    found = Problem(NOT_CUT_SHORT.name, last, "", "", NOT_CUT_SHORT.remedy.replace("FILE", name), reason)
    return replace(built, problems=[*built.problems, found])
