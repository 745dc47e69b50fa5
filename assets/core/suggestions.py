"""Suggestions to the user for correcting a cell. They never change a value.

Not here: the verdict (`assets.gates.evaluate`) and the text of a refusal (`assets.gates.messages`).
"""

from __future__ import annotations

import calendar
import datetime as dt
import difflib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from decimal import Decimal

from assets.core import plain_text
from assets.core.table import Kind

HOW: dict[Kind, str] = {
    "number": "write digits with an optional decimal point",
    "integer": "write a whole number",
    "date": "write a day that exists as YYYY-MM-DD",
    "flag": "write true or false",
}

POWERS = {"": 0, "usd": 0, "gw": 0, "mw": -3, "%": -2, "percent": -2}

POWERS |= {"k": 3, "thousand": 3, "m": 6, "mn": 6, "mm": 6, "million": 6, "millions": 6}

POWERS |= {"b": 9, "bn": 9, "billion": 9, "billions": 9, "t": 12, "tn": 12, "trillion": 12}

AMOUNT = (
    r"(?P<sign>[+-]?)\s*(?:USD|US\$|\$)?\s*(?P<minus>-?)\s*(?P<digits>[0-9][0-9,.' _]*(?:[eE][+-]?[0-9]+)?)"
    r"\s*(?P<power>[a-zA-Z%]*)(?:\s*(?:USD|dollars?))?\.?"
)

NO_FIGURE = {
    r"[€£¥]|\b(EUR|GBP|JPY|CNY|CAD)\b": "convert it to US dollars first",
    r"^[~≈<>≤≥]": "the figure alone; about, up_to or at_least goes into the qualifier",
    r"^\$?\d[\d.,]*\s*(?!e-)[a-z]*\s*(-|\u2013|to)\s*\$?\d[\d.,]*\s*[a-z]*$": "one figure; bounds have own columns",
    r"^[+-]?inf(inity)?$": "it must be finite",
}

UNKNOWN = {"-", "--", "?", "n/a", "na", "nan", "nil", "none", "null", "tbd", "unclear", "undisclosed", "unknown"}

MONTHS = [name.lower() for name in calendar.month_abbr]  # the C locale: this program sets no other

FLAGS = {"true": "true", "t": "true", "yes": "true", "y": "true", "1": "true"}

FLAGS |= {"false": "false", "f": "false", "no": "false", "n": "false", "0": "false"}

SERIAL_DAYS = range(36526, 73051)  # spreadsheet day numbers of 2000-01-01 to 2100-01-01

SERIAL_ZERO = dt.date(1899, 12, 30)

CLOSE_ENOUGH = 0.7

SAME_NAME = 0.85

LARGEST_POWER = 300

LOOKALIKES = str.maketrans(  # Cyrillic and Greek letters that look like Latin ones
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425\u0430\u0435\u043e\u0440\u0441\u0443\u0445"
    "\u0456\u0458\u0455\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03bf",
    "ABEKMHOPCTXaeopcyxijsABEZHIKMNOPTYXo",
)

# --- words ----------------------------------------------------------------------------------------------------------


def plain(word: str) -> str:
    """A word without look-alike letters, surrounding blanks and invisible characters, in lower case."""
    seen = unicodedata.normalize("NFKC", word).translate(LOOKALIKES)
    return "".join(c for c in seen if unicodedata.category(c) not in {"Cc", "Cf"}).strip().lower()


def nearest(word: str, allowed: Iterable[str], cutoff: float = CLOSE_ENOUGH) -> str:
    """The allowed word that was probably meant; empty if none is similar."""
    by_plain = {plain(a): a for a in allowed}
    wanted = re.sub(r"[\s-]+", "_", plain(word)) if plain(word) not in by_plain else plain(word)
    found = difflib.get_close_matches(wanted, by_plain, n=1, cutoff=cutoff)
    return by_plain[found[0]] if found else ""


# --- cells ----------------------------------------------------------------------------------------------------------


def cell(value: str, kind: Kind, *, required: bool = False) -> str:
    """How to write a cell that could not be read: the value that was probably meant, if that is clear."""
    seen = unicodedata.normalize("NFKC", value).replace("\u2212", "-").strip()
    if seen.lower() in UNKNOWN:
        return f"{HOW[kind]}; {'this cell must be known' if required else 'if it is unknown, leave the cell empty'}"
    meant = {"date": _day, "flag": _flag, "integer": _whole, "number": _number}[kind](seen)
    if not meant and plain_text.oddity(seen) in {"a spreadsheet formula", "a spreadsheet error"}:
        meant = f"the result itself, not {plain_text.oddity(seen)}"
    return f"{HOW[kind]}{f': {meant}' if meant else ''}"


def _flag(seen: str) -> str:
    return FLAGS.get(seen.lower(), "")


def _whole(seen: str) -> str:
    meant = _number(seen)
    return meant if re.fullmatch(r"-?[0-9]{1,18}", meant) else ""


