"""Foreign files at every name that a command would write, and all commands on them.

A command names the file and leaves it byte for byte, or works around it. Not here: the proofs that a file is ours
(`tests.integration.security`).
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from assets.core.paths import Paths, write_ahead_log
from assets.warehouse import seeds_journal
from tests.integration.security import foreign
from tests.system.faults import harness, launcher, writing_commands
from tests.system.faults.places import Elsewhere
from tests.system.faults.said import DONE, ENVIRONMENT, Findings

ROOM = "neighbours"

WRONG_USAGE = 2

Make = Callable[[Path], None]


def folder_with_a_note(path: Path) -> None:
    """A folder of somebody else."""
    path.mkdir()
    (path / "note.txt").write_text("mine")


def link_to_a_text(path: Path) -> None:
    """A link to a file of somebody else."""
    foreign.text(path.with_name("elsewhere.txt"))
    path.symlink_to(path.with_name("elsewhere.txt"))


def link_to_a_folder(path: Path) -> None:
    """A link to a folder of somebody else."""
    folder_with_a_note(path.with_name("elsewhere"))
    path.symlink_to(path.with_name("elsewhere"))


NO_FILES: Sequence[Make] = (foreign.device, folder_with_a_note, link_to_a_text)

DATABASES: Sequence[Make] = (*foreign.FOREIGN, foreign.database_of_a_newer_duckdb)

FEW: Sequence[Make] = (foreign.text, foreign.sqlite_database, *NO_FILES)

FOLDERS: Sequence[Make] = (foreign.text, folder_with_a_note, link_to_a_folder)

BESIDE: dict[str, tuple[Callable[[Paths], Path], Sequence[Make]]] = {
    "the published file": (lambda p: p.published, (*DATABASES, *NO_FILES)),
    "the build file": (lambda p: p.build, (*DATABASES, *NO_FILES)),
    "the log of a missing database": (lambda p: write_ahead_log(p.published), (foreign.text,)),
    "the log of a missing build file": (lambda p: write_ahead_log(p.build), (foreign.text,)),
    "the gate log": (lambda p: p.gate_log, FEW),
    "the note of the lock's holder": (lambda p: p.holder, FEW),
    "the lock": (lambda p: p.lock, (folder_with_a_note,)),
    "the folder of parts": (lambda p: p.parts, FOLDERS),
    "the spill folder": (lambda p: p.spill, FOLDERS),
    "the Dagster home": (lambda p: p.dagster_home, (foreign.text,)),
}
"""Where a build finds something foreign, and what."""

QUICK = {"the published file": DATABASES[:1], "the build file": DATABASES[:1], "the spill folder": FOLDERS[1:2]}
"""For the test suite."""

JOURNALS: Sequence[Make] = (foreign.text, foreign.sqlite_database, *NO_FILES)

TEMPORARY = ("tmp-20260101", "tmp-backup", "tmp-12.txt", "old", "bak")
"""Endings of names that no process of ours has."""


def run(place: harness.Place, folder: Path) -> Iterator[harness.Result]:
    """All of them."""
    yield builds(place, folder / "beside")
    yield reports(place, folder / "report")
    yield exports(place, folder / "export")
    yield journals(folder / "journal")
    yield worked_around(place, folder / "around")


def builds(place: harness.Place, folder: Path, chosen: dict[str, Sequence[Make]] | None = None) -> harness.Result:
    """`closedloop build` where something foreign has one of its names."""
    findings = Findings(ROOM, "something foreign in the place of a file or folder that `closedloop build` writes")
    makes = chosen or {name: makes for name, (_, makes) in BESIDE.items()}
    for name, make in ((n, m) for n, several in makes.items() for m in several):
        here = Elsewhere(place.folder, folder / f"{name} {make.__name__}" / "mine.duckdb")
        here.published.parent.mkdir(parents=True)
        path = BESIDE[name][0](Paths(here.published))
        make(path)
        target = Path(os.path.realpath(path)) if name == "the published file" else path
        is_usage = name == "the published file" and make is folder_with_a_note
        code = WRONG_USAGE if is_usage else ENVIRONMENT
        left_alone(
            findings, f"{name}: {make.__name__}", here.published.parent, here.command()[1:], str(target), code=code
        )
    return findings.result()


def left_alone(
    findings: Findings, label: str, folder: Path, command: Sequence[str], *names: str, code: int = ENVIRONMENT
) -> None:
    """Run a command that must name the foreign file and leave everything in the folder unchanged."""
    before = foreign.content(folder)
    ended = launcher.run(*command)
    if code == ENVIRONMENT:
        findings.check_message(label, ended.code, ended.err, *names)
    is_said = ended.code == code and all(name in ended.err for name in names)
    findings.hold(label, f"{ended.code} {ended.err[-300:]}", is_true=is_said)
    now = foreign.content(folder)
    lost = sorted(n for n in before if now.get(n) != before[n])
    findings.hold(label, f"not left alone: {lost}", is_true=not lost)
    findings.found(f"refused with exit code {code}, left alone")


def reports(place: harness.Place, folder: Path) -> harness.Result:
    """`closedloop report` where something foreign is in the place of the page."""
    findings = Findings(ROOM, "something foreign in the place of the report, then `closedloop report`")
    for make in FEW:
        (folder / make.__name__).mkdir(parents=True)
        published = Path(shutil.copy(place.published, folder / make.__name__ / "mine.duckdb"))
        make(Paths(published).report)
        command = ["report", "--warehouse", str(published)]
        left_alone(findings, make.__name__, published.parent, command, str(Paths(published).report))
    return findings.result()


def exports(place: harness.Place, folder: Path) -> harness.Result:
    """`closedloop export` into folders that hold something foreign."""
    findings = Findings(ROOM, "something foreign in the folder of an export")
    earlier = folder / "earlier"
    command = ["export", "--format", "csv", "--schema", "metrics", "--warehouse", str(place.published)]
    ended = launcher.run(*command, earlier)
    findings.hold("the earlier export", ended.err, is_true=ended.code == DONE)
    for act in (npm, note, changed, linked, nested, file):
        here = folder / act.__name__
        to = here / "out"
        shutil.copytree(earlier, to)
        name = act(to)
        left_alone(findings, act.__name__, here, [*command, str(to)], name, code=WRONG_USAGE)
    return findings.result()


def npm(to: Path) -> str:
    """A project of another program, which has a file of the same name."""
    shutil.rmtree(to)
    to.mkdir()
    (to / "export.json").write_text(json.dumps({"name": "my-package", "files": ["main.js"]}))
    (to / "main.js").write_text("mine")
    return "export.json"


def note(to: Path) -> str:
    """A note among the files of an export."""
    (to / "metrics" / "notes.txt").write_text("mine")
    return "metrics/notes.txt"


def changed(to: Path) -> str:
    """A file of an export with a line of somebody else."""
    with (to / "metrics" / "claims.csv").open("a") as file:
        file.write("my note\r\n")
    return "metrics/claims.csv"


def linked(to: Path) -> str:
    """A link among the files of an export."""
    link_to_a_text(to / "metrics" / "mine.csv")
    return "metrics/"


def nested(to: Path) -> str:
    """A folder of somebody else among those of an export."""
    folder_with_a_note(to / "mine")
    return "mine"


def file(to: Path) -> str:
    """A file in the place of the folder."""
    shutil.rmtree(to)
    foreign.text(to)
    return str(to)


def journals(folder: Path) -> harness.Result:
    """Commands that read or write seeds where something foreign is in the place of their journal."""
    findings = Findings(ROOM, "something foreign in the place of the journal of the seeds")
    for name in (seeds_journal.JOURNAL, f"{seeds_journal.JOURNAL}.new"):
        for make in JOURNALS:
            here = harness.place(folder / f"{name} {make.__name__}")
            make(here.seeds / name)
            commands = {
                "add": writing_commands.add(here.seeds),
                "check": ["check", "--seeds", str(here.seeds)],
                "build": here.command()[1:],
            }
            for what, command in commands.items():
                label = f"{what}: {make.__name__} as {name}"
                left_alone(findings, label, here.seeds, command, str(here.seeds / name))
    return findings.result()


def worked_around(place: harness.Place, folder: Path) -> harness.Result:
    """One build and one `add` among foreign files that are no hindrance: all are there afterwards."""
    findings = Findings(ROOM, "foreign files beside a warehouse and among seeds that are no hindrance")
    shutil.copytree(place.folder, folder)
    here = harness.Place(folder)
    paths = Paths(here.published)
    kept = [here.published.with_name(f"{here.published.name}.{ending}") for ending in TEMPORARY]
    kept += [paths.lock, paths.report, here.published.with_name("notes.txt")]
    kept += [here.seeds / name for name in ("deals.csv.tmp-12", "deals.csv~", "deals.csv.orig", "notes.md", ".deals")]
    for path in kept:
        foreign.text(path)
    folders = [paths.published.with_name(f"{paths.published.name}.tmp-13"), here.seeds / "old"]
    for path in folders:
        folder_with_a_note(path)
    kept += [path / "note.txt" for path in folders]
    before = {path: path.read_bytes() for path in kept}
    for label, ended in (("build", launcher.build(here)), ("add", launcher.run(*writing_commands.add(here.seeds)))):
        findings.hold(label, f"{ended.code} {ended.err[-300:]}", is_true=ended.code == DONE)
        is_warned = label != "build" or paths.report.name in ended.err
        findings.hold(label, f"no warning of the report: {ended.err[-300:]}", is_true=is_warned)
        for path, content in before.items():
            is_there = path.is_file() and path.read_bytes() == content
            findings.hold(label, f"{path.name} was not left alone", is_true=is_there)
            findings.found("worked around, left alone")
    return findings.result()
