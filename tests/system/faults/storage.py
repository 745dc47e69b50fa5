"""The room `storage`: full disks, missing permissions, damaged files, links and names.

Needs root for small disks (tmpfs) and read-only mounts; every fault is real.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.system.faults import damage, forbidden, full_disk, harness, places
from tests.system.faults.full_disk import Disk, NotMountable, Old

SMALL_KB = 64


def run(folder: Path) -> Iterator[harness.Result]:
    """Every kind of fault, on the small ledger; without small disks no results are stored, and the remedy is shown."""
    try:
        with Disk(folder / "probe", SMALL_KB):
            pass
    except NotMountable as error:
        yield harness.Result("storage", "a small disk is mounted", 0, str(error), is_kept=False)
        return
    old = Old(folder)
    yield from full_disk.run(folder, old)
    yield from forbidden.run(folder, old)
    yield from damage.run(folder, old)
    yield from places.run(folder, old)
