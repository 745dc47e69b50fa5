"""What is measured, by name: modules with a function `rows(folder, ...)`, and what they are asked for."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path

from tests.bench.results import Section, measured_now
from tests.bench.rows import Row, apart

SECTIONS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "commands": (("tests.bench.commands",),),
    "questions": (("tests.bench.questions",),),
    "files": (("tests.bi.bench",),),
    "finance": (("tests.finance.bench_circulation",), ("tests.finance.bench_simulation",)),
    "fleet": (("tests.fleet.bench",),),
    "gates": (("tests.gates.bench",),),
    "schedules": (("tests.scale.bench_schedules", "schedules"),),
    "large": (("tests.scale.bench_schedules", "large"),),
    "dask": (("tests.scale.bench_schedules", "dask"),),
    "builds": (("tests.scale.bench",),),
}


def measured(name: str, folder: Path) -> Section:
    """Measure a section, each module in a process of its own; the folder is for what is made on the way."""
    return measured_now(row for module, *what in SECTIONS[name] for row in apart(_rows, module, folder, *what))


def _rows(module: str, folder: Path, *what: str) -> list[Row]:
    return importlib.import_module(module).rows(folder, *what)
