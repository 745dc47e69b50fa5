"""A group of commands that imports a command when it is called, as click's documentation of lazy loading has it."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click


class LazyGroup(click.Group):
    """Lists its commands by name and summary, and imports the one that is called.

    Rules: a command has the name of its module, and is its attribute of that name.
    """

    def __init__(self, *, room: str, summaries: Mapping[str, str], **settings: Any) -> None:
        """`room` is the package of the modules; `summaries` are the first sentences of the commands' help."""
        super().__init__(
            commands={name: click.Command(name, help=about) for name, about in summaries.items()}, **settings
        )
        self._room = room

    def load(self, name: str) -> click.Command:
        """The command itself.

        Errors: ImportError when it has no module.
        """
        command: click.Command = getattr(import_module(f"{self._room}.{name}"), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """What click calls before it runs a command or completes its options."""
        name, listed, rest = super().resolve_command(ctx, args)
        return name, self.load(name) if name and listed else None, rest
