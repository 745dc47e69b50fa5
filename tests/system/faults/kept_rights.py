"""Mode, group and access list of every file that a command replaces: the same after `build`, `add` and `export`."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from assets.core.paths import Paths
from assets.warehouse import rights
from tests.integration.security.test_rights import GROUP, LISTED
from tests.system.faults import harness, launcher, writing_commands
from tests.system.faults.killed_exports import export
from tests.system.faults.said import DONE, Findings

MODES = (0o640, 0o600, 0o664)

SEEDS = ("sources.csv", "deals.csv", "commitments.csv")
"""Replaced by `closedloop add deal`."""


def run(place: harness.Place, folder: Path) -> Iterator[harness.Result]:
    """Each mode in turn for each file, then an access list for all."""
    findings = Findings("neighbours", "mode, group and access list of the files that build, add and export replace")
    here = harness.Place(folder)
    shutil.copytree(place.folder, folder)
    to = folder / "exported"
    launcher.run(*export(here.published, to))
    replaced = [here.published, Paths(here.published).report, to, *(here.seeds / name for name in SEEDS)]
    for turn in range(len(MODES) + 1):
        for number, path in enumerate(replaced):
            os.chown(path, -1, GROUP + turn + number)
            path.chmod(MODES[(number + turn) % len(MODES)] | (0o111 if path.is_dir() else 0))
            if turn == len(MODES):
                with suppress(OSError):  # a file system without access lists
                    os.setxattr(path, rights.ACCESS_LIST, LISTED)
        before = {path: rights_of(path) for path in replaced}
        inodes = {path: path.stat().st_ino for path in replaced}
        rounds = {
            "build": launcher.build(here),
            "add": launcher.run(*writing_commands.add(here.seeds, f"cloud {turn}")),
            "export": launcher.run(*export(here.published, to)),
        }
        for label, ended in rounds.items():
            findings.hold(label, f"{ended.code} {ended.err[-300:]}", is_true=ended.code == DONE)
        for path, had in before.items():
            has, label = rights_of(path), f"{path.name} with {kind(had)}"
            findings.hold(label, "was not replaced", is_true=path.stat().st_ino != inodes[path])
            findings.hold(label, f"now {has}", is_true=has == had)
            findings.found(f"kept ({'with an access list' if had[3] else f'mode {had[0]:o}'})")
    yield findings.result()


def rights_of(path: Path) -> tuple[int, int, int, bytes]:
    """Mode, owner, group, access list."""
    found = path.stat()
    listed = os.getxattr(path, rights.ACCESS_LIST) if rights.ACCESS_LIST in os.listxattr(path) else b""
    return stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid, listed


def kind(had: tuple[int, int, int, bytes]) -> str:
    """In words, for a broken promise."""
    return f"mode {had[0]:o}, group {had[2]}{', an access list' if had[3] else ''}"
