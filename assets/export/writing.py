"""An export: the chosen tables of one publication in a new folder, with the dictionary and a list of the files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from assets.export import as_csv, as_parquet, as_xlsx
from assets.export.contents import contents, publication, schema_version
from assets.export.folder import whole
from assets.export.manifest import MANIFEST, sha256
from assets.warehouse.errors import environment_errors
from assets.warehouse.questions import reading

WRITERS: Mapping[str, ModuleType] = {"parquet": as_parquet, "csv": as_csv, "xlsx": as_xlsx}
"""By format; the function `write` of each returns the rows by file."""


@dataclass(frozen=True)
class Export:
    """The result of an export."""

    folder: Path
    rows: Mapping[str, int]
    """Number of rows by file."""
    publication: Mapping[str, str]


def export(published: Path, folder: Path, kind: str, schemas: Sequence[str]) -> Export:
    """Write the tables of some schemas into a folder, atomically.

    Rules: one connection reads everything, so all files are of one publication, also during a publish.
    Errors: EnvironmentFailure; `folder.Occupied`; `contents.TooLarge`. The old content of the folder then stays.
    """
    with reading(published) as connection, environment_errors(published):
        tables = contents(connection, schemas)
        record, version = publication(connection), schema_version(connection)
        with whole(folder) as new:
            rows: dict[str, int] = WRITERS[kind].write(connection, tables, new)
            listed = {f: {"rows": n, "sha256": sha256(new / f)} for f, n in sorted(rows.items())}
            manifest = {
                "publication": record,
                "schema_version": version,
                "format": kind,
                "schemas": list(schemas),
                "files": listed,
            }
            (new / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    return Export(folder, rows, record)
