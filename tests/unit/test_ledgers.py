"""Ledgers of tests: tables are built on demand, and every file of a contract is written."""

from __future__ import annotations

import pytest

from assets.catalog import STEPS
from tests.ledgers import memory, seed_files, small
from tests.ledgers.builder import BN, Ledger, leg
from tests.ledgers.built import measured


def test_a_table_of_a_build_file_is_built_with_those_that_it_reads_and_no_other(tmp_path):
    build = measured(tmp_path, Ledger([leg("a", BN)]))
    build.read("metrics.commitments_by_counterparty")
    assert build.states().keys() == {
        "metrics.commitments_by_counterparty",
        *STEPS["metrics.commitments_by_counterparty"].reads,
    }


def test_a_metric_names_a_table_that_the_ledger_lacks(tmp_path):
    build = measured(tmp_path, Ledger([leg("a", BN)]))
    with pytest.raises(AssertionError, match=r"the ledger of this test has no staging\.claims"):
        build.read("metrics.claims")


def test_a_table_in_memory_is_built_with_its_ancestors_and_no_other():
    names = [step.name for step in memory.steps_to("facts.cost_per_gw")]
    assert names[-1] == "facts.cost_per_gw"
    assert "staging.cost_per_gw" in names
    assert "staging.prices" not in names


def test_a_seed_without_chosen_rows_has_its_first_rows_and_those_they_refer_to(tmp_path, monkeypatch):
    monkeypatch.setattr(small, "KEPT", {n: kept for n, kept in small.KEPT.items() if n != "claims"})
    folder = small.write(tmp_path)
    first = seed_files.project("claims")[0]
    assert seed_files.read(folder / "claims.csv") == [first]
    assert first["source_id"] in {source["source_id"] for source in seed_files.read(folder / "sources.csv")}
    assert {path.stem for path in folder.glob("*.csv")} == set(seed_files.CONTRACTS)
