"""Rows of a benchmark, and measurement: alternatives run in turn, so that a change in machine speed affects all.

Imports the standard library only: processes whose memory is measured import it too.
"""

from __future__ import annotations

import math
import multiprocessing
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

COMMAND = str(Path(sys.executable).with_name("closedloop"))

MEGABYTE = 1024
"""Linux reports memory in kilobytes."""

Found = TypeVar("Found")

Name = TypeVar("Name")


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    what: str
    against: str
    ratio: str = ""
    aim: str = ""
    """The target; empty if there is none."""
    memory: str = ""
    """Peak memory of the measured work."""
    theirs: str = ""
    """Peak memory of the comparison."""


@dataclass(frozen=True)
class Run:
    """One finished process."""

    seconds: float
    peak_mb: float
    cpu: float = math.nan
    """Processor seconds of the process and of its waited-for children."""


def run(arguments: Sequence[str]) -> Run:
    """Run a command to its end, its output thrown away; gives wall time, peak memory and the time of the processors.

    The memory is at least that of this process, which should be small: Linux counts the memory of a child before it
    became the command.

    Errors: SystemExit that names the command if it fails.
    """
    start = time.perf_counter()
    with Path(os.devnull).open("w") as nothing:
        pid = os.posix_spawn(
            arguments[0],
            list(arguments),
            os.environ,
            file_actions=[(os.POSIX_SPAWN_DUP2, nothing.fileno(), 1), (os.POSIX_SPAWN_DUP2, nothing.fileno(), 2)],
        )
        _, status, usage = os.wait4(pid, 0)
    if status:
        sys.exit(f"{' '.join(arguments)} failed with status {status}")
    return Run(time.perf_counter() - start, usage.ru_maxrss / MEGABYTE, usage.ru_utime + usage.ru_stime)


def run_module(module: str, *arguments: str) -> Run:
    """Run a module of the tests that prints its seconds without imports, and its peak megabytes, in the last line."""
    command = [sys.executable, "-m", module, *arguments]
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    seconds, peak_mb = map(float, said[-1].split())
    return Run(seconds, peak_mb)


def apart(act: Callable[..., Found], *arguments: object) -> Found:
    """Run a function in a new process, so that its memory is measured alone."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(act, *arguments).result()


def turns(acts: Mapping[Name, Callable[[], Found]], rounds: int, *, warm: int = 0) -> dict[Name, list[Found]]:
    """The results of all functions, run in turn a number of times after warm-up rounds."""
    found: dict[Name, list[Found]] = {name: [] for name in acts}
    for turn in range(-warm, rounds):
        for name, act in acts.items():
            given = act()
            if turn >= 0:
                found[name].append(given)
    return found


def taken(act: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    """Seconds of one call."""
    start = clock()
    act()
    return clock() - start


def seconds(runs: Sequence[Run]) -> list[float]:
    """The time of each run."""
    return [r.seconds for r in runs]


def cpu(runs: Sequence[Run]) -> list[float]:
    """The time of the processors of each run."""
    return [r.cpu for r in runs]


def ratio(mine: Sequence[float], theirs: Sequence[float]) -> float:
    """Median of the ratios of pairs."""
    return statistics.median(a / b for a, b in zip(mine, theirs, strict=True))


def times(number: float) -> str:
    """A ratio as text."""
    return f"{number:.2f} ×"


def megabytes(number: float) -> str:
    """Memory as text."""
    return f"{number:,.0f} MB"


def memory(runs: Sequence[Run]) -> str:
    """Median of the peak memory, as text."""
    return megabytes(statistics.median(r.peak_mb for r in runs))


def beside(lines: Sequence[tuple[str, ...]], runs: Mapping[str, Sequence[Run]]) -> list[Row]:
    """Each command with its comparison: name, its command, the other command, target, the other in words."""
    spent = {name: seconds(found) for name, found in runs.items()}
    return [
        Row(what, answer, times(ratio(spent[name], spent[other])), aim, memory(runs[name]) if "MB" in aim else "")
        for what, name, other, aim, answer in lines
    ]


def python(code: str) -> list[str]:
    """The command that runs some code."""
    return [sys.executable, "-c", code]


def memory_mb(kind: str = "VmHWM") -> float:
    """Memory of this process as reported by Linux: VmHWM is the peak, VmRSS the current value.

    Unlike getrusage, without the memory of the parent process.
    """
    output = re.search(rf"{kind}:\s+(\d+)", Path("/proc/self/status").read_text(encoding="ascii"))
    return int(output[1]) / MEGABYTE if output else math.nan


def slope(spent: Mapping[int, float]) -> Row:
    """The growth of time with the number of legs, from the first and the last size."""
    (fewest, fast), *_, (most, slow) = spent.items()
    power = math.log(slow / fast) / math.log(most / fewest)
    return Row(f"slope: time grows with the {power:.2f}th power of the legs, from {fewest:,} to {most:,}", "–")
