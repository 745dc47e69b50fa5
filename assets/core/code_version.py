"""What a publication says of itself in short: hashes of the code and the seeds it was made from, how long it is fresh.

Imports nothing heavy: `closedloop status` compares them with what lies in the folders now.
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
    """Hash of the project's Python, SQL and shapes, so that a publication names the code that made it."""
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
