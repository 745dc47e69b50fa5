"""Cost of the commands that build or judge, each compared with the bare import of its libraries, in turn.

Not here: the commands that query (`tests.performance.questions`).
"""

from __future__ import annotations

import subprocess
import tempfile
from functools import partial
from pathlib import Path

from tests.performance.rows import COMMAND, Row, beside, cpu, python, ratio, run, times, turns

ROUNDS = 5

IMPORTS = "import dagster, great_expectations, polars, duckdb"

CIRCULATION_OF_ALL_DAYS = """
import sys, time
import duckdb, polars as pl
from assets.metrics import circularity, graph
from assets.finance import circulation, money_graph
con = duckdb.connect(sys.argv[1], read_only=True)
read = lambda name: pl.DataFrame(con.sql(f"select * from {name}"))
commitments, entities = read("facts.commitments"), read("facts.entities")
start = time.perf_counter()
legs = graph.with_bases(graph.legs_in_force(commitments, graph.days_of_change(commitments)), 0.6)
edges = money_graph.split_aggregates(graph.edges(legs), graph.aggregates(entities))
circularity.circularity(edges)
print(time.perf_counter() - start)
start = time.perf_counter()
import dagster, great_expectations
print(time.perf_counter() - start)
"""

HISTORY_IN_MEMORY = """
import sys
import dagster as dg
from assets.cli.main import main
from assets.orchestration import runner
runner.opened = lambda _home: dg.DagsterInstance.ephemeral()
sys.argv = ["closedloop", "build", "--warehouse", sys.argv[1]]
main()
"""

LINES = (
    ("closedloop build, real ledger, with the report", "build", "import", "≤ 3.5, ≤ 800 MB", f"bare {IMPORTS}"),
    ("closedloop check", "check", "import", "≤ 1.1", "the same import"),
)
"""Name, its command, the command compared with, target, the comparison in words."""


def rows(folder: Path, rounds: int = ROUNDS) -> list[Row]:
    """The commands on the real ledger that build or judge it."""
    with tempfile.TemporaryDirectory(dir=folder) as made:
        warehouse = str(Path(made) / "closedloop.duckdb")
        commands = {
            "import": python(IMPORTS),
            "build": [COMMAND, "build", "--warehouse", warehouse],
            "check": [COMMAND, "check"],
            "report": [COMMAND, "report", "--warehouse", warehouse],
            "import vl_convert": python("import vl_convert, jinja2, duckdb, polars"),
            "history in memory": [*python(HISTORY_IN_MEMORY), warehouse],
        }
        runs = turns({name: partial(run, answer) for name, answer in commands.items()}, rounds, warm=1)
        circulation = [_circulation(warehouse) for _ in range(rounds)]
    spent = {name: cpu(found) for name, found in runs.items()}
    report = [r - i for r, i in zip(spent["report"], spent["import vl_convert"], strict=True)]
    return [
        *beside(LINES, runs),
        Row(
            "the same build, CPU",
            "CPU of the same import",
            times(ratio(spent["build"], spent["import"])),
            "≤ 3.5",
        ),
        Row(
            "the report, in a build, CPU",
            "the build without it: closedloop report less the import of its libraries, taken from the build",
            times(ratio(report, [b - r for b, r in zip(spent["build"], report, strict=True)])),
            "≤ 0.15",
        ),
        Row(
            "the same build, CPU",
            "the same build with Dagster's history in memory, which is SQL too",
            times(ratio(spent["build"], spent["history in memory"])),
            "≤ 1.1",
        ),
        Row(
            "circulation, all as-of days, 6 graphs each",
            "import of dagster and great_expectations in the same process",
            times(ratio(*zip(*circulation, strict=True))),
            "≤ 1",
        ),
    ]


def _circulation(warehouse: str) -> tuple[float, float]:
    """Seconds of the circulation, and of the imports."""
    command = [*python(CIRCULATION_OF_ALL_DAYS), warehouse]
    mine, theirs = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout.split()
    return float(mine), float(theirs)
