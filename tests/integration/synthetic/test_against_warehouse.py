"""A complete build of a synthetic ledger: the published totals are those of the generator."""

import pytest

from assets.cli import progress
from assets.scale.synthetic import ledger
from assets.warehouse import published_frames
from tests.conftest import Pipeline, once
from tests.integration.synthetic import found
from tests.ledgers import seed_files

LEGS, SEED = 120, 7


def build(folder):
    ledger.write(LEGS, SEED, folder / "seeds")
    seed_files.few_draws(folder / "seeds")
    run = Pipeline(folder).run()
    assert run.is_success, f"{run.error} {run.failures}"


@pytest.fixture(scope="module")
def built(shared):
    done = Pipeline(once(shared, "synthetic", build))
    return found.totals(done.seeds), done.published


def test_gross_net_and_imputed_of_every_flow_are_those_planted_to_the_cent(built):
    planted, published = built
    assert found.by("flow", found.rows(published, found.MONEY, day=planted["as_of_date"])) == planted["by_flow"]


def test_the_table_by_counterparty_adds_up_to_the_same(built):
    planted, published = built
    lines = found.by("flow", found.rows(published, found.COUNTERPARTIES, day=planted["as_of_date"]))
    for flow in planted["by_flow"].values():
        del flow["disclosed_legs"]
    assert lines == planted["by_flow"]


def test_of_most_labs_and_of_no_supplier_the_ledger_knows_enough_to_say_whether_they_can_pay(built):
    _, published = built
    lines = found.rows(published, found.MEASURABLE, day=built[0]["as_of_date"])
    labs = next(row for row in lines if row["is_lab"])
    assert 0.5 * labs["entities"] < labs["measurable"] < labs["entities"]
    assert [row["measurable"] for row in lines if not row["is_lab"]] == [0]


def test_parts_are_counted_once(built):
    planted, _ = built
    flows = planted["by_flow"].values()
    assert sum(f["net_cents"] for f in flows) < sum(f["gross_cents"] for f in flows)
    assert planted["parts"] > 0


def test_the_planted_loops_are_the_largest_of_all(built):
    planted, published = built
    assert found.rows(published, found.LOOPS) == planted["largest_loops"]
    assert [loop["length"] for loop in planted["largest_loops"]] == [2, 3]


def test_dues_of_every_year_follow_from_the_periods(built):
    planted, published = built
    due = {row["year"]: row["cents"] for row in found.rows(published, found.YEARS)}
    assert due == pytest.approx(
        {y: c for y, c in planted["disclosed_net_cents_by_year"].items() if c}, rel=1e-9, abs=LEGS / 2
    )


def test_power_by_view_is_that_planted(built):
    planted, published = built
    lines = {row["view"]: row["mw"] for row in found.rows(published, found.POWER, day=planted["as_of_date"])}
    assert lines == planted["capacity_mw_by_view"]


def test_every_row_of_every_file_arrives(built):
    planted, published = built
    for table, rows in planted["rows_by_file"].items():
        assert found.rows(published, f"select count(*)::int as n from staging.{table}") == [{"n": rows}]


def test_the_headline_of_another_ledger_shows_its_largest_promisers(built, capsys):
    _, published = built
    progress.headline(published)
    shown = capsys.readouterr().out

    largest = published_frames.ask(
        published, "from bi.headline where is_current order by net_commitment_usd desc limit 2"
    )
    assert all(entity in shown for entity in largest["entity_id"])
    assert "openai" not in shown
