"""Text that is as it looks: what a cell of the seeds may not hold.

Classes of characters are Unicode properties, not lists. Polars evaluates them, for one text as for a column.
Not here: what was probably meant (`assets.core.suggestions`).
Source: Unicode Technical Report 36, security considerations.
"""

from __future__ import annotations

import re
import unicodedata

import polars as pl

from assets.core.formulas import STARTS, is_formula

LONGEST = 1000
"""Characters that a text may have unless its contract allows more."""

ERROR = re.compile(r"#(REF|N/A|VALUE|DIV/0|NAME|NUM|NULL)[!?]?")

HIDDEN = r"[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Zs}\p{Default_Ignorable_Code_Point}\u{2800}--[ \n\r\t]]"
"""Characters without a shape: controls, formats, fillers, unusual blanks. No property covers the empty Braille cell."""

STACKED = r"\p{M}{5,}"
"""More marks on one letter than any language writes."""

FOREIGN = r"[\p{L}--[\p{Latin}\p{Common}\p{Inherited}\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Bopomofo}]]"
"""A letter that no language writes in one word with Latin letters."""

MIXED = rf"\p{{Latin}}\w*?({FOREIGN})|({FOREIGN})\w*?\p{{Latin}}"

SUSPICIOUS = rf"^\s|\s$|^[\s\p{{Cf}}]*[{re.escape(STARTS)}#\u{{207a}}-\u{{ffff}}]|{HIDDEN}|{STACKED}|{MIXED}"
"""A text without a match has no oddity; most with one have none either."""


def oddity(text: str) -> str:
    """Describe what makes a text differ from what it looks like; empty for plain text."""
    if any(unicodedata.category(c) == "Cs" for c in text):
        return "a byte that is not UTF-8"
    if text != text.strip():
        return "a blank at the beginning or the end"
    for what, pattern in (("the hidden character", f"({HIDDEN})"), ("the look-alike letter", MIXED)):
        if character := _found(text, pattern):
            return f"{what} U+{ord(character):04X} ({unicodedata.name(character, 'unnamed')})"
    if stacked := _found(text, f"({STACKED})"):
        return f"{len(stacked)} marks on one letter"
    if is_formula(text):
        return "a spreadsheet formula"
    return "a spreadsheet error" if ERROR.match(text) else ""


def _found(text: str, pattern: str) -> str:
    """The first group that matches; empty if none does."""
    groups = pl.select(pl.lit(text).str.extract_groups(pattern)).item()
    return next((found for found in groups.values() if found), "")
