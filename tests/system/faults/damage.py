"""Damaged files: truncated, with a flipped bit, empty, replaced by a folder, or written by a newer DuckDB.

The files of DuckDB are damaged at many places. For each place, all file operations of a build run: open, read the
notes, replace every table, publish, read back; the frames are those of an undisturbed build. The real command then
builds on some of them. Not here: computing frames.
"""

from __future__ import annotations

import base64
import random
import shutil
import subprocess
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import polars as pl

from assets import catalog
from assets.core.errors import EnvironmentFailure
from assets.core.paths import Paths
from assets.gates import log as gate_log
from assets.published import publication
from assets.warehouse import questions
from assets.warehouse.build_file import BuildFile
from tests.system.faults import harness, launcher
from tests.system.faults.full_disk import Old
from tests.system.faults.said import DONE, REMEDY, Findings

HEADERS = 3 * 4096
"""Bytes of a DuckDB file before its first block."""

OF_DUCKDB_2 = zlib.decompress(
    base64.b85decode(
        "c-rmRJq`g;5Ww+gDPE%R)rnT4*t}q)+=QoE(TD=wvm8OTQ7D&7>;YUrr*Q|h#s%~g8<7Yi5(&xw*Gy(6nPR%hbWYh~IOuM5zvUg1;w`hPt!"
        "(wY?>qIeF_W4<eLd$e%w?KVt(Wsc<W;Pl00000003XHZv;VUq}{~hwsotg;vnPDW_17n0002|ja9F_FzHSHnxF585AJ{d{{R30008`!3spugw*"
    )
)
"""The headers of a real file: `create table t as select 1`, written by DuckDB 2.0.0 with its default storage."""

PUBLISHED_EVERY = 6
"""After every n-th damage the tables are also published; after the others only the build file is checked."""

Harm = Callable[[bytes], bytes]


def flipped(at: int, bit: int = 0) -> Harm:
    """Flip one bit."""
    return lambda b: b[:at] + bytes([b[at] ^ (1 << bit)]) + b[at + 1 :]


def cut(at: int) -> Harm:
    """Truncate to the first bytes."""
    return lambda b: b[:at]


def of_a_newer_duckdb(content: bytes) -> bytes:
    """The file with the header of DuckDB 2.0."""
    return OF_DUCKDB_2 + content[HEADERS:]


