"""CHANGELOG.md: additions, removals, renames and changes of each version of the published file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from assets.published.schema.comparison import Difference, compare
from assets.published.schema.renames import Rename
from assets.published.schema.shape import Shape
from assets.published.schema.snapshots import Snapshot

FILE = Path(__file__).with_name("CHANGELOG.md")
HEAD = """# Versions of the published file

Made from `snapshots/` and `renames.toml`: do not edit. `quality.publications.schema_version` says which version a file
has. The first number rises when a query that ran may fail or mean something else, the second when something
is added.
"""


def changelog(known: Sequence[Snapshot], renames: Sequence[Rename]) -> str:
    """The text of the whole file, newest version first; `known` has the oldest first."""
    sections = [_section(last, now, renames) for last, now in pairwise(known)]
    first = [_first(known[0])] if known else []
    return "\n".join([HEAD, *reversed([*first, *sections])])


def _first(snapshot: Snapshot) -> str:
    tables = [name for name in snapshot.shape if not _is_macro(name)]
    stages = Counter(name.partition(".")[0] for name in tables)
    columns = sum(len(snapshot.shape[name]) for name in tables)
    counted = ", ".join(f"{count} in `{stage}`" for stage, count in stages.items())
    entries = [
        f"{_many(len(tables), 'table')} with {_many(columns, 'column')}: {counted}",
        f"{_many(len(snapshot.shape) - len(tables), 'macro')} of a day",
    ]
    return _titled(snapshot, entries)


def _section(last: Snapshot, now: Snapshot, renames: Sequence[Rename]) -> str:
    difference = compare(last.shape, now.shape, renames)
    ended = [r for r in renames if r.until.major == now.version.major > last.version.major]
    entries = [
        *_entries(difference, last.shape, now.shape, renames),
        *(f"Means something else: `{name}`" for name in now.meaning_changed),
        *(f"The old name `{r.old}` ends: it is `{r.new}`" for r in ended),
    ]
    if difference.reworded:
        entries.append(f"Described in other words, with the same meaning: {_many(len(difference.reworded), 'column')}")
    return _titled(now, entries)


def _entries(difference: Difference, before: Shape, now: Shape, renames: Sequence[Rename]) -> Iterator[str]:
    until = {(r.old, r.new): r.until for r in renames}
    yield from _grouped("Gone", "Gone from", difference.gone, before)
    for old, new in difference.renamed:
        yield f"Renamed: `{old}` is `{new}`; the old name lives on as a view until {until[old, new]}"
    yield from (f"Changed: `{c.address}`: {c.what}" for c in difference.changed)
    yield from _grouped("Added", "Added to", difference.added, now)


def _grouped(whole: str, part: str, names: Iterable[str], shape: Shape) -> Iterator[str]:
    """One entry for each table or macro, and one for all columns of a table that is not itself an entry."""
    columns: dict[str, list[str]] = {}
    for name in names:
        if name in shape:
            yield f"{whole}: {'macro' if _is_macro(name) else 'table'} `{name}` ({_many(len(shape[name]), 'column')})"
        else:
            table, _, column = name.rpartition(".")
            columns.setdefault(table, []).append(f"`{column}`")
    yield from (f"{part} `{table}`: {', '.join(found)}" for table, found in columns.items())


def _titled(snapshot: Snapshot, entries: Sequence[str]) -> str:
    return "\n".join([f"## {snapshot.version} ({snapshot.stored_on})", "", *(f"- {entry}" for entry in entries), ""])


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _is_macro(name: str) -> bool:
    return name.endswith("(d)")
