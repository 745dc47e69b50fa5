"""Named moments at which a build is killed: before, after or during one call of a function, without product hooks.

A point is armed in the process to be killed, by replacing the function with a wrapper. Not here: starting and watching
that process (`tests.system.faults.launcher`).
"""

from __future__ import annotations

import functools
import importlib
import os
import signal
import threading
import time
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Point:
    """A call at which a signal is sent."""

    function: str
    """`module:name` or `module:Class.name`, where the product looks it up."""
    moment: Literal["before", "after", "during"]
    only: str = ""
    """Counts only calls whose arguments or their paths contain this text."""
    call: int = 1
    """The number of the call, from 1."""
    delay_s: float = 0.0
    """For `during`: seconds after the start of the call."""
    number: int = signal.SIGKILL

    def __str__(self) -> str:
        of = f" of {self.only}" if self.only else ""
        late = f" after {self.delay_s * 1000:.0f} ms" if self.delay_s else ""
        return f"{self.moment}{late} {self.function.partition(':')[2]}{of} #{self.call}"


def arm(point: Point) -> None:
    """Make this process send itself the signal at the point."""
    module, _, path = point.function.partition(":")
    *parents, name = path.split(".")
    owner = functools.reduce(getattr, parents, importlib.import_module(module))
    real = getattr(owner, name)
    calls = 0

    @functools.wraps(real)
    def watched(*arguments: object, **named: object) -> object:
        nonlocal calls
        if point.only in _as_text(arguments):
            calls += 1
            if calls == point.call:
                return _at_the_point(point, lambda: real(*arguments, **named))
        return real(*arguments, **named)

    setattr(owner, name, watched)


def _at_the_point(point: Point, real):
    if point.moment == "before":
        _strike(point)
    elif point.moment == "during":
        threading.Thread(target=lambda: (time.sleep(point.delay_s), _strike(point)), daemon=True).start()
    answer = real()
    if point.moment == "after":
        _strike(point)
    return answer


def _strike(point: Point) -> None:
    os.kill(os.getpid(), point.number)


def _as_text(arguments: tuple[object, ...]) -> str:
    """The arguments as text: paths, SQL, and the names of tables."""
    return " ".join(_name(a) for a in arguments)


def _name(argument: object) -> str:
    if isinstance(argument, str | os.PathLike):
        return str(argument)
    named = (getattr(argument, a, "") for a in ("full_name", "table", "name"))
    return next((n for n in named if n and isinstance(n, str)), "")
