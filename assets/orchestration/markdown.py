"""Text in Markdown, as Dagster's UI shows it: whatever a cell holds is read as text, never as markup.

A picture in a title would be fetched, and a link would lead elsewhere than it says, when somebody opens the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

MARKUP = re.compile(r"([\\`*\[\]<>&~|]|(?<![^\W_])_|_(?![^\W_]))")
"""What means something wherever it stands; a backslash before it makes it a letter like others."""

BLOCKS = re.compile(r"^(\d*)([-#+=.)])")
"""What begins a heading, a list or a line across at the start of a text."""

BREAKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")

ADDRESS = re.compile(r"https?://[^\s<>\\\x00-\x1f\x7f-\x9f]+", re.IGNORECASE)


def text(value: object) -> str:
    """A value on one line, all of it text; an address of the web in it may become a link that leads where it says."""
    line = MARKUP.sub(r"\\\1", BREAKS.sub(" ", str(value)).strip())
    return BLOCKS.sub(r"\1\\\2", line)


def lines(value: str) -> str:
    """A text of several lines, all of it text."""
    return "\n".join(map(text, value.splitlines()))


def address(url: str) -> str:
    """A link that shows where it leads, if it leads to the web; else the text."""
    return f"<{url}>" if ADDRESS.fullmatch(url) else text(url)


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table of texts."""
    lines = [header, *([str(cell) for cell in row] for row in rows)]
    written = [f"| {' | '.join(map(text, line))} |" for line in lines]
    return "\n".join([written[0], f"|{'---|' * len(header)}", *written[1:]])
