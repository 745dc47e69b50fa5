"""Parameter types of the command line: days and keys, with completion by the shell."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from assets.cli import options
from assets.core import suggestions
from assets.core.errors import EnvironmentFailure
from assets.warehouse import published_file


class Day(click.ParamType[dt.date]):
    """A day as YYYY-MM-DD."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.date:
        """Read a day; another form is refused with a suggestion."""
        if isinstance(value, dt.date):
            return value
        text = str(value)
        with suppress(ValueError):
            if len(text) == len("YYYY-MM-DD"):
                return dt.date.fromisoformat(text)

        return self.fail(f"{text}: {suggestions.cell(text, 'date')}", param, ctx)


class Pair(click.ParamType[tuple[str, str]]):
    """name=value."""

    name = "name=value"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """Split at the first equals sign."""
        if isinstance(value, tuple):
            return value
        name, sign, text = str(value).partition("=")
        if not (name and sign and text):
            self.fail(f"{value}: write name=value, such as entity_id=openai", param, ctx)
        return name, text


DAY = Day()


def names_in_file(ctx: click.Context, sql: str, *places: object) -> list[CompletionItem]:
    """Completions from the published file; none if it cannot be read, so that the shell shows no error."""
    given = ctx.params.get("warehouse")
    try:
        with published_file.opened(options.published(Path(given) if given else None)) as opened:
            return [CompletionItem(next(iter(r.values()))) for r in opened.rows(sql, *places)]
    except EnvironmentFailure:
        return []
