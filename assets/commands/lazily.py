"""Commands that are imported when they are asked for: a question of an analyst does not wait for the others."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import Any

import click


class Commands(dict[str, click.Command]):
    """Commands by name; each lies in the module of its name, or in the one that is named, as an attribute."""

    def __init__(self, places: Iterable[tuple[str, str]]) -> None:
        super().__init__()
        self._modules = dict(places)
        for name in self._modules:
            super().__setitem__(name, click.Command(name))  # stands for the command until it is asked for

    def __getitem__(self, name: str) -> click.Command:
        """The command itself."""
        if name in self._modules:
            module = import_module(f"assets.commands.{self._modules[name]}")
            super().__setitem__(name, getattr(module, name))
            del self._modules[name]
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        """The command itself, or the default."""
        return self[name] if name in self else default  # noqa: SIM401 - this is that method

    def items(self) -> Any:
        """Names and commands."""
        return {name: self[name] for name in self}.items()

    def values(self) -> Any:
        """The commands."""
        return {name: self[name] for name in self}.values()
