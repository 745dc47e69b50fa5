"""Old names of tables and columns: views for one major version, in the file, its comments and its dictionary."""

import datetime as dt
import json

import duckdb
import pytest

from assets.core.table import Column, Table
from assets.export import writing
from assets.published import publication
from assets.published.schema import renames, shape, snapshots
from assets.published.schema.renames import Rename, faults, old_names
from assets.published.schema.shape import Version
from assets.published.schema.snapshots import Snapshot

LEGS = Table(
    stage="facts",
    name="legs",
    summary="Promises.",
    grain="one row per leg",
    key=("leg_id",),
    hazards=("parts are in it",),
    columns=(
        Column("leg_id", "text", "", "the leg", required=True),
        Column("amount_usd", "number", "USD", "the amount"),
    ),
)

TWO, THREE = Version(2, 0), Version(3, 0)

TABLE = Rename("facts.promises", "facts.legs", TWO)

COLUMN = Rename("facts.legs.size_usd", "facts.legs.amount_usd", TWO)

# --- views ----------------------------------------------------------------------------------------------------------


def test_a_renamed_table_is_a_view_of_its_old_name():
    (view,) = old_names([LEGS], [TABLE], TWO)

    assert view.table.full_name == "facts.promises"
    assert view.table.columns == LEGS.columns
    assert view.shows == "facts.legs"
    assert view.table.summary == "Old name of facts.legs, gone with version 3.0. Promises."
    assert view.table.hazards == ("an old name: use facts.legs", "parts are in it")


def test_a_column_renamed_in_a_table_that_keeps_its_name_is_in_a_schema_of_the_version_before():
    (view,) = old_names([LEGS], [COLUMN], TWO)

    assert view.table.full_name == "facts_v1.legs"
    assert view.table.column_names == ["leg_id", "size_usd"]
    message = "old name of facts.legs.amount_usd, gone with version 3.0: the amount"
    assert view.table.column("size_usd").description == message


def test_a_renamed_table_has_its_renamed_columns_under_their_old_names():
    (view,) = old_names([LEGS], [TABLE, Rename("facts.promises.id", "facts.legs.leg_id", TWO)], TWO)

    assert view.table.full_name == "facts.promises"
    assert view.table.column_names == ["id", "amount_usd"]
    assert view.table.key == ("id",)


@pytest.mark.parametrize("minor", [0, 7])
def test_an_old_name_lives_through_its_major_version(minor):
    assert len(old_names([LEGS], [TABLE, COLUMN], Version(2, minor))) == 1


def test_an_old_name_is_gone_with_the_next_major_version():
    assert old_names([LEGS], [TABLE, COLUMN], THREE) == []


def test_a_rename_that_does_not_fit_the_contracts_is_named():
    names = {"facts.legs", "facts.legs.leg_id", "facts.parties"}

    assert faults([TABLE], names, TWO) == []
    assert "still in the contracts" in faults([Rename("facts.parties", "facts.legs", TWO)], names, TWO)[0]
    assert "facts.lgs is not in the contracts" in faults([Rename("facts.promises", "facts.lgs", TWO)], names, TWO)[0]
    assert "renamed since 2.0, but the version is 1.4" in faults([TABLE], names, Version(1, 4))[0]
    with pytest.raises(ValueError, match=r"facts\.lgs is not in the contracts"):
        old_names([LEGS], [Rename("facts.promises", "facts.lgs", TWO)], TWO)


@pytest.mark.parametrize(
    ("old", "new", "since", "said"),
    [
        ("facts.a", "facts.b.c", TWO, "twice"),
        ("a", "b", TWO, "twice"),
        ("facts.a", "facts.a", TWO, "not alike"),
        ("facts.a", "facts.b", Version(2, 1), "needs a new major"),
        ("facts.a", "facts.b", Version(1, 0), "needs a new major"),
    ],
)
def test_an_invalid_rename_is_refused(old, new, since, said):
    with pytest.raises(ValueError, match=said):
        Rename(old, new, since)


def test_renames_are_read_from_their_file(tmp_path):
    file = tmp_path / "renames.toml"
    file.write_text('[[rename]]\nold = "facts.promises"\nnew = "facts.legs"\nsince = "2.0"\n')

    assert renames.read(file) == [TABLE]


@pytest.mark.parametrize(
    "text",
    [
        '[[rename]]\nold = "facts.a"\nsince = "2.0"',
        '[[rename]]\nold = "facts.a"\nnew = "facts.b"\nsince = "2"',
        "[[rename]]\nold = ",
    ],
)
def test_a_rename_that_cannot_be_read_is_refused(tmp_path, text):
    file = tmp_path / "renames.toml"
    file.write_text(text)

    with pytest.raises(ValueError, match=r"old, new and since|MAJOR\.MINOR|Invalid value"):
        renames.read(file)


