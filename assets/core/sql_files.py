"""The SELECTs of `sql/`: each file is one table, macro, table for BI tools, claim or second derivation."""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "sql"

NAMED = re.compile(r"\b(?:from|join)\s+((?:raw|staging|facts|metrics|quality|bi)\.[a-z_0-9]+)", re.IGNORECASE)


def text(*parts: str) -> str:
    """The text of one file.

    Errors: FileNotFoundError naming the file.
    """
    return FOLDER.joinpath(*parts).with_suffix(".sql").read_text(encoding="utf-8")


def names(*parts: str) -> list[str]:
    """The names of the files in one folder, in alphabetical order."""
    return sorted(p.stem for p in FOLDER.joinpath(*parts).glob("*.sql"))


def tables_named(sql: str) -> tuple[str, ...]:
    """The tables that a SELECT names, `stage.name`, each once, in order of first mention."""
    return tuple(dict.fromkeys(NAMED.findall(sql)))
