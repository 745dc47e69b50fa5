"""An export replaces only files that an export wrote; any other folder stays unchanged."""

import hashlib
import json
import os
import shutil
import stat
from pathlib import Path

import pytest

from assets.export import as_xlsx, contents, folder, manifest, writing
from tests.integration.export.folders import content, exported


@pytest.fixture
def earlier(few, tmp_path):
    """An earlier export of a small file."""
    to = tmp_path / "out"
    writing.export(few, to, "csv", ["metrics"])
    return to


def links(of):
    return {str(p): p.readlink() for p in of.rglob("*") if p.is_symlink()}


def refused(few, to, *names):
    """Whether an export into the folder is refused with these names, and changes nothing."""
    before = content(to), links(to)
    with pytest.raises(folder.Occupied) as found:
        writing.export(few, to, "csv", ["metrics"])
    assert before == (content(to), links(to))
    assert [p.name for p in to.parent.iterdir() if p.name.startswith("out.tmp")] == []
    assert all(name in str(found.value) for name in names), str(found.value)
    assert "move" in str(found.value)
    assert "name a new or empty folder" in str(found.value)
    return str(found.value)


def test_an_export_does_not_remove_a_folder_that_holds_another_programs_export_json(published, tmp_path):
    to = tmp_path / "project"
    (to / "sub").mkdir(parents=True)
    (to / "export.json").write_text('{"my": "npm export settings"}')
    (to / "main.py").write_text("mine")
    (to / "sub" / "keep.txt").write_text("mine")
    before = content(to)

    ended = exported(published, to, "csv")

    assert ended.returncode == 2
    assert "export.json, main.py, sub" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
    assert content(to) == before


@pytest.mark.parametrize(
    "manifest",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"publication": {}, "format": "csv", "schemas": [], "files": []}',
        '{"publication": {}, "format": "csv", "schemas": [], "files": {"main.py": "mine"}}',
        '{"publication": {}, "format": "docx", "schemas": [], "files": {}}',
        '{"publication": {}, "format": "csv", "schemas": [], "files": {"main.py": {"rows": 1, "sha256": 7}}}',
        "[" * 100_000,
        b"\xff\xfe",
    ],
    ids=lambda m: repr(m)[:60],
)
def test_a_manifest_of_another_shape_proves_nothing(few, tmp_path, manifest):
    to = tmp_path / "out"
    to.mkdir()
    (to / "export.json").write_bytes(manifest if isinstance(manifest, bytes) else manifest.encode())
    (to / "main.py").write_text("mine")

    refused(few, to, "export.json", "main.py")


def test_a_note_next_to_the_files_of_an_export_is_not_lost(few, earlier):
    (earlier / "metrics" / "notes.txt").write_text("mine")
    (earlier / "mine").mkdir()

    refused(few, earlier, "metrics/notes.txt", "mine")


def test_a_changed_file_of_an_export_is_not_lost(few, earlier):
    with (earlier / "metrics" / "claims.csv").open("a") as file:
        file.write("my note\r\n")

    refused(few, earlier, "metrics/claims.csv")


@pytest.mark.parametrize("place", ["metrics/claims.csv", "metrics", "export.json", "link"])
def test_a_link_in_the_folder_of_an_export_is_not_lost_nor_followed(few, earlier, tmp_path, place):
    (tmp_path / "elsewhere").mkdir()
    if (earlier / place).exists():
        (earlier / place).rename(tmp_path / "elsewhere" / "it")
        (earlier / place).symlink_to(tmp_path / "elsewhere" / "it")
    else:
        (earlier / place).symlink_to(tmp_path / "elsewhere")
    before = content(tmp_path / "elsewhere")

    refused(few, earlier, place)

    assert content(tmp_path / "elsewhere") == before


