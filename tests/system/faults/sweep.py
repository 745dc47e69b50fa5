"""Kill a build, check the remaining files, build again: one round of the sweep, with all its assertions.

Two versions of the seeds alternate, so that the old published file and the new one differ. Not here: the moments of
killing (`tests.system.faults.moments`, `tests.system.faults.process`).
"""

from __future__ import annotations

import shutil
import sqlite3
import sys
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

import duckdb

from assets import catalog
from assets.cli import interrupts
from assets.core.paths import Paths
from tests.ledgers import seed_files
from tests.system.faults import harness, launcher

LEG = {"leg_id": "l_aws_38b"}

AMOUNTS = ("38000000000", "39000000000")

REFUSED = "38"
"""An amount that a gate refuses: in billions."""

STAGES = ("raw", "staging", "facts", "metrics", "published")

IN_PROGRESS = ("STARTING", "STARTED", "CANCELING", "QUEUED")


@dataclass
class Tally:
    """The results of many rounds."""

    old: int = 0
    new: int = 0
    none: int = 0
    """Rounds without a published file before and after."""
    missed: int = 0
    """Rounds in which the build ended before the signal: not counted as injected."""
    stages: Counter[str] = field(default_factory=Counter)
    """The stages in which the builds were killed."""
    broken: list[str] = field(default_factory=list)

    @property
    def injected(self) -> int:
        return self.old + self.new + self.none + len(self.broken)

    def add(self, other: Tally) -> None:
        """Add the results of another sweep."""
        for name in ("old", "new", "none", "missed"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.stages += other.stages
        self.broken += other.broken

    def summary(self) -> str:
        """The outcome in words."""
        parts = [(self.old, "the old file"), (self.new, "the new one"), (self.none, "still none")]
        found = ", ".join(f"{n} × {what}" for n, what in parts if n)
        end = f"; BROKEN {len(self.broken)}: {' | '.join(self.broken)[:600]}" if self.broken else ""
        return f"{found}; the next build right every time{end}" if not self.broken else f"{found}{end}"


class Sweep:
    """A warehouse with two versions of its seeds, each built once for reference, and one recorded refusal."""

    def __init__(self, place: harness.Place) -> None:
        """Let a gate refuse a first version of the seeds, then build the two good ones."""
        self.place = place
        self.tallies: defaultdict[str, Tally] = defaultdict(Tally)
        self.expected = []
        self.lengths_s: list[float] = []
        self.record = Record()
        self._amount(REFUSED)
        assert launcher.build(place).code == 1, "the gate took a bad amount"
        for amount in AMOUNTS:
            self._amount(amount)
            self._must_build()
            self.expected.append(harness.contents(place.published))
        assert self.expected[0] != self.expected[1], "the two versions of the seeds give the same tables"
        self.version = 1
        self.record = record(place)
        assert self.record.refusals, "the refusal is not on record"

    def _must_build(self) -> None:
        ended = launcher.build(self.place)
        assert ended.code == 0, ended.err
        self.lengths_s.append(ended.seconds)

    @property
    def length_s(self) -> float:
        """Duration of the last undisturbed build here."""
        return self.lengths_s[-1]

    def _change(self) -> None:
        self.version = 1 - self.version
        self._amount(AMOUNTS[self.version])

    def _amount(self, amount: str) -> None:
        seed_files.change(self.place.seeds, "commitments", LEG, amount_usd=amount)

    def forget(self) -> None:
        """Return to the state before the first build."""
        shutil.rmtree(self.place.published.parent)
        self.record = Record()

    def kill(self, kind: str, label: str, die: Callable[[], launcher.Ended]) -> None:
        """One round: the seeds change, a build is killed, and the next one must recover."""
        self._change()
        was_there = self.place.published.exists()
        before = harness.bytes_sha256(self.place.published)
        ended = die()

        def look() -> str:
            assert ended.code <= 0, f"ended with {ended.code} before the signal: {ended.err}"
            found = "missed" if ended.code == 0 else self._found(before, was_there=was_there)
            self._recover()
            return found

        self._round(kind, label, look, stage=_stage(ended.err))

    def _round(self, kind: str, label: str, look: Callable[[], str], stage: str = "") -> None:
        tally = self.tallies[kind]
        try:
            found = look()
        except (AssertionError, duckdb.Error, OSError) as error:
            tally.broken.append(f"{label}: {error}")
            print(f"BROKEN {label}: {error}", file=sys.stderr, flush=True)
            self._restart()
        else:
            print(f"{label}: {found}", file=sys.stderr, flush=True)
            setattr(tally, found, getattr(tally, found) + 1)
            if stage and found != "missed":
                tally.stages[stage] += 1

    def leave(self, kind: str, label: str, plant: Callable[[Paths], None]) -> None:
        """One round: the seeds change, leftovers are put next to the warehouse, and the next build must succeed."""
        self._change()
        plant(Paths(self.place.published))

        def look() -> str:
            self._recover()
            return "new"

        self._round(kind, label, look)

    def interrupt(self, kind: str, label: str, die: Callable[[], launcher.Ended]) -> None:
        """One round: the seeds change, a build is interrupted and reports it in one line, and the next one succeeds."""
        self._change()
        before = harness.bytes_sha256(self.place.published)
        ended = die()

        def look() -> str:
            if ended.code == 0:
                self._recover()
                return "missed"
            assert ended.code == interrupts.CODE, f"ended with {ended.code}: {ended.err}"
            assert "Traceback" not in ended.err, ended.err
            output = [line for line in ended.err.splitlines() if line and not line.endswith(" ...")]
            assert output == [interrupts.SAID], ended.err
            found = self._found(before, was_there=True)
            self._recover()
            return found

        self._round(kind, label, look, stage=_stage(ended.err))

    def _found(self, before: str, *, was_there: bool) -> str:
        """Which file was found after the kill: old, new or none."""
        if harness.bytes_sha256(self.place.published) == before:
            return "old" if was_there else "none"
        assert harness.contents(self.place.published) == self.expected[self.version], "neither the old nor the new file"
        assert record(self.place).covers(self.record), "the new file has lost publications or refusals"
        return "new"

    def _recover(self) -> None:
        """The next build, without a clean-up."""
        ended = launcher.build(self.place)
        assert ended.code == 0, f"the next build ended with {ended.code}: {ended.err}"
        self.lengths_s.append(ended.seconds)
        assert harness.contents(self.place.published) == self.expected[self.version], (
            "the next build gives other tables"
        )
        now = record(self.place)
        assert now.covers(self.record), "the next build has lost publications or refusals"
        assert now.tables_judged == len(catalog.STEPS), f"only {now.tables_judged} tables have verdicts"
        self.record = now
        is_tidy(self.place)
        runs = open_runs(self.place)
        assert not runs, f"runs that hold up the queue: {runs}"

    def _restart(self) -> None:
        """Start over after a broken promise, so that one failure is counted once."""
        self.forget()
        self._must_build()
        self.record = record(self.place)


@dataclass(frozen=True)
class Record:
    """Data that must never be lost: publications, and refusals."""

    publications: frozenset[str] = frozenset()
    refusals: frozenset[tuple[str, ...]] = frozenset()
    tables_judged: int = 0
    """Tables with a verdict of the publishing run."""

    def covers(self, earlier: Record) -> bool:
        """Whether an earlier record is completely contained."""
        return self.publications >= earlier.publications and self.refusals >= earlier.refusals


def record(place: harness.Place) -> Record:
    """The record in the published file."""
    with duckdb.connect(str(place.published), read_only=True) as connection:
        publications = connection.execute("select publication_id from quality.publications").fetchall()
        refusals = connection.execute(
            "select run_id, table_name, rule from quality.gate_results where not is_passed and severity = 'error'"
        ).fetchall()
        judged = connection.execute(
            "select count(distinct table_name) from quality.gate_results where run_id = "
            "(select run_id from quality.publications where publication_id = ?)",
            [harness.publication(place.published)],
        ).fetchone()
    return Record(frozenset(p for (p,) in publications), frozenset(refusals), judged[0] if judged else 0)


def litter(place: harness.Place) -> list[str]:
    """Files next to the published file that do not belong there between builds."""
    paths = Paths(place.published)
    belongs = {paths.published, paths.build, paths.lock, paths.gate_log, paths.report, paths.dagster_home}
    return sorted(p.name for p in place.published.parent.iterdir() if p not in belongs)


def is_tidy(place: harness.Place) -> None:
    """Assert that no leftovers are next to the published file.

    Errors: AssertionError.
    """
    left = litter(place)
    assert not left, f"litter after a good build: {left}"


def open_runs(place: harness.Place) -> list[str]:
    """Runs that are in progress by Dagster's history."""
    history = Paths(place.published).dagster_home / "history" / "runs.db"
    marks = ", ".join("?" * len(IN_PROGRESS))
    connection = sqlite3.connect(history)
    try:
        asked = f"select run_id, status from runs where status in ({marks})"
        found = connection.execute(asked, IN_PROGRESS).fetchall()
    finally:
        connection.close()
    return [f"{run} {status}" for run, status in found]


def _stage(err: str) -> str:
    """The last stage in the output of a build."""
    seen = [s for s in STAGES if f"{s} ..." in err]
    return seen[-1] if seen else "start"
