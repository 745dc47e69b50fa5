"""Every contract of the project, found by looking, so that a new one is tested without being named."""

from __future__ import annotations

import importlib
import pkgutil

from assets import catalog, contracts
from assets.contracts.model import Column, Table


def _found() -> dict[str, Table]:
    tables: dict[str, Table] = {}
    for module in pkgutil.walk_packages(contracts.__path__, f"{contracts.__name__}."):
        for table in getattr(importlib.import_module(module.name), "TABLES", ()):
            tables[table.full_name] = table
    return tables


BUILT = {s.name: s.table for s in catalog.STEPS.values()}
TABLES = _found() | BUILT


def columns(*, raw: bool = False) -> list[tuple[str, Column]]:
    """Every column of every table as table and column; those of raw are all text."""
    return [(t.full_name, c) for t in TABLES.values() if raw or t.stage != "raw" for c in t.columns]
