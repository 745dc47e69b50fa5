"""The state of a warehouse: age, seeds, code, refusals and running builds; it writes nothing."""

import datetime as dt
import json
import subprocess
import sys

import pytest

from assets.analysis import status
from assets.core import code_version
from assets.core.errors import EnvironmentFailure


def now(pipeline):
    (row,) = pipeline.ask("select max(published_at) as t from quality.publications").iter_rows()
    return row[0] + dt.timedelta(minutes=3)


def test_an_untouched_folder_is_as_published(pipeline):
    found = status.status(pipeline.published, pipeline.seeds, now(pipeline))

    assert not found.is_seeds_changed
    assert found.seeds_sha256 == found.seeds_sha256_published
    assert found.changed_files == []
    assert found.publication_number == 1
    assert found.age_hours == pytest.approx(0.05)
    assert not found.is_stale
    assert found.refusals_since == []
    assert found.building is None
    assert found.rules_passed > 100


def test_each_changed_file_is_named_with_its_rows(pipeline):
    commitments, prices = pipeline.seeds / "commitments.csv", pipeline.seeds / "prices.csv"
    lines = commitments.read_text().splitlines()
    commitments.write_text("\n".join([*lines[:-1], lines[-1] + " ", lines[-1]]) + "\n")
    prices.write_text("\n".join(prices.read_text().splitlines()[:-1]) + "\n")

    found = status.status(pipeline.published, pipeline.seeds, now(pipeline))

    assert found.is_seeds_changed
    assert {(f.file, f.rows_added, f.rows_removed) for f in found.changed_files} == {
        ("commitments.csv", 1, 0),
        ("prices.csv", 0, 1),
    }


def test_a_file_written_otherwise_is_another_hash_with_the_same_rows(pipeline):
    path = pipeline.seeds / "prices.csv"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))

    found = status.status(pipeline.published, pipeline.seeds, now(pipeline))

    assert (found.is_seeds_changed, found.changed_files) == (True, [])


def test_a_missing_file_is_named(pipeline):
    (pipeline.seeds / "prices.csv").unlink()

    (change,) = status.status(pipeline.published, pipeline.seeds, now(pipeline)).changed_files

    assert (change.file, change.is_missing) == ("prices.csv", True)


def test_a_publication_older_than_the_freshness_of_the_asset_is_stale(pipeline):
    from assets.orchestration.publish_asset import published_warehouse

    late = now(pipeline) + code_version.STALE_AFTER

    assert status.status(pipeline.published, pipeline.seeds, late).is_stale
    (policy,) = (
        published_warehouse.freshness_policies_by_key.values()
        if hasattr(published_warehouse, "freshness_policies_by_key")
        else [next(iter(published_warehouse.specs)).freshness_policy]
    )
    assert policy.fail_window.to_timedelta() == code_version.STALE_AFTER


def test_only_refusals_after_the_publication_are_reported(pipeline):
    path = pipeline.seeds / "commitments.csv"
    good = path.read_text()
    path.write_text(good.replace(",announced,", ",anounced,", 1))
    assert not pipeline.run("raw.commitments", "staging.commitments").is_success

    refused = status.status(pipeline.published, pipeline.seeds, now(pipeline)).refusals_since
    path.write_text(good)
    assert pipeline.run("raw.commitments", "staging.commitments").is_success
    assert pipeline.run("published.warehouse").is_success

    assert [(r["table_name"], r["rule"]) for r in refused] == [("staging.commitments", "vocabulary:certainty")]
    assert status.status(pipeline.published, pipeline.seeds, now(pipeline)).refusals_since == []


def test_a_living_builder_is_named_and_a_dead_one_is_not(pipeline):
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    signed = {"pid": child.pid, "since": "2026-01-01T00:00:00+00:00", "purpose": "build"}
    pipeline.paths.holder.write_text(json.dumps(signed))

    alive = status.holder(pipeline.paths)
    child.communicate(b"\n")

    assert alive == signed
    assert status.holder(pipeline.paths) is None


def test_looking_writes_nothing(pipeline):
    before = {p: (p.stat().st_mtime_ns, p.stat().st_size) for p in pipeline.folder.rglob("*")}

    status.status(pipeline.published, pipeline.seeds, now(pipeline))

    assert {p: (p.stat().st_mtime_ns, p.stat().st_size) for p in pipeline.folder.rglob("*")} == before


def test_without_a_publication_the_remedy_is_shown(tmp_path):
    with pytest.raises(EnvironmentFailure, match="run `closedloop build` first"):
        status.status(tmp_path / "x.duckdb", tmp_path, dt.datetime(2026, 1, 1))  # noqa: DTZ001 - as the file keeps it


def test_a_file_of_an_older_version_is_reported_as_such(tmp_path):
    import duckdb

    with duckdb.connect(str(tmp_path / "x.duckdb")) as connection:
        connection.execute("create schema quality; create table quality.publications (publication_id varchar)")

    with pytest.raises(
        EnvironmentFailure, match=r"another version of closedloop made this file.*run `closedloop build`"
    ):
        status.status(tmp_path / "x.duckdb", tmp_path, dt.datetime(2026, 1, 1))  # noqa: DTZ001 - as the file keeps it


def test_json_has_numbers_days_and_nulls(pipeline, capsys, monkeypatch):
    from assets.cli import main as cli

    monkeypatch.setattr(
        sys,
        "argv",
        ["closedloop", "status", "--json", "--seeds", str(pipeline.seeds), "--warehouse", str(pipeline.published)],
    )
    with pytest.raises(SystemExit) as ended:
        cli.main()
    data = json.loads(capsys.readouterr().out)

    assert not ended.value.code
    assert data["building"] is None
    assert data["publication_number"] == 1
    assert dt.date.fromisoformat(data["last_known_on"])
    assert data["published"] == str(pipeline.published)
