"""Ledgers of a size as Parquet files of facts.commitments and facts.capacity: the input of every contender."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import polars as pl

from assets.warehouse.in_memory import InMemory
from tests.ledgers.memory import steps_to

NEEDED = ("facts.commitments", "facts.capacity")


def ledger(legs: int, folder: Path) -> Path:
    """The seeds of a synthetic ledger, made once."""
    seeds = folder / f"seeds-{legs}"
    if not (seeds / "totals.json").exists():
        command = Path(sys.executable).with_name("closedloop")
        subprocess.run([command, "synth", "--legs", str(legs), "--out", str(seeds)], check=True, capture_output=True)
    return seeds


def promises(legs: int, folder: Path) -> Path:
    """The intervals of knowledge of a synthetic ledger: commitments.parquet and capacity.parquet, made once."""
    made = folder / f"promises-{legs}"
    if not made.exists():
        memory = InMemory(ledger(legs, folder))
        for step in steps_to(*NEEDED):
            memory.frames[step.name] = pl.concat([step.build(memory).frame])
        made.mkdir()
        for name in NEEDED:
            memory.frames[name].write_parquet(made / f"{name.partition('.')[2]}.parquet")
        memory.close()
    return made


def repeated(legs: int, times: int, folder: Path) -> Path:
    """A multiple of a ledger: the same promises repeated with other parties, one file after another."""
    made = folder / f"promises-{legs}-times-{times}"
    if not made.exists():
        once = promises(legs, folder)
        made.mkdir()
        commitments, capacity = (pl.read_parquet(once / f"{n}.parquet") for n in ("commitments", "capacity"))
        for n in range(times):
            again = {c: pl.col(c) + f"_{n}" for c in ("leg_id", "payer_id", "payee_id", "capacity_leg_id")}
            commitments.with_columns(**again).write_parquet(made / f"commitments-{n}.parquet")
            capacity.with_columns(leg_id=again["leg_id"]).write_parquet(made / f"capacity-{n}.parquet")
    return made


def files(folder: Path, name: str) -> list[Path]:
    """The files of a table, in their order."""
    return sorted(folder.glob(f"{name}*.parquet"))


def made(what: str, legs: int, folder: Path, times: int = 1) -> Path:
    """Run one of the functions above in a separate process, so that its memory is measured alone."""
    command = [sys.executable, "-m", "tests.performance.inputs", what, str(legs), str(folder), str(times)]
    return Path(subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip())


def main() -> None:
    """Make the requested file and print its path."""
    what, legs, folder, times = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])
    print({"ledger": ledger, "promises": promises}[what](legs, folder) if times == 1 else repeated(legs, times, folder))


if __name__ == "__main__":
    main()
