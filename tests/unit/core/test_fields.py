"""Columns that several tables have are declared once."""

from collections import defaultdict

import pytest

from assets import catalog
from assets.core import fields
from assets.quality.dictionary import DICTIONARY
from assets.quality.gate_results import GATE_RESULTS
from assets.quality.publications import PUBLICATIONS

DECLARING = ("staging", "facts", "metrics", "quality")
"""The stages whose contracts declare columns; those of raw and bi are derived."""


@pytest.fixture(scope="module")
def tables_by_column():
    found = defaultdict(dict)
    steps = (step.table for step in catalog.STEPS.values())
    for table in (*steps, DICTIONARY, GATE_RESULTS, PUBLICATIONS):
        if table.stage in DECLARING:
            for column in table.columns:
                found[column.name][table.full_name] = column
    return found


def names(tables):
    """The tables without those that carry over a table of the same name."""
    return {name.partition(".")[2] for name in tables}


def test_a_column_of_several_tables_is_a_field(tables_by_column):
    shared = {name for name, tables in tables_by_column.items() if len(names(tables)) > 1}
    assert shared <= fields.FIELDS.keys()


def test_a_field_is_a_column_of_several_tables(tables_by_column):
    assert [name for name in fields.FIELDS if len(tables_by_column[name]) < 2] == []


def test_a_column_of_several_tables_has_one_kind_and_one_unit(tables_by_column):
    for name, tables in tables_by_column.items():
        assert len({(column.kind, column.unit) for column in tables.values()}) == 1, name


def test_a_table_may_mean_more_by_a_field_or_allow_less():
    year = fields.here("year", "year of the invoice", at_most=2030)
    assert (year.description, year.at_most, year.kind) == ("year of the invoice", 2030, "integer")
    assert fields.of("year")[0].at_most == 2200


def test_a_name_that_is_no_field_is_named_with_the_one_that_was_meant():
    with pytest.raises(KeyError, match=r"'leg_ids' is no field of assets/core/fields\.py: did you mean leg_id"):
        fields.of("leg_ids")
