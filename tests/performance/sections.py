"""The sections by name: modules with a function `rows(folder, ...)`, and its arguments."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path

from tests.performance.results import Section, measured_now
from tests.performance.rows import Row, apart

SECTIONS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "commands": (("tests.performance.commands",),),
    "questions": (("tests.performance.questions",),),
    "files": (("tests.performance.bi",),),
    "finance": (("tests.performance.circulation",), ("tests.performance.simulation",)),
    "fleet": (("tests.performance.executors",),),
    "gates": (("tests.performance.gates",),),
    "schedules": (("tests.performance.schedules", "schedules"),),
    "large": (("tests.performance.schedules", "large"),),
    "dask": (("tests.performance.schedules", "dask"),),
    "builds": (("tests.performance.scale",),),
}


def measured(name: str, folder: Path) -> Section:
    """Measure a section, each module in a separate process; the folder is for intermediate files."""
    return measured_now(row for module, *what in SECTIONS[name] for row in apart(_rows, module, folder, *what))


def _rows(module: str, folder: Path, *what: str) -> list[Row]:
    return importlib.import_module(module).rows(folder, *what)
