"""The gates of schema `bi`: a SELECT that loses, doubles, rescales or mislabels rows never becomes a table."""

import polars as pl
import pytest

from assets import catalog
from assets.bi import checks, tables
from assets.core import second_derivation, sql_files
from assets.quality.vocabulary import VOCABULARY
from tests.ledgers import seed_files, small
from tests.ledgers.memory import build, refused, refused_by

STEPS = {name: step for name, step in catalog.STEPS.items() if step.table.stage == "bi"}

COMPARISONS = {
    n: [r.name for r in (*s.table.rules, *second_derivation.rules(s.table)) if r.name != "labels"]
    for n, s in STEPS.items()
}
"""The rules that compare a table with its origin, or with its second derivation."""

LABELLED = [n for n, s in STEPS.items() if any(r.name == "labels" for r in s.table.rules)]

FIGURES = {
    n: [c.name for c in s.table.columns if c.kind == "number" and c.name not in s.table.key] for n, s in STEPS.items()
}


@pytest.fixture(scope="module")
def ledger(tmp_path_factory):
    """The small ledger and a statement, so that every table of bi has a row."""
    seeds = small.write(tmp_path_factory.mktemp("small") / "seeds", also={"l_openai_total"})
    found = build(seed_files.few_draws(seeds), *STEPS)
    yield found
    found.close()


def found_by(ledger, name, frame, *rules):
    """The rules among these that refuse a frame as the table."""
    table = STEPS[name].table
    return refused_by(table, table.conform(frame), ledger, *rules)


def rows(ledger, name):
    frame = ledger.read(name)
    assert not frame.is_empty(), f"the ledger of this test has no row of {name}"
    return frame


def test_every_table_of_bi_is_compared_with_something():
    assert [n for n, rules in COMPARISONS.items() if not rules] == []
    assert len(LABELLED) > 20


@pytest.mark.parametrize("name", STEPS)
def test_the_result_of_the_select_is_accepted(ledger, name):
    assert refused(STEPS[name].table, ledger.read(name), ledger) == set()


@pytest.mark.parametrize("name", STEPS)
def test_a_lost_row_is_refused(ledger, name):
    frame = rows(ledger, name)

    for lost in (frame.head(-1), frame.slice(1), frame.clear()):
        assert found_by(ledger, name, lost, *COMPARISONS[name])


@pytest.mark.parametrize("name", STEPS)
def test_a_doubled_row_is_refused(ledger, name):
    frame = rows(ledger, name)

    assert found_by(ledger, name, pl.concat([frame, frame.head(1)]), "unique_key")


@pytest.mark.parametrize("name", [n for n in STEPS if FIGURES[n]])
def test_a_figure_a_thousand_times_too_large_is_refused(ledger, name):
    frame = rows(ledger, name)

    for column in FIGURES[name]:
        if (frame[column].fill_null(0) != 0).any():
            assert found_by(ledger, name, frame.with_columns(pl.col(column) * 1000), *COMPARISONS[name]), column


@pytest.mark.parametrize("name", LABELLED)
def test_a_name_of_another_is_refused(ledger, name):
    frame = rows(ledger, name)

    for column in [label for i, label in checks.LABELS.items() if {i, label} <= set(frame.columns)]:
        assert found_by(ledger, name, frame.with_columns(pl.lit("Somebody Else").alias(column)), "labels"), column


@pytest.mark.parametrize("name", ["bi.headline", "bi.commitments", "bi.capacity", "bi.revenue_coverage"])
def test_a_row_of_the_past_that_passes_for_current_is_refused(ledger, name):
    frame = rows(ledger, name)

    for answer in (True, False):
        assert found_by(ledger, name, frame.with_columns(is_current=pl.lit(answer)), "second_derivation")


def test_the_two_edits_that_were_once_published_are_refused(ledger):
    scaled = ledger.read("bi.headline").with_columns(pl.col("net_commitment_usd") * 1000)
    without = ledger.read("bi.headline").filter(pl.col("entity_id") != "openai")

    for edited in (scaled, without):
        assert "same_rows:metrics.headline" in refused(STEPS["bi.headline"].table, edited, ledger)


def test_rows_of_a_table_that_is_not_read_are_refused_in_the_head(tmp_path, monkeypatch):
    (tmp_path / "bi").mkdir()
    sql = "-- What?\n-- One row per x.\n-- Rows: facts.deals\n-- Key: word\nselect word from quality.vocabulary\n"
    (tmp_path / "bi" / "mine.sql").write_text(sql, encoding="utf-8")
    monkeypatch.setattr(sql_files, "FOLDER", tmp_path)

    with pytest.raises(
        ValueError, match=r"sql/bi/mine\.sql:3: the header says 'Rows: facts\.deals', which it does not read"
    ):
        tables.steps([VOCABULARY])


def test_a_latest_day_is_no_word_of_a_table_of_bi(tmp_path, monkeypatch):
    (tmp_path / "bi").mkdir()
    sql = "-- What?\n-- One row per x.\n-- Key: word\n-- Latest day: of all rows\nselect word from quality.vocabulary\n"
    (tmp_path / "bi" / "mine.sql").write_text(sql, encoding="utf-8")
    monkeypatch.setattr(sql_files, "FOLDER", tmp_path)

    with pytest.raises(ValueError, match=r"sql/bi/mine\.sql:4: only a table of metrics has a macro of its own"):
        tables.steps([VOCABULARY])
