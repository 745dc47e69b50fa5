"""Each second derivation accepts the table as built and rejects a changed figure, and a lost or added row.

`tests.unit.gates` proves that every second derivation can reject; here the tables that depend on the ledger alone are
tested figure by figure.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest

from assets.catalog import STEPS
from assets.core import second_derivation
from assets.facts.commitment_outstanding import COMMITMENT_OUTSTANDING, leg_days, outstanding
from assets.scale.reported_days import days_reported
from tests.ledgers.builder import BN, Ledger, cost, day, figure, leg, power
from tests.ledgers.built import differences, measured

RAMP = {"first_power_on": "2026-02-01", "full_power_on": "2027-08-15"}

LEDGER = Ledger(
    [
        leg("whole", 100 * BN, qualifier="about", starts_on="2025-03-01", ends_on="2029-01-01", capacity_leg_id="site"),
        leg("part", 30 * BN, part_of_leg_id="whole", payer_id="other", known_from="2025-02-01", evidence="relayed"),
        leg("part", 40 * BN, part_of_leg_id="whole", payer_id="other", known_from="2025-06-01", certainty="rumoured"),
        leg("part", 40 * BN, part_of_leg_id="whole", payer_id="heir", known_from="2025-08-01"),
        leg("rumour", 10 * BN, certainty="rumoured", evidence="unverified"),
        leg("rumour", 10 * BN, certainty="cancelled", known_from="2025-05-01"),
        leg("imputed", capacity_leg_id="chips", flow="chip_purchase"),
        leg("undisclosed", payer_id="quiet"),
        leg("total_statement", 500 * BN, is_statement=True),
        leg("round", 20 * BN, flow="equity_investment", payer_id="fund", payee_id="buyer"),
    ],
    [
        power("site", 2.0, **RAMP),
        power("hall", 0.5, part_of_leg_id="site", power_basis="it_load", known_from="2025-04-01", **RAMP),
        power("chips", 1.0, view="chip", first_power_on="2026-05-01"),
        power("dark", view="cloud", user_id="quiet"),
        power("boast", 9.0, view="statement"),
        power("lost", 1.0, view="cloud", user_id="quiet", known_from="2025-03-01"),
        power("lost", 1.0, view="cloud", user_id="quiet", known_from="2025-04-01", stage="cancelled"),
        power("lost_boast", 3.0, view="statement", user_id="quiet", known_from="2025-03-01", stage="cancelled"),
        power("dark_boast", view="statement", user_id="quiet", known_from="2025-03-01"),
    ],
    [cost("c1", "chips", 30 * BN), cost("c2", "chips", 50 * BN, known_from="2025-07-01")],
    [
        figure("2024-07-01", "2024-12-31", 4.5 * BN),
        figure("2025-05-01", "2025-05-31", 13 * BN, metric="annualised_revenue_run_rate", entity_id="quiet"),
    ],
)

TABLES = {
    name.partition(".")[2]: STEPS[name].table
    for name in (
        "metrics.capacity_by_quarter",
        "metrics.capacity_by_view",
        "metrics.commitments_by_counterparty",
        "metrics.headline",
        "facts.commitment_schedule",
        "facts.capacity_schedule",
    )
}

# Columns that no second derivation computes.
UNCHECKED = {
    "headline": {"is_revenue_reported", "capacity_view", "is_mixed_power_basis"},
    "capacity_schedule": {"known_to"},
    "commitment_schedule": {"known_to", "is_imputed_amount"},
}

Mutation = Callable[[pl.DataFrame], pl.DataFrame]


@pytest.fixture(scope="module")
def build(tmp_path_factory):
    return measured(tmp_path_factory.mktemp("reconciled"), LEDGER)


def figures(table: str) -> list[str]:
    """The columns with a figure or a flag, without the key."""
    contract = TABLES[table]
    skipped = {*contract.key, *UNCHECKED.get(table, set())}
    return [c.name for c in contract.columns if c.name not in skipped]


def moved(column: str) -> Mutation:
    """The table with one figure changed: more than doubled, or the flag inverted."""

    def mutate(frame: pl.DataFrame) -> pl.DataFrame:
        target = frame.with_row_index("at").filter(pl.col(column).is_not_null())["at"].max()
        value = pl.col(column)
        other = ~value if frame.schema[column] == pl.Boolean else value * 2 + 1
        chosen = pl.int_range(pl.len()) == target
        return frame.with_columns(pl.when(chosen).then(other.cast(frame.schema[column])).otherwise(value).alias(column))

    return mutate


def cleared(column: str) -> Mutation:
    """The table with one figure set to null."""

    def mutate(frame: pl.DataFrame) -> pl.DataFrame:
        target = frame.with_row_index("at").filter(pl.col(column).is_not_null())["at"].max()
        return frame.with_columns(pl.when(pl.int_range(pl.len()) != target).then(column).alias(column))

    return mutate


@pytest.mark.parametrize("table", TABLES)
def test_table_is_accepted_as_it_is_built(build, table):
    candidate = build.read(TABLES[table].full_name)

    assert candidate.height > 1
    assert differences(build, table, candidate).is_empty()


@pytest.mark.parametrize(("table", "column"), [(t, c) for t in TABLES for c in figures(t)])
def test_figure_that_was_moved_is_rejected(build, table, column):
    candidate = build.read(TABLES[table].full_name)
    broken = moved(column)(candidate)

    assert not broken.equals(candidate)
    assert differences(build, table, broken).height >= 1


@pytest.mark.parametrize(
    ("table", "column"), [(t, c) for t in TABLES for c in figures(t) if TABLES[t].column(c).kind != "flag"]
)
def test_figure_that_was_lost_is_rejected(build, table, column):
    candidate = build.read(TABLES[table].full_name)

    assert differences(build, table, cleared(column)(candidate)).height >= 1


@pytest.mark.parametrize("table", TABLES)
def test_row_that_was_lost_is_rejected(build, table):
    candidate = build.read(TABLES[table].full_name)

    assert differences(build, table, candidate.head(-1)).height >= 1
    assert differences(build, table, candidate.clear()).height >= 1


@pytest.mark.parametrize("table", TABLES)
def test_row_that_was_added_is_rejected(build, table):
    candidate = build.read(TABLES[table].full_name)
    key = next(c for c in TABLES[table].key if c.endswith("_id"))
    strange = candidate.tail(1).with_columns(pl.lit("stranger").alias(key))

    assert differences(build, table, pl.concat([candidate, strange])).height >= 1


def test_payment_outside_its_period_is_rejected(build):
    candidate = build.read("facts.commitment_schedule")
    early = candidate.with_columns(pl.col("quarter_start").dt.offset_by("-10y"))

    assert differences(build, "commitment_schedule", early).height >= 1


@pytest.mark.parametrize("table", TABLES)
def test_the_gate_of_the_table_runs_its_second_derivation(table):
    assert [r.name for r in second_derivation.rules(TABLES[table])] == ["reconciles"]


def test_reconciliations_accept_a_ledger_without_power_and_revenue(tmp_path):
    build = measured(tmp_path, Ledger([leg("a", BN), leg("b", payer_id="other")]))

    for name, table in TABLES.items():
        assert differences(build, name, build.read(table.full_name)).is_empty()


def test_headline_that_forgot_a_new_leg_is_rejected(tmp_path):
    old = measured(tmp_path / "old", Ledger([leg("a", BN)])).read("metrics.headline")
    build = measured(tmp_path / "new", Ledger([leg("a", BN), leg("b", BN, known_from="2025-06-01")]))

    assert differences(build, "headline", old)["as_of_date"].unique().len() == 1
    assert differences(build, "headline", build.read("metrics.headline")).is_empty()


def test_headline_holds_all_days_of_change_or_all_quarter_ends(tmp_path):
    ledger = Ledger([leg("a", BN), leg("b", BN, known_from="2025-06-01"), leg("c", BN, known_from="2025-08-20")])
    daily = measured(tmp_path / "daily", ledger).read("metrics.headline")
    build = measured(tmp_path / "coarse", ledger)
    every = ledger.outstanding.select("payer_id", "as_of_date")
    days = days_reported(every, leg_days(every, ledger.commitments), 5)
    build.put(COMMITMENT_OUTSTANDING, outstanding(ledger.commitments, ledger.capacity, days))
    coarse = build.read("metrics.headline")

    assert daily["as_of_date"].to_list() == [day("2025-01-01"), day("2025-06-01"), day("2025-08-20")]
    assert coarse["as_of_date"].to_list() == [day("2025-03-31"), day("2025-06-30"), day("2025-08-20")]
    for held in (daily, coarse):
        assert differences(build, "headline", held).is_empty()
        for lost in range(held.height):
            assert not differences(build, "headline", held[[n for n in range(held.height) if n != lost]]).is_empty()
    assert not differences(build, "headline", pl.concat([daily[:1], coarse[1:]])).is_empty()
