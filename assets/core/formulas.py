"""Texts that a spreadsheet may run: the gate refuses them, and an export writes them so that nothing runs.

Source: OWASP, CSV injection.
"""

from __future__ import annotations

import re
import unicodedata

STARTS = "=+-@"
"""What begins a formula, in any width."""

RUN_TOGETHER = ("\t", "\r", "\n")
"""First characters after which a spreadsheet may look for a formula."""

FIGURE = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?%?")


def is_formula(text: str) -> bool:
    """Whether a spreadsheet may run a text: after anything invisible it begins as a formula, and is no plain figure."""
    first = next((c for c in text if not c.isspace() and unicodedata.category(c) != "Cf"), "")
    is_begun = first != "" and unicodedata.normalize("NFKC", first)[0] in STARTS
    return (is_begun or text.startswith(RUN_TOGETHER)) and not FIGURE.fullmatch(text)
