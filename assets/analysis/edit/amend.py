"""A new version of a promise: columns that may change, and values carried over from the version in force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assets.analysis.edit.draft_row import Cells, Folder, Unfit, cell, columns
from assets.core import suggestions

STATE = {"commitments": "certainty", "capacity": "stage"}

FIXED: Mapping[str, str] = {
    "leg_id": "it names the promise: another promise is a leg of its own (closedloop add deal)",
    "payer_id": "another payer makes another promise: cancel this one (--cancel) and add the new one",
    "payee_id": "another payee makes another promise: cancel this one (--cancel) and add the new one",
    "provider_id": "another provider makes another promise: cancel this one (--cancel) and add the new one",
    "user_id": "another user makes another promise: cancel this one (--cancel) and add the new one",
    "flow": "money for something else is another promise: cancel this one (--cancel) and add the new one",
    "view": "power described from another side is another promise: add it as a row of its own",
    "is_statement": "a statement never becomes a promise: add the promise as a leg of its own",
    "reading": "an amendment is what counts from its day on; a competing figure is a row of its own (seeds/README.md)",
}
"""Columns that cannot be amended, with the reason."""

NOT_ASKED = ("deal_id", "source_id", "known_from", "evidence")


class VersionExists(Unfit):
    """The leg has a version of that day."""

    def __init__(self, leg_id: str, seed: str, row: Cells) -> None:
        """`row` is that version, as it is in the file."""
        self.seed, self.row = seed, row
        self.place = f"seeds/{seed}.csv:{row['']}"
        super().__init__(
            f"{leg_id} has a version of {row['known_from']} already: {self.place}: give the day on which the change "
            "became public with --known-from, or correct that row"
        )

    def says(self, changes: Cells, folder: Folder) -> bool:
        """Whether that version is the one that was asked for: the command was run before.

        Errors: Unfit for a cell that cannot be meant.
        """
        own = {c.name: c for c in columns(self.seed)}
        return bool(changes) and all(self.row[n] == cell(own[n], written, folder) for n, written in changes.items())


@dataclass(frozen=True)
class Version:
    """The version of a leg on which a new one is based."""

    seed: str
    cells: Cells
    line: int
    latest: str
    """The day of the latest version."""


def version_of(folder: Folder, leg_id: str, day: str) -> Version:
    """The version of a leg in force on a day; before the first version, the first.

    Errors: Unfit for an unknown leg, and for a day that already has a version.
    """
    for seed in STATE:
        rows = [r for r in folder.rows(seed) if r.get("leg_id") == leg_id and r.get("reading") == "preferred"]
        if rows:
            ordered = sorted(rows, key=lambda r: r["known_from"])
            same = next((r for r in rows if r["known_from"] == day), None)
            if same:
                raise VersionExists(leg_id, seed, same)
            earlier = [r for r in ordered if r["known_from"] <= day]
            chosen = earlier[-1] if earlier else ordered[0]
            cells = {c.name: chosen.get(c.name, "") for c in columns(seed)}
            return Version(seed, cells, int(chosen[""]), ordered[-1]["known_from"])
    known = [*folder.ids("commitments"), *folder.ids("capacity")]
    near = suggestions.nearest(leg_id, known)
    raise Unfit(
        f"{leg_id}: no such leg in seeds/commitments.csv or seeds/capacity.csv{near and f': did you mean {near}?'}"
    )


def amended(version: Version, changes: Cells, day: str) -> Cells:
    """The new row: the given cells, and the rest from the version in force.

    Errors: Unfit for a column that cannot be amended, and if nothing changes.
    """
    for name in changes:
        if name in FIXED:
            raise Unfit(f"{name} cannot be amended: {FIXED[name]}")
    row = version.cells | changes | {"known_from": day}
    about = {"known_from", "source_id", "evidence", "note"}
    if all(row[c] == version.cells[c] for c in row.keys() - about):
        if version.cells[STATE[version.seed]] == "cancelled":
            since = version.cells["known_from"]
            raise Unfit(f"it is cancelled already since {since}: seeds/{version.seed}.csv:{version.line}")
        raise Unfit("nothing is changed: say what with --set COLUMN=VALUE, or --cancel")
    return row


def remarks(version: Version, day: str) -> list[str]:
    """Remarks to show before this version is written."""
    found = []
    if day < version.latest:
        found.append(
            f"out of order: a version of {version.latest} is in the ledger already and counts from then on; "
            f"this one fills the days from {day} until the next version"
        )
    if day < version.cells["known_from"]:
        found.append(
            f"{day} lies before the first version: its terms are taken from that of {version.cells['known_from']}"
        )
    return found
