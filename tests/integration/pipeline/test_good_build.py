"""A whole run on a valid ledger: every asset becomes a table, every check is recorded, and the file is published."""

import json

from assets import catalog
from assets.core.column_rules import derived_rules


def test_a_whole_run_materialises_every_asset_and_records_every_gate(small_recorded):
    assert set(small_recorded.materialised) == {*catalog.STEPS, "published.warehouse", "published.report"}
    gates = {name: is_passed for name, check, is_passed in small_recorded.checks if check == "gate"}
    assert set(gates) == {*catalog.STEPS, "published.warehouse"}
    assert all(gates.values())
    warned = {name for name, check, _ in small_recorded.checks if check == "warnings"}
    assert warned == {
        n for n, s in catalog.STEPS.items() if any(r.severity == "warning" for r in derived_rules(s.table))
    }


def test_only_the_files_of_the_warehouse_are_left_next_to_it(small_built):
    left = {p.name for p in small_built.folder.iterdir()}

    assert left == {
        "made",
        ".history",
        "seeds",
        "closedloop.duckdb",
        "closedloop.build.duckdb",
        "closedloop.gates.jsonl",
        "closedloop.lock",
        "closedloop.report.html",
    }


def test_the_publication_names_run_rows_and_seeds(small_built):
    row = small_built.ask("from quality.publications").to_dicts()[-1]

    counts = json.loads(row["row_counts"])
    assert set(counts) == set(catalog.STEPS)
    assert row["row_count"] == sum(counts.values())
    assert row["table_count"] == len(catalog.STEPS)
    for name, rows in counts.items():
        assert small_built.ask(f"select count(*) from {name}").item() == rows
    verdicts = small_built.ask(f"select distinct table_name from quality.gate_results where run_id = '{row['run_id']}'")
    assert set(verdicts["table_name"]) == set(catalog.STEPS)


def test_a_second_build_of_the_same_seeds_publishes_the_same_tables(pipeline):
    before = pipeline.ask("from quality.publications").to_dicts()

    assert pipeline.run().is_success

    after = pipeline.ask("from quality.publications").to_dicts()
    assert after[: len(before)] == before
    assert len(after) == len(before) + 1
    assert after[-1]["seeds_sha256"] == before[-1]["seeds_sha256"]
    assert json.loads(after[-1]["fingerprints"]) == json.loads(before[-1]["fingerprints"])
