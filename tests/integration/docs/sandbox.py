"""The folder of a reader of the documents: a published file, seeds with mistakes, and the command on the PATH."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import duckdb

from tests.places import PROJECT

PUBLISHED = Path("warehouse", "closedloop.duckdb")

CLOSEDLOOP = Path(sys.executable).with_name("closedloop")

LAST_CODE = "echo $?"

READERS = ("query", "status", "diff", "explain", "report")

NEED_NO_FILE = ("closedloop check", "closedloop --help")

MISTAKES = (
    ("commitments.csv", "l_sb_ampere,", ",6500000000,", ",$6.5bn,"),
    ("commitments.csv", "l_sb_intel,", ",intel,", ",intell,"),
    ("commitments.csv", "l_sb_dbrg,", ",contracted,", ",Contracted,"),
)
"""File, start of the line, the correct text, and the mistake."""


class Sandbox:
    """Runs the commands of the documents."""

    def __init__(self, folder: Path) -> None:
        """Create the folder; `build` or `adopt` adds the published file."""
        self.folder = folder
        self.published = folder / PUBLISHED
        self.published.parent.mkdir()
        write_mistakes(folder / "mistakes")
        self._pool = ThreadPoolExecutor(2)
        self._known: dict[str, Future[tuple[str, int]]] = {}

    def build(self) -> None:
        """Build the warehouse of the real seeds."""
        text, code = self.run(f"closedloop build --warehouse {PUBLISHED}")
        assert code == 0, text

    def adopt(self, published: Path) -> None:
        """Take a copy of a warehouse of the real seeds."""
        shutil.copy(published, self.published)

    def ask(self, sql: str, parameters: Mapping[str, object] | None = None) -> list[tuple[Any, ...]]:
        """The rows of a query on the published file."""
        with duckdb.connect(str(self.published), read_only=True) as connection:
            return connection.execute(sql, dict(parameters or {})).fetchall()

    def start(self, commands: Sequence[str]) -> None:
        """Run commands that need no published file in the background."""
        for command in commands:
            if command.startswith(NEED_NO_FILE) and command not in self._known:
                self._known[command] = self._pool.submit(self.run, command)

    def outputs(self, commands: Sequence[str]) -> list[str]:
        """The output of each command of a session."""
        found: list[str] = []
        code = 0
        for command in commands:
            if command == LAST_CODE:
                found.append(str(code))
            else:
                output, code = self.result(command)
                found.append(output)
        return found

    def result(self, command: str) -> tuple[str, int]:
        """The output and the exit code of a command; each command runs once."""
        if command not in self._known:
            self._known[command] = self._pool.submit(self.run, command)
        return self._known[command].result()

    def run(self, command: str) -> tuple[str, int]:
        """Run one command in the folder; a command that reads the published file reads that of the folder."""
        program, *arguments = shlex.split(command)
        assert program == "closedloop", f"only closedloop is run, not {program}"
        if arguments[0] in READERS:
            arguments += ["--warehouse", str(PUBLISHED)]
        done = subprocess.run(
            [str(CLOSEDLOOP), *arguments],
            cwd=self.folder,
            env={**os.environ, "PYTHONUNBUFFERED": "1", "NO_COLOR": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return "\n".join(line.rstrip() for line in done.stdout.splitlines()).strip("\n"), done.returncode

    def close(self) -> None:
        """Wait for running commands."""
        self._pool.shutdown()


def copy_project(folder: Path) -> Path:
    """Copy the sources: code, SQL, tests and seeds."""
    for name in ("assets", "sql", "tests", "seeds"):
        shutil.copytree(PROJECT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(PROJECT / "pyproject.toml", folder)
    return folder


def copy_seeds(folder: Path) -> None:
    """Copy the real seeds."""
    folder.mkdir()
    for path in (PROJECT / "seeds").glob("*.csv"):
        shutil.copy(path, folder)


def write_mistakes(folder: Path) -> None:
    """Copy the real seeds and make the mistakes that the README shows."""
    copy_seeds(folder)
    for name, start, right, wrong in MISTAKES:
        path = folder / name
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        place = next((i for i, line in enumerate(lines) if line.startswith(start) and right in line), None)
        assert place is not None, (
            f"seeds/{name} has no line {start}...{right}: choose another mistake in tests/integration/docs"
        )
        lines[place] = lines[place].replace(right, wrong, 1)
        path.write_text("".join(lines), encoding="utf-8")
