"""Finds the modules of a package by walking it, so that no list must be maintained."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Collection, Iterator
from types import ModuleType


def modules(package: ModuleType, but: Collection[str] = ()) -> Iterator[ModuleType]:
    """A package and every module below it, in alphabetical order, without the names in `but`."""
    yield package
    for found in pkgutil.walk_packages(getattr(package, "__path__", ()), f"{package.__name__}."):
        if found.name.rpartition(".")[2] not in but:
            yield importlib.import_module(found.name)
