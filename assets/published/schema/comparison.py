"""Differences between two shapes of the published file, and the version that follows."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from assets.published.schema.renames import Rename
from assets.published.schema.shape import ColumnShape, Shape, Version, addresses

FIRST = Version(1, 0)
COMMAND = "python -m assets.published.schema"
RENAMES = "assets/published/schema/renames.toml"


@dataclass(frozen=True)
class Change:
    """A table or column that kept its name and changed."""

    address: str
    what: str
    is_break: bool = True


@dataclass(frozen=True)
class Difference:
    """Additions, removals, renames and changes of a new shape against an old one; names are addresses."""

    gone: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    changed: tuple[Change, ...] = ()
    added: tuple[str, ...] = ()
    reworded: tuple[str, ...] = ()
    """Columns of which only the description changed."""

    @property
    def is_break(self) -> bool:
        """Whether a query that ran may now fail or have another meaning."""
        return bool(self.gone or self.renamed or any(c.is_break for c in self.changed))

    @property
    def is_addition(self) -> bool:
        """Whether there are only additions."""
        return not self.is_break and bool(self.added or self.changed)

    def lines(self) -> Iterator[str]:
        """The difference as text, breaks first."""
        yield from (f"gone: {name}" for name in self.gone)
        yield from (f"renamed: {old} to {new}" for old, new in self.renamed)
        yield from (f"changed: {c.address}: {c.what}" for c in self.changed)
        yield from (f"added: {name}" for name in self.added)


def compare(before: Shape, now: Shape, renames: Sequence[Rename] = ()) -> Difference:
    """Compare two shapes; a missing name counts as renamed if that is declared and the new name exists."""
    had, has = set(addresses(before)), set(addresses(now))
    used = {r.old: r.new for r in renames if r.old in had and r.new in has and r.old not in has}
    moved = _moved(before, used)
    back = {new: old for old, new in used.items()}
    kept = [name for name in moved if name in now]
    return Difference(
        gone=tuple(_only(moved, now, back)),
        renamed=tuple(used.items()),
        changed=tuple(c for name in kept for c in _changes(name, moved, now)),
        added=tuple(_only(now, moved, {})),
        reworded=tuple(a for name in kept for a in _reworded(name, moved, now)),
    )


def next_version(last: Version | None, difference: Difference, meaning_changed: Collection[str] = ()) -> Version:
    """The version of a shape with this difference from the last stored one; the first version if none is stored."""
    if last is None:
        return FIRST
    if difference.is_break or meaning_changed:
        return Version(last.major + 1, 0)
    return Version(last.major, last.minor + 1) if difference.is_addition else last


def remedy(difference: Difference, becomes: Version) -> str:
    """The difference from the newest snapshot, and how to store it as a version; empty if there is none to store."""
    if not (difference.is_break or difference.is_addition):
        return ""
    listed = "".join(f"\n  {line}" for line in difference.lines())
    if difference.is_addition:
        return (
            f"the contracts promise more than the newest snapshot, an undeclared addition:{listed}\n"
            f"run `{COMMAND}` and commit what it writes: it becomes version {becomes}"
        )
    return (
        f"the contracts no longer keep what the newest snapshot promises, an undeclared break:{listed}\n"
        f"put it back; or, if it is meant, run `{COMMAND} --break` and commit what it writes: it becomes version "
        f'{becomes}. What only gets another name is first declared in {RENAMES}, with since = "{becomes}": the old '
        "name then lives on as a view"
    )


def _moved(shape: Shape, used: dict[str, str]) -> Shape:
    """A shape under its new names."""
    return {
        used.get(table, table): {used.get(f"{table}.{c}", f"{table}.{c}").rpartition(".")[2]: s for c, s in cs.items()}
        for table, cs in shape.items()
    }


def _only(one: Shape, other: Shape, back: dict[str, str]) -> Iterator[str]:
    """Names in one shape only: tables, or columns of a table that both have; `back` maps to old names."""
    for table, columns in one.items():
        name = back.get(table, table)
        if table not in other:
            yield name
        else:
            yield from (f"{name}.{c}" for c in columns if c not in other[table])


def _changes(table: str, before: Shape, now: Shape) -> Iterator[Change]:
    old_key, key = _key(before, table), _key(now, table)
    if set(old_key) != set(key):
        yield Change(table, f"key was ({', '.join(old_key)}), is ({', '.join(key)})")
    for name, column in now[table].items():
        if name in before[table]:
            yield from _column_changes(f"{table}.{name}", before[table][name], column)


def _column_changes(address: str, before: ColumnShape, now: ColumnShape) -> Iterator[Change]:
    if before.type != now.type:
        yield Change(address, f"type was {before.type}, is {now.type}")
    if before.unit != now.unit:
        yield Change(address, f"unit was {before.unit or 'none'}, is {now.unit or 'none'}")
    if before.is_required and not now.is_required:
        yield Change(address, "may now be empty")
    if now.is_required and not before.is_required:
        yield Change(address, "is now never empty", is_break=False)


def _reworded(table: str, before: Shape, now: Shape) -> Iterator[str]:
    for name, column in now[table].items():
        if name in before[table] and before[table][name].description != column.description:
            yield f"{table}.{name}"


def _key(shape: Shape, table: str) -> list[str]:
    return [name for name, column in shape[table].items() if column.is_key]
