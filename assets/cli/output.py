"""How a command ends and speaks: exit codes, standard output that may go away, colours only where they are wanted."""

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

PIPE_CLOSED = 141  # as shells count SIGPIPE

OUTPUT = Path("standard output")


class PipeClosed(Exception):  # noqa: N818 - not an error: `closedloop query ... | head` has seen enough
    """The reader of standard output has gone. Not an OSError, which click would end with exit code 1."""


class Unanswerable(click.ClickException):
    """A question that cannot be answered as it was asked: what is wrong with it, and what could be asked instead."""

    exit_code = USAGE

    def show(self, file: Any = None) -> None:
        """Say it on standard error."""
        del file
        complain(self.message)


@contextmanager
def reader_may_leave() -> Iterator[None]:
    """Write to standard output: its reader may go at any time, and its disk may be full."""
    try:
        with disk_errors(OUTPUT):
            yield
            sys.stdout.flush()
    except BrokenPipeError:
        raise PipeClosed from None


def finish_output() -> None:
    """Write what standard output still holds; if its reader has gone, Python has nothing left to complain about."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def echo(text: str = "") -> None:
    """One text on standard output."""
    with reader_may_leave():
        click.echo(text, color=colours())


def echo_json(value: object) -> None:
    """A value for machines: stable keys, numbers as numbers, days as ISO text, null for unknown."""
    echo(json.dumps(value, ensure_ascii=False, indent=2, default=str, allow_nan=False))


def complain(text: str) -> None:
    """Say what a gate, the machine or the question of a person stands against."""
    click.secho(text, fg="red", err=True, color=colours())


def warn(text: str) -> None:
    """Say what a person should know."""
    click.secho(text, fg="yellow", err=True, color=colours())


def colours() -> bool | None:
    """None where click decides: colours on a terminal, none elsewhere; False if NO_COLOR is set (no-color.org)."""
    return False if os.environ.get("NO_COLOR") else None


def defect(text: str) -> str:
    """What a person reads of an error of the code."""
    return f"{text.strip().splitlines()[0]}\nThis is a defect of closedloop; --debug shows where."
