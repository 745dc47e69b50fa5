"""Bad data stops: a refused table is not recorded, nothing downstream changes, now or later, and the file stays."""

import dataclasses
import json
import shutil

import pytest

from assets import catalog
from assets.core.step import Built
from tests.conftest import Pipeline
from tests.integration.lineage import below
from tests.ledgers import seed_files

REFUSED = "staging.commitments"

LEG = {"leg_id": "l_aws_38b"}

BELOW = set(below(REFUSED))


@pytest.fixture(scope="module")
def refused_once(small_built, tmp_path_factory):
    """A good ledger that then got an amount in billions instead of dollars, and was run: do not change it."""
    folder = tmp_path_factory.mktemp("refused") / "copy"
    shutil.copytree(small_built.folder, folder)
    pipeline = Pipeline(folder)
    mark, tables = pipeline.mark(), pipeline.tables()
    seed_files.change(pipeline.seeds, "commitments", LEG, amount_usd="38")
    refusal = pipeline.run()
    assert pipeline.mark() == mark
    return pipeline, refusal, tables


@pytest.fixture
def poisoned(refused_once, tmp_path):
    """A copy of it, which a test may change."""
    original, refusal, tables = refused_once
    pipeline = Pipeline(shutil.copytree(original.folder, tmp_path / "copy"))
    pipeline.refusal, pipeline.before = refusal, (pipeline.mark(), tables)
    return pipeline


def assert_unharmed(pipeline):
    mark, tables = pipeline.before
    assert pipeline.mark() == mark
    now = pipeline.tables()
    assert {n for n in tables if now[n] != tables[n]} <= {"raw.commitments"}


def test_a_refused_table_and_all_below_it_are_not_materialised(poisoned):
    run = poisoned.refusal

    assert not run.is_success
    assert set(run.failures) == {REFUSED}
    assert run.materialised == set(catalog.STEPS) - BELOW - {REFUSED}
    assert_unharmed(poisoned)


def test_the_refused_check_is_recorded_with_the_failing_keys(poisoned):
    check = poisoned.refusal.checks[REFUSED, "gate"]

    assert not check.passed
    assert check.severity.value == "ERROR"
    keys = check.metadata["failing_keys"].value["plausible_magnitude:amounts"]
    assert keys[0]["leg_id"] == "l_aws_38b"
    assert keys[0]["amount_usd"] == 38
    assert keys[0]["source_line"] > 1
    assert "plausible_magnitude" in poisoned.refusal.said(REFUSED)


@pytest.mark.parametrize("asset", ["facts.commitments", "metrics.headline"])
def test_a_table_below_a_refused_one_is_refused_when_it_is_materialised_alone_later(poisoned, asset):
    run = poisoned.run(asset)

    assert not run.is_success
    assert run.materialised == set()
    assert f"{REFUSED} was refused" in run.said(asset)
    assert "run the whole job" in run.said(asset)
    assert_unharmed(poisoned)


def test_publishing_alone_after_a_refusal_is_refused_and_recorded(poisoned):
    run = poisoned.run("published.warehouse")

    assert not run.is_success
    assert run.materialised == set()
    assert not run.checks["published.warehouse", "gate"].passed
    assert f"{REFUSED} was refused" in run.said("published.warehouse")
    assert_unharmed(poisoned)


def test_corrected_data_is_published_and_the_refusal_stays_in_the_verdicts(poisoned):
    seed_files.change(poisoned.seeds, "commitments", LEG, amount_usd="39000000000")

    assert poisoned.run("raw.commitments", REFUSED, *BELOW, "published.warehouse").is_success

    rows = poisoned.ask(
        f"from quality.gate_results where run_id = '{poisoned.refusal.run_id}' and not is_passed"
    ).to_dicts()
    assert [(r["table_name"], r["rule"], r["severity"]) for r in rows] == [
        (REFUSED, "plausible_magnitude:amounts", "error")
    ]
    assert json.loads(rows[0]["sample_keys"])[0]["amount_usd"] == 38
    assert poisoned.ask("select count(*) from quality.publications").item() == 2
    found = poisoned.ask("select distinct amount_usd from facts.commitments where leg_id = 'l_aws_38b'")
    assert found["amount_usd"].to_list() == [39e9]


def test_an_upstream_table_built_alone_makes_downstream_tables_stale(pipeline):
    before = pipeline.mark()
    seed_files.change(pipeline.seeds, "commitments", LEG, amount_usd="39000000000")
    assert pipeline.run("raw.commitments").materialised == {"raw.commitments"}
    assert pipeline.run(REFUSED).materialised == {REFUSED}

    run = pipeline.run("published.warehouse")

    assert not run.is_success
    assert f"facts.commitments is older than {REFUSED}: run the whole job" in run.said("published.warehouse")
    assert not run.checks["published.warehouse", "gate"].passed
    assert pipeline.mark() == before


def test_a_table_that_was_never_built_is_named(fresh):
    run = fresh.run("raw.deals")
    assert run.is_success, run.error
    run = fresh.run("staging.deals")

    assert run.materialised == set()
    assert "has never been built; run the whole job" in run.said("staging.deals")
    alone = fresh.run("published.warehouse")
    assert "metrics.headline has not been built: run the whole job" in alone.said("published.warehouse")
    assert not fresh.published.exists()


def test_a_builder_that_crashes_publishes_nothing(pipeline, monkeypatch):
    def crash(_inputs):
        raise ZeroDivisionError("a defect")

    before = pipeline.mark(), pipeline.tables()["metrics.claims"]
    step = catalog.STEPS["metrics.claims"]
    monkeypatch.setitem(catalog.STEPS, "metrics.claims", dataclasses.replace(step, build=crash))

    run = pipeline.run("metrics.claims", "bi.claims", "published.warehouse")

    assert not run.is_success
    assert run.materialised == set()
    assert (pipeline.mark(), pipeline.tables()["metrics.claims"]) == before


def test_a_builder_that_returns_an_empty_frame_is_refused(pipeline, monkeypatch):
    step = catalog.STEPS["metrics.claims"]

    def empty(inputs):
        return Built(step.build(inputs).frame.clear())

    monkeypatch.setitem(catalog.STEPS, "metrics.claims", dataclasses.replace(step, build=empty))

    run = pipeline.run("metrics.claims")

    assert not run.checks["metrics.claims", "gate"].passed
    assert "row_count" in run.said("metrics.claims")
