"""The contracts of all seeds, found by walking this room: one module per seed.

Not here: the rules of a seed (its module), its typing (`assets.staging.typed`).
"""

from __future__ import annotations

from assets import staging
from assets.core import walk
from assets.core.table import Table

SHARED = ("columns", "promise_rules", "seeds", "typed")
"""Modules of this room that are not seeds."""


def _found() -> list[Table]:
    named = {module.__name__.rpartition(".")[2]: module for module in walk.modules(staging, but=SHARED)}
    return [getattr(module, name.upper()) for name, module in named.items() if module is not staging]


TABLES = tuple(_found())
"""In alphabetical order: `assets.staging.deals` gives DEALS."""
