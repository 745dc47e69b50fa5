"""The files of the dashboard, without Superset: consistent with schema bi, and with its hazards."""

import re

import pytest

from tests.places import PROJECT
from tests.system.bi_tools import dashboard_files
from tests.system.bi_tools.superset_server import BUNDLE

LEVELS = {"headline", "headline_by_month", "revenue_coverage", "coverage_simulation", "circularity", "stress"}

DIMENSIONS = {
    "revenue_coverage": {"entity", "scenario_id", "year"},
    "coverage_simulation": {"entity", "scenario_id", "year"},
    "stress": {"entity", "scenario_id", "shock"},
    "capacity_by_quarter": {"view", "quarter_start"},
    "headline_by_month": {"entity", "month_end"},
}


def columns(chart):
    (query,) = dashboard_files.queries(chart)
    return {c if isinstance(c, str) else c["label"] for c in query.get("columns", [])}


def head(name):
    return (PROJECT / "sql" / "bi" / f"{name}.sql").read_text().split("\nselect")[0]


@pytest.mark.parametrize("name", dashboard_files.DATASETS)
def test_a_dataset_has_the_columns_of_its_table(name, published):
    dataset = dashboard_files.DATASETS[name]
    assert (dataset["schema"], dataset["table_name"]) == ("bi", name)
    described = {c["column_name"]: c["type"] for c in dataset["columns"] if not c.get("expression")}
    real = dict(
        published.ask(
            f"select column_name, data_type from duckdb_columns() where schema_name = 'bi' and table_name = '{name}'"
        )
    )
    assert described == real


@pytest.mark.parametrize("name", dashboard_files.DATASETS)
def test_a_dataset_describes_the_hazards_of_its_table(name):
    for hazard in re.findall(r"^-- (Hazard: .*)$", head(name), re.MULTILINE):
        assert hazard in dashboard_files.DATASETS[name]["description"]


@pytest.mark.parametrize("chart", dashboard_files.CHARTS)
def test_a_chart_shows_current_knowledge_unless_it_shows_time(chart):
    names = {c["column_name"] for c in dashboard_files.DATASETS[dashboard_files.table(chart)]["columns"]}
    shows_time = bool(columns(chart) & {"as_of_date", "month_end"})
    assert shows_time or "is_current" not in names or ("is_current", "==", True) in dashboard_files.filters(chart)


@pytest.mark.parametrize("chart", dashboard_files.CHARTS)
def test_a_chart_never_adds_rows_that_must_not_be_added(chart):
    table = dashboard_files.table(chart)
    assert columns(chart) >= DIMENSIONS.get(table, set())
    if table in {"circularity", "supplier_round_trip"}:
        assert dashboard_files.filters(chart) >= {("basis", "==", "disclosed"), ("amount_basis", "==", "point")}
    if table == "commitments":
        assert dashboard_files.filters(chart) >= {("is_statement", "==", False), ("is_imputed_amount", "==", False)}
        assert "flow_group" in {column for column, _, _ in dashboard_files.filters(chart)}
    if table == "commitments_due":
        assert ("is_imputed_amount", "==", False) in dashboard_files.filters(chart)
    if table in LEVELS:
        expressions = [m["expression"] for m in dashboard_files.DATASETS[table]["metrics"]]
        assert not [e for e in expressions if "SUM" in e.upper()]


@pytest.mark.parametrize("chart", dashboard_files.CHARTS)
def test_the_saved_query_returns_the_data_of_the_chart(chart):
    params = dashboard_files.CHARTS[chart]["params"]
    (query,) = dashboard_files.queries(chart)
    assert query["metrics"] == (params.get("metrics") or [params["metric"]])
    asked = {(f["col"], f["op"], f.get("val")) for f in query["filters"]}
    assert asked == dashboard_files.filters(chart)
    shown = [params.get("x_axis"), *params.get("groupby", [])]
    shown += [*params.get("groupbyColumns", []), *params.get("groupbyRows", [])]
    assert columns(chart) == {c for c in shown if c}


def test_the_dashboard_shows_every_chart_once():
    parts = [p for p in dashboard_files.DASHBOARD["position"].values() if isinstance(p, dict)]
    shown = [p["meta"]["uuid"] for p in parts if p["type"] == "CHART"]
    assert sorted(shown) == sorted(c["uuid"] for c in dashboard_files.CHARTS.values())


def test_one_scenario_and_one_shock_are_chosen_and_must_be():
    chosen = {f["name"]: f for f in dashboard_files.DASHBOARD["metadata"]["native_filter_configuration"]}
    for name, value in (("Scenario", "base"), ("Shock", "openai revenue -40%")):
        assert chosen[name]["defaultDataMask"]["filterState"]["value"] == [value]
        assert chosen[name]["controlValues"]["enableEmptyFilter"]
        assert not chosen[name]["controlValues"]["multiSelect"]


def test_the_file_is_opened_for_reading_alone_and_by_a_path_of_no_machine():
    assert dashboard_files.DATABASE["sqlalchemy_uri"] == "duckdb:///warehouse/closedloop.duckdb"
    arguments = dashboard_files.DATABASE["extra"]["engine_params"]["connect_args"]
    assert arguments["read_only"] is True
    assert arguments["config"] == {"enable_external_access": False, "lock_configuration": True}
    assert not dashboard_files.DATABASE["allow_dml"]
    for path in BUNDLE.rglob("*.yaml"):
        assert "password" not in path.read_text()
