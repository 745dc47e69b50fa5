"""Faults of the building process: killed at any moment, interrupted, and leftovers of an earlier killed process.

Not here: runs that Dagster starts (`tests.system.faults.live`).
"""

from __future__ import annotations

import signal
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tests.system.faults import harness, launcher, leftovers, live, moments
from tests.system.faults.points import Point
from tests.system.faults.sweep import Sweep, Tally

NAMED = "kill -9 at a named moment of a build"

FIRST = "kill -9 of a first build, nothing published yet"

SPREAD = "kill -9 at moments spread over the time of a build"

CTRL_C = "Ctrl-C (SIGINT) during a build"

TERM = "SIGTERM during a build"

LEFT = "leftovers of a dead process beside the warehouse"

WARM_KILLS, COLD_KILLS = 10, 6

COLD = 1.4
"""Additional time of a build that also imports."""

LIBRARIES = ("dagster", "sqlalchemy", "great_expectations", "polars")
"""The libraries at whose import the real command is interrupted."""

AT_ONCE = 2
"""Number of parallel sweeps, each in a separate warehouse."""

Round = Callable[[Sweep], None]


def run(folder: Path) -> Iterator[harness.Result]:
    """Every fault of this room."""
    yield from alone(folder)
    yield from live.run(folder)


def alone(folder: Path) -> Iterator[harness.Result]:
    """Builds from the command line: killed at exact moments and over their duration, interrupted, with leftovers."""
    rounds = [
        *(exact(NAMED, p) for p in moments.ALL),
        *(exact(FIRST, p) for p in moments.FIRST_BUILD),
        *(_timed(SPREAD, s) for s in _shares(WARM_KILLS)),
        *(_timed(SPREAD, s, is_cold=True) for s in _shares(COLD_KILLS)),
        *(asked(CTRL_C, signal.SIGINT, p) for p in moments.ASKED),
        *(asked(TERM, signal.SIGTERM, p) for p in moments.ASKED[1::2]),
        *(asked(CTRL_C, signal.SIGINT, library) for library in LIBRARIES),
        *(asked(TERM, signal.SIGTERM, library) for library in LIBRARIES[1::2]),
        *(left(name) for name in leftovers.LEFT),
    ]
    tallies = in_turn(folder / "alone", rounds)
    for kind in (NAMED, FIRST, SPREAD, CTRL_C, TERM, LEFT):
        yield result(kind, tallies[kind])


def result(kind: str, tally: Tally) -> harness.Result:
    """The line of the results."""
    reached = ", ".join(f"{stage} {n}" for stage, n in tally.stages.items())
    outcome = tally.summary() + (f" (last stage begun: {reached})" if reached else "")
    return harness.Result("process", kind, tally.injected, outcome, not tally.broken and tally.injected > 0)


def in_turn(folder: Path, rounds: Sequence[Round], at_once: int = AT_ONCE) -> dict[str, Tally]:
    """Distribute the rounds to parallel sweeps; returns the results by kind."""

    def go(number: int) -> dict[str, Tally]:
        swept = Sweep(harness.place(folder / str(number)))
        for round_ in rounds[number::at_once]:
            round_(swept)
        return swept.tallies

    total: defaultdict[str, Tally] = defaultdict(Tally)
    with ThreadPoolExecutor(at_once) as threads:
        for found in threads.map(go, range(at_once)):
            for kind, tally in found.items():
                total[kind].add(tally)
    return total


def _shares(count: int) -> list[float]:
    """Moments of a build as evenly spread shares of its duration."""
    return [(k + 0.5) / count for k in range(count)]


def exact(kind: str, point: Point) -> Round:
    """A build killed at a named moment."""

    def round_(swept: Sweep) -> None:
        if kind == FIRST:
            swept.forget()
        with _must_be_reached(swept, kind, str(point)):
            swept.kill(kind, str(point), lambda: launcher.build(swept.place, point=point))

    return round_


def _timed(kind: str, share: float, *, is_cold: bool = False) -> Round:
    def round_(swept: Sweep) -> None:
        seconds = share * swept.length_s * (COLD if is_cold else 1.0)
        swept.kill(
            kind, f"at {share:.0%}", lambda: launcher.struck(swept.place, seconds, signal.SIGKILL, is_cold=is_cold)
        )

    return round_


def asked(kind: str, number: signal.Signals, when: Point | str) -> Round:
    """A build interrupted at a named moment, or at the import of a library."""

    def round_(swept: Sweep) -> None:
        def die() -> launcher.Ended:
            if isinstance(when, Point):
                return launcher.build(swept.place, point=replace(when, number=number))
            return launcher.build(swept.place, at_import=(when, number))

        with _must_be_reached(swept, kind, str(when)):
            swept.interrupt(kind, f"{number.name} at {when}", die)

    return round_


def left(name: str) -> Round:
    """A build with the leftovers of a dead process."""
    return lambda swept: swept.leave(LEFT, name, leftovers.LEFT[name])


@contextmanager
def _must_be_reached(swept: Sweep, kind: str, label: str) -> Iterator[None]:
    """Fail the room if the build did not end at the named moment, which is an error of the harness."""
    tally = swept.tallies[kind]
    before = tally.missed
    yield
    if tally.missed > before:
        tally.broken.append(f"{label}: this moment was never reached")
