"""Paths of a warehouse: behind links, with awkward and very long names, next to another warehouse.

A published file that is a link stays a link, and its target is replaced. Only a link to itself is replaced by the file.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from assets.core.paths import Paths
from tests.system.faults import harness, launcher
from tests.system.faults.damage import query
from tests.system.faults.full_disk import Old
from tests.system.faults.said import DONE, Findings

AWKWARD = 'it\'s a "wärehouse" #2 $HOME; 数'

ENDING = ".duckdb"


class Elsewhere(harness.Place):
    """Seeds in one folder, and a published file at another path."""

    def __init__(self, folder: Path, published: Path) -> None:
        """Take the seeds of a folder."""
        super().__init__(folder)
        object.__setattr__(self, "_published", published)

    @property
    def published(self) -> Path:
        """The file named with --warehouse."""
        return self._published  # type: ignore[attr-defined]


def run(folder: Path, old: Old) -> Iterator[harness.Result]:
    """Links, names, neighbours."""
    yield links(folder, old)
    yield names(folder, old)
    yield neighbours(folder, old)


def links(folder: Path, old: Old) -> harness.Result:
    """Links to a folder, to a file, to a missing file, to themselves."""
    findings = Findings("storage", "the warehouse, its published file or both are links")
    place = old.again(folder / "linked")
    real = place.published.parent.rename(folder / "real")
    place.published.parent.symlink_to(real)
    (folder / "shelf").mkdir()
    shelf = (real / "closedloop.duckdb").rename(folder / "shelf" / "for readers.duckdb")
    place.published.symlink_to(shelf)
    _builds("folder and file are links", place, old, findings)
    findings.hold("link of the folder", "is gone", is_true=place.published.parent.is_symlink())
    findings.hold("link of the file", "is gone", is_true=place.published.is_symlink())
    findings.hold("file behind the link", "is old", is_true=harness.contents(shelf) == old.new_contents)
    findings.hold("shelf", "something else lies there too", is_true=list(shelf.parent.iterdir()) == [shelf])

    place.published.unlink()
    place.published.symlink_to(folder / "shelf" / "not yet.duckdb")
    _builds("a link to a file that is not there yet", place, old, findings)
    findings.hold("dangling link", "is gone", is_true=place.published.is_symlink())

    place.published.unlink()
    place.published.symlink_to(folder / "gone" / "x.duckdb")
    ended = launcher.build(place)
    findings.check_message("a link to a folder that is missing", ended.code, ended.err, str(folder / "gone"))
    findings.found("exit code 3")

    place.published.unlink()
    place.published.symlink_to(place.published)
    _builds("a link to itself, which leads nowhere", place, old, findings)
    return findings.result()


def names(folder: Path, old: Old) -> harness.Result:
    """Awkward characters, and names up to and beyond the limit of the file system."""
    findings = Findings("storage", "names with blanks, quotes, letters beyond ASCII, as long as the file system takes")
    awkward = Elsewhere(old.new.folder, folder / AWKWARD / f"{AWKWARD}{ENDING}")
    _builds("an awkward name", awkward, old, findings)
    shutil.rmtree(awkward.published.parent)
    longest = os.pathconf(folder, "PC_NAME_MAX")
    room = len(Paths(Path("x")).holder.name) - 1 + len(".tmp-4194304")
    for label, length, is_fit in (("just fits", longest - room, True), ("as long as a name may be", longest, False)):
        name = "n" * (length - len(ENDING)) + ENDING
        place = Elsewhere(old.new.folder, folder / "long" / name)
        if is_fit:
            _builds(f"a name that {label}", place, old, findings)
        else:
            ended = launcher.build(place)
            findings.check_message(f"a name {label}", ended.code, ended.err, name[:100])
            findings.found("exit code 3")
            left = [p.name for p in place.published.parent.iterdir() if p.name.startswith(name[:-12])]
            findings.hold(label, f"left behind: {left}", is_true=not place.published.exists())
    return findings.result()


def neighbours(folder: Path, old: Old) -> harness.Result:
    """Two warehouses in one folder, with different seeds, built at the same time and then one after the other."""
    findings = Findings("storage", "two warehouses in one folder, built at the same time and in turn")
    shared = folder / "shared"
    first = Elsewhere(old.place.folder, shared / "first.duckdb")
    second = Elsewhere(old.new.folder, shared / "second.duckdb")
    expected = {first: old.contents, second: old.new_contents}
    running = [(place, launcher.Started(place)) for place in expected]
    for place, started in running:
        ended = started.wait()
        findings.hold(place.published.name, f"{ended.code} {ended.err}", is_true=ended.code == DONE)
    ended = launcher.build(first)
    findings.hold("first again", f"{ended.code} {ended.err}", is_true=ended.code == DONE)
    for place, contents in expected.items():
        findings.hold(place.published.name, "other tables", is_true=harness.contents(place.published) == contents)
        findings.found("its own tables")
    return findings.result()


def _builds(label: str, place: harness.Place, old: Old, findings: Findings) -> None:
    ended = launcher.build(place)
    findings.hold(label, f"{ended.code} {ended.err}", is_true=ended.code == DONE)
    is_equal = ended.code == DONE and harness.contents(place.published) == old.new_contents
    findings.hold(label, "other tables", is_true=is_equal)
    findings.hold(label, "the query command cannot read it", is_true=query(place).returncode == DONE)
    findings.found("the right tables")
