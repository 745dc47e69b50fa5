"""Schema `bi`: one question a table, a key without gaps, labels beside ids, days as days, nothing lost by a join."""

import itertools

import duckdb
import pytest

from assets import registry, sqlfiles
from assets.contracts import quality
from assets.published import bi

CONTRACTS = bi.tables([*(s.table for s in registry.STEPS.values()), *quality.TABLES])
TABLES = {name: table for name, (table, _) in CONTRACTS.items()}
DIMENSIONS = {n for n in TABLES if n.startswith("bi.dim_")}
SAME_ROWS = {
    "bi.backlog_reconciliation": "metrics.backlog_reconciliation",
    "bi.capacity": "facts.capacity",
    "bi.capacity_by_quarter": "metrics.capacity_by_quarter",
    "bi.changes": "metrics.changes",
    "bi.circularity": "metrics.circularity",
    "bi.claims": "metrics.claims",
    "bi.commitments": "facts.commitments",
    "bi.commitments_by_counterparty": "metrics.commitments_by_counterparty",
    "bi.completeness": "metrics.completeness",
    "bi.coverage_simulation": "metrics.coverage_simulation",
    "bi.customer_concentration": "metrics.customer_concentration",
    "bi.deal_patterns": "metrics.deal_patterns",
    "bi.dim_deal": "facts.deals",
    "bi.dim_source": "facts.sources",
    "bi.first_shortfall": "metrics.first_shortfall",
    "bi.headline": "metrics.headline",
    "bi.loops": "metrics.loops",
    "bi.money_trail": "metrics.money_trail",
    "bi.revenue_coverage": "facts.revenue_coverage",
    "bi.statement_reconciliation": "metrics.statement_reconciliation",
    "bi.stress": "metrics.stress",
    "bi.supplier_round_trip": "metrics.supplier_round_trip",
    "bi.warrant_value_grid": "metrics.warrant_value_grid",
    "bi.warrant_values": "metrics.warrant_values",
}
LABELS = {
    "counterparty_id": "counterparty",
    "customer_id": "customer",
    "deal_id": "deal",
    "entity_id": "entity",
    "holder_id": "holder",
    "issuer_id": "issuer",
    "payee_id": "payee",
    "payer_id": "payer",
    "provider_id": "provider",
    "shocked_entity_id": "shocked_entity",
    "supplier_id": "supplier",
    "user_id": "consumer",
}


def test_every_select_is_a_table_with_rows(ask):
    found = dict(ask("select 'bi.' || table_name, estimated_size from duckdb_tables() where schema_name = 'bi'"))

    assert set(found) == set(TABLES) == {f"bi.{n}" for n in sqlfiles.names("bi")}
    assert [n for n, rows in found.items() if not rows] == []


@pytest.mark.parametrize("name", TABLES)
def test_the_summary_of_a_table_is_the_question_that_it_answers(name):
    assert TABLES[name].summary.endswith("?")


@pytest.mark.parametrize("name", SAME_ROWS)
def test_no_row_is_lost_or_doubled_by_a_label(ask, name):
    assert ask(f"select count(*) from {name}") == ask(f"select count(*) from {SAME_ROWS[name]}")


@pytest.mark.parametrize("name", TABLES)
def test_a_key_has_no_gaps_and_no_doubles(ask, name):
    key = TABLES[name].key

    columns = ", ".join(f'"{k}"' for k in key)
    gaps = " or ".join(f'"{k}" is null' for k in key)
    assert ask(f"select count(*) from {name} where {gaps}") == [(0,)]
    assert ask(f"select count(*) from (select 1 from {name} group by {columns} having count(*) > 1)") == [(0,)]


@pytest.mark.parametrize("name", sorted(set(TABLES) - DIMENSIONS))
def test_every_key_of_the_star_is_filled_and_stands_in_its_dimension(ask, name):
    for column in TABLES[name].columns:
        if column.refers_to:
            dimension, _, key = column.refers_to.rpartition(".")
            known = f'select "{key}" from {dimension}'
            lost = f'select distinct "{column.name}" from {name} where "{column.name}" not in ({known})'
            assert ask(lost) == [], column.name
            assert ask(f'select count(*) from {name} where "{column.name}" is null') == [(0,)], column.name


@pytest.mark.parametrize("name", sorted(set(TABLES) - DIMENSIONS))
def test_a_label_stands_beside_every_id(name):
    columns = set(TABLES[name].column_names)

    assert [i for i in columns & set(LABELS) if LABELS[i] not in columns] == []
    assert columns & set(LABELS) or name in {"bi.circularity", "bi.loops", "bi.claims"}


def test_the_dictionary_says_to_which_dimension_a_key_leads(ask):
    told = dict(
        ask("select column_name, refers_to from quality.dictionary where schema_name = 'bi' and refers_to is not null")
    )

    assert told["payer_id"] == "bi.dim_entity.entity_id"
    assert set(told) == set(bi.STAR)


def test_days_are_days(ask):
    found = ask(
        """
        select table_name, column_name, data_type from duckdb_columns()
        where schema_name = 'bi' and not starts_with(column_name, 'is_')
            and regexp_matches(column_name, '(_on|_date|_start|_end|_from|_to|_until|^day)$')
        """
    )

    assert len(found) > 30
    assert [row for row in found if row[2] != "DATE"] == []


def test_what_is_current_is_what_the_macros_say_of_today(ask):
    for table, macro, figure in (
        ("bi.headline", "headline_as_of", "net_commitment_usd"),
        ("bi.commitments", "commitments_as_of", "net_amount_usd"),
        ("bi.capacity", "capacity_as_of", "net_capacity_gw"),
        ("bi.revenue_coverage", "coverage_as_of", "obligations_usd"),
    ):
        today = "(select max(last_known_on) from quality.publications)"
        ((rows, total),) = ask(f"select count(*), sum({figure}) from {table} where is_current")
        ((expected_rows, expected),) = ask(f"select count(*), sum({figure}) from {macro}({today})")
        assert (table, rows) == (table, expected_rows)
        assert total == pytest.approx(expected, rel=1e-12)


