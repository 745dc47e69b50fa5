"""A build reads one version of the seeds, or refuses: published seeds were in the folder at the same time."""

import os

import pytest

from assets.catalog import STEPS
from assets.core.step import ancestors
from assets.raw import reader, seeds_version
from assets.raw.seeds_version import SeedsVersion
from tests.integration.lineage import below
from tests.ledgers import memory, seed_files

RAW = memory.of_stage("raw")

COMMITMENTS = (*RAW, *(n for n in ancestors("staging.commitments", STEPS) if n not in RAW), "staging.commitments")

LEG = {"leg_id": "l_aws_38b"}

SAID = "changed while the build was reading the seeds"


def while_it_reads(monkeypatch, name, act):
    """Run a function while a file of the seeds is being read."""
    read = reader.read_seed

    def interrupted(path, table):
        built = read(path, table)
        if path.stem == name:
            act()
        return built

    monkeypatch.setattr(reader, "read_seed", interrupted)


@pytest.mark.parametrize("being_read", ["capacity", "commitments", "sources"])
def test_a_change_during_the_reading_is_refused_and_the_file_is_named(pipeline, monkeypatch, being_read):
    mark = pipeline.mark()
    while_it_reads(
        monkeypatch,
        being_read,
        lambda: seed_files.change(pipeline.seeds, "commitments", LEG, amount_usd="39000000000"),
    )

    run = pipeline.run(*RAW)

    assert not run.is_success
    lines = [failure.description for name, failure in run.failures.items() if name.startswith("raw.")]
    assert any(f"seeds/commitments.csv {SAID}" in text for text in lines)
    assert "run the build again" in "".join(lines)
    assert not pipeline.run("published.warehouse").is_success
    assert pipeline.mark() == mark
    monkeypatch.undo()
    assert pipeline.run(*COMMITMENTS).is_success
    assert pipeline.built("select max(amount_usd) from staging.commitments where leg_id = 'l_aws_38b'") == [(39e9,)]


def test_several_files_that_change_are_each_refused_or_named(pipeline, monkeypatch):
    mark = pipeline.mark()

    def pull():
        for name in ("capacity", "deals", "sources"):
            path = pipeline.seeds / f"{name}.csv"
            path.write_bytes(path.read_bytes() + b"\n")

    while_it_reads(monkeypatch, "commitments", pull)
    run = pipeline.run(*RAW)

    message = "\n".join(str(failure) for failure in run.failures.values())
    assert all(f"seeds/{name}.csv" in message for name in ("capacity", "deals", "sources"))
    assert not pipeline.run("published.warehouse").is_success
    assert pipeline.mark() == mark


def test_a_file_that_is_written_again_with_the_same_content_disturbs_nothing(pipeline, monkeypatch):
    path = pipeline.seeds / "commitments.csv"
    while_it_reads(monkeypatch, "deals", lambda: path.write_bytes(path.read_bytes()))

    assert pipeline.run(*RAW).is_success
    assert pipeline.run("published.warehouse").is_success


def test_tables_of_two_versions_of_the_seeds_are_not_published_together(pipeline):
    mark = pipeline.mark()
    claims = ("raw.claims", *below("raw.claims"))
    for name in ("claims", "sources"):
        path = pipeline.seeds / f"{name}.csv"
        path.write_bytes(path.read_bytes() + b"\n")

    run = pipeline.run(*claims, "published.warehouse")

    assert "different versions of the seeds: run the whole job" in run.said("published.warehouse")
    assert pipeline.mark() == mark
    assert pipeline.run(*dict.fromkeys((*RAW, *claims))).is_success
    assert pipeline.run("published.warehouse").is_success


def test_the_command_names_the_changed_file_and_ends_with_exit_code_1(command, fresh, monkeypatch):
    path = fresh.seeds / "sources.csv"  # most tables depend on it, so the build is short
    while_it_reads(monkeypatch, "capacity", lambda: path.write_bytes(path.read_bytes() + b"\n"))

    done = command("build", "--seeds", fresh.seeds, "--warehouse", fresh.published)

    assert done.code == 1, done.err
    assert f"seeds/sources.csv {SAID}" in done.err
    assert "Nothing was published" in done.err


def test_a_pipe_in_place_of_a_file_is_not_read(tmp_path):
    os.mkfifo(tmp_path / "prices.csv")

    assert SeedsVersion(tmp_path)._hashes["prices"] == ""
    assert seeds_version.digest({}) != seeds_version.digest({"prices": "1"})
