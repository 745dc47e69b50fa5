"""Headers, delimiters and lines that do not match the contract."""

from __future__ import annotations

from tests.ledgers.damage.harm import Damage, both, cells, columns, content, each_line, header, inserted, line, unquoted
from tests.ledgers.damage.of_files import DEALS, misnamed, unread
from tests.ledgers.seed_files import HEADERS

HUMAIN = "l_amd_humain"

CLOSE = 'close the double quote, and write "" for a double quote inside quoted text'

WIDE = 1 << 21

MONEY, PLAIN = len(HEADERS["commitments"]), len(HEADERS["deals"])
"""Fields of a promise of money, and of a deal."""


def counted(found: int, header: int) -> str:
    """The message for a line with more or fewer cells than the header."""
    return f"{found} field{'' if found == 1 else 's'} where the header has {header}"


LINES = (
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
            "the header is on line 4, not on the first line",
            f"remove everything above {DEALS}",
        ),
    ),
    Damage(
        "a spreadsheet's own first line",
        "deals",
        inserted(1, "sep=,"),
        unread(':{0}  "sep=,"', "the header is on line 2, not on the first line", f"remove everything above {DEALS}"),
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
        unread(f':{{0}}  "{DEALS}"', "the header is repeated here", "remove the line"),
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
            'remove the second name; add "description"',
            'column "name" appears twice',
            'column "description" is missing',
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
            counted(MONEY + 1, MONEY),
            "write 13000, without thousands separators",
        ),
    ),
    Damage(
        "several thousands separators without quotes",
        "commitments",
        unquoted(HUMAIN, "amount_usd", "$13,000,000,000"),
        unread(':{0}  amount_usd = "$13,000,000,000"', counted(MONEY + 3, MONEY), "write 13000000000, without …"),
    ),
    Damage(
        "a text with a comma without quotes",
        "deals",
        unquoted("d_stargate", "description", "Programme with SoftBank, Oracle and MGX"),
        unread(
            ':{0}  description = "Programme with SoftBank, Oracle and MGX"',
            counted(PLAIN + 1, PLAIN),
            'put text that contains a comma in double quotes: "Programme with SoftBank, Oracle and MGX"',
        ),
    ),
    Damage(
        "a field left out",
        "commitments",
        line(HUMAIN, lambda t: t.replace("announced,", "")),
        unread(
            ':{0}  "l_amd_humain,…',
            counted(MONEY - 1, MONEY),
            "write every field, an unknown one as nothing between commas; perhaps the value of certainty is missing",
        ),
    ),
    Damage(
        "a line cut short",
        "commitments",
        line(HUMAIN, lambda t: t[:40]),
        unread(':{0}  "l_amd_humain,…', counted(4, MONEY), "write every field, an unknown one as…"),
    ),
    Damage(
        "commas at the end of a line",
        "commitments",
        line(HUMAIN, lambda t: f"{t},,,"),
        unread(':{0}  "l_amd_humain,…', counted(MONEY + 3, MONEY), "remove the commas at the end of the line"),
    ),
    Damage(
        "a line of commas only",
        "deals",
        inserted(-1, "," * (PLAIN - 1)),
        unread(f':{{0}}  "{"," * (PLAIN - 1)}"', "a line without any value", "remove the line"),
    ),
    Damage(
        "a total below the rows",
        "commitments",
        inserted(-1, "Total,,,,,,123456" + "," * (MONEY - 7)),
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
        unread(':{0}  "Source: own research"', counted(1, MONEY), "write every field, an unknown one as…"),
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
