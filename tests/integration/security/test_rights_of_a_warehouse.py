"""Publishing keeps the permissions of the file, and no other file of the warehouse is more open."""

import os

import pytest

from assets.published import publication
from assets.report import page
from assets.warehouse import build_file
from assets.warehouse import publish as publishing
from tests.integration.pipeline.test_publishing import build_of, publish
from tests.integration.security.test_rights import GROUP, NOBODY, OTHER_GROUP, mode, needs_root, of, refuse


@needs_root
@pytest.mark.parametrize("bits", [0o640, 0o440])
def test_publishing_keeps_mode_owner_and_group(pipeline, bits):
    os.chown(pipeline.published, NOBODY, GROUP)
    pipeline.published.chmod(bits)

    publish(pipeline)

    assert of(pipeline.published) == (bits, NOBODY, GROUP)


@needs_root
def test_where_the_group_cannot_be_kept_publishing_closes_the_file_to_it(pipeline, monkeypatch):
    os.chown(pipeline.published, -1, GROUP)
    pipeline.published.chmod(0o640)
    monkeypatch.setattr(os, "chown", refuse)

    publish(pipeline)

    assert of(pipeline.published) == (0o600, 0, 0)


def test_a_first_publication_has_the_usual_mode(pipeline):
    pipeline.published.unlink()
    (pipeline.folder / "usual").touch()

    publish(pipeline)

    assert mode(pipeline.published) == mode(pipeline.folder / "usual")


def test_while_it_is_written_the_new_file_is_closed_to_other_users(pipeline, monkeypatch):
    pipeline.published.chmod(0o640)
    seen = set()

    def look():
        for temporary in pipeline.folder.glob("closedloop.duckdb.tmp-*"):
            assert mode(temporary) == 0o700, f"{temporary} is {mode(temporary):o}"
            seen.update(file.name for file in temporary.iterdir())

    def watched(real):
        def call(*arguments, **more):
            look()
            answer = real(*arguments, **more)
            look()
            return answer

        return call

    for owner, name in (
        (publishing, "_describe"),
        (publishing, "_verify"),
        (publishing, "sync"),
        (publishing, "keep_rights"),
        (build_file.BuildFile, "copy_to"),
        (os, "replace"),
    ):
        monkeypatch.setattr(owner, name, watched(getattr(owner, name)))
    with build_of(pipeline) as build:
        publication.publish(build, "by hand")

    assert "new.duckdb" in seen


@needs_root
def test_new_files_next_to_a_closed_file_are_not_more_open(pipeline, blank_report):
    os.chown(pipeline.published, -1, GROUP)
    pipeline.published.chmod(0o440)
    for path in (pipeline.paths.build, pipeline.paths.gate_log, pipeline.paths.report):
        path.unlink()

    assert pipeline.run("raw.deals").is_success
    page.write(pipeline.published)

    for path in (pipeline.paths.build, pipeline.paths.gate_log, pipeline.paths.report):
        assert of(path) == (0o640, 0, GROUP), path


def test_the_next_build_closes_the_files_next_to_a_closed_file(pipeline):
    beside = (pipeline.paths.build, pipeline.paths.gate_log)
    assert [of(path)[0] for path in beside] == [0o644, 0o644]
    os.chown(pipeline.published, -1, GROUP)
    pipeline.published.chmod(0o640)

    assert pipeline.run("raw.deals").is_success

    assert [of(path) for path in beside] == [(0o640, 0, GROUP)] * 2


def test_spill_folders_are_closed_to_other_users(pipeline):
    with build_of(pipeline) as build:
        folder = build.size.new_folder()
        assert mode(pipeline.paths.spill) == mode(pipeline.paths.parts) == 0o700
        assert folder.parent == pipeline.paths.parts


@needs_root
def test_a_report_keeps_its_permissions(pipeline, blank_report):
    os.chown(pipeline.paths.report, NOBODY, OTHER_GROUP)
    pipeline.paths.report.chmod(0o604)

    page.write(pipeline.published)

    assert of(pipeline.paths.report) == (0o604, NOBODY, OTHER_GROUP)
