"""Exit codes and output of commands: closed pipes, messages, colours."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from assets.warehouse.disk import disk_errors

DONE, REFUSED, USAGE, ENVIRONMENT = 0, 1, 2, 3

PIPE_CLOSED = 141  # exit code of shells for SIGPIPE

OUTPUT = Path("standard output")


class PipeClosed(Exception):  # noqa: N818 - not an error: `closedloop query ... | head` has seen enough
    """The reader of standard output has gone. Not an OSError, which click would turn into exit code 1."""


class Unanswerable(click.ClickException):
    """A request that cannot be answered; the message gives the error and an alternative."""

    exit_code = USAGE

    def show(self, file: Any = None) -> None:
        """Print the message on standard error."""
        del file
        complain(self.message)


@contextmanager
def reader_may_leave() -> Iterator[None]:
    """Handle writing to standard output: its reader may go at any time, and its disk may be full."""
    try:
        with disk_errors(OUTPUT):
            yield
            sys.stdout.flush()
    except BrokenPipeError:
        raise PipeClosed from None


def finish_output() -> None:
    """Flush standard output; if its reader has gone, discard the rest so that Python prints no error at exit."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def shown(text: str) -> str:
    """A text without what would move the cursor, colour the terminal, or hide a part: such characters become �."""
    return "".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in text)


class Styled(str):
    """A text with escape sequences of ours, and none of its own."""

    __slots__ = ()


def styled(text: str, **style: Any) -> Styled:
    """A text in a style of `click.style`."""
    return Styled(click.style(shown(text), **style))


def echo(*parts: str) -> None:
    """Print a line on standard output; of its parts only those from `styled` keep their escape sequences."""
    with reader_may_leave():
        click.echo("".join(p if isinstance(p, Styled) else shown(p) for p in parts), color=colours())


def echo_data(line: str) -> None:
    """Print a line of a result as it is; on a terminal, what would not be text there is replaced."""
    with reader_may_leave():
        click.echo(shown(line) if sys.stdout.isatty() else line, color=True)  # else click removes parts of the data


def echo_json(value: object) -> None:
    """Print a value as JSON: stable keys, numbers as numbers, days as ISO text, null for unknown.

    Rules: what a terminal would not show as text is escaped, so that a program reads it back.
    """
    written = json.dumps(value, ensure_ascii=False, indent=2, default=str, allow_nan=False)
    echo("".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in written))


def complain(text: str) -> None:
    """Print an error on standard error."""
    click.secho(shown(text), fg="red", err=True, color=colours())


def warn(text: str) -> None:
    """Print a warning on standard error."""
    click.secho(shown(text), fg="yellow", err=True, color=colours())


def colours() -> bool | None:
    """None lets click decide (colours on a terminal only); False if NO_COLOR is set (no-color.org)."""
    return False if os.environ.get("NO_COLOR") else None


def defect(text: str) -> str:
    """The message for a defect of the code."""
    return f"{text.strip().splitlines()[0]}\nThis is a defect of closedloop; --debug shows where."
