"""What stands in a room is found by walking it: no list is kept by hand."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Collection, Iterator
from types import ModuleType


def modules(package: ModuleType, but: Collection[str] = ()) -> Iterator[ModuleType]:
    """A package and every module below it, in alphabetical order; `but` are names that are left out."""
    yield package
    for found in pkgutil.walk_packages(getattr(package, "__path__", ()), f"{package.__name__}."):
        if found.name.rpartition(".")[2] not in but:
            yield importlib.import_module(found.name)
