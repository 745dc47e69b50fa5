"""The published file of the real ledger, as a reader finds it."""

import datetime as dt
import json

import pytest

from assets import catalog
from assets.core.code_version import code_version
from assets.core.table import DUCKDB_TYPES
from assets.published.schema import renames, shape, snapshots
from assets.quality import own_tables

OLD_NAMES = renames.old_names(shape.contracts(), renames.read(), snapshots.stored()[-1].version)

TABLES = {s.name: s.table for s in catalog.STEPS.values()} | {t.full_name: t for t, _ in own_tables.OWN_TABLES}

HEADLINE = (
    "as_of_date, entity_id, gross_commitment_usd, net_commitment_low_usd, net_commitment_usd, net_commitment_high_usd, "
    "imputed_commitment_usd, outstanding_commitment_usd, rumoured_share, unverified_share, capacity_gw, capacity_view, "
    "annualised_revenue_usd, commitment_coverage_ratio, commitment_coverage_ratio_with_imputed, years_of_revenue"
)

PROMISED = {
    "facts.entities": "entity_id",
    "facts.deals": "deal_id",
    "facts.sources": "source_id",
    "facts.commitments": "leg_id, known_from, known_to, seed_known_from, deal_id, payer_id, payee_id, flow, certainty, "
    "evidence, qualifier, amount_low_usd, amount_usd, amount_high_usd, net_amount_usd, is_imputed_amount, starts_on, "
    "ends_on, is_imputed_dates, is_statement, part_of_leg_id, funds_leg_id, capacity_leg_id, source_id",
    "facts.commitment_alternatives": "leg_id",
    "facts.commitment_schedule": "leg_id, known_from, known_to, quarter_start, amount_low_usd, amount_usd, "
    "amount_high_usd, net_amount_usd, is_imputed_amount",
    "facts.capacity": "leg_id, known_from, known_to, deal_id, provider_id, user_id, capacity_low_gw, capacity_gw, "
    "capacity_high_gw, net_capacity_gw, view, power_basis, stage",
    "facts.capacity_schedule": "leg_id, known_from, known_to, quarter_start, energised_gw",
    "facts.revenue_coverage": "as_of_date, scenario_id, entity_id, year, obligations_usd, revenue_usd, funding_usd, "
    "coverage_ratio, funding_gap_usd",
    "metrics.headline": HEADLINE,
    "metrics.commitments_by_counterparty": "as_of_date, payer_id, payee_id, flow, certainty, gross_commitment_usd, "
    "net_commitment_usd, imputed_commitment_usd",
    "metrics.capacity_by_view": "as_of_date, user_id, view, capacity_gw",
    "metrics.capacity_by_quarter": "as_of_date, user_id, view, quarter_start, energised_gw",
    "metrics.loops": "as_of_date, basis, amount_basis, loop_id, path, length, bottleneck_usd",
    "metrics.circularity": "as_of_date, basis, amount_basis, total_usd, circulating_usd, circular_share, reciprocity, "
    "finn_cycling_index",
    "metrics.supplier_round_trip": "as_of_date, basis, amount_basis, supplier_id, funding_usd, purchases_usd, "
    "round_trip_usd, round_trip_share",
    "metrics.warrant_values": "as_of_date, warrant_id, share_price_usd, vested_shares, intrinsic_value_usd, "
    "value_at_top_hurdle_usd, model_value_usd",
    "metrics.stress": "as_of_date, scenario_id, shock, entity_id, owed_usd, paid_usd, shortfall_usd, is_in_default",
    "metrics.coverage_simulation": "as_of_date, scenario_id, entity_id, year, p05, p25, p50, p75, p95, "
    "probability_of_shortfall, draws",
    "metrics.claims": "claim_id, statement, expected_value, measured_value, verdict, explanation",
    "quality.gate_results": "run_id, table_name, rule, severity, is_passed, rows_checked, rows_failed, sample_keys, "
    "checked_at",
    "quality.publications": "publication_id, published_at, seeds_sha256, code_version, schema_version",
    "quality.dictionary": "schema_name, table_name, column_name, data_type, unit, description",
}


def columns_of(ask, schema_and_table):
    schema, _, table = schema_and_table.partition(".")
    return ask(
        "select column_name, data_type, not is_nullable, comment from duckdb_columns() "
        f"where schema_name = '{schema}' and table_name = '{table}' order by column_index"
    )


@pytest.mark.parametrize("name", PROMISED)
def test_columns_that_outside_queries_rely_on_are_there(ask, name):
    found = {c[0] for c in columns_of(ask, name)}

    assert set(PROMISED[name].split(", ")) <= found
    assert ask(f"select count(*) from {name}")[0][0] > 0


def test_the_storage_version_is_one_that_drivers_of_today_open(ask, real_built):
    tags = ask("select tags from duckdb_databases() where path is not null")

    assert tags == [({"storage_version": "v1.4.0+"},)]
    header = real_built.published.read_bytes()[:20]
    assert header[8:12] == b"DUCK"
    assert int.from_bytes(header[12:20], "little") <= 67, "68 and later cannot be read by DuckDB 1.4"


def test_schemas_are_the_promised_ones(ask):
    found = {s for (s,) in ask("select distinct schema_name from duckdb_columns() where not internal")}

    assert found == {"raw", "staging", "facts", "metrics", "quality", "bi"} | {v.table.stage for v in OLD_NAMES}


def test_only_old_names_are_views(ask):
    found = {v for (v,) in ask("select schema_name || '.' || view_name from duckdb_views() where not internal")}

    assert found == {v.table.full_name for v in OLD_NAMES}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_matches_its_contract(ask, name):
    contract = TABLES[name]

    assert [(c, kind, required) for c, kind, required, _ in columns_of(ask, name)] == [
        (c.name, DUCKDB_TYPES[c.kind], c.required) for c in contract.columns
    ]


