"""A second derivation belongs to the table of its name."""

import pytest

from assets import catalog
from assets.core import second_derivation, sql_files
from assets.core.column_rules import derived_rules


def test_a_check_is_the_last_rule_of_the_table_of_its_name():
    table = catalog.STEPS["metrics.customer_concentration"].table
    rule = derived_rules(table)[-1]

    assert rule.name == "reconciles"
    assert rule.native == {"type": "reconcile", "sql": sql_files.text("checks", "customer_concentration")}
    assert rule.reason.startswith("sql/checks/customer_concentration.sql derives")


def test_a_step_needs_the_tables_that_its_second_derivation_reads():
    assert "facts.commitment_schedule" in catalog.STEPS["metrics.customer_concentration"].needs
    assert "facts.commitment_schedule" not in catalog.STEPS["metrics.customer_concentration"].reads


def test_a_table_of_bi_has_its_own_check_and_not_that_of_the_metric_of_its_name():
    table = catalog.STEPS["bi.headline"].table

    assert [r.native["sql"] for r in second_derivation.rules(table)] == [sql_files.text("checks", "bi", "headline")]


def test_a_seed_is_not_judged_by_the_check_of_its_name(tmp_path, monkeypatch):
    (tmp_path / "checks").mkdir()
    (tmp_path / "checks" / "capacity.sql").write_text("from candidate", encoding="utf-8")
    monkeypatch.setattr(sql_files, "FOLDER", tmp_path)

    judged = [f"{stage}.capacity" for stage in ("raw", "staging", "facts", "bi") if rules_of(f"{stage}.capacity")]
    assert judged == ["facts.capacity"]


def rules_of(name):
    return second_derivation.rules(catalog.STEPS[name].table)


def test_a_check_that_has_the_name_of_no_table_is_refused(tmp_path, monkeypatch):
    (tmp_path / "checks" / "bi").mkdir(parents=True)
    for name in ("headlin", "bi/dim_dey", "headline"):
        (tmp_path / "checks" / f"{name}.sql").write_text("from candidate", encoding="utf-8")
    monkeypatch.setattr(sql_files, "FOLDER", tmp_path)

    with pytest.raises(ValueError, match=r"sql/checks/headlin\.sql, sql/checks/bi/dim_dey\.sql: no table has this"):
        catalog.by_name(catalog.STEPS.values())
