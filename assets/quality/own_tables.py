"""The tables that publishing itself makes, found by walking this room: the modules with an ORIGIN."""

from __future__ import annotations

from assets import quality
from assets.core import walk
from assets.core.table import Table

SHARED = ("own_tables",)


def _found() -> list[tuple[Table, str]]:
    named = {m.__name__.rpartition(".")[2]: m for m in walk.modules(quality, but=SHARED) if hasattr(m, "ORIGIN")}
    return [(getattr(module, name.upper()), module.ORIGIN) for name, module in named.items()]


OWN_TABLES = tuple(_found())
"""Each table with its source."""
