"""`make faults`: every room in turn; prints a table, keeps it for the README, and fails if a promise was broken.

Run: python -m tests.faults [room ...]
"""

import importlib
import sys
import tempfile
import time
from pathlib import Path

from tests.faults import harness

ROOMS = ("process", "storage", "concurrency", "clock", "determinism")
KEPT = Path(__file__).with_name("results.json")
"""Committed: `make docs` prints it in the README."""


def main(chosen: list[str]) -> int:
    found: list[harness.Result] = []
    for name in chosen or ROOMS:
        room = importlib.import_module(f"tests.faults.{name}")
        began = time.monotonic()
        with tempfile.TemporaryDirectory(prefix=f"closedloop_{name}_") as folder:
            for result in room.run(Path(folder)):
                kept = "kept" if result.is_kept else "BROKEN"
                print(f"{name:12} {kept:6} {result.injected:6} × {result.fault}: {result.outcome}", flush=True)
                found.append(result)
        print(f"{name:12} took {time.monotonic() - began:.0f} s", flush=True)
    if not chosen:
        KEPT.write_text(harness.as_json(found), encoding="utf-8")
    return 0 if all(r.is_kept for r in found) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
