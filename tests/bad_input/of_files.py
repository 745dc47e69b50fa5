"""Files that are no CSV of ours: missing, encoded, delimited, quoted, ragged, with the wrong columns."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

from tests.bad_input.harm import (
    Damage,
    block,
    both,
    cells,
    columns,
    content,
    each_line,
    header,
    inserted,
    line,
    place,
    replaced,
    unquoted,
)

HUMAIN = "l_amd_humain"
SAVE_AS = "open it in the program that wrote it and save it as 'CSV UTF-8 (comma delimited)'"
DEALS = "deal_id,name,announced_on,description,source_id"
CLOSE = 'close the double quote, and write "" for a double quote inside quoted text'
WIDE = 1 << 21
HUGE = 65 << 20


def unread(where: str, reason: str, remedy: str) -> tuple[str]:
    """The file as a whole, or one of its lines, cannot be read."""
    return (block(where, "readable", remedy, reason=reason),)


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
        unread("", "the file is missing", f"add it, with the header {DEALS}"),
    ),
    Damage("a link in a circle", "deals", place(loop), unread("", "the file cannot be read (…)", "put a file there…")),
    Damage(
        "a link to a device that never ends",
        "deals",
        place(lambda p: (p.unlink(), p.symlink_to("/dev/zero"))),
        unread("", "this is not a file", f"put a file there, with the header {DEALS}"),
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
        content(lambda b: b + b"x" * HUGE),
        unread("", "the file has 65 MB, a seed has at most 64 MB", "look for a line that repeats, or …"),
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
    # --- delimiters and headers
    Damage(
        "semicolons between the fields",
        "commitments",
        content(lambda b: b.replace(b",", b";"), 1),
        unread(
            ':{0}  "leg_id;deal_id;payer_id;…',
            "the fields are separated by semicolons, not by commas",
            "save the file as 'CSV UTF-8 (comma delimited)'; text with a comma goes into double quotes",
        ),
    ),
    Damage(
        "tabs between the fields",
        "capacity",
        content(lambda b: b.replace(b",", b"\t"), 1),
        unread(':{0}  "leg_id\\tdeal_id\\t…', "the fields are separated by tabs, not by commas", "save the file as…"),
    ),
    Damage(
        "bars between the fields",
        "deals",
        content(lambda b: b.replace(b",", b"|"), 1),
        unread(
            ':{0}  "deal_id|name|…', "the fields are separated by vertical bars, not by commas", "save the file as…"
        ),
    ),
    Damage(
        "a title above the header",
        "deals",
        inserted(1, "Deals of the ledger", "as of today", ""),
        unread(
            ':{0}  "Deals of the ledger"',
            "the header stands on line 4, not on the first line",
            f"remove what stands above {DEALS}",
        ),
    ),
    Damage(
        "a spreadsheet's own first line",
        "deals",
        inserted(1, "sep=,"),
        unread(
            ':{0}  "sep=,"', "the header stands on line 2, not on the first line", f"remove what stands above {DEALS}"
        ),
    ),
    Damage(
        "no header",
        "deals",
        content(lambda b: b.split(b"\n", 1)[1], 1),
        unread(':{0}  "d_msft_invest,…', "this is not the header of the file", f"write as the first line: {DEALS}"),
    ),
    Damage(
        "the header twice",
        "deals",
        inserted(5, DEALS),
        unread(f':{{0}}  "{DEALS}"', "the header stands here again", "remove the line"),
    ),
    Damage(
        "a missing column",
        "deals",
        columns(lambda r: [*r[:2], *r[3:]]),
        misnamed('add "announced_on"', 'column "announced_on" is missing'),
    ),
    Damage(
        "an extra column",
        "deals",
        both(
            header(lambda t: f"{t},remarks"),
            content(lambda b: b.replace(b"\n", b",x\n").replace(b"remarks,x", b"remarks")),
        ),
        misnamed('remove "remarks"', 'column "remarks" is not in the contract'),
    ),
    Damage(
        "a comma at the end of every line",
        "deals",
        each_line(lambda t: f"{t},"),
        misnamed("remove the comma too many in the header, and the empty column with it", "a column without a name"),
    ),
    Damage(
        "a misspelt column",
        "commitments",
        header(lambda t: t.replace("amount_usd", "amount_uds")),
        misnamed(
            'rename "amount_uds" to "amount_usd"',
            'column "amount_uds" is not in the contract, column "amount_usd" is missing',
        ),
    ),
    Damage(
        "a column in capitals with a blank",
        "commitments",
        header(lambda t: t.replace("payer_id", " Payer_ID")),
        misnamed(
            'rename " Payer_ID" to "payer_id"',
            'column " Payer_ID" is not in the contract, column "payer_id" is missing',
        ),
    ),
    Damage(
        "a column under another name",
        "commitments",
        header(lambda t: t.replace("payer_id", "buyer")),
        misnamed('rename "buyer" to "payer_id"', 'column "buyer" is not in the contract, column "payer_id" is missing'),
    ),
    Damage(
        "a column twice",
        "deals",
        header(lambda t: t.replace("description", "name")),
        misnamed(
            'remove the second name; add "description"', 'column "name" stands twice', 'column "description" is missing'
        ),
    ),
    Damage(
        "a column name that holds SQL",
        "deals",
        header(lambda t: t.replace("description", 'x"; drop table raw.deals; --').replace('"', "'")),
        misnamed(
            'rename "x\'; drop table raw.deals; --" to "description"', 'column "x\'; drop table raw.deals; --" is not…'
        ),
    ),
    Damage(
        "two byte order marks",
        "deals",
        content(lambda b: b"\xef\xbb\xbf" * 2 + b),
        misnamed('rename "\\ufeffdeal_id" to "deal_id"', 'column "\\ufeffdeal_id" is not in the contract, column…'),
    ),
    # --- lines
    Damage(
        "thousands separators without quotes",
        "commitments",
        unquoted(HUMAIN, "amount_usd", "13,000"),
        unread(
            ':{0}  amount_usd = "13,000"',
            "22 fields where the header has 21",
            "write 13000, without thousands separators",
        ),
    ),
    Damage(
        "several thousands separators without quotes",
        "commitments",
        unquoted(HUMAIN, "amount_usd", "$13,000,000,000"),
        unread(
            ':{0}  amount_usd = "$13,000,000,000"', "24 fields where the header has 21", "write 13000000000, without …"
        ),
    ),
    Damage(
        "a text with a comma without quotes",
        "deals",
        unquoted("d_stargate", "description", "Programme with SoftBank, Oracle and MGX"),
        unread(
            ':{0}  description = "Programme with SoftBank, Oracle and MGX"',
            "6 fields where the header has 5",
            'put text that contains a comma in double quotes: "Programme with SoftBank, Oracle and MGX"',
        ),
    ),
    Damage(
        "a field left out",
        "commitments",
        line(HUMAIN, lambda t: t.replace("announced,", "")),
        unread(
            ':{0}  "l_amd_humain,…',
            "20 fields where the header has 21",
            "write every field, an unknown one as nothing between commas; perhaps the value of certainty is missing",
        ),
    ),
    Damage(
        "a line cut short",
        "commitments",
        line(HUMAIN, lambda t: t[:40]),
        unread(':{0}  "l_amd_humain,…', "4 fields where the header has 21", "write every field, an unknown one as…"),
    ),
    Damage(
        "commas at the end of a line",
        "commitments",
        line(HUMAIN, lambda t: f"{t},,,"),
        unread(
            ':{0}  "l_amd_humain,…', "24 fields where the header has 21", "remove the commas at the end of the line"
        ),
    ),
    Damage(
        "a line of commas only",
        "deals",
        inserted(-1, ",,,,"),
        unread(':{0}  ",,,,"', "a line without any value", "remove the line"),
    ),
    Damage(
        "a total below the rows",
        "commitments",
        inserted(-1, "Total,,,,,,123456" + "," * 14),
        unread(':{0}  "Total,,,,,,123456…', "a total is no record: it would count everything twice", "remove the line"),
    ),
    Damage(
        "a remark between the rows",
        "commitments",
        inserted(5, "# deals of 2025"),
        unread(':{0}  "# deals of 2025"', "a remark is no record", "move it into the column note, or remove it"),
    ),
    Damage(
        "a footnote below the rows",
        "commitments",
        inserted(-1, "Source: own research"),
        unread(
            ':{0}  "Source: own research"', "1 field where the header has 21", "write every field, an unknown one as…"
        ),
    ),
    Damage(
        "a double quote that is never closed",
        "deals",
        inserted(-1, 'd_x,"A deal'),
        unread(
            ':{0}  "d_x,"A deal"',
            "the record that begins here cannot be split: a double quote is opened and never closed",
            CLOSE,
        ),
    ),
    Damage(
        "a double quote in the middle of a quoted text",
        "deals",
        line("d_stargate", lambda t: t.replace('"Four-year', '"Four"-year')),
        unread(
            ':{0}  "d_stargate,…',
            "the record that begins here cannot be split: a double quote in the middle of a cell, on line {0} or…",
            CLOSE,
        ),
    ),
    Damage(
        "a cell of two megabytes",
        "deals",
        cells("d_stargate", description="x" * WIDE),
        unread(
            ':{0}  "d_stargate,…',
            "the record that begins here cannot be split: a cell has more than 1 MB",
            CLOSE,
        ),
    ),
)
