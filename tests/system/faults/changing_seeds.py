"""Seeds that change while a build reads them: what is published is one version of them, or the old file stays.

The build stops itself at a named moment; then the folder is changed, and the build goes on.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb

from assets.raw import seeds_version
from assets.raw.contract import TABLES
from tests.ledgers import seed_files
from tests.system.faults import harness, launcher, writing_commands
from tests.system.faults.points import Point
from tests.system.faults.said import DONE, ENVIRONMENT, Findings

REFUSED = 1

AT_ONCE = 2

SHORT_S = 0.2
"""Between two changes of one round."""

READ = "assets.raw.reader:read_seed"

MOMENTS = (
    Point("assets.raw.seeds_version:_look", "before", number=signal.SIGSTOP),
    Point("assets.raw.seeds_version:_sha256", "before", only="deals.csv", number=signal.SIGSTOP),
    Point(READ, "before", number=signal.SIGSTOP),
    Point(READ, "after", number=signal.SIGSTOP),
    Point(READ, "before", only="commitments.csv", number=signal.SIGSTOP),
    Point(READ, "after", only="commitments.csv", number=signal.SIGSTOP),
    Point(READ, "before", only="sources.csv", number=signal.SIGSTOP),
    Point(READ, "after", call=len(TABLES) // 2, number=signal.SIGSTOP),
    Point(READ, "before", call=len(TABLES), number=signal.SIGSTOP),
    Point(READ, "after", call=len(TABLES), number=signal.SIGSTOP),
)
"""Spread over the raw stage; the first is before anything was read."""

CHANGED = {
    "assumptions": "reason",
    "capacity": "note",
    "claims": "note",
    "commitments": "note",
    "deals": "description",
    "sources": "title",
}
"""The files in which the two versions differ, and the column."""

ONE = "commitments"

Later = Callable[[], object]


class Versions:
    """Two versions of the seeds, and what a build of a version publishes."""

    def __init__(self, folder: Path, first: harness.Place) -> None:
        """Write both; the first is that of a place in which it was built, others are built there when needed."""
        self.a, self.b = folder / "a", folder / "b"
        self.first = first
        shutil.copytree(self.first.seeds, self.a)
        shutil.copytree(self.a, self.b)
        for name, column in CHANGED.items():
            rows = seed_files.read(self.b / f"{name}.csv")
            rows[0][column] = f"{rows[0][column]} (changed)".strip()
            seed_files.save(self.b / f"{name}.csv", rows)
        checked = launcher.run("check", "--seeds", self.b)
        assert checked.code == DONE, checked.err
        self._lock = threading.Lock()
        self._built = {version(self.a): harness.contents(first.published)}

    def published(self, seeds: Path) -> dict[str, tuple[int, str]]:
        """The tables of a build of these seeds alone."""
        with self._lock:
            found = version(seeds)
            if found not in self._built:
                put(seeds, self.first.seeds)
                ended = launcher.build(self.first)
                assert ended.code == DONE, ended.err
                self._built[found] = harness.contents(self.first.published)
            return self._built[found]


def version(seeds: Path) -> str:
    """The hash of a version of the seeds, as a publication records it."""
    files = {t.name: hashlib.sha256((seeds / f"{t.name}.csv").read_bytes()).hexdigest() for t in TABLES}
    return seeds_version.digest(files)


def put(source: Path, seeds: Path) -> None:
    """Replace a folder of seeds by a copy of another one."""
    shutil.rmtree(seeds)
    shutil.copytree(source, seeds)


# --- changes: each makes the folder another one, and may return what follows a moment later ---------------------------


def checkout(seeds: Path, versions: Versions) -> None:
    """`git checkout` of six files."""
    git = ["git", "-C", str(seeds), "-c", "user.name=t", "-c", "user.email=t@example.org"]
    put(versions.b, seeds)
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "b"]):
        subprocess.run([*git, *command], check=True, capture_output=True)
    for path in versions.a.iterdir():
        (seeds / path.name).write_bytes(path.read_bytes())
    subprocess.run([*git, "checkout", "-q", "--", "."], check=True, capture_output=True)


def rewrite(seeds: Path, versions: Versions) -> None:
    """One file replaced by another one."""
    new = seeds / f"{ONE}.new"
    shutil.copyfile(versions.b / f"{ONE}.csv", new)
    new.replace(seeds / f"{ONE}.csv")


def rename(seeds: Path, versions: Versions) -> None:
    """Another folder in the place of this one."""
    away = seeds.with_name("seeds.away")
    shutil.rmtree(away, ignore_errors=True)
    shutil.copytree(versions.b, other := seeds.with_name("seeds.new"))
    seeds.rename(away)
    other.rename(seeds)


def halves(seeds: Path, versions: Versions) -> Later:
    """A file saved in two halves."""
    content = (versions.b / f"{ONE}.csv").read_bytes()
    (seeds / f"{ONE}.csv").write_bytes(content[: len(content) // 2])

    def rest() -> None:
        with (seeds / f"{ONE}.csv").open("ab") as file:
            file.write(content[len(content) // 2 :])

    return rest


def touch(seeds: Path, _versions: Versions) -> None:
    """Every file with another time and the same content."""
    for path in seeds.glob("*.csv"):
        os.utime(path)


def there_and_back(seeds: Path, versions: Versions) -> None:
    """Changed, and changed back."""
    for source in (versions.b, versions.a):
        for name in CHANGED:
            (seeds / f"{name}.csv").write_bytes((source / f"{name}.csv").read_bytes())


def there_and_later_back(seeds: Path, versions: Versions) -> Later:
    """Changed, and a moment later changed back."""
    rewrite(seeds, versions)
    return lambda: (seeds / f"{ONE}.csv").write_bytes((versions.a / f"{ONE}.csv").read_bytes())


def add(seeds: Path, _versions: Versions) -> Later:
    """`closedloop add`, which begins while the build stands still and writes while it goes on."""
    started = launcher.started(*writing_commands.add(seeds))
    return started.wait


REWRITTEN = "one file rewritten"

CHANGES = {
    "git checkout of six files": checkout,
    REWRITTEN: rewrite,
    "the folder renamed": rename,
    "a file saved in halves": halves,
    "touched": touch,
    "there and back": there_and_back,
    "there and later back": there_and_later_back,
    "closedloop add": add,
}

SAME = {"touched", "there and back"}
"""Changes after which the content is as before: the build must publish."""


def rounds() -> list[tuple[str, Point]]:
    """Every change at three moments, together at all moments."""
    return [(name, MOMENTS[(3 * k + i) % len(MOMENTS)]) for k in range(3) for i, name in enumerate(CHANGES)]


def run(place: harness.Place, folder: Path) -> Iterator[harness.Result]:
    """All rounds, in two warehouses at once."""
    findings = Findings("neighbours", "the seeds change while a build reads them")
    first = harness.Place(shutil.copytree(place.folder, folder / "first"))
    versions = Versions(folder, first)
    chosen = rounds()

    def go(number: int) -> None:
        here = harness.Place(shutil.copytree(place.folder, folder / str(number)))
        in_turn(here, versions, chosen[number::AT_ONCE], findings)

    with ThreadPoolExecutor(AT_ONCE) as threads:
        list(threads.map(go, range(AT_ONCE)))
    yield findings.result()


def in_turn(place: harness.Place, versions: Versions, chosen: Sequence[tuple[str, Point]], findings: Findings) -> None:
    """Rounds in one warehouse, and at its end a build of the first version that nothing disturbs."""
    for name, moment in chosen:
        put(versions.a, place.seeds)
        label = f"{name} {moment}"
        try:
            findings.found(change(place, versions, name, moment, findings, label))
        except (AssertionError, duckdb.Error, OSError) as error:
            findings.found("a failure")
            findings.hold(label, repr(error), is_true=False)
    put(versions.a, place.seeds)
    ended = launcher.build(place)
    findings.hold("the next build", ended.err, is_true=ended.code == DONE)
    is_equal = harness.contents(place.published) == versions.published(versions.a)
    findings.hold("the next build", "other tables", is_true=is_equal)


def change(place: harness.Place, versions: Versions, name: str, moment: Point, findings: Findings, label: str) -> str:
    """One build during which the seeds change; returns what was found."""
    before = harness.bytes_sha256(place.published)
    started = launcher.Started(place, point=moment)
    harness.until(lambda: is_stopped(started.pid) or not started.is_running(), "stop at the moment")
    findings.hold(label, "this moment was never reached", is_true=started.is_running())
    later = CHANGES[name](place.seeds, versions)
    started.signal(signal.SIGCONT)
    if later:
        time.sleep(SHORT_S)
        written = later()
        if isinstance(written, launcher.Ended):
            findings.hold(label, f"add: {written.err}", is_true=written.code in {DONE, ENVIRONMENT})
    ended = started.wait()
    if harness.bytes_sha256(place.published) == before:
        is_told = ended.code == REFUSED and "changed while the build was reading the seeds" in ended.err
        is_gate = ended.code == REFUSED and name == "a file saved in halves"
        findings.hold(label, f"{ended.code} {ended.err[-400:]}", is_true=is_told or is_gate)
        findings.hold(label, "refused without need", is_true=name not in SAME)
        return "refused, the old file"
    findings.hold(label, f"{ended.code} {ended.err[-400:]}", is_true=ended.code == DONE)
    for seeds, what in ((versions.a, "the version before"), (place.seeds, "the version after")):
        if seeds_published(place.published) == version(seeds):
            is_equal = harness.contents(place.published) == versions.published(seeds)
            findings.hold(label, f"not the tables of {what}", is_true=is_equal)
            return f"published {what}"
    findings.hold(label, "published a version that never was", is_true=False)
    return "a mixture"


def seeds_published(published: Path) -> str:
    """The hash of the seeds of the last publication."""
    with duckdb.connect(str(published), read_only=True) as connection:
        found = connection.execute(
            "select arg_max(seeds_sha256, publication_number) from quality.publications"
        ).fetchone()
    assert found, "a published file without a publication"
    return str(found[0])


def is_stopped(pid: int) -> bool:
    """Whether a process stands still after SIGSTOP."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
    except OSError:
        return False
