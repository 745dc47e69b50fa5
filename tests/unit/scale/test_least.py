"""A seed or a column without a generator gets the minimum that its contract requires."""

from __future__ import annotations

import dataclasses
import re

import pytest

from assets.core import fields
from assets.core.columns import text
from assets.core.table import Column
from assets.core.vocabulary import VOCABULARIES
from assets.scale.synthetic import least, ledger
from assets.staging.columns import ID, seed
from tests.ledgers import seed_files

REGIONS = seed(
    "regions",
    "Where money is spent.",
    "one row per region",
    ("region_id",),
    (text("region_id", "short name", required=True, pattern=ID), *fields.of("note", "known_from", "source_id")),
)

NONE_NEEDED = dataclasses.replace(REGIONS, name="rare", min_rows=0, may_be_empty_because="rare things")

IN_REGION = Column("region_id", "text", "", "where", required=True, refers_to="staging.regions.region_id")


@pytest.fixture
def contracts(monkeypatch):
    """The contracts of the seeds, for a test to change."""
    for module in (ledger, seed_files):
        monkeypatch.setattr(module, "CONTRACTS", dict(module.CONTRACTS))
    monkeypatch.setattr(seed_files, "HEADERS", dict(seed_files.HEADERS))

    def change(table):
        for module in (ledger, seed_files):
            module.CONTRACTS[table.name] = table
        seed_files.HEADERS[table.name] = least.fields(table)

    return change


def written(tmp_path):
    ledger.write(100, 1, tmp_path / "seeds")
    return {path.stem: path.read_text(encoding="utf-8").splitlines() for path in (tmp_path / "seeds").glob("*.csv")}


def test_an_unknown_seed_has_the_rows_that_its_contract_requires_and_refers_to_a_row_that_is_there(contracts, tmp_path):
    contracts(REGIONS)
    files = written(tmp_path)
    assert files["regions"] == ["region_id,note,known_from,source_id", "made_up_0,,2025-01-01,s0000001"]
    assert any(line.startswith("s0000001,") for line in files["sources"])


def test_an_unknown_seed_that_may_be_empty_has_its_header_alone(contracts, tmp_path):
    contracts(NONE_NEEDED)
    assert written(tmp_path)["rare"] == ["region_id,note,known_from,source_id"]


def test_an_unknown_column_refers_to_the_row_that_an_unknown_seed_will_have(contracts, tmp_path):
    contracts(REGIONS)
    deals = ledger.CONTRACTS["deals"]
    contracts(dataclasses.replace(deals, columns=(*deals.columns, IN_REGION)))
    header, *rows = written(tmp_path)["deals"]
    assert header.endswith(",region_id")
    assert {row.rpartition(",")[2] for row in rows} == {"made_up_0"}


def test_ledgers_of_tests_have_every_file_and_every_required_cell(contracts, tmp_path):
    contracts(REGIONS)
    deals = ledger.CONTRACTS["deals"]
    contracts(dataclasses.replace(deals, columns=(*deals.columns, IN_REGION)))
    seeds = {"deals": [seed_files.row("deals", deal_id="d")], "sources": [seed_files.row("sources", source_id="s")]}
    folder = seed_files.write(seeds, tmp_path)
    assert seed_files.read(folder / "deals.csv")[0]["region_id"] == "made_up_0"
    assert seed_files.read(folder / "regions.csv")[0]["source_id"] == "s"
    assert seed_files.read(folder / "warrants.csv") == []
    assert {path.stem for path in folder.glob("*.csv")} == set(seed_files.CONTRACTS)


def test_a_required_cell_of_every_seed_has_a_form_that_its_column_allows():
    for table in seed_files.CONTRACTS.values():
        for name in least.fields(table):
            column = table.column(name)
            cell = least.cell(column, lambda file, key: f"{file}.{key}")
            assert bool(cell) == column.required
            assert not cell or not column.pattern or re.search(column.pattern, cell)
            assert not cell or not column.vocabulary or cell in VOCABULARIES[column.vocabulary]
            assert not cell or not column.refers_to or f"staging.{cell}" == column.refers_to


@pytest.mark.parametrize(
    ("kind", "more", "cells"),
    [
        ("text", {}, ["made_up_0", "made_up_1"]),
        ("text", {"pattern": "^[A-Z-]+[0-9]$"}, ["MADE-UP-0", "MADE-UP-1"]),
        ("number", {"at_least": 3}, ["3", "4"]),
        ("integer", {}, ["0", "1"]),
        ("date", {}, ["2025-01-01", "2025-01-02"]),
        ("flag", {}, ["false", "false"]),
    ],
)
def test_rows_of_another_number_differ_where_a_column_has_more_than_one_value(kind, more, cells):
    column = Column("c", kind, "", "a cell", required=True, **more)
    assert [least.cell(column, seed_files._first, number) for number in (0, 1)] == cells


def test_a_pattern_that_no_made_up_value_fits_is_named():
    column = Column("c", "text", "", "a cell", required=True, pattern="^=+$")
    with pytest.raises(ValueError, match=r"column c: no made-up value fits \^=\+\$"):
        least.cell(column, seed_files._first)
