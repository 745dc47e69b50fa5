"""The dashboard in a real Superset: every chart returns the figures of DuckDB over the REST API."""

import json

import pytest

from tests.system.bi_tools import dashboard_files
from tests.system.bi_tools.superset_server import bundle

TITLES = {name: chart["slice_name"] for name, chart in dashboard_files.CHARTS.items()}

PURCHASES = "is_current and not is_statement and not is_imputed_amount and flow_group = 'purchase'"


def rows(superset, name):
    return superset.chart(TITLES[name])


def test_every_chart_was_imported(superset):
    assert set(superset.charts()) == set(TITLES.values())
    (dashboard,) = superset.get("dashboard/")["result"]
    assert dashboard["dashboard_title"] == "Closed loop"
    assert len(superset.get(f"dashboard/{dashboard['id']}/charts")["result"]) == len(TITLES)


@pytest.mark.parametrize("name", TITLES)
def test_a_chart_has_rows(name, superset):
    found = rows(superset, name)
    assert found
    assert any(isinstance(v, int | float) for row in found for v in row.values())


def test_promises_equal_those_of_the_file(superset, published):
    ((purchases,),) = published.ask(f"select sum(net_amount_usd) / 1e9 from bi.commitments where {PURCHASES}")
    (row,) = rows(superset, "net_purchases")
    assert row["Net, $bn"] == pytest.approx(purchases)


def test_the_headline_of_every_entity_equals_that_of_the_file(superset, published):
    expected = published.ask(
        "select entity, net_commitment_usd / 1e9, commitment_coverage_ratio from bi.headline "
        "where is_current and net_commitment_usd > 0 order by net_commitment_usd desc"
    )
    found = [(r["entity"], r["net_bn"], r["coverage"]) for r in rows(superset, "headline")]
    assert found[0][0] == "OpenAI"
    assert sorted(found) == [pytest.approx(e) for e in sorted(expected)]


def test_bars_of_payer_and_payee_equal_the_file(superset, published):
    expected = dict(
        published.ask(
            f"select payer_id || ' → ' || payee_id, sum(net_amount_usd) / 1e9 from bi.commitments where {PURCHASES} "
            "group by all having count(distinct certainty) = 1"
        )
    )
    found = {
        r["pair"]: sum(v for k, v in r.items() if k != "pair" and v is not None)
        for r in rows(superset, "who_promised_whom")
    }
    assert len(found) > 10
    known = found.keys() & expected.keys()
    assert len(known) > 5
    assert {k: found[k] for k in known} == pytest.approx({k: expected[k] for k in known})


def test_dues_add_up_to_those_of_the_file(superset, published):
    expected = published.figure(
        "select sum(net_amount_usd) / 1e9 from bi.commitments_due "
        "where not is_imputed_amount and flow_group = 'purchase' and \"year\" <= 2035"
    )
    found = sum(v for r in rows(superset, "due_by_quarter") for k, v in r.items() if k != "quarter_start" and v)
    assert found == pytest.approx(expected)


def test_gigawatts_of_a_view_equal_those_of_the_file(superset, published):
    expected = published.ask(
        "select sum(energised_gw) from bi.capacity_by_quarter where is_current and \"view\" = 'site' "
        "group by quarter_start order by quarter_start"
    )
    found = [r["site"] for r in rows(superset, "gigawatts_by_quarter") if r["site"] is not None]
    assert found == pytest.approx([gigawatts for (gigawatts,) in expected])


def filtered(superset, name, column, word):
    """The rows of a chart under a filter of the dashboard: the saved query with the filter added, as by the page."""
    saved = json.loads(superset.get(f"chart/{superset.charts()[TITLES[name]]}")["result"]["query_context"])
    (query,) = saved["queries"]
    query["filters"].append({"col": column, "op": "IN", "val": [word]})
    answer = superset.post("chart/data", **saved)
    assert answer.status == 200, answer
    return answer["result"][0]["data"]


def test_the_filter_of_scenarios_leaves_one(superset, published):
    expected = published.ask(
        'select "year", entity, funding_gap_usd / 1e9 from bi.revenue_coverage '
        "where is_current and scenario_id = 'base' and funding_gap_usd > 0"
    )
    found = {
        (r["year"], column.removesuffix(", base")): value
        for r in filtered(superset, "funding_gap", "scenario_id", "base")
        for column, value in r.items()
        if column != "year" and value is not None
    }
    assert found == pytest.approx({(year, entity): gap for year, entity, gap in expected})


def test_the_filter_of_entities_selects_the_payer(superset, published):
    """With this filter, the promises of an entity are those of its headline."""
    net = published.figure("select net_commitment_usd / 1e9 from bi.headline where is_current and entity = 'OpenAI'")
    (row,) = filtered(superset, "net_purchases", "entity", "OpenAI")
    assert row["Net, $bn"] == pytest.approx(net)


@pytest.mark.parametrize(
    "filter_", dashboard_files.DASHBOARD["metadata"]["native_filter_configuration"], ids=lambda f: f["name"]
)
def test_a_filter_offers_the_words_of_the_file(filter_, superset, published):
    (target,) = filter_["targets"]
    table, column = dashboard_files.TABLES[target["datasetUuid"]], target["column"]["name"]
    dataset = {d["table_name"]: d["id"] for d in superset.get("dataset/?q=(page_size:100)")["result"]}[table]
    words = superset.get(f"datasource/table/{dataset}/column/{column}/values/")["result"]
    assert set(words) == {w for (w,) in published.ask(f'select distinct "{column}" from bi.{table}')}
    default = filter_["defaultDataMask"]["filterState"].get("value", [])
    assert set(default) <= set(words)


def test_importing_again_renews_and_doubles_nothing(superset, tmp_path):
    before = superset.charts()
    title = TITLES["headline"]
    renamed = superset.put(f"chart/{before[title]}", slice_name="Changed by hand")
    assert renamed.status == 200, renamed
    answer = superset.upload("assets/import/", "bundle", bundle(tmp_path / "bundle.zip"))
    assert (answer.status, answer.get("message")) == (200, "OK")
    assert superset.charts() == before
    assert superset.chart(title)
