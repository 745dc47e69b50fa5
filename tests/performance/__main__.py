"""`make bench`: measure all sections, or the named ones; print the ratios and write them to the README here.

Run: python -m tests.performance [SECTION ...]. Each section is stored in `results.json` as soon as it is measured.
Intermediate files are in the folder CLOSEDLOOP_BENCH_FOLDER, where the next run reuses synthetic ledgers; without the
variable, in a temporary folder.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from dataclasses import astuple, fields
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.performance.results import Section, keep
from tests.performance.rows import Row
from tests.performance.sections import SECTIONS, measured

FOLDER = "CLOSEDLOOP_BENCH_FOLDER"


def main(chosen: list[str]) -> None:
    """Measure, and print the results after each section."""
    if unknown := [name for name in chosen if name not in SECTIONS]:
        sys.exit(f"make bench: no section {', '.join(unknown)}: there are {', '.join(SECTIONS)}")
    with tempfile.TemporaryDirectory(prefix="closedloop_bench_") as made:
        folder = Path(os.environ.get(FOLDER, made)).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        for name in chosen or SECTIONS:
            began = time.monotonic()
            section = measured(name, folder)
            keep(name, section, [*SECTIONS])
            show(name, section)
            write()
            print(f"{name} took {time.monotonic() - began:.0f} s", flush=True)


def show(name: str, section: Section) -> None:
    """Print the rows of a section."""
    shown = Table(*(field.name for field in fields(Row)), title=name, title_justify="left", box=None)
    for row in section.rows:
        shown.add_row(*astuple(row))
    Console(width=160).print(shown)


def write() -> None:
    """Write the stored results to the README."""
    from tests.integration.docs import generate, parts

    generate.renew(parts.BENCH, "bench", parts.bench())


if __name__ == "__main__":
    main(sys.argv[1:])
