"""A file that loses rows from one publication to the next: shown from a tenth, stopped from half, if not meant."""

import pytest

from tests.conftest import closedloop
from tests.ledgers import seed_files

FILE = "financials"


def keep(pipeline, share):
    """Keep at most this share of the rows of the file; gives how many there were and are."""
    path = pipeline.seeds / f"{FILE}.csv"
    rows = seed_files.read(path)
    kept = rows[: int(len(rows) * share)]
    seed_files.save(path, kept)
    return len(rows), len(kept)


def test_half_of_a_file_gone_stops_the_build_and_says_how_to_mean_it(pipeline):
    mark = pipeline.mark()
    before, after = keep(pipeline, 0.5)
    run = pipeline.run()
    assert not run.is_success
    assert pipeline.mark() == mark
    assert f"staging.{FILE}" not in run.materialised
    assert run.said(f"staging.{FILE}") == (
        f"""staging.{FILE} refused, the last good table stays
seeds/{FILE}.csv  rows = {after}, rows_published = {before}
  rule    rows_collapsed (error): {before - after} of {before} rows went missing, compared with the last publication a \
file loses less than a share of its rows (assumption row_loss_refusal_share)
  remedy  put the missing lines back; if the loss is intended, say so once: closedloop build --intended-loss {FILE}
"""
    )


def test_a_tenth_of_a_file_gone_is_shown_and_published(pipeline):
    before, after = keep(pipeline, 0.89)
    assert 0.1 <= 1 - after / before < 0.5
    run = pipeline.run()
    assert run.is_success, run.failures
    check = run.checks[f"staging.{FILE}", "warnings"]
    assert not check.passed
    assert f"{before - after} of {before} rows went missing" in check.description


def test_an_intended_loss_is_published_and_is_what_the_next_build_compares_with(pipeline):
    keep(pipeline, 0.4)
    assert pipeline.run(intended_loss=[FILE]).is_success
    assert pipeline.run("raw.financials", f"staging.{FILE}").is_success


def test_the_loss_is_seen_when_the_build_file_is_gone(pipeline):
    pipeline.paths.build.unlink()
    keep(pipeline, 0.4)
    assert f"staging.{FILE}" in pipeline.run().failures


def test_the_loss_is_seen_when_the_published_file_is_gone(pipeline):
    pipeline.published.unlink()
    keep(pipeline, 0.4)
    assert f"staging.{FILE}" in pipeline.run().failures


def test_without_a_publication_there_is_nothing_to_lose(fresh):
    keep(fresh, 0.4)
    assert fresh.run("raw.financials", "raw.assumptions", "raw.entities", "raw.sources", "raw.deals").is_success


def test_check_compares_with_the_warehouse_that_is_named(pipeline):
    before, after = keep(pipeline, 0.4)
    compared = closedloop("check", "--seeds", pipeline.seeds, "--warehouse", pipeline.published)
    assert compared.returncode == 1
    assert f"rows = {after}, rows_published = {before}" in compared.stderr
    meant = closedloop(
        "check", "--seeds", pipeline.seeds, "--warehouse", pipeline.published, "--intended-loss", f"{FILE}.csv"
    )
    assert meant.returncode == 0, meant.stderr


@pytest.mark.parametrize("command", ["build", "check"])
def test_a_file_that_is_no_seed_cannot_lose_rows(command, tmp_path):
    done = closedloop(command, "--intended-loss", "finances", "--warehouse", tmp_path / "w.duckdb")
    assert done.returncode == 2
    assert "finances is not one of assumptions, capacity, claims" in done.stderr
    assert list(tmp_path.iterdir()) == []
