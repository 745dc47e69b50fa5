"""Two builds of the same seeds give equal tables: repeated, on one and on many threads, with another hash seed.

The content of the tables is compared, and the SHA-256 per table in `quality.publications`.
"""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import duckdb

from assets.cli.options import SEEDS
from tests.system.faults.harness import LONG_S, Place, Result, contents, environment, place

THREADS = str(max(4, os.cpu_count() or 1))

WAYS: dict[str, tuple[dict[str, str], bool]] = {
    "again": ({}, False),
    "on one thread": ({"POLARS_MAX_THREADS": "1"}, True),
    f"on {THREADS} threads": ({"POLARS_MAX_THREADS": THREADS}, False),
    "with other hash seeds": ({"PYTHONHASHSEED": "12345"}, False),
}
"""Variants of a build: environment variables, and whether it is limited to one core."""


def run(folder: Path) -> Iterator[Result]:
    """Every variant, on the small ledger and on the real one."""
    for ledger in ("small", "real"):
        reference = built(folder / ledger / "first", ledger)
        for way in WAYS:
            other = built(folder / ledger / "another", ledger, way)
            found = differing(reference, other)
            text = f"{len(hashes(reference))} tables alike" if not found else f"differ: {', '.join(found)}"
            yield Result("determinism", f"{ledger} ledger built {way}", 1, text, not found)
            shutil.rmtree(other.folder)


def built(folder: Path, ledger: str, way: str = "again", **environment_too: str) -> Place:
    """A ledger, built in one variant, with further environment variables."""
    there = place(folder) if ledger == "small" else Place(folder)
    if ledger == "real":
        shutil.copytree(SEEDS, there.seeds)
    more, is_on_one_core = WAYS[way]
    one_core = functools.partial(os.sched_setaffinity, 0, {min(os.sched_getaffinity(0))})
    done = subprocess.run(
        there.command(),
        capture_output=True,
        text=True,
        timeout=LONG_S,
        check=False,
        env=environment(more | environment_too),
        preexec_fn=one_core if is_on_one_core else None,
    )
    assert done.returncode == 0, done.stderr
    return there


def hashes(there: Place) -> dict[str, str]:
    """The hashes of tables in the last publication."""
    with duckdb.connect(str(there.published), read_only=True) as connection:
        rows = connection.execute("select arg_max(fingerprints, publication_number) from quality.publications")
        return dict(json.loads(rows.fetchall()[0][0]))


def differing(one: Place, other: Place) -> list[str]:
    """Tables that differ in their content or in their published hash."""
    pairs = [(contents(one.published), contents(other.published)), (hashes(one), hashes(other))]
    return sorted({name for a, b in pairs for name in a.keys() | b.keys() if a.get(name) != b.get(name)})
