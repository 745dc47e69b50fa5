"""What the commands cost: each beside the bare import of its libraries, in processes that run in turn."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

from tests.bench.rows import COMMAND, Row, memory, ratio, run, seconds, times, turns

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
NUMBER = "metrics.headline.net_commitment_usd"
LINES = (
    ("closedloop build, real ledger, with the report", "build", "import", "≤ 7.5, ≤ 800 MB", f"bare {IMPORTS}"),
    ("closedloop check", "check", "import", "≤ 1.5", "the same import"),
    ("closedloop query", "query", "import duckdb", "≤ 2", "python with import duckdb"),
    ("closedloop status", "status", "import duckdb", "≤ 2", "python with import duckdb"),
    ("closedloop diff", "diff", "import duckdb", "≤ 2", "python with import duckdb"),
    ("closedloop explain", "explain", "import duckdb", "≤ 2", "python with import duckdb"),
    ("closedloop --help", "help", "python", "≤ 6", "bare python"),
)
"""What, its command, the command it stands against, aim, against what in words."""


def rows(folder: Path, rounds: int = ROUNDS) -> list[Row]:
    """The commands on the real ledger."""
    with tempfile.TemporaryDirectory(dir=folder) as made:
        warehouse = str(Path(made) / "closedloop.duckdb")
        commands = {
            "import": _python(IMPORTS),
            "build": [COMMAND, "build", "--warehouse", warehouse],
            "check": [COMMAND, "check"],
            "import duckdb": _python("import duckdb"),
            "query": [COMMAND, "query", "--warehouse", warehouse, "select * from metrics.claims"],
            "status": [COMMAND, "status", "--warehouse", warehouse],
            "diff": [COMMAND, "diff", "--warehouse", warehouse],
            "explain": [COMMAND, "explain", NUMBER, "--key", "entity_id=openai", "--warehouse", warehouse],
            "report": [COMMAND, "report", "--warehouse", warehouse],
            "import altair": _python("import altair, vl_convert, jinja2, duckdb, polars"),
            "python": _python("pass"),
            "help": [COMMAND, "--help"],
        }
        runs = turns({name: partial(run, told) for name, told in commands.items()}, rounds, warm=1)
        circulation = [_circulation(warehouse) for _ in range(rounds)]
    spent = {name: seconds(found) for name, found in runs.items()}
    report = [r - i for r, i in zip(spent["report"], spent["import altair"], strict=True)]
    return [
        *(
            Row(what, told, times(ratio(spent[name], spent[other])), aim, memory(runs[name]) if "MB" in aim else "")
            for what, name, other, aim, told in LINES
        ),
        Row(
            "the report, in a build",
            "the build without it: closedloop report less the import of its libraries, taken from the build",
            times(ratio(report, [b - r for b, r in zip(spent["build"], report, strict=True)])),
            "≤ 0.5",
        ),
        Row(
            "circulation, all as-of days, 6 graphs each",
            "import of dagster and great_expectations in the same process",
            times(ratio(*zip(*circulation, strict=True))),
            "≤ 1",
        ),
    ]


def _python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def _circulation(warehouse: str) -> tuple[float, float]:
    """Seconds of the circulation, and of the imports."""
    command = [*_python(CIRCULATION_OF_ALL_DAYS), warehouse]
    mine, theirs = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout.split()
    return float(mine), float(theirs)
