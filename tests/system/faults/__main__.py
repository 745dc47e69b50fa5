"""`make faults`: runs every room, prints the results, stores them for the README, and fails if a promise was broken.

Run: python -m tests.system.faults [room ...]
"""

import importlib
import json
import sys
import tempfile
import time
from pathlib import Path

from tests.system.faults import harness

ROOMS = ("process", "storage", "concurrency", "clock", "determinism", "neighbours", "security", "bad_data")

KEPT = Path(__file__).with_name("results.json")
"""Committed: `make docs` prints it in the README."""


def main(chosen: list[str]) -> int:
    found: list[harness.Result] = []
    for name in chosen or ROOMS:
        room = importlib.import_module(f"tests.system.faults.{name}")
        began = time.monotonic()
        with tempfile.TemporaryDirectory(prefix=f"closedloop_{name}_") as folder:
            for result in room.run(Path(folder)):
                kept = "kept" if result.is_kept else "BROKEN"
                print(f"{name:12} {kept:6} {result.injected:6} × {result.fault}: {result.outcome}", flush=True)
                found.append(result)
        keep(found)
        print(f"{name:12} took {time.monotonic() - began:.0f} s", flush=True)
    return 0 if all(r.is_kept for r in found) else 1


def keep(found: list[harness.Result]) -> None:
    """Replace the stored results of the rooms that ran; the others stay."""
    known = [harness.Result(**r) for r in json.loads(KEPT.read_text(encoding="utf-8"))] if KEPT.exists() else []
    ran = {r.room for r in found}
    everything = [*(r for r in known if r.room not in ran), *found]
    order = [name.replace("_", " ") for name in ROOMS]
    KEPT.write_text(harness.as_json(sorted(everything, key=lambda r: order.index(r.room))), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
