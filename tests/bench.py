"""`make bench`: every performance statement as a ratio against a named alternative, measured in one run.

The alternatives and the commands run in turn, so that a machine whose speed drifts slows both. Nothing here is a test.
"""

from __future__ import annotations

import os
import statistics
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
MEGABYTE = 1024


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
                "python": [sys.executable, "-c", "pass"],
                "help": [command, "--help"],
            }
        )
    lines = [
        ("closedloop build, real ledger", "build", "import", 3.0, "bare import of dagster, great_expectations, polars, duckdb"),
        ("closedloop check", "check", "import", 1.5, "the same import"),
        ("closedloop query", "query", "import duckdb", 2.0, "python with import duckdb"),
        ("closedloop --help", "help", "python", 6.0, "bare python"),
    ]  # fmt: skip
    shown = Table("what", "ratio", "aim", "against", "median of ratios of", box=None)
    for what, name, against, aim, told in lines:
        ratios = [a.seconds / b.seconds for a, b in zip(runs[name], runs[against], strict=True)]
        shown.add_row(what, f"{statistics.median(ratios):.2f}", f"≤ {aim:g}", told, f"{ROUNDS} pairs")
    peak = statistics.median(r.peak_mb for r in runs["build"])
    shown.add_row("closedloop build, peak memory", f"{peak:.0f} MB", "≤ 800 MB", "–", f"{ROUNDS} runs")
    Console(width=160).print(shown)


if __name__ == "__main__":
    main()
