"""A fake clock for one command and its children by libfaketime; the clock of the machine is never changed."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.system.faults import harness, launcher

FOLDERS = ("/usr/lib", "/usr/lib64", "/usr/local/lib")

LIBRARY = "libfaketimeMT.so.1"
"""The library for programs with threads."""

REMEDY = f"{LIBRARY} is not installed: Debian and Ubuntu have it in the package faketime, or name it in LIBFAKETIME"

TRUE_SLEEP = Path(__file__).with_name("true_sleep")


class NoFakedClock(Exception):  # noqa: N818 - about the machine, not the code
    """libfaketime is not installed; the message gives the remedy."""


def library() -> Path:
    """The path of libfaketime.

    Errors: NoFakedClock.
    """
    named = os.environ.get("LIBFAKETIME")
    found = [Path(named)] if named else []
    for folder in FOLDERS:
        found += [*Path(folder).glob(f"faketime/{LIBRARY}"), *Path(folder).glob(f"*/faketime/{LIBRARY}")]
    for path in found:
        if path.is_file():
            return path
    raise NoFakedClock(REMEDY)


def environment(moment: str, time_zone: str = "UTC") -> dict[str, str]:
    """The environment of a command whose clock starts at this local time.

    Rules: the monotonic clock stays true, as when a clock is set.
    """
    return _common() | {"FAKETIME": f"@{moment}", "TZ": time_zone}


def steered(file: Path) -> dict[str, str]:
    """The environment of a command whose clock follows a file: an offset like `-365d`, read at every use."""
    return _common() | {"FAKETIME_TIMESTAMP_FILE": str(file), "FAKETIME_NO_CACHE": "1"}


def _common() -> dict[str, str]:
    paths = [str(TRUE_SLEEP), os.environ.get("PYTHONPATH", "")]
    return {
        "LD_PRELOAD": str(library()),
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_FORCE_MONOTONIC_FIX": "0",  # otherwise threads that wait for each other spin
        "PYTHONPATH": os.pathsep.join(p for p in paths if p),
    }


def build(
    place: harness.Place, moment: str, time_zone: str = "UTC", arguments: tuple[str, ...] = launcher.QUICK
) -> subprocess.CompletedProcess[str]:
    """Run `closedloop build` with a clock that starts at this local time."""
    return place.build(*arguments, env=environment(moment, time_zone))
