"""A run with schedules in parts: equal tables, gated and published; a full disk does no damage."""

import pytest

from assets.core.paths import Paths
from assets.facts import commitment_schedule
from assets.scale import partitioned_table

SCHEDULES = ("facts.commitment_schedule", "facts.capacity_schedule")


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch):
    monkeypatch.setattr(partitioned_table, "ROWS_PER_PART", 3)


def test_the_tables_are_equal_and_the_run_reports_progress(pipeline):
    before = pipeline.tables()

    run = pipeline.run(*SCHEDULES)

    assert run.is_success
    assert pipeline.tables() == before
    said = [e.message for e in pipeline.history.all_logs(run.run_id)]
    assert [m for m in said if m.startswith("facts.commitment_schedule: part 2 of ")]
    assert not pipeline.paths.parts.exists()


def test_a_gate_refuses_parts_as_it_refuses_a_frame(pipeline, monkeypatch):
    before, published = pipeline.tables(), pipeline.mark()
    monkeypatch.setattr(
        commitment_schedule, "scheduled", lambda commitments: commitments.head(1)
    )  # the other tables lose their rows

    run = pipeline.run("facts.commitment_schedule")

    assert not run.is_success
    assert "facts.commitment_schedule refused" in run.said("facts.commitment_schedule")
    assert (pipeline.tables(), pipeline.mark()) == (before, published)
    assert not pipeline.paths.parts.exists()


def test_a_full_folder_of_parts_is_named_and_nothing_is_harmed(pipeline, disk, monkeypatch):
    before, published = pipeline.tables(), pipeline.mark()
    monkeypatch.setenv("CLOSEDLOOP_PARTS", str(disk(16).folder))

    run = pipeline.run("facts.commitment_schedule")

    assert not run.is_success
    assert "No space left on device: free some space" in str(run.failures["facts.commitment_schedule"])
    assert (pipeline.tables(), pipeline.mark()) == (before, published)


def test_a_folder_of_parts_that_is_taken_away_is_named(pipeline, monkeypatch):
    before = pipeline.tables()
    shared = pipeline.folder / "shared"
    monkeypatch.setenv("CLOSEDLOOP_PARTS", str(shared))
    shared.write_text("a file lies there")

    run = pipeline.run("facts.commitment_schedule")

    assert not run.is_success
    assert str(Paths(pipeline.published).parts.parent) in str(run.failures["facts.commitment_schedule"])
    assert pipeline.tables() == before