def test_every_table_column_and_macro_carries_a_comment(ask):
    silent = ask(
        """
        select schema_name || '.' || table_name from duckdb_tables() where coalesce(comment, '') = ''
        union all
        select schema_name || '.' || table_name || '.' || column_name from duckdb_columns()
        where not internal and coalesce(comment, '') = ''
        union all
        select function_name from duckdb_functions() where not internal and coalesce(comment, '') = ''
        """
    )

    assert silent == [], "bi: a head of the SQL, and a word in assets/bi/tables.py"


def test_comments_carry_unit_and_hazard(ask):
    (comment,) = ask(
        "select comment from duckdb_columns() where table_name = 'headline' and schema_name = 'metrics' "
        "and column_name = 'net_commitment_usd'"
    )[0]
    assert comment.endswith("[USD]")
    (about,) = ask("select comment from duckdb_tables() where table_name = 'headline'")[0]
    assert "Grain: " in about
    assert "Hazard: " in about


# --- macros ---------------------------------------------------------------------------------------------------------


def test_every_macro_is_there(ask):
    macros = {m for (m,) in ask("select distinct function_name from duckdb_functions() where not internal")}

    assert macros == set(catalog.MACROS)
    assert {"commitments_as_of", "capacity_as_of", "headline_as_of"} <= macros


@pytest.mark.parametrize("macro", catalog.MACROS)
def test_a_macro_takes_a_day_as_text_date_or_expression(ask, macro):
    rows = {
        form: ask(f"select count(*) from {macro}({form})")[0][0]
        for form in (
            "'2026-03-01'",
            "date '2026-03-01'",
            "date '2026-02-28' + interval 1 day",
            "'2026-03-01'::timestamp",
        )
    }

    assert len(set(rows.values())) == 1
    assert rows["'2026-03-01'"] > 0
    assert ask(f"select count(*) from {macro}('1999-01-01')") == [(0,)]


@pytest.mark.parametrize(
    ("macro", "table"), [("commitments_as_of", "facts.commitments"), ("capacity_as_of", "facts.capacity")]
)
def test_a_day_has_one_known_version_per_leg(ask, macro, table):
    day = "date '2025-10-09'"
    rows = ask(f"select leg_id, known_from, known_to from {macro}({day})")

    assert len({leg for leg, *_ in rows}) == len(rows)
    assert all(start <= dt.date(2025, 10, 9) and (end is None or end > dt.date(2025, 10, 9)) for _, start, end in rows)
    known = ask(f"select count(distinct leg_id) from {table} where known_from <= {day}")[0][0]
    assert 0 < len(rows) <= known


def test_a_version_begins_on_its_day_and_ends_before_the_next(ask):
    leg, start, end = ask(
        "select leg_id, known_from, known_to from facts.commitments where known_to is not null order by all limit 1"
    )[0]
    versions = {
        day: ask(f"select known_from from commitments_as_of('{day}') where leg_id = '{leg}'")
        for day in (start - dt.timedelta(1), start, end - dt.timedelta(1), end)
    }

    assert versions[start] == versions[end - dt.timedelta(1)] == [(start,)]
    assert versions[end] in ([], [(end,)])
    assert (start,) not in versions[start - dt.timedelta(1)]


def test_the_headline_of_a_day_is_the_latest_row_on_or_before_it(ask):
    rows = ask("select entity_id, as_of_date from headline_as_of('2025-10-09')")

    expected = ask(
        "select entity_id, max(as_of_date) from metrics.headline where as_of_date <= '2025-10-09' group by entity_id"
    )
    assert sorted(rows) == sorted(expected)
    assert len({e for e, _ in rows}) == len(rows)


# --- quality --------------------------------------------------------------------------------------------------------


def test_the_dictionary_covers_every_column_of_every_table_its_own_included(ask):
    missing = ask(
        """
        select c.schema_name, c.table_name, c.column_name, c.data_type, d.data_type
        from (
            select c.*, t.table_oid is null as is_view from duckdb_columns() as c
            left join duckdb_tables() as t on c.table_oid = t.table_oid
            where not c.internal
        ) as c
        full join quality.dictionary as d
            on c.schema_name = d.schema_name and c.table_name = d.table_name and c.column_name = d.column_name
            and c.data_type = d.data_type and c.column_index = d.position
            and (d.is_required = not c.is_nullable or c.is_view)
        where c.column_name is null or d.column_name is null
        """
    )

    assert missing == []
    assert ask("select count(*) from quality.dictionary where trim(description) = '' or trim(grain) = ''") == [(0,)]


def test_every_gate_of_this_run_is_in_the_verdicts(ask):
    (run,) = ask("select run_id from quality.publications")[0]
    judged = {t for (t,) in ask(f"select distinct table_name from quality.gate_results where run_id = '{run}'")}

    assert judged == set(catalog.STEPS)
    assert ask("select count(*) from quality.gate_results where severity = 'error' and not is_passed") == [(0,)]
    assert ask("select min(rows_checked) from quality.gate_results where table_name = 'facts.commitments'")[0][0] > 0
    for (keys,) in ask("select sample_keys from quality.gate_results where not is_passed"):
        assert json.loads(keys)


def test_the_publication_names_code_and_knowledge(ask):
    rows = ask("select code_version, last_known_on, published_at, length(seeds_sha256) from quality.publications")

    ((code, known, at, digits),) = rows
    assert len(code) == len(code_version()) == 16
    assert known == ask("select max(known_from) from facts.commitments")[0][0] or known > dt.date(2026, 1, 1)
    assert abs(dt.datetime.now(dt.UTC).replace(tzinfo=None) - at) < dt.timedelta(hours=2)
    assert digits == 64
