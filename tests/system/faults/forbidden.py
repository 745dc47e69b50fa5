"""Files and folders without permission to read or write.

The command runs without the capabilities of root, so that the bits of `chmod` apply to root too. A read-only mount and
an immutable file apply to root anyway.
"""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from assets.core.paths import Paths
from tests.system.faults import harness, launcher
from tests.system.faults.full_disk import Disk, Old
from tests.system.faults.said import DONE, Findings

NONE, READ, WALK = 0o000, 0o444, 0o555

FORBIDDEN: dict[str, tuple[Callable[[harness.Place], Path], int]] = {
    "the folder of the warehouse may not be written": (lambda p: p.published.parent, WALK),
    "the folder of the warehouse may not be entered": (lambda p: p.published.parent, NONE),
    "the seeds may not be listed": (lambda p: p.seeds, NONE),
    "one seed may not be read": (lambda p: p.seeds / "deals.csv", NONE),
    "the build file may not be written": (lambda p: Paths(p.published).build, READ),
    "the lock may not be opened": (lambda p: Paths(p.published).lock, NONE),
    "the gate log may not be written": (lambda p: Paths(p.published).gate_log, READ),
    "Dagster's runs may not be added to": (lambda p: Paths(p.published).dagster_home / "history" / "runs", WALK),
    "the Dagster home may not be entered": (lambda p: Paths(p.published).dagster_home, NONE),
    "Dagster's runs may not be written": (lambda p: Paths(p.published).dagster_home / "history" / "runs.db", READ),
}
"""The restricted paths, and the remaining permission bits."""


def as_ordinary_user(command: list[str]) -> list[str]:
    """The command without root privileges, if this process has them."""
    return ["setpriv", "--bounding-set=-all", "--inh-caps=-all", *command] if os.geteuid() == 0 else command


def ordinary(command: list[str]) -> subprocess.CompletedProcess[str]:
    """Run a command as an ordinary user would."""
    return subprocess.run(
        as_ordinary_user(command),
        capture_output=True,
        text=True,
        check=False,
        timeout=harness.LONG_S,
        env=harness.environment(),
    )


@contextmanager
def bits(path: Path, mode: int) -> Iterator[None]:
    """Other permissions for a while."""
    before = stat.S_IMODE(path.stat().st_mode)
    path.chmod(mode)
    try:
        yield
    finally:
        path.chmod(before)


@contextmanager
def immutable(path: Path) -> Iterator[bool]:
    """A file that even root cannot replace; returns whether the file system supports this."""
    done = subprocess.run(["chattr", "+i", path], capture_output=True, check=False)
    try:
        yield done.returncode == 0
    finally:
        with suppress(OSError):
            subprocess.run(["chattr", "-i", path], capture_output=True, check=False)


def run(folder: Path, old: Old) -> Iterator[harness.Result]:
    """Restrict one path after another; at the end one build repairs everything."""
    findings = Findings("storage", "a file or folder may not be read or written (chmod, read-only mount, chattr +i)")
    place = old.again(folder / "forbidden")
    before = harness.bytes_sha256(place.published)
    for label, (path, mode) in FORBIDDEN.items():
        forbid(place, label, path(place), mode, findings)
        findings.hold(label, "the published file was touched", is_true=harness.bytes_sha256(place.published) == before)
    _unreadable_published(place, findings)
    with immutable(place.published) as is_known:
        if is_known:
            ended = launcher.build(place)
            findings.check_message("immutable published file", ended.code, ended.err, str(place.published))
            findings.found("exit code 3")
    with Disk(folder / "read_only" / "warehouse", 512_000) as disk:
        fixed = old.again(folder / "read_only")
        disk.read_only()
        ended = launcher.build(fixed)
        findings.check_message("read-only mount", ended.code, ended.err, str(disk.folder))
        findings.found("exit code 3")
        findings.hold("read-only", "touched", is_true=old.found(before, fixed.published) == "the old file")
    again = launcher.build(place)
    findings.hold("the next build", again.err, is_true=again.code == DONE)
    is_equal = harness.contents(place.published) == old.new_contents
    findings.hold("the next build", "other tables", is_true=is_equal)
    yield findings.result()


def forbid(place: harness.Place, label: str, path: Path, mode: int, findings: Findings) -> None:
    """Build while one path is restricted."""
    with bits(path, mode):
        done = ordinary(place.command(*launcher.QUICK))
    home = Paths(place.published).dagster_home
    findings.check_message(label, done.returncode, done.stderr, str(home if home in path.parents else path.parent))
    findings.found(f"exit code {done.returncode}")


def _unreadable_published(place: harness.Place, findings: Findings) -> None:
    with bits(place.published, NONE):
        done = ordinary([str(harness.COMMAND), "query", "select 1", "--warehouse", str(place.published)])
    findings.check_message("a published file that may not be read", done.returncode, done.stderr, str(place.published))
    findings.found(f"exit code {done.returncode}")
