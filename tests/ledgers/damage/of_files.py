"""Files that are not CSV: missing, empty, in another encoding or format."""

from __future__ import annotations

import gzip
import io
import os
import zipfile
from pathlib import Path

from tests.ledgers.damage.harm import Damage, block, both, cells, content, place, replaced
from tests.ledgers.seed_files import HEADERS

SAVE_AS = "open it in the program that wrote it and save it as 'CSV UTF-8 (comma delimited)'"

DEALS = ",".join(HEADERS["deals"])

HUGE = 641 << 20


def unread(where: str, reason: str, remedy: str) -> tuple[str]:
    """The whole file, or one of its lines, cannot be read."""
    return (block(where, "readable", remedy, reason=reason),)


LINK = unread("", "this is a link to another file", "put the file itself there")


def misnamed(remedy: str, *where: str) -> tuple[str]:
    """The header is wrong."""
    places = [f":1  {w}" for w in where]
    return (block(places[0], "columns", remedy, more=places[1:]),)


def zipped(path: Path) -> None:
    """A workbook renamed to csv."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("xl/workbook.xml", path.read_text(encoding="utf-8"))
    path.write_bytes(packed.getvalue())


def loop(path: Path) -> None:
    """A link to itself."""
    path.unlink()
    path.symlink_to(path)


FILES = (
    Damage(
        "a missing file", "prices", place(Path.unlink), unread("", "the file is missing", "add it, with the header …")
    ),
    Damage(
        "a file under another name",
        "commitments",
        place(lambda p: p.rename(p.with_name("commitment.csv"))),
        unread("", "the file is missing", "rename commitment.csv, or add it, with the header leg_id,deal_id,…"),
    ),
    Damage(
        "a file with a capital letter",
        "deals",
        place(lambda p: p.rename(p.with_name("Deals.CSV"))),
        unread("", "the file is missing", f"rename Deals.CSV, or add it, with the header {DEALS}"),
    ),
    Damage(
        "a folder instead of a file",
        "deals",
        place(lambda p: (p.unlink(), p.mkdir())),
        unread("", "this is not a file", f"put a file there, with the header {DEALS}"),
    ),
    Damage(
        "a link that leads nowhere",
        "deals",
        place(lambda p: (p.unlink(), p.symlink_to("nowhere.csv"))),
        LINK,
    ),
    Damage("a link in a circle", "deals", place(loop), LINK),
    Damage(
        "a link to a device that never ends",
        "deals",
        place(lambda p: (p.unlink(), p.symlink_to("/dev/zero"))),
        LINK,
    ),
    Damage(
        "a link to a good file elsewhere",
        "deals",
        place(lambda p: p.symlink_to(p.rename(p.parent.parent / "elsewhere.csv"))),
        LINK,
    ),
    Damage(
        "an empty file", "deals", content(lambda _: b""), unread("", "the file is empty", f"write the header {DEALS}…")
    ),
    Damage(
        "blank lines only",
        "deals",
        content(lambda _: b"\n  \n\n"),
        unread("", "the file is empty", f"write the header {DEALS} and the rows"),
    ),
    Damage(
        "a header without rows",
        "deals",
        content(lambda b: b.split(b"\n")[0] + b"\n"),
        (block("  0 rows", "row_count", "at least 1 row is needed"),),
    ),
    Damage(
        "a file beyond all measure",
        "deals",
        place(lambda p: os.truncate(p, HUGE)),
        unread("", "the file has 641 MB, a seed has at most 640 MB", "look for a line that repeats, or …"),
    ),
    Damage(
        "UTF-16 with its mark",
        "entities",
        content(lambda b: b.decode().encode("utf-16")),
        unread("", "this is text in UTF-16, not text in UTF-8", SAVE_AS),
    ),
    Damage(
        "UTF-16 without its mark",
        "entities",
        content(lambda b: b.decode().encode("utf-16-le")),
        unread("", "this is text in UTF-16, not text in UTF-8", SAVE_AS),
    ),
    Damage(
        "UTF-32",
        "entities",
        content(lambda b: b.decode().encode("utf-32")),
        unread("", "this is text in UTF-32, not text in UTF-8", SAVE_AS),
    ),
    Damage(
        "Latin-1",
        "entities",
        both(cells("alphabet", name="Soci\u00e9t\u00e9"), content(lambda b: b.decode().encode("latin-1"))),
        unread(
            ':{0}  "…Soci\u00e9t\u00e9…"',
            "byte 0xe9 on this line is not UTF-8 (perhaps Windows or Latin-1 text)",
            SAVE_AS,
        ),
    ),
    Damage(
        "a NUL byte",
        "entities",
        replaced("Alphabet", "Alpha\0bet"),
        unread(':{0}  "…Alpha\\x00bet…"', "a NUL byte: this is no text", "remove it, or save the file as CSV again"),
    ),
    Damage(
        "a workbook renamed to csv",
        "entities",
        place(zipped),
        unread("", "this is a spreadsheet or zip archive, not text in UTF-8", SAVE_AS),
    ),
    Damage(
        "a gzip archive renamed to csv",
        "entities",
        content(gzip.compress),
        unread("", "this is a gzip archive, not text in UTF-8", SAVE_AS),
    ),
    Damage(
        "the web page instead of the file",
        "entities",
        content(lambda _: b"<!DOCTYPE html><html><body>entities.csv</body></html>"),
        unread("", "this is a web page, not CSV", "download the file itself, not the page that shows it"),
    ),
)
