"""Escapes text for Markdown in Dagster's UI: the content of a cell is never read as markup.

Otherwise opening the page could load a picture from a title, or show a link with a misleading address.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

MARKUP = re.compile(r"([\\`*\[\]<>&~|]|(?<![^\W_])_|_(?![^\W_]))")
"""Characters with a meaning anywhere in Markdown; a backslash escapes them."""

BLOCKS = re.compile(r"^(\d*)([-#+=.)])")
"""The start of a heading, a list or a horizontal rule."""

BREAKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")

ADDRESS = re.compile(r"https?://[^\s<>\\\x00-\x1f\x7f-\x9f]+", re.IGNORECASE)


def text(value: object) -> str:
    """A value on one line, escaped; a web address in it may become a link to itself."""
    line = MARKUP.sub(r"\\\1", BREAKS.sub(" ", str(value)).strip())
    return BLOCKS.sub(r"\1\\\2", line)


def lines(value: str) -> str:
    """A text of several lines, escaped."""
    return "\n".join(map(text, value.splitlines()))


def address(url: str) -> str:
    """A link that shows its address, if it is a web address; else the text."""
    return f"<{url}>" if ADDRESS.fullmatch(url) else text(url)


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table of escaped texts."""
    lines = [header, *([str(cell) for cell in row] for row in rows)]
    written = [f"| {' | '.join(map(text, line))} |" for line in lines]
    return "\n".join([written[0], f"|{'---|' * len(header)}", *written[1:]])
