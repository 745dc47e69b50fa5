"""`make bench`: every performance statement as a ratio against a named alternative, measured in one run.

The alternatives and the commands run in turn, so that a machine whose speed drifts slows both. Nothing here is a test.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

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
circulation_seconds = time.perf_counter() - start
start = time.perf_counter()
import dagster, great_expectations
print(circulation_seconds / (time.perf_counter() - start))
"""
MEGABYTE = 1024
NUMBER = "metrics.headline.net_commitment_usd"


@dataclass(frozen=True)
class Run:
    """One finished process."""

    seconds: float
    peak_mb: float


def run(arguments: Sequence[str]) -> Run:
    """Run a command to its end, its output thrown away; gives wall time and peak memory.

    Errors: SystemExit naming the command when it fails.
    """
    start = time.perf_counter()
    with Path(os.devnull).open("w") as nothing:
        pid = os.posix_spawn(
            arguments[0],
            list(arguments),
            os.environ,
            file_actions=[(os.POSIX_SPAWN_DUP2, nothing.fileno(), 1), (os.POSIX_SPAWN_DUP2, nothing.fileno(), 2)],
        )
        _, status, usage = os.wait4(pid, 0)
    if status:
        sys.exit(f"{' '.join(arguments)} failed with status {status}")
    return Run(time.perf_counter() - start, usage.ru_maxrss / MEGABYTE)


def measure(commands: dict[str, Sequence[str]]) -> dict[str, list[Run]]:
    """Run all commands in turn, ROUNDS times, after one round that is not counted."""
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    for turn in range(ROUNDS + 1):
        for name, arguments in commands.items():
            finished = run(arguments)
            if turn:
                runs[name].append(finished)
    return runs


def main() -> None:
    """Measure and print the table of ratios."""
    command = str(Path(sys.executable).with_name("closedloop"))
    with tempfile.TemporaryDirectory() as folder:
        warehouse = str(Path(folder) / "closedloop.duckdb")
        runs = measure(
            {
                "import": [sys.executable, "-c", IMPORTS],
                "build": [command, "build", "--warehouse", warehouse],
                "check": [command, "check"],
                "import duckdb": [sys.executable, "-c", "import duckdb"],
                "query": [command, "query", "--warehouse", warehouse, "select * from metrics.claims"],
                "status": [command, "status", "--warehouse", warehouse],
                "diff": [command, "diff", "--warehouse", warehouse],
                "explain": [command, "explain", NUMBER, "--key", "entity_id=openai", "--warehouse", warehouse],
                "report": [command, "report", "--warehouse", warehouse],
                "import altair": [sys.executable, "-c", "import altair, vl_convert, jinja2, duckdb, polars"],
                "python": [sys.executable, "-c", "pass"],
                "help": [command, "--help"],
            }
        )
        in_one_process = [sys.executable, "-c", CIRCULATION_OF_ALL_DAYS, warehouse]
        circulation = [
            float(subprocess.run(in_one_process, capture_output=True, check=True, text=True).stdout)
            for _ in range(ROUNDS)
        ]
        subprocess.run([sys.executable, "-m", "tests.bi.bench", warehouse], check=True)
    lines = [
        ("closedloop build, real ledger, with the report", "build", "import", 7.5, f"bare {IMPORTS}"),
        ("closedloop check", "check", "import", 1.5, "the same import"),
        ("closedloop query", "query", "import duckdb", 2.0, "python with import duckdb"),
        ("closedloop status", "status", "import duckdb", 2.0, "python with import duckdb"),
        ("closedloop diff", "diff", "import duckdb", 2.0, "python with import duckdb"),
        ("closedloop explain", "explain", "import duckdb", 2.0, "python with import duckdb"),
        ("closedloop --help", "help", "python", 6.0, "bare python"),
    ]  # fmt: skip
    shown = Table("what", "ratio", "aim", "against", "median of ratios of", box=None)
    for what, name, against, aim, told in lines:
        ratios = [a.seconds / b.seconds for a, b in zip(runs[name], runs[against], strict=True)]
        shown.add_row(what, f"{statistics.median(ratios):.2f}", f"≤ {aim:g}", told, f"{ROUNDS} pairs")
    added = [
        (r.seconds - i.seconds) / (b.seconds - r.seconds + i.seconds)
        for r, i, b in zip(runs["report"], runs["import altair"], runs["build"], strict=True)
    ]
    shown.add_row(
        "the report, in a build",
        f"{statistics.median(added):.2f}",
        "≤ 0.5",
        "the build without it: closedloop report less the import of its libraries, taken from the build",
        f"{ROUNDS} pairs",
    )
    peak = statistics.median(r.peak_mb for r in runs["build"])
    shown.add_row("closedloop build, peak memory", f"{peak:.0f} MB", "≤ 800 MB", "–", f"{ROUNDS} runs")
    shown.add_row(
        "circulation, all as-of days, 6 graphs each",
        f"{statistics.median(circulation):.2f}",
        "≤ 1",
        "import of dagster and great_expectations in the same process",
        f"{ROUNDS} runs",
    )
    Console(width=160).print(shown)
    for module in (
        "tests.finance.bench_circulation",
        "tests.finance.bench_simulation",
        "tests.fleet.bench",
        "tests.gates.bench",
    ):
        print(f"\n{module}", flush=True)
        subprocess.run([sys.executable, "-m", module], check=True)


if __name__ == "__main__":
    main()
