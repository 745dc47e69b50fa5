"""The facts of the real ledger: as known on earlier days, and the same bytes for any way of computing."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import subprocess
import sys

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from assets.facts.commitment_schedule import scheduled
from assets.finance.versions import collapse
from tests.ledgers import real
from tests.places import PROJECT

DAYS = [dt.date(2024, 12, 31), dt.date(2025, 10, 9), dt.date(2026, 4, 10)]


@pytest.fixture(scope="module")
def seeds():
    return real.seeds()


@pytest.fixture(scope="module")
def facts(seeds):
    return real.facts_of(seeds)


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_nothing_known_later_influences_an_earlier_day(seeds, facts, day):
    earlier = real.facts_of(real.known_on(seeds, day))
    for name, table in facts.items():
        assert_frame_equal(real.as_known_on(table, day), earlier[name], check_exact=True)


def test_order_of_the_rows_of_the_seeds_does_not_matter(seeds, facts):
    shuffled = {name: table.sample(fraction=1.0, shuffle=True, seed=7) for name, table in seeds.items()}
    dimensions = {"facts.entities", "facts.sources", "facts.deals"}  # in the order of the seeds
    for name, table in real.facts_of(shuffled).items():
        if name not in {*dimensions, "facts.financials"}:
            assert_frame_equal(table, facts[name], check_exact=True)


def digest(tables: dict[str, pl.DataFrame]) -> str:
    """One hash of the content of all tables, exact to the last bit, since the text form distinguishes all floats."""
    mark = hashlib.sha256()
    for name in sorted(tables):
        mark.update(name.encode() + tables[name].write_csv().encode())
    return mark.hexdigest()


@pytest.mark.parametrize("threads", [1, 16])
def test_facts_are_the_same_bytes_for_any_number_of_threads(facts, threads):
    code = (
        "from tests.ledgers import real; from tests.integration.real_ledger import test_facts as t;"
        "import polars as pl;"
        f"assert pl.thread_pool_size() == {threads};"
        "print(t.digest(real.facts_of(real.seeds())))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "POLARS_MAX_THREADS": str(threads)},
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == digest(facts)


def test_intervals_are_maximal_do_not_overlap_and_leave_no_gap(facts):
    for name in ("facts.commitments", "facts.capacity"):
        intervals = facts[name]
        following = intervals.select(pl.col("known_from").shift(-1).over("leg_id", order_by="known_from"))
        assert following.to_series().equals(intervals["known_to"])
        assert_frame_equal(collapse(intervals, "leg_id"), intervals)


def test_payments_follow_the_power_on_dates_known_at_the_time(facts):
    legs = scheduled(facts["facts.commitments"]).filter(pl.col("first_power_on").is_not_null())
    power = facts["facts.capacity"].select(
        "first_power_on", "full_power_on", "stage", capacity_leg_id="leg_id", since="known_from", until="known_to"
    )
    meets = (pl.col("since") < pl.col("known_to").fill_null(dt.date.max)) & (
        pl.col("until").fill_null(dt.date.max) > pl.col("known_from")
    )
    met = legs.join(power, on="capacity_leg_id").filter(meets)
    assert legs.height > 0
    assert met.select(
        (pl.col("first_power_on") == pl.col("first_power_on_right")).all()
        & (pl.col("full_power_on") == pl.col("full_power_on_right")).all()
    ).item()


def test_openai_on_the_day_of_the_article_earns_nine_billion_a_year(facts):
    rows = facts["facts.revenue_coverage"].filter(
        pl.col("entity_id") == "openai",
        pl.col("as_of_date") == dt.date(2025, 10, 9),
        pl.col("scenario_id") == "announced",
        pl.col("year") == 2025,
    )
    answer = rows.row(0, named=True)
    assert answer["reported_revenue_usd"] == 4.5e9
    assert answer["revenue_usd"] == pytest.approx(4.5e9 + 13e9 * 184 / 365)
    assert answer["projection_vintage"] == "2025-09"
