"""A contract that contradicts itself cannot be written."""

from __future__ import annotations

import dataclasses

import polars as pl
import pytest

from assets.core.column_rules import needs
from assets.core.rule import Rule
from assets.core.table import Column, Table

ID = Column("thing_id", "text", "", "which thing", required=True)

SIZE = Column("size_usd", "number", "USD", "how much", at_least=0)


def table(**changes) -> Table:
    good = {
        "stage": "facts",
        "name": "things",
        "summary": "Things.",
        "grain": "one row per thing",
        "columns": (ID, SIZE),
        "key": ("thing_id",),
    }
    return Table(**good | changes)


def rule(**changes) -> Rule:
    good = {"name": "odd", "columns": ("size_usd",), "reason": "why", "remedy": "how", "offends": lambda f, _: f["x"]}
    return Rule(**good | changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"columns": (ID, SIZE, SIZE)}, "a column appears twice"),
        ({"key": ()}, "without a key must say why"),
        ({"min_rows": 0}, "may be empty must say why"),
        ({"key": ("thing",)}, r"unknown columns \['thing'\]"),
        ({"rules": (rule(columns=("size", "thing_id")),)}, r"unknown columns \['size'\]"),
        ({"rules": (rule(), rule())}, "two rules have the same name"),
    ],
)
def test_a_table_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        table(**changes)


def test_a_table_without_a_key_or_rows_may_say_why():
    assert table(key=(), no_key_because="a log").key == ()
    assert table(min_rows=0, may_be_empty_because="there need not be things").min_rows == 0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"unit": "dollars"}, "unit 'dollars' is not one of"),
        ({"kind": "float"}, "kind 'float' is not one of"),
        ({"description": " "}, "must say what it means"),
        ({"kind": "date", "unit": "day"}, "only numbers have bounds"),
        ({"vocabulary": "flow"}, "only text has words"),
        ({"pattern": "^a$"}, "only text has words"),
        ({"kind": "text", "at_least": None, "refers_to": "entities.entity_id"}, "is not stage.table.column"),
    ],
)
def test_a_column_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(SIZE, **changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"reason": ""}, "must have a reason"),
        ({"remedy": ""}, "remedy"),
        ({"offends": None}, "scope row needs a way"),
        ({"scope": "table"}, "scope table needs a way"),
    ],
)
def test_a_rule_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        rule(**changes)


def test_a_frame_is_conformed_to_the_order_and_types_of_the_contract():
    frame = table().conform(pl.DataFrame({"size_usd": [1], "more": [2], "thing_id": ["a"]}))
    assert frame.schema == pl.Schema(table().polars_schema)
    assert frame.row(0) == ("a", 1.0)


def test_a_missing_column_stays_missing_for_the_gate_to_see():
    assert table().conform(pl.DataFrame({"thing_id": ["a"]})).columns == ["thing_id"]


def test_a_value_that_does_not_fit_its_type_is_an_error_not_a_null():
    with pytest.raises(pl.exceptions.InvalidOperationError):
        table().conform(pl.DataFrame({"thing_id": ["a"], "size_usd": ["much"]}))


def test_a_table_needs_the_tables_of_its_references_and_rules():
    refers = Column("part_id", "text", "", "a part", refers_to="staging.parts.part_id")
    itself = Column("whole_id", "text", "", "the whole", refers_to="facts.things.thing_id")
    reads = rule(needs=("staging.assumptions",))
    found = needs(table(columns=(ID, SIZE, refers, itself), rules=(reads,)))
    assert found == ("staging.assumptions", "staging.parts")


def test_rules_are_added_to_a_copy():
    assert len(table().with_rules([rule()]).rules) == 1
    assert table().rules == ()
