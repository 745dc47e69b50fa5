"""Column names contain quantity and unit, and mean the same everywhere (STYLE)."""

from __future__ import annotations

import re
from collections import defaultdict

import pytest

from assets.core.table import UNITS
from assets.core.vocabulary import VOCABULARIES
from tests.unit.core.everything import TABLES, columns

UNIT_OF_ENDING = {
    r"(^|_)usd_per_gw$": {"USD/GW"},
    r"_usd$": {"USD", "USD/share"},
    r"_gw$": {"GW"},
    r"_(ratio|share)$": {"fraction"},
    r"_shares$": {"shares"},
    r"_at$": {"UTC"},
}

ENDING_OF_UNIT = {
    "USD": r"_usd$",
    "USD/GW": r"(^|_)usd_per_gw$",
    "USD/share": r"_usd$|^close$",
    "GW": r"(^|_)gw(_|$)",
    "shares": r"(^|_)shares(_|$)",
    "UTC": r"_at$",
}

DAY = r"_on$|_date$|_start$|_end$|_from$|_to$|_until$|(^|_)as_of$|^date$|^day$"

STAGES = {"raw", "staging", "facts", "metrics", "quality", "bi"}


@pytest.mark.parametrize("name", [n for n, t in TABLES.items() if t.stage != "raw"])
def test_names_of_columns_contain_their_units(name):
    for column in TABLES[name].columns:
        units = next((u for ending, u in UNIT_OF_ENDING.items() if re.search(ending, column.name)), UNITS)
        assert column.unit in units, column.name
        assert re.search(ENDING_OF_UNIT.get(column.unit, ""), column.name), column.unit


@pytest.mark.parametrize("name", [n for n, t in TABLES.items() if t.stage != "raw"])
def test_names_of_columns_show_their_kinds(name):
    for column in TABLES[name].columns:
        assert re.fullmatch(r"[a-z][a-z0-9_]*", column.name)
        assert column.name.startswith("is_") == (column.kind == "flag"), column.name
        assert column.name.endswith("_at") == (column.kind == "instant"), column.name
        if column.name.endswith("_id"):
            assert column.kind == "text", column.name
        if column.kind == "date":
            assert re.search(DAY, column.name)
            assert column.unit == "day", column.name
        if column.kind in {"text", "flag"}:
            assert column.unit == "", column.name


def test_the_same_name_has_the_same_unit_and_kind_everywhere():
    meanings = defaultdict(set)
    for _, column in columns():
        meanings[column.name].add((column.kind, column.unit))
    assert {name: found for name, found in meanings.items() if len(found) > 1} == {}


def test_every_column_has_a_meaning_and_a_known_unit():
    for table, column in columns(raw=True):
        assert column.description.strip(), f"{table}.{column.name}"
        assert not column.description.endswith("."), f"{table}.{column.name}"
        assert column.unit in UNITS


def test_every_table_has_a_grain_and_a_source():
    for name, table in TABLES.items():
        assert table.stage in STAGES, name
        assert re.fullmatch(r"[a-z][a-z0-9_]*", table.name), name
        assert table.summary.endswith("?" if table.stage == "bi" else "."), name
        assert table.grain.startswith("one row per "), name
        assert table.key or table.no_key_because, name


def test_references_lead_to_a_key_of_another_table():
    for table, column in columns(raw=True):
        if column.refers_to:
            target, _, key = column.refers_to.rpartition(".")
            assert key in TABLES[target].key, f"{table}.{column.name} refers to {column.refers_to}"


def test_vocabularies_that_columns_use_exist_and_all_are_used():
    used = {c.vocabulary for _, c in columns(raw=True) if c.vocabulary}
    assert used <= set(VOCABULARIES)
    assert set(VOCABULARIES) - used == {"assumption"}, (
        "a vocabulary that no column uses defines words that nobody writes"
    )
