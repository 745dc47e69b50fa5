"""A full disk: a small tmpfs, filled by the build itself at many moments, or by the output of a query.

A build writes for the raw tables, the write-ahead log, the checkpoint, Dagster's history, the gate log and the new
published file. The free space determines which of them fails, so the space is varied.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import duckdb

from tests.ledgers import seed_files
from tests.system.faults import harness, launcher
from tests.system.faults.said import DONE, Findings, last_stage

LEFT_KB = (0, 40, 200, 500, 900, 1300, 1800, 2600, 4000, 6000, 9000, 11000, 13000, 16000, 19000, 23000, 28000, 40000)
"""Space that is left when the build begins."""

LARGE_KB = 512_000

LEG = {"leg_id": "l_aws_38b"}

OLD_USD, NEW_USD = "38000000000", "39000000000"

REMEDY = (
    "a small disk is mounted for this fault, which needs root and a machine that allows it: run `make faults` as root"
)


class NotMountable(Exception):  # noqa: N818 - about the machine, not the code
    """This machine cannot mount a small disk; the message gives the remedy."""


class Disk:
    """A tmpfs of a given size on a folder, for the duration of a `with`."""

    def __init__(self, folder: Path, size_kb: int) -> None:
        """Does not mount yet."""
        self.folder = folder
        self.size_kb = size_kb

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._mount("-t", "tmpfs", "-o", f"size={self.size_kb}k", "tmpfs")
        return self

    def __exit__(self, *_: object) -> None:
        subprocess.run(["umount", self.folder], check=True)

    def leave(self, left_kb: int) -> None:
        """Change the size so that this much space is left; files stay."""
        used_kb = shutil.disk_usage(self.folder).used // 1024
        self._mount("-o", f"remount,size={used_kb + left_kb}k")

    def read_only(self) -> None:
        """Forbid writing, also for root."""
        self._mount("-o", "remount,ro")

    def _mount(self, *options: str) -> None:
        try:
            subprocess.run(["mount", *options, self.folder], check=True, capture_output=True, text=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise NotMountable(f"{REMEDY} ({getattr(error, 'stderr', '') or error})") from error


class Old:
    """A published warehouse, and the expected result of a build of the changed seeds."""

    def __init__(self, folder: Path) -> None:
        """Build the old warehouse and, in another folder, the new one."""
        self.place = harness.place(folder / "old")
        must_build(self.place)
        self.contents = harness.contents(self.place.published)
        self.new = harness.place(folder / "new")
        seed_files.change(self.new.seeds, "commitments", LEG, amount_usd=NEW_USD)
        must_build(self.new)
        self.new_contents = harness.contents(self.new.published)
        assert self.contents != self.new_contents, "the two versions of the seeds give the same tables"

    def again(self, folder: Path) -> harness.Place:
        """A fresh copy of the old warehouse, with the new seeds."""
        shutil.copytree(self.place.published.parent, folder / "warehouse", dirs_exist_ok=True)
        shutil.copytree(self.new.seeds, folder / "seeds", dirs_exist_ok=True)
        return harness.Place(folder)

    def found(self, before: str, published: Path) -> str:
        """Which file was found: old or new.

        Errors: AssertionError if it is neither; duckdb.Error if it is incomplete.
        """
        if harness.bytes_sha256(published) == before:
            return "the old file"
        assert harness.contents(published) == self.new_contents, "neither the old nor the new file"
        return "the new file"


def must_build(place: harness.Place) -> None:
    """Build without a fault."""
    ended = launcher.build(place)
    assert ended.code == DONE, ended.err


def run(folder: Path, old: Old, left_kb: tuple[int, ...] = LEFT_KB) -> Iterator[harness.Result]:
    """Fill the disk at many moments; then fill it by an export."""
    findings = Findings("storage", "the disk is full at some moment of a build")
    place = harness.Place(folder / "full")
    with Disk(place.published.parent, LARGE_KB) as disk:
        old.again(place.folder)
        for number, left in enumerate(left_kb):
            fill(place, disk, left, old, findings, is_new=number % 2 == 0)
    yield findings.result()
    yield export(folder, old)


def fill(place: harness.Place, disk: Disk, left_kb: int, old: Old, findings: Findings, *, is_new: bool) -> None:
    """A build with this much free space, on the remains of earlier builds; then a build with enough space.

    Rules: the second build runs only after the first of each kind of outcome, since it would repeat for equal outcomes.
    """
    wanted = old.new if is_new else old.place
    expected = old.new_contents if is_new else old.contents
    shutil.copytree(wanted.seeds, place.seeds, dirs_exist_ok=True)
    before = harness.bytes_sha256(place.published)
    disk.leave(left_kb)
    ended = launcher.build(place)
    where = f"{left_kb} kB left, {last_stage(ended.err)}"
    try:
        found = "the old file"
        if harness.bytes_sha256(place.published) != before:
            found = "the new file"
            findings.hold(where, "mixed tables", is_true=harness.contents(place.published) == expected)
        kind = f"full during {last_stage(ended.err)}, {found}"
        if ended.code == DONE:
            kind = "just enough, the new file"
            findings.hold(where, "exit code 0 with the old file", is_true=found == "the new file")
        else:
            findings.check_message(where, ended.code, ended.err, str(disk.folder), "free some space")
        disk.leave(LARGE_KB)
        if kind not in findings.outcomes:
            again = launcher.build(place)
            findings.hold(where, f"the next build: {again.code} {again.err}", is_true=again.code == DONE)
            is_equal = harness.contents(place.published) == expected
            findings.hold(where, "the next build gives other tables", is_true=is_equal)
    except (AssertionError, duckdb.Error, OSError) as error:
        findings.hold(where, str(error), is_true=False)
        kind = "a file that is not whole"
        disk.leave(LARGE_KB)
    findings.found(kind)


def export(folder: Path, old: Old) -> harness.Result:
    """`closedloop query --csv` into a file on a disk that is too small, and into a device that is always full."""
    findings = Findings("storage", "the disk is full while `closedloop query --csv` or `check` writes its output")
    query = ["query", "--csv", "select * from raw.sources", "--warehouse", str(old.place.published)]
    with Disk(folder / "export", 8) as disk:
        for label, arguments, target in (
            ("query on a small disk", query, disk.folder / "answer.csv"),
            ("query on a full device", query, Path("/dev/full")),
            ("check on a full device", ["check", "--seeds", str(old.place.seeds)], Path("/dev/full")),
        ):
            with target.open("wb") as out:
                done = subprocess.run(
                    [harness.COMMAND, *arguments],
                    stdout=out,
                    stderr=subprocess.PIPE,
                    text=True,
                    check=False,
                    env=harness.environment(),
                )
            findings.check_message(label, done.returncode, done.stderr, "standard output", "free some space")
            findings.found("exit code 3" if done.returncode else "exit code 0")
    return findings.result()
