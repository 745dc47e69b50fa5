"""The version of a publication: hashes of the code and the seeds that it was built from, and how long it is fresh.

Imports nothing heavy: `closedloop status` compares these hashes with those of the files on disk.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Mapping
from datetime import timedelta

from assets.core.paths import PROJECT

STALE_AFTER = timedelta(hours=36)
"""A publication that is older is shown as stale: the schedule builds every day."""


@functools.cache
def code_version() -> str:
    """Hash of the project's Python, SQL and shapes: a publication names the code that built it."""
    digest = hashlib.sha256()
    shape = PROJECT / "assets" / "published" / "schema"
    places = ((PROJECT / "assets", "*.py"), (PROJECT / "sql", "*.sql"), (shape, "*.toml"), (shape, "*.json"))
    for folder, ending in places:
        for path in sorted(folder.rglob(ending)):
            digest.update(str(path.relative_to(PROJECT)).encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def seeds_sha256(files: Mapping[str, str]) -> str:
    """Hash of the seeds: the SHA-256 of the content of each file, by the name of its raw table."""
    return hashlib.sha256(json.dumps(sorted(files.items())).encode()).hexdigest()