# --- in the published file ------------------------------------------------------------------------------------------

DECLARED = [
    Rename("metrics.summary", "metrics.headline", TWO),
    Rename("metrics.summary.party_id", "metrics.headline.entity_id", TWO),
    Rename("bi.claims.sentence", "bi.claims.statement", TWO),
]

BEFORE = {"metrics.headline": "metrics.summary"}

COLUMNS_BEFORE = {("metrics.headline", "entity_id"): "party_id", ("bi.claims", "statement"): "sentence"}


def of_version_one():
    """The shape before the renames."""
    return {
        BEFORE.get(t, t): {COLUMNS_BEFORE.get((t, c), c): found for c, found in columns.items()}
        for t, columns in shape.present().items()
    }


@pytest.fixture
def renamed(pipeline, publish, monkeypatch):
    """The small ledger, published by a project that renamed a table and a column since version 1.0."""
    known = [Snapshot(Version(1, 0), dt.date(2026, 1, 31), (), of_version_one())]
    monkeypatch.setattr(snapshots, "stored", lambda: known)
    monkeypatch.setattr(renames, "read", lambda: DECLARED)
    assert publish(pipeline)["schema_version"] == "2.0"
    return pipeline


def test_a_publication_names_the_version_of_its_shape(small_built):
    (said,) = small_built.ask("select schema_version from quality.publications")["schema_version"]

    assert said == str(snapshots.stored()[-1].version)


def test_a_query_of_the_version_before_still_runs(renamed):
    old = "select party_id, as_of_date, net_commitment_usd from metrics.summary order by all"
    new = "select entity_id, as_of_date, net_commitment_usd from metrics.headline order by all"

    assert renamed.ask(old).rows() == renamed.ask(new).rows() != []
    assert (
        renamed.ask("select sentence from bi_v1.claims order by all").rows()
        == renamed.ask("select statement from bi.claims order by all").rows()
        != []
    )


def test_old_names_answer_where_the_file_is_attached(renamed):
    with duckdb.connect() as connection:
        connection.execute(f"attach '{renamed.published}' as ledger (read_only)")
        assert connection.execute("select count(*) from ledger.metrics.summary").fetchone()[0] > 0
        assert connection.execute("select count(sentence) from ledger.bi_v1.claims").fetchone()[0] > 0


def test_only_old_names_are_views_and_their_comments_say_until_when(renamed):
    views = renamed.ask(
        "select schema_name || '.' || view_name as name, comment from duckdb_views() where not internal order by name"
    )
    silent = renamed.ask("select column_name from duckdb_columns() where not internal and coalesce(comment, '') = ''")
    old = renamed.ask("select comment from duckdb_columns() where schema_name = 'bi_v1' and column_name = 'sentence'")

    assert views["name"].to_list() == ["bi_v1.claims", "metrics.summary"]
    assert views["comment"][0].startswith("Old name of bi.claims, gone with version 3.0. ")
    assert views["comment"][1].startswith("Old name of metrics.headline, gone with version 3.0. ")
    assert silent.is_empty()
    assert old.item().startswith("old name of bi.claims.statement, gone with version 3.0: ")


def test_the_dictionary_marks_old_names(renamed):
    rows = renamed.ask(
        "select distinct schema_name || '.' || table_name as name, source, hazards from quality.dictionary "
        "where table_summary like 'Old name of %' order by name"
    )
    columns = renamed.ask(
        "select table_name, column_name, is_key from quality.dictionary where column_name in ('sentence', 'party_id')"
    )

    assert rows["name"].to_list() == ["bi_v1.claims", "metrics.summary"]
    assert rows["source"].to_list() == ["bi.claims", "metrics.headline"]
    assert rows["hazards"][1].startswith("an old name: use metrics.headline; ")
    assert sorted(columns.rows()) == [("claims", "sentence", False), ("summary", "party_id", True)]


def test_an_export_leaves_old_names_out(renamed, tmp_path):
    done = writing.export(renamed.published, tmp_path / "out", "csv", ["metrics"])

    assert "metrics/headline.csv" in done.rows
    assert "metrics/summary.csv" not in done.rows
    assert json.loads((tmp_path / "out" / "export.json").read_text())["schema_version"] == "2.0"


def test_a_rename_that_fits_nothing_is_refused_and_the_last_file_stays(pipeline, publish, monkeypatch):
    before = pipeline.mark()
    monkeypatch.setattr(renames, "read", lambda: [Rename("facts.promises", "facts.nothing", Version(2, 0))])

    with pytest.raises(publication.NotPublishable, match=r"renames\.toml: facts\.promises: it is renamed since 2\.0"):
        publish(pipeline)

    assert pipeline.mark() == before