def test_names_of_the_manifest_lead_nowhere(few, earlier, tmp_path):
    (tmp_path / "precious.txt").write_text("mine")
    manifest = json.loads((earlier / "export.json").read_text())
    mark = hashlib.sha256(b"mine").hexdigest()
    for name in ("../precious.txt", str(tmp_path / "precious.txt"), "../../", "", ".", "metrics/../../precious.txt"):
        manifest["files"][name] = {"rows": 1, "sha256": mark}
    (earlier / "export.json").write_text(json.dumps(manifest))

    writing.export(few, earlier, "csv", ["metrics"])

    assert (tmp_path / "precious.txt").read_text() == "mine"
    assert json.loads((earlier / "export.json").read_text())["files"].keys() < manifest["files"].keys()


def test_an_earlier_export_with_a_deleted_file_is_replaced(few, earlier):
    whole = content(earlier).keys()
    (earlier / "metrics" / "claims.csv").unlink()

    writing.export(few, earlier, "csv", ["metrics"])

    assert content(earlier).keys() == whole


def test_of_very_many_foreign_files_a_few_are_named(few, tmp_path):
    (tmp_path / "out").mkdir()
    for number in range(50):
        (tmp_path / "out" / f"note{number:02}.txt").touch()

    found = refused(few, tmp_path / "out", "note00.txt", "and others")

    assert len(found) < 300 + len(str(tmp_path))


def test_a_foreign_name_cannot_write_on_the_terminal(few, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "\x1b[2Jgone").touch()

    assert "\x1b" not in refused(few, tmp_path / "out", r"\x1b[2Jgone")


def test_a_file_added_to_the_folder_during_an_export_is_not_lost(few, earlier, monkeypatch):
    from assets.export import as_csv

    write, before = as_csv.write, content(earlier)

    def interrupted(connection, tables, to):
        (earlier / "notes.txt").write_text("mine")
        return write(connection, tables, to)

    monkeypatch.setattr(as_csv, "write", interrupted)

    with pytest.raises(folder.Occupied, match=r"notes\.txt"):
        writing.export(few, earlier, "csv", ["metrics"])
    assert content(earlier) == {**before, "notes.txt": b"mine"}
    assert sorted(p.name for p in earlier.parent.iterdir()) == ["few.duckdb", "out"]


@pytest.mark.parametrize("mark", [".unfinished", ".closedloop", "export.json"])
def test_a_folder_with_the_name_of_a_leftover_and_a_foreign_mark_is_left_alone(few, tmp_path, mark):
    other = tmp_path / "out.tmp-4194300"
    other.mkdir()
    (other / mark).write_text("{}")
    (other / "notes.txt").write_text("mine")
    before = content(other)

    writing.export(few, tmp_path / "out", "csv", ["metrics"])

    assert content(other) == before


def test_an_export_that_was_killed_between_its_two_renames_costs_no_earlier_export(few, earlier, monkeypatch):
    kept = earlier.with_name("out.tmp-4194300-before")
    before = content(earlier)
    earlier.rename(kept)
    (earlier.parent / "out.tmp-4194300").mkdir()

    monkeypatch.setattr(as_xlsx, "MOST_ROWS", 1)

    with pytest.raises(contents.TooLarge):
        writing.export(few, earlier, "xlsx", ["metrics"])

    assert content(earlier) == before
    assert sorted(p.name for p in earlier.parent.iterdir()) == ["few.duckdb", "out"]


def test_an_old_folder_of_which_a_killed_export_had_removed_a_part_is_removed_by_the_next_export(
    few, earlier, monkeypatch
):
    kept = shutil.copytree(earlier, earlier.with_name("out.tmp-4194300-before"))
    with monkeypatch.context() as killed:
        killed.setattr(Path, "rmdir", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            manifest.remove(kept)

    writing.export(few, earlier, "csv", ["metrics"])

    assert sorted(p.name for p in earlier.parent.iterdir()) == ["few.duckdb", "out"]


def test_an_export_keeps_the_permissions_of_its_folder(few, earlier):
    earlier.chmod(0o750)
    os.chown(earlier, -1, 12345)

    writing.export(few, earlier, "csv", ["metrics"])

    assert (stat.S_IMODE(earlier.stat().st_mode), earlier.stat().st_gid) == (0o750, 12345)
