"""A file that loses rows between publications: a warning from a tenth, a refusal from half, unless intended."""

import pytest

from assets.catalog import STEPS
from assets.core.step import ancestors
from tests.integration.lineage import below
from tests.ledgers import seed_files

FILE = "financials"

STAGED = f"staging.{FILE}"

WITH_ITS_GROUND = (*ancestors(STAGED, STEPS), STAGED)


def keep(pipeline, share):
    """Keep at most this share of the rows of the file; returns the number before and after."""
    path = pipeline.seeds / f"{FILE}.csv"
    rows = seed_files.read(path)
    kept = rows[: int(len(rows) * share)]
    seed_files.save(path, kept)
    return len(rows), len(kept)


def test_losing_half_of_a_file_stops_the_build_and_names_the_option_to_intend_it(pipeline):
    mark = pipeline.mark()
    before, after = keep(pipeline, 0.5)
    run = pipeline.run(f"raw.{FILE}", STAGED)
    assert not run.is_success
    assert run.materialised == {f"raw.{FILE}"}
    assert not pipeline.run("published.warehouse").is_success
    assert pipeline.mark() == mark
    assert run.said(STAGED) == (
        f"""staging.{FILE} refused, the last good table stays
seeds/{FILE}.csv  rows = {after}, rows_published = {before}
  rule    rows_collapsed (error): {before - after} of {before} rows went missing, compared with the last publication a \
file loses less than a share of its rows (assumption row_loss_refusal_share)
  remedy  put the missing lines back; if the loss is intended, say so once: closedloop build --intended-loss {FILE}
"""
    )


def test_a_tenth_of_a_file_gone_is_shown_and_refuses_nothing(pipeline):
    before, after = keep(pipeline, 0.89)
    assert 0.1 <= 1 - after / before < 0.5
    run = pipeline.run(f"raw.{FILE}", STAGED)
    assert run.is_success, run.failures
    check = run.checks[STAGED, "warnings"]
    assert not check.passed
    assert f"{before - after} of {before} rows went missing" in check.description


def test_an_intended_loss_is_published_and_the_next_build_compares_with_it(pipeline):
    keep(pipeline, 0.4)
    everything = (f"raw.{FILE}", *below(f"raw.{FILE}"), "published.warehouse")
    assert pipeline.run(*everything, intended_loss=[FILE]).is_success
    assert pipeline.run(f"raw.{FILE}", STAGED).is_success


def test_the_loss_is_seen_when_the_build_file_is_gone(pipeline):
    pipeline.paths.build.unlink()
    keep(pipeline, 0.4)
    assert set(pipeline.run(*WITH_ITS_GROUND).failures) == {STAGED}


def test_the_loss_is_seen_when_the_published_file_is_gone(pipeline):
    pipeline.published.unlink()
    keep(pipeline, 0.4)
    assert set(pipeline.run(f"raw.{FILE}", STAGED).failures) == {STAGED}


def test_without_a_publication_there_is_nothing_to_lose(fresh):
    keep(fresh, 0.4)
    assert fresh.run(*WITH_ITS_GROUND).is_success


def test_check_compares_with_the_warehouse_that_is_named(command, pipeline):
    before, after = keep(pipeline, 0.4)
    compared = command("check", "--seeds", pipeline.seeds, "--warehouse", pipeline.published)
    assert compared.code == 1
    assert f"rows = {after}, rows_published = {before}" in compared.err
    meant = command(
        "check", "--seeds", pipeline.seeds, "--warehouse", pipeline.published, "--intended-loss", f"{FILE}.csv"
    )
    assert meant.code == 0, meant.err


def test_a_file_that_was_saved_in_halves_is_shown_however_few_rows_are_missing(pipeline, command):
    path = pipeline.seeds / f"{FILE}.csv"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:-2]))
    said = "the file ends here; when it was published, 2 more rows followed"

    run = pipeline.run(f"raw.{FILE}")
    compared = command("check", "--seeds", pipeline.seeds, "--warehouse", pipeline.published)
    meant = command("check", "--seeds", pipeline.seeds, "--warehouse", pipeline.published, "--intended-loss", FILE)

    assert run.is_success, run.failures
    assert not run.checks[f"raw.{FILE}", "warnings"].passed
    assert said in run.checks[f"raw.{FILE}", "warnings"].description
    assert f"seeds/{FILE}.csv:{len(lines) - 2}" in compared.err
    assert said in compared.err
    assert said not in meant.err


def test_rows_that_go_missing_elsewhere_are_no_file_saved_in_halves(pipeline):
    path = pipeline.seeds / f"{FILE}.csv"
    header, _first, *others = path.read_text().splitlines(keepends=True)
    path.write_text("".join([header, *others]))

    assert pipeline.run(f"raw.{FILE}").checks[f"raw.{FILE}", "warnings"].passed


@pytest.mark.parametrize("name", ["build", "check"])
def test_a_file_that_is_no_seed_cannot_lose_rows(command, tmp_path, name):
    done = command(name, "--intended-loss", "finances", "--warehouse", tmp_path / "w.duckdb")
    assert done.code == 2
    assert "finances is not one of assumptions, capacity, claims" in done.err
    assert list(tmp_path.iterdir()) == []
