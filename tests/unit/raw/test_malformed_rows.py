"""Explanations of malformed lines: the likeliest one is given."""

import pytest

from assets.core.table import Column
from assets.raw.malformed_rows import no_record

COLUMNS = (
    Column("leg_id", "text", "", "the leg", required=True, pattern="^[a-z]+$"),
    Column("amount_usd", "number", "USD", "the promise"),
    Column("known_from", "date", "day", "when it was known", required=True),
    Column("note", "text", "", "remarks"),
)
HEADER = [c.name for c in COLUMNS]


@pytest.mark.parametrize("note", ["", "a remark"])
def test_thousands_separators_are_found_whether_or_not_the_last_column_is_empty(note):
    found = no_record(7, ["leg", "13", "000", "2025-01-01", note], HEADER, COLUMNS)

    assert (found.column, found.value, found.remedy) == (
        "amount_usd",
        "13,000",
        "write 13000, without thousands separators",
    )


@pytest.mark.parametrize("surplus", [[""], ["", " "]])
def test_commas_at_the_end_are_found_where_all_before_them_is_a_record(surplus):
    found = no_record(7, ["leg", "13", "2025-01-01", "", *surplus], HEADER, COLUMNS)

    assert found.remedy == "remove the commas at the end of the line"


def test_commas_at_the_end_are_named_where_nothing_else_explains_the_line():
    found = no_record(7, ["leg", "13", "yesterday", "", ""], HEADER, COLUMNS)

    assert found.remedy == "remove the commas at the end of the line"
