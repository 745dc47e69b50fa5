"""A group of commands that imports a command when it is called, as in click's documentation of lazy loading."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click


class LazyGroup(click.Group):
    """Lists its commands by name and summary, and imports a command when it is called.

    Rules: a command is the attribute of its module with the module's name.
    """

    def __init__(self, *, room: str, summaries: Mapping[str, str], **settings: Any) -> None:
        """`room` is the package of the modules; `summaries` are the first sentences of the commands' help."""
        super().__init__(
            commands={name: click.Command(name, help=about) for name, about in summaries.items()}, **settings
        )
        self._room = room

    def load(self, name: str) -> click.Command:
        """Import the command.

        Errors: ImportError if it has no module.
        """
        command: click.Command = getattr(import_module(f"{self._room}.{name}"), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Called by click before it runs a command or completes its options."""
        name, listed, rest = super().resolve_command(ctx, args)
        return name, self.load(name) if name and listed else None, rest
