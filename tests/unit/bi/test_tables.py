"""Schema `bi`: one question per table, complete keys, labels next to ids, days as dates, no rows lost by joins."""

import itertools

import duckdb
import pytest

from assets import catalog
from assets.bi import checks, tables
from assets.core import sql_files
from assets.core.table import Column
from assets.quality.vocabulary import VOCABULARY

TABLES = {name: step.table for name, step in catalog.STEPS.items() if step.table.stage == "bi"}

DIMENSIONS = {n for n in TABLES if n.startswith("bi.dim_")}


@pytest.mark.parametrize("name", TABLES)
def test_the_summary_of_a_table_is_the_question_that_it_answers(name):
    assert TABLES[name].summary.endswith("?")


@pytest.mark.parametrize("name", sorted(set(TABLES) - DIMENSIONS))
def test_every_id_has_a_label(name):
    columns = set(TABLES[name].column_names)

    assert [i for i in columns & set(checks.LABELS) if checks.LABELS[i] not in columns] == []
    assert columns & set(checks.LABELS) or name in {"bi.circularity", "bi.loops", "bi.claims"}


def due_of(orders):
    """The rows of bi.commitments_due for a ledger in which each payer promises its amounts in order."""
    payers = [f"p{n}" for n, amounts in enumerate(orders) for _ in amounts]
    with duckdb.connect() as connection:
        connection.execute("create schema facts; create schema quality")
        connection.execute(
            "create table facts.commitments as select unnest($1) as payer_id, unnest(range($2)) as leg_id, "
            "date '2025-01-01' as known_from, null::date as known_to, 'b' as payee_id, 'lease' as flow, "
            "'contracted' as certainty, false as is_imputed_amount, false as is_statement",
            [payers, len(payers)],
        )
        connection.execute(
            "create table facts.commitment_schedule as select leg_id, known_from, known_to, "
            "date '2026-01-01' as quarter_start, $1[leg_id + 1]::double as net_amount_usd from facts.commitments",
            [[usd for amounts in orders for usd in amounts]],
        )
        connection.execute(
            "create table facts.entities as select unnest($1) as entity_id, 'A' as name", [["b", *set(payers)]]
        )
        connection.execute(
            "create table quality.vocabulary as from (values ('flow', 'lease', 'purchase', 1), "
            "('certainty', 'contracted', null, 2)) as v(vocabulary, word, word_group, position)"
        )
        return connection.execute(
            f"select payer_id, net_amount_usd from ({sql_files.text('bi', 'commitments_due')})"
        ).fetchall()


def test_dues_do_not_depend_on_the_order_of_addition():
    orders = list(itertools.permutations([0.1, 0.2, 0.3, 1e9, None]))
    due = dict(due_of(orders))

    assert len(due) == len(orders)
    assert set(due.values()) == {1_000_000_000.6}


# --- invalid SELECTs ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "lacks"),
    [("", "question"), ("-- What?\n-- Key: one\n", "grain"), ("-- What?\n-- One row per x.\n", "key")],
)
def test_a_select_without_a_complete_header_is_refused(tmp_path, monkeypatch, head, lacks):
    (tmp_path / "bi").mkdir()
    (tmp_path / "bi" / "mine.sql").write_text(f"{head}select word as flow from quality.vocabulary\n", encoding="utf-8")
    monkeypatch.setattr(sql_files, "FOLDER", tmp_path)

    with pytest.raises(ValueError, match=r"sql/bi/mine\.sql:1: the header must say"):
        tables.steps([VOCABULARY])


def test_a_column_without_a_meaning_is_refused(tmp_path, monkeypatch):
    (tmp_path / "bi").mkdir()
    sql = "-- What?\n-- One row per x.\n-- Key: word\nselect word, 1::double as untold from quality.vocabulary\n"
    (tmp_path / "bi" / "mine.sql").write_text(sql, encoding="utf-8")
    monkeypatch.setattr(sql_files, "FOLDER", tmp_path)

    with pytest.raises(ValueError, match=r"mine\.sql:1: column untold has no meaning: write 'untold: number; \.\.\.'"):
        tables.steps([VOCABULARY])


def test_a_column_of_a_type_that_no_contract_has_is_refused(tmp_path, monkeypatch):
    (tmp_path / "bi").mkdir()
    sql = "-- What?\n-- One row per x.\n-- Key: word\nselect word, 1.0 as untold from quality.vocabulary\n"
    (tmp_path / "bi" / "mine.sql").write_text(sql, encoding="utf-8")
    monkeypatch.setattr(sql_files, "FOLDER", tmp_path)

    with pytest.raises(ValueError, match=r"mine\.sql:1: no column may be .* DOUBLE.*: cast untold \(DECIMAL\(2,1\)\)"):
        tables.steps([VOCABULARY])


def described(tmp_path, monkeypatch, *columns):
    """The column `untold` of a table of `bi` whose header describes these columns."""
    (tmp_path / "bi").mkdir()
    head = ["-- What?", "-- One row per x.", "-- Key: word", "-- Columns:", *(f"--   {c}" for c in columns)]
    sql = "select word, 1.0::double as untold from quality.vocabulary\n"
    (tmp_path / "bi" / "mine.sql").write_text("\n".join([*head, sql]), encoding="utf-8")
    monkeypatch.setattr(sql_files, "FOLDER", tmp_path)
    (step,) = tables.steps([VOCABULARY])
    return step.table.column("untold")


def test_a_header_gives_a_column_its_meaning(tmp_path, monkeypatch):
    column = described(tmp_path, monkeypatch, "untold: number, USD, at least 0; what nobody else tells")

    assert column == Column("untold", "number", "USD", "what nobody else tells", at_least=0)


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("untold: text; a word", "column untold: the header says text, the SELECT gives number"),
        ("unseen: text; a word", "the header describes unseen, which the SELECT does not give"),
    ],
)
def test_a_header_that_describes_another_column_than_the_select_gives_is_refused(tmp_path, monkeypatch, line, wrong):
    with pytest.raises(ValueError, match=rf"sql/bi/mine\.sql:4: {wrong}"):
        described(tmp_path, monkeypatch, line)
