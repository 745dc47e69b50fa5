"""Cells that cannot be read as their type, or hold invisible characters."""

from __future__ import annotations

from tests.ledgers.damage.harm import Damage, block, both, cells

HUMAIN = "l_amd_humain"

DIGITS = "write digits with an optional decimal point"

DAY = "write a day that exists as YYYY-MM-DD"

UNKNOWN = "a cell that cannot be read would silently become unknown"


def amount(name: str, value: str, remedy: str) -> Damage:
    """A figure that is not a number."""
    found = block(f':{{0}}  amount_usd = "{value}"', "parsable", f"{DIGITS}{remedy}", reason=UNKNOWN)
    return Damage(name, "commitments", cells(HUMAIN, amount_usd=value), (found,))


def day(name: str, value: str, remedy: str) -> Damage:
    """A day that is not a date."""
    found = block(f':{{0}}  known_from = "{value}"', "parsable", f"{DAY}{remedy}", reason=UNKNOWN)
    return Damage(name, "commitments", cells(HUMAIN, known_from=value), (found,))


def text(name: str, value: str, remedy: str, seen: str = "") -> Damage:
    """A name with hidden or look-alike characters."""
    found = block(f':{{0}}  name = "{seen or value}"  (entity_id "alphabet")', "plain_text", remedy)
    return Damage(name, "entities", cells("alphabet", name=value), (found,))


CELLS = (
    amount("a currency sign and a unit", "$1.2bn", ": 1200000000"),
    amount("a unit in words", "1.2 billion dollars", ": 1200000000"),
    amount("a currency after the figure", "10000000000 USD", ": 10000000000"),
    amount("another currency", "€5bn", ": convert it to US dollars first"),
    amount("thousands separators in quotes", "13,000", ": 13000"),
    amount("thousands separated by blanks", "13 000 000", ": 13000000"),
    amount("a decimal comma", "13,5", ": 13.5"),
    amount("continental separators", "1.234.567,89", ": 1234567.89"),
    amount("a percentage", "12%", ": 0.12"),
    amount("an exponent", "1e9", ": 1000000000"),
    amount("a figure beyond all floats", "1e400", ": it must be finite"),
    amount("infinity", "inf", ": it must be finite"),
    amount("not a number", "NaN", "; if it is unknown, leave the cell empty"),
    amount("a word for unknown", "n/a", "; if it is unknown, leave the cell empty"),
    amount("a negative figure in brackets", "(5000000)", ": -5000000"),
    amount("a range in one cell", "10-20", ": one figure; bounds have own columns"),
    amount("a sign for about", "~5000000000", ": the figure alone; about, up_to or at_least goes into the qualifier"),
    amount("a blank before the figure", " 5000000", ": 5000000"),
    amount("full-width digits", "\uff15\uff10\uff10\uff10\uff10\uff10\uff10", ": 5000000"),
    amount("a formula in a figure", "=B2*C2", ": the result itself, not a spreadsheet formula"),
    amount("a failed formula", "#REF!", ": the result itself, not a spreadsheet error"),
    amount("words instead of a figure", "tens of billions", ""),
    day("a day that does not exist", "2025-02-30", ": February 2025 has 28 days"),
    day("a month that does not exist", "2025-13-40", ": there is no month 13"),
    day("day and month exchanged", "2025-13-05", ": 2025-05-13, if day and month are exchanged"),
    day("a day that can be read in two ways", "09/10/2025", ": 2025-10-09 or 2025-09-10"),
    day("a German date", "31.12.2025", ": 2025-12-31"),
    day("an American date", "12/31/2025", ": 2025-12-31"),
    day("a month in words", "Oct 9, 2025", ": 2025-10-09"),
    day("the day number of a spreadsheet", "45950", ": 2025-10-20, if this is the day number of a spreadsheet"),
    day("a time of day", "2025-10-09T08:00:00Z", ": 2025-10-09"),
    day("a date without dashes", "20251009", ": 2025-10-09"),
    day("a quarter instead of a day", "Q4 2025", ": the day is missing, e.g. 2025-10-01"),
    day("a month instead of a day", "2025-10", ": the day is missing, e.g. 2025-10-01"),
    day("an unknown day that must be known", "unknown", "; this cell must be known"),
    Damage(
        "a flag in capitals",
        "commitments",
        cells(HUMAIN, is_statement="TRUE"),
        (block(':{0}  is_statement = "TRUE"', "parsable", "write true or false: true", reason=UNKNOWN),),
    ),
    Damage(
        "a whole number with a point",
        "warrant_tranches",
        cells("t_amd_first", seq="1.0"),
        (block(':{0}  seq = "1.0"', "parsable", "write a whole number: 1", reason=UNKNOWN),),
    ),
    Damage(
        "two mistakes in one row",
        "commitments",
        cells(HUMAIN, amount_usd="$5bn", known_from="2025-02-30"),
        (
            block(':{0}  amount_usd = "$5bn"', "parsable", f"{DIGITS}: 5000000000"),
            block(':{0}  known_from = "2025-02-30"', "parsable", f"{DAY}: February 2025 has 28 days"),
        ),
    ),
    Damage(
        "the same mistake in two rows",
        "commitments",
        both(cells(HUMAIN, amount_usd="NaN"), cells("l_nvidia_loi", amount_usd="NaN")),
        (
            block(
                ':{0}  amount_usd = "NaN"',
                "parsable",
                f"{DIGITS}; if it is unknown, leave the cell empty",
                more=[':{1}  amount_usd = "NaN"'],
            ),
        ),
    ),
    text("a blank before a name", " Alphabet", "name holds a blank at the beginning or the end: remove or replace it"),
    text(
        "a blank that does not break",
        "Alphabet\u00a0Inc",
        "name holds the hidden character U+00A0 (NO-BREAK SPACE): remove or replace it",
        seen="Alphabet\\xa0Inc",
    ),
    text(
        "a character without width",
        "Alpha\u200bbet",
        "name holds the hidden character U+200B (ZERO WIDTH SPACE): remove or replace it",
        seen="Alpha\\u200bbet",
    ),
    text(
        "a name that looks like another",
        "\u0410lphabet",
        "name holds the look-alike letter U+0410 (CYRILLIC CAPITAL LETTER A): remove or replace it",
    ),
    text("a formula in a name", "=HYPERLINK(0)", "name holds a spreadsheet formula: remove or replace it"),
    text("a command in a name", "@SUM(A1)", "name holds a spreadsheet formula: remove or replace it"),
    text("a formula after a sign", "-2+3+cmd|' /C calc'!A0", "name holds a spreadsheet formula: remove or replace it"),
    text("a formula in wide letters", "\uff1dcmd", "name holds a spreadsheet formula: remove or replace it"),
    text(
        "a filler without a shape",
        "Alpha\u3164bet",
        "name holds the hidden character U+3164 (HANGUL FILLER): remove or replace it",
        seen="Alpha\u3164bet",
    ),
    text("a tower of marks", "Alphabet" + 300 * "\u0301", "name holds 300 marks on one letter…", seen="Alphabet…"),
    text(
        "a document in a name",
        5000 * "Alphabet",
        "name holds 40,000 characters, at most 1,000 are allowed…",
        seen="Alpha…",
    ),
    text("a failed formula in a name", "#N/A", "name holds a spreadsheet error: remove or replace it"),
    text(
        "an escape sequence for the terminal",
        "\x1b[31mAlphabet",
        "name holds the hidden character U+001B (unnamed): remove or replace it",
        seen="\\x1b[31mAlphabet",
    ),
)
