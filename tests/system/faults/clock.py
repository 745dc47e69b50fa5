"""The room `clock`: clocks set back, wrong and jumping, time zones, special days, missed ticks.

The clock is faked with libfaketime. A build may depend on the current day in one way only: a later day is refused.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb

from tests.system.faults import faked_clock, harness, launcher, ticks
from tests.system.faults.said import DONE, Findings

REFUSED = 1

MOMENTS = (
    ("2027-11-07 01:59:56", "America/New_York", "an hour that comes twice"),
    ("2039-06-01 12:00:00", "UTC", "beyond 2038"),
    ("2028-02-28 23:59:56", "Pacific/Kiritimati", "midnight before a leap day, 14 hours ahead"),
    ("2026-12-31 23:59:56", "Asia/Kolkata", "New Year"),
    ("2027-03-28 01:59:56", "Europe/Berlin", "an hour that is left out"),
    ("2028-02-29 23:59:56", "UTC", "the end of a leap day"),
)
"""In this order, the clock is set back three times."""

TOO_EARLY = "2025-03-01 12:00:00"

JUMPS = (("raw ...", "+800d"), ("facts ...", "-20d"), ("metrics ...", "+300d"))


def run(folder: Path) -> Iterator[harness.Result]:
    """Every kind of clock; without libfaketime no results are stored, and the remedy is shown."""
    try:
        faked_clock.library()
    except faked_clock.NoFakedClock as error:
        yield harness.Result("clock", "the clock is faked", 0, str(error), is_kept=False)
        return
    place = harness.place(folder / "clock")
    ended = launcher.build(place)
    assert ended.code == DONE, ended.err
    expected = harness.contents(place.published)
    yield moments(place, expected)
    yield jumps(place, expected)
    yield too_early(place)
    yield from ticks.run(folder)


def moments(
    place: harness.Place,
    expected: dict[str, tuple[int, str]],
    chosen: tuple[tuple[str, str, str], ...] = MOMENTS,
    arguments: tuple[str, ...] = launcher.QUICK,
) -> harness.Result:
    """Builds at special times, one after the other on one warehouse: equal tables, the last publication is current."""
    findings = Findings("clock", "builds at awkward hours and days, in five time zones, the clock set back in between")
    for moment, time_zone, label in chosen:
        before = publications(place.published)
        done = faked_clock.build(place, moment, time_zone, arguments)
        if findings.hold(label, f"{done.returncode} {done.stderr}", is_true=done.returncode == DONE):
            same(place, expected, label, findings)
            current(place, before, label, findings)
        findings.found(f"{label}: the same tables, the new publication is the current one")
    return findings.result()


def same(place: harness.Place, expected: dict[str, tuple[int, str]], label: str, findings: Findings) -> None:
    """Nothing outside `quality` depends on the clock."""
    now = harness.contents(place.published)
    other = sorted(n for n in expected.keys() | now.keys() if expected.get(n) != now.get(n))
    findings.hold(label, f"other content of {other}", is_true=not other)


def current(place: harness.Place, before: list[str], label: str, findings: Findings) -> None:
    """The latest publication is read as the last one, and none is lost."""
    now = publications(place.published)
    (new,) = set(now) - set(before)
    findings.hold(label, "an earlier publication is gone", is_true=set(before) < set(now))
    findings.hold(label, "an earlier publication is read as last", is_true=harness.publication(place.published) == new)


def publications(published: Path) -> list[str]:
    """Names of all publications."""
    with duckdb.connect(str(published), read_only=True) as connection:
        return [r[0] for r in connection.execute("select publication_id from quality.publications").fetchall()]


def jumps(place: harness.Place, expected: dict[str, tuple[int, str]]) -> harness.Result:
    """The clock changes during a build: two years ahead, back to before the last publication, ahead again."""
    findings = Findings("clock", "the clock jumps back and forth while a build runs")
    before = publications(place.published)
    file = place.folder / "offset"
    file.write_text("+0")
    said = place.folder / "said"
    with said.open("wb") as err:
        build = subprocess.Popen(
            place.command(*launcher.QUICK),
            stdout=subprocess.DEVNULL,
            stderr=err,
            env=harness.environment(faked_clock.steered(file)),
        )
        left = list(JUMPS)
        while build.poll() is None:
            if left and left[0][0] in said.read_text():
                file.write_text(left.pop(0)[1])
                findings.found("the same tables, the new publication is the current one")
            time.sleep(0.05)
    findings.hold("jumps", f"{len(left)} never came", is_true=not left)
    if findings.hold("jumps", f"{build.returncode} {said.read_text()}", is_true=build.returncode == DONE):
        same(place, expected, "jumps", findings)
        current(place, before, "jumps", findings)
    return findings.result()


def too_early(place: harness.Place) -> harness.Result:
    """A clock before the days of the seeds: the build is refused and names the clock as a possible cause."""
    findings = Findings("clock", "the clock stands before the days on which the seeds became known")
    before = harness.bytes_sha256(place.published)
    done = faked_clock.build(place, TOO_EARLY)
    said = done.stderr.replace(str(place.folder), "")
    findings.hold("exit code", str(done.returncode), is_true=done.returncode == REFUSED)
    findings.hold("day", done.stderr[-400:], is_true="is after today, 2025-03-01" in done.stderr)
    findings.hold("cause", f"not named: {said[-300:]}", is_true="clock" in said)
    findings.hold("file", "touched", is_true=harness.bytes_sha256(place.published) == before)
    findings.found("refused with exit code 1, the old file")
    return findings.result()
