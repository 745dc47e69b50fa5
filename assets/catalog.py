"""All tables of the warehouse in order, found by walking the stages: nothing is registered by hand.

A module of a stage gives its tables as `STEP` or `STEPS`. Dagster meets them in `assets.definitions`.
Not here: what a step is (`assets.core.step`).
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
"""The stages whose tables are modules; those of `bi` follow from `sql/bi` and from the tables of all others."""


def steps_of(stage: ModuleType) -> tuple[Step, ...]:
    """The steps that the modules of a stage give, in order."""
    found: list[Step] = []
    for module in walk.modules(stage):
        found += getattr(module, "STEPS", ())
        found += [module.STEP] if hasattr(module, "STEP") else []
    return tuple(found)


def by_name(steps: Iterable[Step]) -> dict[str, Step]:
    """The steps by `stage.name` of their tables.

    Errors: ValueError when two build one table, or a file of `sql/checks` belongs to none.
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
    """The tables on which no other table rests: to wait for them is to wait for all."""
    needed = {need for step in STEPS.values() for need in step.needs}
    return [name for name in STEPS if name not in needed]


_GROUND = [step for stage in WALKED for step in steps_of(stage)]

STEPS: dict[str, Step] = by_name((*_GROUND, *tables.steps([step.table for step in _GROUND])))

MACROS: dict[str, Macro] = as_of.macros(step.table for step in STEPS.values())
"""The macros `<table>_as_of(d)` by name."""

STATEMENTS: dict[str, str] = {name: macro.statement for name, macro in MACROS.items()}
"""CREATE MACRO of each."""
