"""The room `neighbours`: what lies beside the files of closedloop, and who else writes there.

Foreign files with its names, seeds that change during a build, commands that write seeds or an export and are killed,
and the permissions of what is replaced.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from tests.system.faults import (
    changing_seeds,
    harness,
    in_the_way,
    kept_rights,
    killed_exports,
    killed_writers,
    launcher,
)
from tests.system.faults.said import DONE


def run(folder: Path) -> Iterator[harness.Result]:
    """Every kind, on the small ledger."""
    place = harness.place(folder / "place")
    ended = launcher.build(place)
    assert ended.code == DONE, ended.err
    yield from in_the_way.run(place, folder / "in_the_way")
    yield from changing_seeds.run(place, folder / "changing")
    yield from killed_writers.run(folder / "writers")
    yield from kept_rights.run(place, folder / "rights")
    earlier = Path(shutil.copy(place.published, folder / "earlier.duckdb"))
    ended = launcher.build(place)
    assert ended.code == DONE, ended.err
    yield from killed_exports.run(earlier, place.published, folder / "exports")
