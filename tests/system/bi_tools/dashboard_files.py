"""Reads the YAML files of the dashboard."""

import json

import yaml

from tests.system.bi_tools.superset_server import BUNDLE


def read(kind):
    """The files of one kind by name: databases, datasets, charts, dashboards."""
    return {p.stem: yaml.safe_load(p.read_text()) for p in sorted((BUNDLE / kind).glob("*.yaml"))}


DATABASE = read("databases")["closedloop"]

DATASETS = read("datasets")

CHARTS = read("charts")

DASHBOARD = read("dashboards")["closed_loop"]

TABLES = {d["uuid"]: name for name, d in DATASETS.items()}


def table(chart):
    """The table of schema bi that a chart shows."""
    return TABLES[CHARTS[chart]["dataset_uuid"]]


def queries(chart):
    """The queries saved with a chart."""
    return json.loads(CHARTS[chart]["query_context"])["queries"]


def filters(chart):
    """The filters of a chart, as column, operator and value."""
    return {(f["subject"], f["operator"], f.get("comparator")) for f in CHARTS[chart]["params"]["adhoc_filters"]}
