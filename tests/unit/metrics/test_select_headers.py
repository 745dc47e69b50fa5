"""A SELECT returns exactly the columns that its header describes."""

import polars as pl
import pytest

from assets.core import sql_files
from assets.core.step import Inputs
from assets.gates.evaluate import evaluate
from assets.metrics import selects

SELECT = """\
-- What it holds.
-- One row per size.
-- Key: size
-- Columns:
--   size: integer, required; a size
--   words: text; a word
select size, words from facts.things
"""


class Answers(Inputs):
    """Inputs that answer every SELECT with one frame."""

    def __init__(self, frame):
        self.frame = frame

    def query(self, _sql):
        return self.frame

    def read(self, name):
        raise KeyError(name)


@pytest.fixture
def step(tmp_path, monkeypatch):
    (tmp_path / "metrics").mkdir()
    (tmp_path / "metrics" / "mine.sql").write_text(SELECT, encoding="utf-8")
    monkeypatch.setattr(sql_files, "FOLDER", tmp_path)
    return selects.step("mine")


def refusals(step, **columns):
    inputs = Answers(pl.DataFrame(columns))
    return {r.rule for r in evaluate(step.table, step.build(inputs).frame, inputs).refusals}


def test_columns_of_the_header_are_accepted_in_any_order(step):
    assert step.reads == ("facts.things",)
    assert refusals(step, words=["a", None], size=[1, 2]) == set()


def test_a_column_that_the_header_does_not_describe_is_refused(step):
    assert refusals(step, size=[1], words=["a"], more=[2]) == {"columns"}


def test_a_column_that_the_select_does_not_give_is_refused(step):
    assert refusals(step, size=[1]) == {"columns"}
