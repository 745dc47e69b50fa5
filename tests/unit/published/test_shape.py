"""The promised shape of the published file: a difference from the newest snapshot becomes a version or is refused."""

import dataclasses
import datetime as dt
from itertools import pairwise

import pytest
from click.testing import CliRunner

from assets.published.schema import __main__, changelog, renames, shape, snapshots
from assets.published.schema.comparison import COMMAND, compare, next_version, remedy
from assets.published.schema.renames import Rename
from assets.published.schema.shape import ColumnShape, Version, version
from assets.published.schema.snapshots import Snapshot

DAY = dt.date(2026, 1, 31)

KEY = ColumnShape("VARCHAR", is_required=True, is_key=True)

PROMISED = {
    "facts.legs": {
        "leg_id": KEY,
        "amount_usd": ColumnShape("DOUBLE", "USD", is_required=True, description="aa"),
        "note": ColumnShape("VARCHAR"),
    },
    "facts.parties": {"party_id": KEY},
    "legs_as_of(d)": {"leg_id": ColumnShape("VARCHAR")},
}


def with_column(table, name, column):
    return {**PROMISED, table: {**PROMISED[table], name: column}}


def without(table, column=None):
    if column is None:
        return {t: c for t, c in PROMISED.items() if t != table}
    return {**PROMISED, table: {c: s for c, s in PROMISED[table].items() if c != column}}


def amount(**changes):
    changed = dataclasses.replace(PROMISED["facts.legs"]["amount_usd"], **changes)
    return with_column("facts.legs", "amount_usd", changed)


BREAKS = {
    "gone: facts.parties": without("facts.parties"),
    "gone: facts.legs.note": without("facts.legs", "note"),
    "gone: legs_as_of(d)": without("legs_as_of(d)"),
    "gone: legs_as_of(d).leg_id": without("legs_as_of(d)", "leg_id"),
    "changed: facts.legs.amount_usd: type was DOUBLE, is BIGINT": amount(type="BIGINT"),
    "changed: facts.legs.amount_usd: unit was USD, is none": amount(unit=""),
    "changed: facts.legs.amount_usd: may now be empty": amount(is_required=False),
    "changed: facts.legs: key was (leg_id), is (leg_id, day)": with_column("facts.legs", "day", KEY),
}

ADDITIONS = {
    "added: facts.deals": {**PROMISED, "facts.deals": {"deal_id": KEY}},
    "added: facts.legs.flow": with_column("facts.legs", "flow", ColumnShape("VARCHAR")),
    "added: deals_as_of(d)": {**PROMISED, "deals_as_of(d)": {"deal_id": ColumnShape("VARCHAR")}},
    "changed: facts.legs.note: is now never empty": with_column(
        "facts.legs", "note", ColumnShape("VARCHAR", is_required=True)
    ),
}


def stored(number, has, meaning=()):
    return Snapshot(version(number), DAY, tuple(meaning), has)


def becomes(now, *, last="1.3", declared=(), meaning=()):
    return str(next_version(version(last), compare(PROMISED, now, declared), meaning))


# --- the current contracts ------------------------------------------------------------------------------------------


def test_the_contracts_promise_what_the_newest_snapshot_does():
    known, now, declared = snapshots.stored(), shape.present(), renames.read()

    found = remedy(snapshots.since_newest(known, now, declared), snapshots.version_of(known, now, declared))

    assert not found, found


def test_the_declared_renames_fit_the_contracts():
    known, now, declared = snapshots.stored(), shape.present(), renames.read()

    assert renames.faults(declared, set(shape.addresses(now)), snapshots.version_of(known, now, declared)) == []


def test_the_changelog_is_that_of_the_snapshots():
    written = changelog.FILE.read_text(encoding="utf-8")

    assert written == changelog.changelog(snapshots.stored(), renames.read()), f"run `{COMMAND}`"


def misnumbered(known, declared):
    """The versions whose number does not follow from their changes."""
    first = [s.version for s in known[:1] if s.version != Version(1, 0)]
    return first + [
        now.version
        for last, now in pairwise(known)
        if now.version != next_version(last.version, compare(last.shape, now.shape, declared), now.meaning_changed)
    ]


def test_every_stored_version_follows_from_its_changes():
    known = snapshots.stored()

    assert known, "no snapshot is stored"
    assert misnumbered(known, renames.read()) == []


def test_a_manually_edited_version_is_detected():
    more, less = ADDITIONS["added: facts.deals"], BREAKS["gone: facts.parties"]

    assert misnumbered([stored("1.0", PROMISED), stored("1.1", more)], []) == []
    assert misnumbered([stored("1.0", PROMISED), stored("2.0", more)], []) == [Version(2, 0)]
    assert misnumbered([stored("1.0", PROMISED), stored("1.1", less)], []) == [Version(1, 1)]
    assert misnumbered([stored("1.1", PROMISED)], []) == [Version(1, 1)]


