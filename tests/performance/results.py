"""The latest results by section: committed, and shown in the README."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.performance.rows import Row

RESULTS = Path(__file__).with_name("results.json")


@dataclass(frozen=True)
class Section:
    """The rows of one section, with where and when."""

    machine: str
    measured_on: str
    rows: tuple[Row, ...]


def measured_now(rows: Iterable[Row]) -> Section:
    """Rows measured today on this machine."""
    cores = len(os.sched_getaffinity(0))
    return Section(f"{cores} cores", dt.datetime.now(tz=dt.UTC).date().isoformat(), tuple(rows))


def kept(file: Path = RESULTS) -> dict[str, Section]:
    """All sections by name, in the order of the file."""
    data = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return {name: Section(**{**s, "rows": tuple(Row(**row) for row in s["rows"])}) for name, s in data.items()}


def keep(name: str, section: Section, order: Sequence[str], file: Path = RESULTS) -> None:
    """Replace the stored results of a section; the others stay."""
    known = {**kept(file), name: section}
    found = {n: asdict(known[n]) for n in sorted(known, key=order.index)}
    file.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