def test_a_month_shows_the_headline_of_its_last_day(ask):
    months = [m for (m,) in ask("select distinct month_end from bi.headline_by_month order by 1")]

    assert len(months) > 12
    for month in (months[0], months[len(months) // 2], months[-1]):
        shown = ask(
            f"select entity_id, as_of_date from bi.headline_by_month where month_end = '{month}' order by entity_id"
        )
        assert shown == ask(f"select entity_id, as_of_date from headline_as_of('{month}') order by entity_id")


def test_what_falls_due_adds_up_to_what_is_scheduled(ask):
    ((due,),) = ask("select sum(net_amount_usd) from bi.commitments_due")
    ((scheduled,),) = ask(
        "select sum(s.net_amount_usd) from facts.commitment_schedule as s join facts.commitments as c "
        "using (leg_id, known_from) where s.known_to is null and not c.is_statement"
    )

    assert due == pytest.approx(scheduled, rel=1e-12)
    assert due > 0


def due_of(amounts):
    """bi.commitments_due over a ledger of one payer, one payee and promises of these amounts, in this order."""
    with duckdb.connect() as connection:
        connection.execute("create schema facts; create schema quality")
        connection.execute(
            "create table facts.commitments as select unnest(range($1)) as leg_id, date '2025-01-01' as known_from, "
            "null::date as known_to, 'a' as payer_id, 'b' as payee_id, 'lease' as flow, 'contracted' as certainty, "
            "false as is_imputed_amount, false as is_statement",
            [len(amounts)],
        )
        connection.execute(
            "create table facts.commitment_schedule as select leg_id, known_from, known_to, "
            "date '2026-01-01' as quarter_start, $1[leg_id + 1]::double as net_amount_usd from facts.commitments",
            [amounts],
        )
        connection.execute("create table facts.entities as select unnest(['a', 'b']) as entity_id, 'A' as name")
        connection.execute(
            "create table quality.vocabulary as from (values ('flow', 'lease', 'purchase', 1), "
            "('certainty', 'contracted', null, 2)) as v(vocabulary, word, word_group, position)"
        )
        return connection.execute(f"select net_amount_usd from ({sqlfiles.text('bi', 'commitments_due')})").fetchall()


def test_what_falls_due_does_not_depend_on_the_order_in_which_it_is_added():
    sums = {tuple(due_of(list(order))) for order in itertools.permutations([0.1, 0.2, 0.3, 1e9, None])}

    assert sums == {((1_000_000_000.6,),)}


def test_what_is_counted_twice_is_gross_less_net(ask):
    rows = ask("select amount_usd, net_amount_usd, counted_twice_usd from bi.commitments where amount_usd is not null")

    assert any(twice for *_, twice in rows)
    assert all(twice is None or twice == pytest.approx(gross - net, abs=1) for gross, net, twice in rows)


def test_a_first_shortfall_is_a_year_none_by_the_last_year_or_not_measurable_and_never_never(ask):
    told = dict(
        ask("select entity, list(distinct first_year_short) from bi.first_shortfall where is_current group by 1")
    )
    ((last,),) = ask(
        "select max(year) from coverage_simulation_as_of((select max(as_of_date) from bi.first_shortfall))"
    )

    assert told["NVIDIA Corporation"] == told["Oracle Corporation"] == told["CoreWeave, Inc."] == ["not measurable"]
    assert f"none by {last}" in told["OpenAI"]
    assert {word for words in told.values() for word in words if not word.isdigit()} == {
        "not measurable",
        f"none by {last}",
    }
    unknown = ask(
        "select count(probability), count(draws) from bi.first_shortfall where not_measurable_because is not null"
    )
    assert unknown == [(0, 0)]


def test_every_day_of_the_ledger_and_its_schedules_is_in_the_calendar(ask):
    ((first, last, days),) = ask('select min("day"), max("day"), count(*) from bi.dim_day')

    assert days == (last - first).days + 1
    for table, day in (("bi.commitments", "known_from"), ("bi.commitments_due", "quarter_start")):
        assert ask(f'select count(*) from {table} where {day} not in (select "day" from bi.dim_day)') == [(0,)]


# --- a SELECT that is not what it should be -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "lacks"),
    [("", "question"), ("-- What?\n-- Key: one\n", "grain"), ("-- What?\n-- One row per x.\n", "key")],
)
def test_a_select_that_does_not_say_what_it_is_is_refused(tmp_path, monkeypatch, head, lacks):
    (tmp_path / "bi").mkdir()
    (tmp_path / "bi" / "mine.sql").write_text(f"{head}select word as flow from quality.vocabulary\n", encoding="utf-8")
    monkeypatch.setattr(sqlfiles, "FOLDER", tmp_path)

    with pytest.raises(ValueError, match=r"sql/bi/mine\.sql: the head must say"):
        bi.tables(quality.TABLES)


def test_a_column_without_a_meaning_is_refused(tmp_path, monkeypatch):
    (tmp_path / "bi").mkdir()
    sql = "-- What?\n-- One row per x.\n-- Key: word\nselect word, 1.0 as untold from quality.vocabulary\n"
    (tmp_path / "bi" / "mine.sql").write_text(sql, encoding="utf-8")
    monkeypatch.setattr(sqlfiles, "FOLDER", tmp_path)

    with pytest.raises(KeyError):
        bi.tables(quality.TABLES)
