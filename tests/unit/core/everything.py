"""Every contract of the project: of the tables that steps build, and of those that publishing makes."""

from __future__ import annotations

from assets import catalog
from assets.core.table import Column, Table
from assets.quality import own_tables

BUILT = {s.name: s.table for s in catalog.STEPS.values()}

TABLES: dict[str, Table] = {t.full_name: t for t, _ in own_tables.OWN_TABLES} | BUILT


def columns(*, raw: bool = False) -> list[tuple[str, Column]]:
    """Every column of every table as table and column; those of raw are all text."""
    return [(t.full_name, c) for t in TABLES.values() if raw or t.stage != "raw" for c in t.columns]
