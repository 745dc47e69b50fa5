"""export.json: which files an export wrote, each with its SHA-256, and what else lies in its folder.

A manifest is a file like any other: its names are compared with what a walk of the folder finds, and lead nowhere.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from assets.export import FORMATS

MANIFEST = "export.json"
MOST_BYTES = 16 << 20
"""Of a manifest: ours lists some 60 files."""
SHA256_DIGITS = 64


def sha256(path: Path) -> str:
    """The SHA-256 of a file, read piece by piece."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def strangers(folder: Path) -> Iterator[str]:
    """What lies in a folder and is not as an export wrote it: files, folders and links, by their path inside.

    Rules: a file is of an export if the manifest of the folder lists it with the SHA-256 that it has; the manifest
    itself is, if it has our shape. Folders are those of such files. A link never is; a file that is gone is none.
    Errors: OSError.
    """
    listed = _listed(folder / MANIFEST)
    folders = {str(p) for name in listed or () for p in PurePosixPath(name).parents}
    for entry, name in walked(folder, folders):
        if name == MANIFEST and listed is not None and entry.is_file(follow_symlinks=False):
            continue
        if entry.is_dir(follow_symlinks=False) and name in folders:
            continue
        is_listed = entry.is_file(follow_symlinks=False) and listed is not None and name in listed
        if not is_listed or sha256(Path(entry.path)) != (listed or {})[name]:
            yield name


def walked(folder: Path, folders: set[str], inside: str = "") -> Iterator[tuple[os.DirEntry[str], str]]:
    """Every entry below a folder with its path inside; of the folders in it only some are entered, and no link."""
    for entry in sorted(os.scandir(folder / inside), key=lambda e: e.name):
        name = f"{inside}/{entry.name}" if inside else entry.name
        yield entry, name
        if name in folders and entry.is_dir(follow_symlinks=False):
            yield from walked(folder, folders, name)


def remove(folder: Path) -> None:
    """Remove a folder that holds no stranger: what is listed, and the folders that are then empty.

    Rules: what somebody puts there meanwhile stays, and so does the folder then.
    Errors: OSError.
    """
    listed = _listed(folder / MANIFEST) or {}
    folders = {str(p) for name in listed for p in PurePosixPath(name).parents}
    found = list(walked(folder, folders))
    for entry, name in found:
        if entry.is_file(follow_symlinks=False) and (name in listed or name == MANIFEST):
            Path(entry.path).unlink()
    for entry, _ in reversed(found):
        if entry.is_dir(follow_symlinks=False):
            Path(entry.path).rmdir()
    folder.rmdir()


def _listed(path: Path) -> Mapping[str, str] | None:
    """SHA-256 by file, as a manifest lists them; None where it is no manifest of ours."""
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > MOST_BYTES:
            return None
        data = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return {name: file["sha256"] for name, file in data["files"].items()} if _is_ours(data) else None


def _is_ours(data: Any) -> bool:
    return (
        isinstance(data, dict)
        and data.keys() - {"schema_version"} == {"publication", "format", "schemas", "files"}
        and isinstance(data["publication"], dict)
        and data["format"] in FORMATS
        and isinstance(data["schemas"], list)
        and isinstance(data["files"], dict)
        and all(_is_file(file) for file in data["files"].values())
    )


def _is_file(data: Any) -> bool:
    return (
        isinstance(data, dict)
        and isinstance(data.get("rows"), int)
        and isinstance(data.get("sha256"), str)
        and len(data["sha256"]) == SHA256_DIGITS
    )
