"""All tables of the warehouse in order, found by walking the stages, so that no list must be maintained.

A module of a stage declares its tables as `STEP` or `STEPS`. `assets.definitions` gives them to Dagster.
Not here: the type of a step (`assets.core.step`).
"""

from __future__ import annotations

from collections.abc import Iterable
from types import ModuleType

from assets import facts, metrics, quality, raw, staging
from assets.bi import tables
from assets.core import second_derivation, walk
from assets.core.step import Step
from assets.warehouse import as_of
from assets.warehouse.as_of import Macro

WALKED = (raw, staging, facts, metrics, quality)
"""The stages whose tables are modules; those of `bi` are derived from `sql/bi` and the tables of the other stages."""


def steps_of(stage: ModuleType) -> tuple[Step, ...]:
    """The steps of the modules of a stage, in order."""
    found: list[Step] = []
    for module in walk.modules(stage):
        found += getattr(module, "STEPS", ())
        found += [module.STEP] if hasattr(module, "STEP") else []
    return tuple(found)


def by_name(steps: Iterable[Step]) -> dict[str, Step]:
    """The steps by `stage.name` of their tables.

    Errors: ValueError if two steps build the same table, or a file of `sql/checks` belongs to no table.
    """
    named: dict[str, Step] = {}
    for step in steps:
        if step.name in named:
            raise ValueError(f"{step.name} is built twice: keep one of the two steps")
        named[step.name] = step
    if strays := second_derivation.strays(step.table for step in named.values()):
        raise ValueError(f"{', '.join(strays)}: no table has this name: rename the check as its table, or remove it")
    return named


def leaves() -> list[str]:
    """The tables that no other table depends on: when they are built, all are."""
    needed = {need for step in STEPS.values() for need in step.needs}
    return [name for name in STEPS if name not in needed]


_GROUND = [step for stage in WALKED for step in steps_of(stage)]

STEPS: dict[str, Step] = by_name((*_GROUND, *tables.steps([step.table for step in _GROUND])))

MACROS: dict[str, Macro] = as_of.macros(step.table for step in STEPS.values())
"""The macros `<table>_as_of(d)` by name."""

STATEMENTS: dict[str, str] = {name: macro.statement for name, macro in MACROS.items()}
"""The CREATE MACRO statement of each."""