# --- versions -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("found", "now"), BREAKS.items(), ids=BREAKS)
def test_a_break_needs_a_new_major(found, now):
    difference = compare(PROMISED, now)

    assert found in difference.lines()
    assert becomes(now) == "2.0"
    said = remedy(difference, Version(2, 0))
    assert "an undeclared break" in said
    assert found in said
    assert "`python -m assets.published.schema --break`" in said
    assert "renames.toml" in said


@pytest.mark.parametrize(("found", "now"), ADDITIONS.items(), ids=ADDITIONS)
def test_an_addition_needs_a_new_minor(found, now):
    difference = compare(PROMISED, now)

    assert list(difference.lines()) == [found]
    assert becomes(now) == "1.4"
    said = remedy(difference, Version(1, 4))
    assert "an undeclared addition" in said
    assert found in said
    assert "`python -m assets.published.schema`" in said
    assert "--break" not in said


def test_a_break_with_an_addition_is_a_break():
    now = {**BREAKS["gone: facts.parties"], "facts.deals": {"deal_id": KEY}}

    assert list(compare(PROMISED, now).lines()) == ["gone: facts.parties", "added: facts.deals"]
    assert becomes(now) == "2.0"


def test_other_words_are_no_new_version_but_are_noticed():
    difference = compare(PROMISED, amount(description="bb"))

    assert difference.reworded == ("facts.legs.amount_usd",)
    assert remedy(difference, Version(1, 3)) == ""
    assert becomes(amount(description="bb")) == "1.3"


def test_another_order_of_tables_and_columns_is_no_new_version():
    turned = {t: dict(reversed(c.items())) for t, c in reversed(PROMISED.items())}

    assert becomes(turned) == "1.3"


def test_another_meaning_needs_a_new_major():
    assert becomes(PROMISED, meaning=["facts.legs.note"]) == "2.0"


def test_a_declared_rename_is_reported_as_such_and_needs_a_new_major():
    now = {**without("facts.parties"), "facts.sides": {"side_id": KEY}}
    declared = [
        Rename("facts.parties", "facts.sides", Version(2, 0)),
        Rename("facts.parties.party_id", "facts.sides.side_id", Version(2, 0)),
    ]

    assert list(compare(PROMISED, now, declared).lines()) == [
        "renamed: facts.parties to facts.sides",
        "renamed: facts.parties.party_id to facts.sides.side_id",
    ]
    assert becomes(now, declared=declared) == "2.0"


def test_a_column_lost_by_a_renamed_table_is_a_loss():
    now = {**without("facts.legs"), "facts.promises": {"leg_id": KEY}}
    declared = [Rename("facts.legs", "facts.promises", Version(2, 0))]

    assert list(compare(PROMISED, now, declared).lines()) == [
        "gone: facts.legs.amount_usd",
        "gone: facts.legs.note",
        "renamed: facts.legs to facts.promises",
    ]


def test_versions_are_ordered_as_numbers():
    assert version("1.10") > version("1.9")
    assert str(version("1.10")) == "1.10"


@pytest.mark.parametrize("text", ["1", "1.0.0", "v1.0", "1.01", "0.1", "1.x", ""])
def test_an_invalid_version_is_refused(text):
    with pytest.raises(ValueError, match=r"write MAJOR\.MINOR"):
        version(text)


def test_the_shape_of_the_contracts_has_units_keys_and_the_columns_of_macros():
    now = shape.present()

    assert now["facts.commitments"]["amount_usd"].unit == "USD"
    assert now["facts.commitments"]["leg_id"].is_key
    assert now["facts.commitments"]["leg_id"].is_required
    assert now["quality.publications"]["schema_version"].type == "VARCHAR"
    assert now["commitments_as_of(d)"]["amount_usd"].type == "DOUBLE"


# --- stored ---------------------------------------------------------------------------------------------------------


def test_a_stored_snapshot_reads_as_it_was_and_is_never_written_over(tmp_path):
    snapshot = stored("1.0", PROMISED, ["facts.legs.note"])
    path = snapshots.store(snapshot, tmp_path)

    assert snapshots.stored(tmp_path) == [snapshot]
    with pytest.raises(FileExistsError):
        snapshots.store(snapshot, tmp_path)
    assert len(path.read_text(encoding="utf-8").splitlines()) > sum(map(len, PROMISED.values()))


def test_snapshots_are_read_in_the_order_of_their_numbers(tmp_path):
    for number in ("1.10", "1.9", "2.0"):
        snapshots.store(stored(number, PROMISED), tmp_path)

    assert [str(s.version) for s in snapshots.stored(tmp_path)] == ["1.9", "1.10", "2.0"]


