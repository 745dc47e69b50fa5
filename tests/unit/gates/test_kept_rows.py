"""Losing a tenth of a file's rows since the last publication raises a warning; losing half fails the gate."""

from __future__ import annotations

import polars as pl
import pytest

from assets.core.shared_rules import keeps_rows
from assets.core.step import Inputs
from assets.core.table import Column, Table
from assets.gates.evaluate import evaluate

LIMITS = {"row_loss_warning_share": 0.1, "row_loss_refusal_share": 0.5}

THINGS = Table(
    "staging",
    "things",
    "Things.",
    "one row per thing",
    (Column("thing_id", "integer", "", "which thing"),),
    key=("thing_id",),
    min_rows=0,
    may_be_empty_because="a test",
    rules=(keeps_rows("warning"), keeps_rows("error")),
)


class Published(Inputs):
    """Inputs with the number of published rows and the limits."""

    def __init__(self, before):
        self.before = before

    def read(self, name):
        assert name == "staging.assumptions"
        return pl.DataFrame({"assumption_id": list(LIMITS), "value": list(LIMITS.values())})

    def rows_published(self, name):
        return self.before if name == "staging.things" else None


def judged(rows, before):
    frame = pl.DataFrame({"thing_id": range(rows)}, schema=THINGS.polars_schema)
    return evaluate(THINGS, frame, Published(before))


@pytest.mark.parametrize(
    ("rows", "before", "failed"),
    [
        (91, 100, []),
        (90, 100, ["rows_shrunk"]),
        (51, 100, ["rows_shrunk"]),
        (50, 100, ["rows_shrunk", "rows_collapsed"]),
        (0, 100, ["rows_shrunk", "rows_collapsed"]),
        (100, 100, []),
        (200, 100, []),
        (10, None, []),
        (1, 2, ["rows_shrunk", "rows_collapsed"]),
        (2, 3, ["rows_shrunk"]),
        (10, 11, []),
        (9, 10, ["rows_shrunk"]),
        (1, 0, []),
    ],
)
def test_a_loss_is_judged_by_its_share_of_the_rows_published(rows, before, failed):
    assert [r.rule for r in judged(rows, before).results if not r.is_passed] == failed


def test_a_refusal_gives_the_number_of_lost_rows_and_the_option_to_intend_it():
    (refused,) = judged(40, 100).refusals
    (sample,) = refused.samples
    assert (sample["rows"], sample["rows_published"], refused.rows_checked, refused.rows_failed) == (40, 100, 40, 60)
    assert sample["(reason)"].startswith("60 of 100 rows went missing, compared with the last publication")
    assert "row_loss_refusal_share" in sample["(reason)"]
    assert sample["(remedy)"].endswith("closedloop build --intended-loss things")


def test_a_rule_that_holds_shows_no_example():
    assert [(r.samples, r.rows_failed) for r in judged(100, 100).results if r.rule.startswith("rows_")] == [((), 0)] * 2