def _number(seen: str) -> str:
    hint = next((hint for form, hint in NO_FIGURE.items() if re.search(form, seen, re.IGNORECASE)), "")
    in_brackets = re.fullmatch(r"\((.*)\)", seen)
    amount = re.fullmatch(AMOUNT, in_brackets[1] if in_brackets else seen)
    if hint or not amount or amount["power"].lower() not in POWERS:
        return hint
    try:
        size = Decimal(_without_separators(amount["digits"])).scaleb(POWERS[amount["power"].lower()])
    except ArithmeticError:
        return ""
    if size.adjusted() > LARGEST_POWER:
        return "it must be finite"
    return _digits(-size if in_brackets or "-" in (amount["sign"], amount["minus"]) else size)


def _without_separators(digits: str) -> str:
    """Digits with one decimal point: of two kinds of separator the last is decimal; groups of three are thousands."""
    bare = re.sub(r"[' _]", "", digits).rstrip(".,")
    last = max(bare.rfind(","), bare.rfind("."))
    if "," in bare and "." in bare:
        return re.sub(r"[,.]", "", bare[:last]) + "." + bare[last + 1 :]
    if re.fullmatch(r"[0-9]{1,3}(,[0-9]{3})+|[0-9]{1,3}(\.[0-9]{3}){2,}", bare):
        return re.sub(r"[,.]", "", bare)
    return bare.replace(",", ".")


def _digits(size: Decimal) -> str:
    text = f"{size:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


# --- days -----------------------------------------------------------------------------------------------------------


def _day(seen: str) -> str:
    stamp = re.fullmatch(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ].*", seen)
    text = stamp[1] if stamp else seen
    if re.fullmatch(r"[0-9]{5}(\.[0-9]+)?", text) and int(float(text)) in SERIAL_DAYS:
        return f"{SERIAL_ZERO + dt.timedelta(int(float(text)))}, if this is the day number of a spreadsheet"
    year_first = re.fullmatch(r"([0-9]{4})([-/. ]?)([0-9]{1,2})\2([0-9]{1,2})", text)
    if year_first and (year_first[2] or len(text) == len("YYYYMMDD")):
        return _year_first(int(year_first[1]), int(year_first[3]), int(year_first[4]))
    year_last = re.fullmatch(r"([0-9]{1,2})[-/. ]([0-9]{1,2})[-/. ]([0-9]{4}|[0-9]{2})", text)
    if year_last:
        first, second, year = (int(p) for p in year_last.groups())
        return _either(year + 2000 * (year < 100), first, second)  # noqa: PLR2004 - two digits
    return _in_words(text.lower())


def _year_first(year: int, month: int, day: int) -> str:
    if _exists(year, month, day):
        return str(dt.date(year, month, day))
    if _exists(year, day, month):
        return f"{dt.date(year, day, month)}, if day and month are exchanged"
    if not 1 <= month <= 12:  # noqa: PLR2004 - months
        return f"there is no month {month}"
    return f"{calendar.month_name[month]} {year} has {calendar.monthrange(year, month)[1]} days" if year else ""


def _either(year: int, first: int, second: int) -> str:
    readings = [(year, second, first), (year, first, second)]
    found = list(dict.fromkeys(str(dt.date(*r)) for r in readings if _exists(*r)))
    return " or ".join(found)


def day_and_month_exchanged(day: dt.date) -> dt.date | None:
    """The day with month and day exchanged; None if there is no such day."""
    return dt.date(day.year, day.day, day.month) if _exists(day.year, day.day, day.month) else None


def _exists(year: int, month: int, day: int) -> bool:
    try:
        dt.date(year, month, day)
    except ValueError:
        return False
    return True


def _in_words(text: str) -> str:
    """A day with the month in words; or a month, quarter, half or year without a day."""
    year = re.search(r"\b(20[0-9]{2})", text)
    if not year:
        return ""
    month = next((MONTHS.index(w[:3]) for w in re.findall(r"[a-z]{3,}", text) if w[:3] in MONTHS), 0)
    day = re.search(r"\b([0-9]{1,2})(?:st|nd|rd|th)?\b", text)
    if month and day and _exists(int(year[1]), month, int(day[1])):
        return str(dt.date(int(year[1]), month, int(day[1])))
    numbered = re.fullmatch(r"20[0-9]{2}[-/]([0-9]{1,2})", text)
    part = re.search(r"\b(?:20[0-9]{2}-?)?([qh])([1-4])\b", text)
    if numbered and 1 <= int(numbered[1]) <= 12:  # noqa: PLR2004 - months
        month = int(numbered[1])
    elif part and not month:
        month = (int(part[2]) - 1) * (3 if part[1] == "q" else 6) + 1
    return f"the day is missing, e.g. {year[1]}-{month or 1:02d}-01" if month <= 12 else ""  # noqa: PLR2004 - months


# --- ids ------------------------------------------------------------------------------------------------------------


def pattern(value: str, form: str) -> str:
    """The value in the required form; empty if it cannot be guessed."""
    bare = unicodedata.normalize("NFKC", value).translate(LOOKALIKES).strip()
    guesses: Sequence[str] = (
        bare,
        bare.lower(),
        bare.upper(),
        re.sub(r"\W+", "_", bare.lower()).strip("_"),
        f"https://{bare}",
    )
    return next((g for g in guesses if g != value and re.fullmatch(form.strip("^$"), g)), "")