def test_the_changelog_lists_every_kind_of_change_newest_first():
    renamed = {**without("facts.parties"), "facts.sides": PROMISED["facts.parties"]}
    narrower = {**renamed, "facts.legs": {"leg_id": KEY, "amount_usd": ColumnShape("BIGINT", "USD", description="bb")}}
    history = [
        stored("1.0", PROMISED),
        stored("1.1", ADDITIONS["added: facts.legs.flow"]),
        stored("2.0", renamed),
        stored("3.0", narrower, ["facts.sides.party_id"]),
    ]

    text = changelog.changelog(history, [Rename("facts.parties", "facts.sides", Version(2, 0))])

    sections = [s.splitlines() for s in text.split("## ")[1:]]
    assert [s[0] for s in sections] == [f"{v} (2026-01-31)" for v in ("3.0", "2.0", "1.1", "1.0")]
    assert [[line for line in s[1:] if line] for s in sections] == [
        [
            "- Gone from `facts.legs`: `note`",
            "- Changed: `facts.legs.amount_usd`: type was DOUBLE, is BIGINT",
            "- Changed: `facts.legs.amount_usd`: may now be empty",
            "- Means something else: `facts.sides.party_id`",
            "- The old name `facts.parties` ends: it is `facts.sides`",
            "- Described in other words, with the same meaning: 1 column",
        ],
        [
            "- Gone from `facts.legs`: `flow`",
            "- Renamed: `facts.parties` is `facts.sides`; the old name lives on as a view until 3.0",
        ],
        ["- Added to `facts.legs`: `flow`"],
        ["- 2 tables with 4 columns: 2 in `facts`", "- 1 macro of a day"],
    ]


# --- the command ----------------------------------------------------------------------------------------------------


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Store a shape with the command, in a new folder that begins with version 1.0."""
    folder, log = tmp_path / "snapshots", tmp_path / "CHANGELOG.md"
    folder.mkdir()
    monkeypatch.setattr(snapshots, "FOLDER", folder)
    monkeypatch.setattr(changelog, "FILE", log)
    snapshots.store(stored("1.0", PROMISED), folder)

    def stores(now, *arguments):
        monkeypatch.setattr(shape, "present", lambda: now)
        ended = CliRunner().invoke(__main__.main, arguments)
        versions = [str(s.version) for s in snapshots.stored(folder)]
        return ended, versions, log.read_text(encoding="utf-8") if log.exists() else ""

    return stores


def test_the_command_stores_an_addition_and_writes_the_changelog(run):
    ended, versions, log = run(ADDITIONS["added: facts.deals"])

    assert ended.exit_code == 0, ended.output
    assert versions == ["1.0", "1.1"]
    assert "- Added: table `facts.deals` (1 column)" in log


def test_the_first_version_is_stored_where_none_is(run):
    (snapshots.FOLDER / "1.0.json").unlink()

    ended, versions, log = run(PROMISED)

    assert ended.exit_code == 0, ended.output
    assert versions == ["1.0"]
    assert "- 2 tables with 4 columns: 2 in `facts`" in log


def test_the_command_refuses_a_break_until_it_is_meant(run):
    ended, versions, log = run(BREAKS["gone: facts.parties"])
    assert ended.exit_code == 1
    assert "an undeclared break" in ended.output
    assert (versions, log) == (["1.0"], "")

    ended, versions, log = run(BREAKS["gone: facts.parties"], "--break")
    assert ended.exit_code == 0, ended.output
    assert versions == ["1.0", "2.0"]
    assert "- Gone: table `facts.parties` (1 column)" in log


def test_another_meaning_excuses_no_break(run):
    ended, versions, _ = run(BREAKS["gone: facts.parties"], "--meaning", "facts.legs.note")

    assert ended.exit_code == 1
    assert versions == ["1.0"]


def test_the_command_stores_another_meaning_of_something_that_is_there(run):
    ended, versions, _ = run(PROMISED, "--meaning", "facts.legs.nothing")
    assert ended.exit_code == 2
    assert "facts.legs.nothing" in ended.output
    assert versions == ["1.0"]

    ended, versions, log = run(PROMISED, "--meaning", "facts.legs.note")
    assert versions == ["1.0", "2.0"]
    assert "- Means something else: `facts.legs.note`" in log


def test_the_command_stores_nothing_when_nothing_differs_and_names_other_words(run):
    ended, versions, _ = run(amount(description="bb"))

    assert ended.exit_code == 0, ended.output
    assert versions == ["1.0"]
    assert "nothing to store" in ended.output
    assert "--meaning facts.legs.amount_usd" in ended.output
