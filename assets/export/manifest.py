"""export.json: the files that an export wrote, each with its SHA-256; and the other files in its folder.

A manifest is not trusted: its names are only compared with the files in the folder, and are never opened.
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
"""The most bytes of a manifest; ours lists some 60 files."""
SHA256_DIGITS = 64


def sha256(path: Path) -> str:
    """The SHA-256 of a file, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def strangers(folder: Path) -> Iterator[str]:
    """Files, folders and links in a folder that no export wrote, by their path inside.

    Rules: a file is of an export if the manifest lists it with its SHA-256; the manifest itself is, if it has our form;
    so are the folders of such files. A link never is. A missing file is no stranger.
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
    """Every entry below a folder with its path inside; only the given folders are entered, and no links."""
    for entry in sorted(os.scandir(folder / inside), key=lambda e: e.name):
        name = f"{inside}/{entry.name}" if inside else entry.name
        yield entry, name
        if name in folders and entry.is_dir(follow_symlinks=False):
            yield from walked(folder, folders, name)


def remove(folder: Path) -> None:
    """Remove the files and folders of an export.

    Rules: only listed files and empty folders are removed; a file added meanwhile stays, with its folder. The manifest
    goes last, so that a rest is known as that of an export.
    Errors: OSError.
    """
    listed = _listed(folder / MANIFEST) or {}
    folders = {str(p) for name in listed for p in PurePosixPath(name).parents}
    found = list(walked(folder, folders))
    for entry, name in found:
        if entry.is_file(follow_symlinks=False) and name in listed:
            Path(entry.path).unlink()
    for entry, _ in reversed(found):
        if entry.is_dir(follow_symlinks=False):
            Path(entry.path).rmdir()
    (folder / MANIFEST).unlink(missing_ok=True)
    folder.rmdir()


def _listed(path: Path) -> Mapping[str, str] | None:
    """SHA-256 by file, from a manifest; None if it is not a manifest of ours."""
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
