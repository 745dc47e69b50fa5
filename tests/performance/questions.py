"""Cost of the commands that query the published file, compared with the bare import of their libraries."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path

from tests.performance.rows import COMMAND, Row, beside, python, run, turns

ROUNDS = 5

WITH_POLARS = "import duckdb, polars, click, rich"

NUMBER = "metrics.headline.net_commitment_usd"

LINES = (
    ("closedloop query", "query", "import duckdb", "≤ 3", "python with import duckdb"),
    ("closedloop status", "status", "import duckdb", "≤ 3", "python with import duckdb"),
    ("closedloop diff", "diff", "import polars too", "≤ 2.5", f"python with {WITH_POLARS}"),
    ("closedloop explain", "explain", "import polars too", "≤ 2.5", f"python with {WITH_POLARS}"),
    ("closedloop --help", "help", "python", "≤ 6", "bare python"),
)
"""Name, its command, the command compared with, target, the comparison in words."""


def rows(folder: Path, rounds: int = ROUNDS) -> list[Row]:
    """The queries, on a ledger built for them."""
    with tempfile.TemporaryDirectory(dir=folder) as made:
        place = ["--warehouse", str(Path(made) / "closedloop.duckdb")]
        run([COMMAND, "build", *place])
        commands = {
            "import duckdb": python("import duckdb"),
            "import polars too": python(WITH_POLARS),
            "query": [COMMAND, "query", *place, "select * from metrics.claims"],
            "status": [COMMAND, "status", *place],
            "diff": [COMMAND, "diff", *place],
            "explain": [COMMAND, "explain", NUMBER, "--key", "entity_id=openai", *place],
            "python": python("pass"),
            "help": [COMMAND, "--help"],
        }
        return beside(LINES, turns({name: partial(run, found) for name, found in commands.items()}, rounds, warm=1))
