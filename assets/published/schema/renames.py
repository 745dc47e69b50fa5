"""Renamed tables and columns: the old name stays as a view, for one major version.

`renames.toml` lists the renames. A renamed table gets a view with its old name. If a column is renamed in a table that
keeps its name, schema `<stage>_v<major before>` has a view of the table with the old columns.
Not here: old names of macros (`assets.warehouse.as_of`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from assets.core.table import Column, Table
from assets.published.schema.shape import Version, version
from assets.warehouse.identifiers import qualified, quoted
from assets.warehouse.publish import View

FILE = Path(__file__).with_name("renames.toml")

TABLE, COLUMN = 2, 3
"""Number of parts in the name of a table and of a column."""


@dataclass(frozen=True)
class Rename:
    """One table (`stage.table`) or column (`stage.table.column`) with its old and its new name."""

    old: str
    new: str
    since: Version
    """The major version that introduced the new name: its minor is 0."""

    def __post_init__(self) -> None:
        """Errors: ValueError unless it renames a table or a column in a new major version."""
        parts = {len(self.old.split(".")), len(self.new.split("."))}
        if parts not in ({TABLE}, {COLUMN}) or self.old == self.new:
            raise ValueError(f"{self.old} to {self.new}: write stage.table or stage.table.column twice, and not alike")
        if self.since.major < TABLE or self.since.minor:
            raise ValueError(f"{self.old} to {self.new}: a rename needs a new major version, {self.since} is none")

    @property
    def is_column(self) -> bool:
        """Whether it renames a column."""
        return self.old.count(".") + 1 == COLUMN

    @property
    def until(self) -> Version:
        """The first version without the old name."""
        return Version(self.since.major + 1, 0)


def read(file: Path = FILE) -> list[Rename]:
    """The declared renames.

    Errors: ValueError that names the rename.
    """
    found = tomllib.loads(file.read_text(encoding="utf-8")).get("rename", [])
    if lacking := [r for r in found if r.keys() != {"old", "new", "since"}]:
        raise ValueError(f"a rename has old, new and since, and nothing else: {lacking[0]}")
    return [Rename(r["old"], r["new"], version(r["since"])) for r in found]


def faults(renames: Sequence[Rename], names: Collection[str], now: Version) -> list[str]:
    """Errors in the renames that a version keeps; `names` are all addresses of its tables and columns."""
    found = [f"{r.old}: it is renamed since {r.since}, but the version is {now}" for r in renames if r.since > now]
    for rename in living(renames, now):
        if rename.new not in names:
            found.append(f"{rename.old}: its new name {rename.new} is not in the contracts")
        if rename.old in names:
            found.append(f"{rename.old}: the old name is still in the contracts, and must be free until {rename.until}")
    return found


def living(renames: Sequence[Rename], now: Version) -> list[Rename]:
    """The renames whose old names a version keeps as views."""
    return [r for r in renames if r.since.major == now.major]


def old_names(tables: Sequence[Table], renames: Sequence[Rename], now: Version) -> list[View]:
    """The views of a version; the contract of each names its new table and the version that removes it.

    Errors: ValueError if the renames do not fit the tables.
    """
    names = {n for t in tables for n in (t.full_name, *(f"{t.full_name}.{c}" for c in t.column_names))}
    if wrong := faults(renames, names, now):
        raise ValueError("\n".join(wrong))
    alive = living(renames, now)
    columns: dict[str, dict[str, str]] = {}
    for rename in (r for r in alive if r.is_column):
        table, _, new = rename.new.rpartition(".")
        columns.setdefault(table, {})[new] = rename.old.rpartition(".")[2]
    before = {r.new: r.old for r in alive if not r.is_column}
    return [
        _view(t, before.get(t.full_name, f"{t.stage}_v{now.major - 1}.{t.name}"), columns.get(t.full_name, {}), now)
        for t in tables
        if t.full_name in before or t.full_name in columns
    ]


def _view(table: Table, name: str, old_columns: Mapping[str, str], now: Version) -> View:
    until = Version(now.major + 1, 0)
    stage, _, old = name.partition(".")
    contract = replace(
        table,
        stage=stage,
        name=old,
        summary=f"Old name of {table.full_name}, gone with version {until}. {table.summary}",
        columns=tuple(_column(table, c, old_columns.get(c.name, c.name), until) for c in table.columns),
        key=tuple(old_columns.get(k, k) for k in table.key),
        rules=(),
        latest=None,
        hazards=(f"an old name: use {table.full_name}", *table.hazards),
    )
    shown = ", ".join(f"{quoted(c)} AS {quoted(old_columns.get(c, c))}" for c in table.column_names)
    return View(contract, table.full_name, f"SELECT {shown} FROM {qualified(table.full_name)}")  # noqa: S608 - quoted


def _column(table: Table, column: Column, name: str, until: Version) -> Column:
    if name == column.name:
        return column
    about = f"old name of {table.full_name}.{column.name}, gone with version {until}: {column.description}"
    return replace(column, name=name, description=about)
