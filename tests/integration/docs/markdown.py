"""Generated parts and fenced blocks of a document.

A part is between `<!-- generated: NAME -->` and `<!-- end -->`. Fences of the languages `console`, `sql` and `python`
are run; a fence after `<!-- file: PATH -->` or `<!-- append: PATH -->` is the content of a file.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass

PART = re.compile(r"(?<=<!-- generated: )(\S+)( -->\n).*?(?=<!-- end -->)", re.DOTALL)

FENCE = re.compile(r"(?:^<!-- (file|append): (\S+) -->\n)?^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)

PROMPT = "$ "


@dataclass(frozen=True)
class Fence:
    """One fenced block."""

    language: str
    text: str
    use: str
    """`file` or `append` if the block is the content of a file, else empty."""
    path: str


def fences(text: str, language: str = "") -> list[Fence]:
    """The fenced blocks of a document, all or those of one language."""
    found = [Fence(m[3], m[4], m[1] or "", m[2] or "") for m in FENCE.finditer(text)]
    return [f for f in found if language in {"", f.language}]


def with_parts(text: str, write: Callable[[str], str]) -> str:
    """The document with every generated part updated."""
    return PART.sub(lambda m: _part(m, write(m[1])), text)


def with_part(text: str, name: str, written: str) -> str:
    """The document with one generated part updated; the rest stays, byte for byte."""
    return PART.sub(lambda m: _part(m, written) if m[1] == name else m[0], text)


def _part(match: re.Match[str], written: str) -> str:
    return f"{match[1]}{match[2]}{written.strip()}\n"


def with_outputs(text: str, answer: Callable[[Sequence[str]], Sequence[str]]) -> str:
    """The document with the output of every command in a `console` fence updated."""

    def renewed(match: re.Match[str]) -> str:
        shown = commands(match[4])
        if match[3] != "console" or not shown:
            return match[0]
        lines = [line for c, o in zip(shown, answer(shown), strict=True) for line in (f"{PROMPT}{c}", o) if line]
        body = "\n".join([*lines, ""])
        return match[0].replace(match[4], body)

    return FENCE.sub(renewed, text)


def commands(block: str) -> list[str]:
    """The commands of a `console` fence; an open quote continues a command on the next line."""
    found: list[str] = []
    is_open = False
    for line in block.splitlines():
        if is_open:
            found[-1] += f"\n{line}"
        elif line.startswith(PROMPT):
            found.append(line.removeprefix(PROMPT))
        else:
            continue
        is_open = _is_open(found[-1])
    return found


def _is_open(command: str) -> bool:
    try:
        shlex.split(command)
    except ValueError:
        return True
    return False


def table(header: Sequence[str], rows: Sequence[Sequence[object]], right: Sequence[str] = ()) -> str:
    """A Markdown table; the columns named in `right` are aligned to the right."""
    lines = [header, ["---:" if name in right else "---" for name in header], *rows]
    return "\n".join(f"| {' | '.join(_cell(v) for v in line)} |" for line in lines)


def _cell(value: object) -> str:
    return "–" if value is None else str(value).replace("|", "\\|").replace("\n", " ")
