"""The contracts of all seeds, found by walking this room: one module a seed.

Not here: what a seed must hold (its module), how it is typed (`assets.staging.typed`).
"""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

from assets.core.table import Table

NOT_SEEDS = ("columns", "promise_rules", "seeds", "typed")
"""Modules of this room that several seeds share."""


def _found() -> tuple[Table, ...]:
    names = [m.name for m in pkgutil.iter_modules([str(Path(__file__).parent)]) if m.name not in NOT_SEEDS]
    return tuple(getattr(importlib.import_module(f"assets.staging.{name}"), name.upper()) for name in names)


TABLES = _found()
"""In alphabetical order: `assets.staging.deals` gives DEALS."""
