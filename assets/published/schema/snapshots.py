"""The shapes promised so far, one file per version: `snapshots/<version>.json`.

A published file is never edited; any change is a new version.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assets.published.schema.comparison import Difference, compare, next_version
from assets.published.schema.renames import Rename
from assets.published.schema.shape import ColumnShape, Shape, Version, addresses, version

FOLDER = Path(__file__).with_name("snapshots")


@dataclass(frozen=True)
class Snapshot:
    """The shape of one version."""

    version: Version
    stored_on: dt.date
    meaning_changed: tuple[str, ...]
    """Columns and tables whose meaning changed in this version, although name, type and unit did not."""
    shape: Shape


def stored(folder: Path = FOLDER) -> list[Snapshot]:
    """All snapshots, oldest first.

    Errors: ValueError for a file whose name is not a version.
    """
    return sorted((_read(path) for path in folder.glob("*.json")), key=lambda s: s.version)


def since_newest(known: Sequence[Snapshot], shape: Shape, renames: Sequence[Rename]) -> Difference:
    """The difference from the newest snapshot; without a snapshot, everything is an addition."""
    return compare(known[-1].shape if known else {}, shape, renames)


def version_of(
    known: Sequence[Snapshot], shape: Shape, renames: Sequence[Rename], meaning_changed: Collection[str] = ()
) -> Version:
    """The version of a shape: that of the newest snapshot if equal, otherwise the next one, which must be stored."""
    last = known[-1].version if known else None
    return next_version(last, since_newest(known, shape, renames), meaning_changed)


def store(snapshot: Snapshot, folder: Path = FOLDER) -> Path:
    """Write a snapshot, one line per column.

    Errors: ValueError for a changed meaning of an unknown name; FileExistsError for a version that is already stored.
    """
    if unknown := sorted(set(snapshot.meaning_changed).difference(addresses(snapshot.shape))):
        raise ValueError(f"not in the published file: {', '.join(unknown)}")
    path = folder / f"{snapshot.version}.json"
    with path.open("x", encoding="utf-8") as file:
        file.write(_written(snapshot))
    return path


def _written(snapshot: Snapshot) -> str:
    tables = ",\n".join(f"  {json.dumps(name)}: {_columns(columns)}" for name, columns in snapshot.shape.items())
    meaning = json.dumps(snapshot.meaning_changed)
    return (
        f'{{\n "stored_on": "{snapshot.stored_on}",\n "meaning_changed": {meaning},\n "tables": {{\n{tables}\n }}\n}}\n'
    )


def _columns(columns: Mapping[str, ColumnShape]) -> str:
    lines = ",\n".join(f"   {json.dumps(name)}: {json.dumps(column.as_json())}" for name, column in columns.items())
    return f"{{\n{lines}\n  }}"


def _read(path: Path) -> Snapshot:
    found = json.loads(path.read_text(encoding="utf-8"))
    return Snapshot(
        version=version(path.stem),
        stored_on=dt.date.fromisoformat(found["stored_on"]),
        meaning_changed=tuple(found["meaning_changed"]),
        shape={t: {c: ColumnShape(**kept) for c, kept in columns.items()} for t, columns in found["tables"].items()},
    )
