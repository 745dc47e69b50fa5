"""The metrics of the real ledger: as known on earlier days, equal for any number of threads, consistent with facts."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from assets.catalog import STEPS
from tests.ledgers import real
from tests.ledgers.built import OnDemand, differences, headline

DAYS = [dt.date(2025, 10, 9), dt.date(2026, 3, 31)]

METRICS = (
    "metrics.capacity_by_quarter",
    "metrics.capacity_by_view",
    "metrics.commitments_by_counterparty",
    "metrics.headline",
)

RECONCILED = (*METRICS, "facts.commitment_schedule", "facts.capacity_schedule")


def warehouse(folder, staged) -> OnDemand:
    """The facts and metrics derived from staging tables."""
    return OnDemand(folder, (staged | real.facts_of(staged)).get)


@pytest.fixture(scope="module")
def seeds():
    return real.seeds()


@pytest.fixture(scope="module")
def build(seeds, tmp_path_factory):
    return warehouse(tmp_path_factory.mktemp("real"), seeds)


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_nothing_known_later_influences_an_earlier_day(seeds, build, tmp_path, day):
    earlier = warehouse(tmp_path, real.known_on(seeds, day))
    for name in METRICS:
        now = real.as_known_on(build.read(name), day)
        assert_frame_equal(now, earlier.read(name), check_exact=True)


@pytest.mark.parametrize("threads", [1, 8])
def test_metrics_are_the_same_for_any_number_of_threads(build, threads):
    build._connection.execute(f"set threads = {threads}")
    for name in METRICS:
        assert_frame_equal(STEPS[name].build(build).frame, build.read(name), check_exact=True)


@pytest.mark.parametrize("table", RECONCILED)
def test_tables_reconcile_with_the_facts(build, table):
    assert differences(build, table.partition(".")[2], build.read(table)).is_empty()


def test_headline_of_openai_on_the_day_of_the_article(build):
    row = headline(build, "2025-10-09", "openai")

    assert row["annualised_revenue_usd"] == 9e9
    assert row["net_commitment_low_usd"] <= row["net_commitment_usd"] <= row["net_commitment_high_usd"]
    assert row["net_commitment_usd"] < row["gross_commitment_usd"]
    assert row["outstanding_commitment_usd"] <= row["net_commitment_usd"]
    together = row["net_commitment_usd"] + row["imputed_commitment_usd"]
    assert row["years_of_revenue"] == pytest.approx(together / 9e9)
    assert row["commitment_coverage_ratio_with_imputed"] == pytest.approx(9e9 / together)
    assert row["capacity_view"] == "chip"
    assert row["capacity_gw"] == pytest.approx(16.0)


def test_an_entity_without_known_legs_has_no_amounts(build):
    rows = build.read("metrics.headline")
    first = build.read("facts.commitments").group_by(entity_id="payer_id").agg(first=pl.col("known_from").min())
    early = rows.join(first, on="entity_id", how="left").filter(
        pl.col("first").is_null() | (pl.col("as_of_date") < pl.col("first"))
    )
    assert early.height > 0
    assert early["gross_commitment_usd"].null_count() == early.height
    assert early["imputed_commitment_usd"].null_count() == early.height
