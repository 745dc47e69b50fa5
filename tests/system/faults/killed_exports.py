"""`closedloop export` killed while it replaces an earlier export: the old one or the new one is whole at every moment.

The next export removes what was left. Between its two renames the old folder has another name for a moment.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from tests.integration.export.folders import content
from tests.system.faults import harness, launcher
from tests.system.faults.nth_call import KILL, NthCall
from tests.system.faults.said import DONE, Findings

ROOM = "neighbours"

SPREAD = 16
"""Kills spread evenly over the calls, besides those around the two renames."""

AROUND = 5
"""Kills from each rename on."""

SCHEMAS = ("--schema", "metrics")


def run(old: Path, new: Path, folder: Path, spread: int = SPREAD, around: int = AROUND) -> Iterator[harness.Result]:
    """Kill the export of one published file over that of another one."""
    findings = Findings(ROOM, "kill -9 of `closedloop export` while it replaces an earlier export")
    known = {}
    for what, published in (("old", old), ("new", new)):
        ended = launcher.run(*export(published, folder / what))
        findings.hold(what, ended.err, is_true=ended.code == DONE)
        known[what] = content(folder / what)
    findings.hold("the two exports", "are alike", is_true=known["old"] != known["new"])
    calls = calls_of(folder, new)
    for number in moments(calls, spread, around):
        to = folder / str(number) / "out"
        shutil.copytree(folder / "old", to)
        label = f"#{number} {calls[number - 1].replace(str(folder), '')}"
        ended = launcher.run(*export(new, to), point=NthCall(to, number, KILL))
        findings.hold(label, f"not killed: {ended.code} {ended.err}", is_true=ended.code < 0)
        whole = whole_ones(to.parent, known)
        findings.found(whole_as(whole) if whole else "none is whole")
        findings.hold(label, f"none is whole: {sorted(p.name for p in to.parent.iterdir())}", is_true=bool(whole))
        is_old_or_new = not to.exists() or content(to) in known.values()
        findings.hold(label, "neither the old nor the new export", is_true=is_old_or_new)
        again = launcher.run(*export(new, to))
        findings.hold(label, f"the next export: {again.code} {again.err}", is_true=again.code == DONE)
        findings.hold(label, "not cleared up", is_true=[p.name for p in to.parent.iterdir()] == ["out"])
        findings.hold(label, "the next export is another one", is_true=content(to) == known["new"])
    yield findings.result()


def export(published: Path, to: Path) -> list[str]:
    """The command."""
    return ["export", "--format", "csv", *SCHEMAS, "--warehouse", str(published), str(to)]


def calls_of(folder: Path, new: Path) -> list[str]:
    """The system calls of an undisturbed export over an earlier one."""
    to = folder / "listed" / "out"
    shutil.copytree(folder / "old", to)
    launcher.run(*export(new, to), point=NthCall(to, 0, listed=folder / "calls"))
    return (folder / "calls").read_text(encoding="utf-8").splitlines()


def moments(calls: list[str], spread: int, around: int) -> list[int]:
    """The numbers of the calls at which the export is killed."""
    renames = [n for n, call in enumerate(calls, 1) if call.startswith("os.rename")]
    near = {n for rename in renames for n in range(rename, rename + around) if n <= len(calls)}
    return sorted(near | {1 + k * (len(calls) - 1) // spread for k in range(spread + 1)})


def whole_ones(folder: Path, known: dict[str, dict[str, bytes]]) -> dict[str, str]:
    """The folders that hold a whole export, and which."""
    return {path.name: what for path in folder.iterdir() for what, files in known.items() if content(path) == files}


def whole_as(whole: dict[str, str]) -> str:
    """The outcome in words."""
    return (
        f"the {whole['out']} one in its place" if "out" in whole else "the old one beside, put back by the next export"
    )