def harms(size: int, headers: int, blocks: int, cuts: int) -> dict[str, Harm]:
    """Numbers of flipped bits in the headers and the blocks of a file, and of truncations."""
    places = random.Random(4)  # noqa: S311 - places, not secrets
    found: dict[str, Harm] = {}
    for first, last, count in (
        (0, 144, headers // 2),
        (4096, HEADERS, headers - headers // 2),
        (HEADERS, size, blocks),
    ):
        for _ in range(count):
            at, bit = places.randrange(first, min(last, size)), places.randrange(8)
            found[f"bit {bit} of byte {at}"] = flipped(at, bit)
    for at in sorted(places.randrange(size) for _ in range(cuts)):
        found[f"cut at byte {at}"] = cut(at)
    return found


class Files:
    """The file operations of a build, with the frames of an undisturbed build."""

    def __init__(self, place: harness.Place) -> None:
        """Read the build file of an undisturbed build."""
        self.place = place
        self.paths = Paths(place.published)
        self.contents = harness.contents(place.published)
        self._macros = catalog.STATEMENTS
        build = self._open()
        try:
            self._states = build.states()
            self._frames: dict[str, pl.DataFrame] = {n: build.read(n) for n in catalog.STEPS}
        finally:
            build.close()
        self._before = {p: p.read_bytes() for p in (self.paths.build, self.paths.published, self.paths.gate_log)}

    def _open(self) -> BuildFile:
        return BuildFile(self.paths, self.place.seeds, self._macros)

    def restore(self) -> None:
        """Restore the undamaged files."""
        for path, content in self._before.items():
            path.write_bytes(content)

    def size(self, path: Path) -> int:
        """Size of the undamaged file."""
        return len(self._before[path])

    def damage(self, path: Path, harm: Harm) -> None:
        """Damage one file; the others are intact."""
        self.restore()
        path.write_bytes(harm(self._before[path]))

    def is_right(self) -> bool:
        """Whether the reopened build file has the frames of the undisturbed build."""
        build = self._open()
        try:
            return all(build.read(name).equals(frame) for name, frame in self._frames.items())
        finally:
            build.close()

    def rebuild(self, *, with_publishing: bool = True) -> None:
        """Replace every table, read the history of publications, and publish.

        Errors: EnvironmentFailure.
        """
        build = self._open()
        try:
            build.states()
            for name, step in catalog.STEPS.items():
                known = self._states[name]
                build.commit(step.table, self._frames[name], known.inputs, known.detail, known.run_id)
            assert publication.earlier(build).height >= 1, "the history of publications is lost"
            if with_publishing:
                gates, _ = publication.publish(build, "after the damage")
                assert all(g.is_passed for g in gates), "a gate of quality refused"
        finally:
            build.close()


def run(folder: Path, old: Old) -> Iterator[harness.Result]:
    """Every kind of damage."""
    place = old.again(folder / "damaged")
    shutil.copytree(old.place.seeds, place.seeds, dirs_exist_ok=True)
    files = Files(place)
    yield build_file(files, harms(files.size(files.paths.build), 24, 60, 16))
    yield published_file(files, harms(files.size(files.paths.published), 16, 32, 12))
    yield log(files, 40)
    yield whole_command(files)
    yield history(files)


def build_file(files: Files, damages: dict[str, Harm]) -> harness.Result:
    """A build on a damaged build file publishes the right tables, or gives the remedy."""
    findings = Findings("storage", "the build file has a flipped bit or an early end, at many places")
    for number, (label, harm) in enumerate(damages.items()):
        files.damage(files.paths.build, harm)
        findings.found(_rebuilt(files, label, findings, with_publishing=number % PUBLISHED_EVERY == 0))
    files.restore()
    return findings.result()


def _rebuilt(files: Files, label: str, findings: Findings, *, with_publishing: bool) -> str:
    before = harness.bytes_sha256(files.paths.published)
    try:
        files.rebuild(with_publishing=with_publishing)
    except EnvironmentFailure as error:
        findings.hold(label, f"no remedy: {error}", is_true=REMEDY.search(str(error)) is not None)
        is_old = harness.bytes_sha256(files.paths.published) == before
        findings.hold(label, "the published file was touched", is_true=is_old)
        return "refused with a remedy, the old file"
    except (AssertionError, duckdb.Error, OSError) as error:
        findings.hold(label, f"{type(error).__name__} {error}", is_true=False)
        return "an error of the code"
    try:
        findings.hold(label, "other tables in the build file", is_true=files.is_right())
        if not with_publishing:
            return "built anew, the right tables"
        is_equal = harness.contents(files.paths.published) == files.contents
    except duckdb.Error as error:
        findings.hold(label, f"a damaged file: {error}", is_true=False)
        return "a damaged file"
    is_new = harness.bytes_sha256(files.paths.published) != before
    findings.hold(label, "the published file is the old one", is_true=is_new)
    findings.hold(label, "published other tables", is_true=is_equal)
    return "built anew, the right tables"


def published_file(files: Files, damages: dict[str, Harm]) -> harness.Result:
    """A reader of a damaged published file gets the right rows or an error; the next build replaces the file."""
    findings = Findings("storage", "the published file has a flipped bit or an early end, at many places")
    for number, (label, harm) in enumerate(damages.items()):
        files.damage(files.paths.published, harm)
        rows = _read(files, label, findings)
        _rebuilt(files, label, findings, with_publishing=number % PUBLISHED_EVERY == 0)
        findings.found(rows)
    files.restore()
    return findings.result()


def _read(files: Files, label: str, findings: Findings) -> str:
    names = list(files.contents)
    try:
        for name in names:
            with questions.answer(files.paths.published, f"select * from {name}") as answer:
                for _ in answer.rows():
                    pass
    except EnvironmentFailure as error:
        findings.hold(label, f"no remedy: {error}", is_true=REMEDY.search(str(error)) is not None)
        findings.hold(label, f"many lines: {error}", is_true=len(str(error).splitlines()) == 1)
        return "a reader is told"
    except questions.QueryError as error:
        findings.hold(label, f"told as a mistake in the SQL: {error}", is_true=False)
        return "a reader is told as of a mistake in SQL"
    is_equal = harness.contents(files.paths.published) == files.contents
    findings.hold(label, "a reader got wrong rows", is_true=is_equal)
    return "a reader gets the right rows"


def log(files: Files, count: int) -> harness.Result:
    """A truncated gate log loses only the truncated line."""
    findings = Findings("storage", "the gate log is cut short at many places, or has a flipped bit")
    path = files.paths.gate_log
    files.restore()
    whole = gate_log.results(path, runs_kept=100)
    places = random.Random(5)  # noqa: S311 - as above
    for _ in range(count):
        at = places.randrange(files.size(path))
        files.damage(path, cut(at))
        found = gate_log.results(path, runs_kept=100)
        lines = path.read_bytes().count(b"\n")
        findings.hold(f"cut at {at}", f"{found.height} of {lines} verdicts", is_true=lines <= found.height <= lines + 1)
        others = found.join(whole, on=whole.columns, how="anti")
        findings.hold(f"cut at {at}", f"other verdicts: {others}", is_true=others.is_empty())
        files.damage(path, flipped(at, places.randrange(8)))
        found = gate_log.results(path, runs_kept=100)
        findings.hold(f"flipped at {at}", f"{found.height}", is_true=found.height >= whole.height - 2)
        findings.found("every whole line is kept")
    files.restore()
    return findings.result()


TEXT = b"leg_id,deal_id\n" * 400

WHOLE: dict[str, Harm] = {
    "empty": cut(0),
    "of a newer DuckDB": of_a_newer_duckdb,
    "half": lambda b: b[: len(b) // 2],
    "a flipped bit in the middle": lambda b: flipped(len(b) // 2, 3)(b),
}


def whole_command(files: Files) -> harness.Result:
    """The same damage to build file, published file and gate log, followed by the real commands."""
    findings = Findings("storage", "build file, published file and gate log damaged at once, then query and build")
    for label, harm in WHOLE.items():
        files.restore()
        for path in (files.paths.build, files.paths.published, files.paths.gate_log):
            path.write_bytes(harm(path.read_bytes()))
        asked = query(files.place)
        if asked.returncode != DONE:
            findings.check_message(f"query, {label}", asked.returncode, asked.stderr, str(files.paths.published))
            findings.hold(f"query, {label}", asked.stderr, is_true=len(asked.stderr.splitlines()) == 1)
        ended = launcher.build(files.place)
        findings.hold(label, f"build: {ended.code} {ended.err}", is_true=ended.code == DONE)
        is_equal = ended.code == DONE and harness.contents(files.paths.published) == files.contents
        findings.hold(label, "the build gives other tables", is_true=is_equal)
        findings.found("built anew, the right tables")
    for path in (files.paths.build, files.paths.published, files.paths.gate_log):
        _text_in_place(files, path, findings)
    for path in (files.paths.build, files.paths.gate_log, files.paths.lock):
        _folder_in_place(files, path, findings)
    return findings.result()


def _text_in_place(files: Files, path: Path, findings: Findings) -> None:
    """Nothing proves that a text file is ours, so it is left unchanged."""
    files.damage(path, lambda _: TEXT)
    ended = launcher.build(files.place)
    findings.check_message(f"a text in place of {path.name}", ended.code, ended.err, str(path), "move it away")
    findings.hold(f"a text in place of {path.name}", "is gone", is_true=path.read_bytes() == TEXT)
    findings.found("a text in its place: exit code 3")
    files.restore()


def _folder_in_place(files: Files, path: Path, findings: Findings) -> None:
    before = path.read_bytes()
    path.unlink()
    path.mkdir()
    (path / "mine").touch()
    ended = launcher.build(files.place)
    findings.check_message(f"a folder in place of {path.name}", ended.code, ended.err, str(path))
    findings.found("a folder in its place: exit code 3")
    (path / "mine").unlink()
    path.rmdir()
    path.write_bytes(before)


def query(place: harness.Place) -> subprocess.CompletedProcess[str]:
    """Query the published file with the real command."""
    return subprocess.run(
        [harness.COMMAND, "query", "select sum(amount_usd) from facts.commitments", "--warehouse", place.published],
        capture_output=True,
        text=True,
        check=False,
        timeout=harness.LONG_S,
        env=harness.environment(),
    )


def history(files: Files) -> harness.Result:
    """Dagster's history damaged: exit code 3 with the advice to move it away, after which a build succeeds."""
    findings = Findings("storage", "Dagster's history is damaged (half, text)")
    home = files.paths.dagster_home
    kept = shutil.copytree(home, home.with_name("kept"))
    databases = [home / "history" / "runs.db", home / "history" / "runs" / "index.db", home / "schedules/schedules.db"]
    for database in databases:
        for label in ("half", "text"):
            shutil.rmtree(home)
            shutil.copytree(kept, home)
            for part in database.parent.glob(f"{database.name}-*"):
                part.unlink()
            database.write_bytes(TEXT if label == "text" else WHOLE[label](database.read_bytes()))
            ended = launcher.build(files.place)
            if ended.code != DONE:
                findings.check_message(f"{database.name}, {label}", ended.code, ended.err, str(home), "move")
            findings.found(f"exit code {ended.code}")
    shutil.rmtree(home)
    shutil.rmtree(kept)
    ended = launcher.build(files.place)
    findings.hold("moved away", ended.err, is_true=ended.code == DONE)
    return findings.result()
