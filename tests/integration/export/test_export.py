"""`closedloop export`: the published tables as Parquet, CSV and workbooks, written atomically, harmless to open."""

import csv
import hashlib
import json
import os
import shutil
import subprocess
import sys
from contextlib import closing

import duckdb
import openpyxl
import polars as pl
import pyarrow.parquet as pq
import pytest

from assets.core.errors import EnvironmentFailure
from assets.export import as_xlsx, contents, writing
from assets.export.as_lines import harmless
from assets.export.manifest import MANIFEST
from assets.warehouse import published_frames
from tests.integration.export.folders import content, exported

FORMULAS = ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", " =1", "\uff1d1", '=HYPERLINK("http://example.org")']

NUMBERS = ["-5", "+5", "-1.5e3"]


@pytest.fixture(scope="module", params=["parquet", "csv", "xlsx"])
def done(request, published, tmp_path_factory):
    """An export in every format, by the real command."""
    to = tmp_path_factory.mktemp("exports") / f"größe {request.param}"
    ended = exported(published, to, request.param)
    assert ended.returncode == 0, ended.stderr
    return request.param, to, ended


def rows_of(published, table):
    with duckdb.connect(str(published), read_only=True) as connection:
        return connection.execute(f"select count(*) from {table}").fetchall()[0][0]


def read(kind, to, schema, table):
    """The rows of an exported table as read from its format, as text."""
    if kind == "parquet":
        return pl.read_parquet(to / schema / f"{table}.parquet").rows(named=True)
    if kind == "csv":
        with (to / schema / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    with closing(openpyxl.load_workbook(to / f"{schema}.xlsx", read_only=True)) as book:
        header, *rows = book[table].iter_rows(values_only=True)
    return [dict(zip(header, row, strict=True)) for row in rows]


def test_an_export_has_every_table_of_the_schemas_with_every_row(done, published):
    kind, to, ended = done
    for schema, table in (("bi", "commitments"), ("facts", "revenue_coverage"), ("metrics", "headline")):
        assert len(read(kind, to, schema, table)) == rows_of(published, f"{schema}.{table}")
    with duckdb.connect(str(published), read_only=True) as connection:
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables() where schema_name not in ('raw', 'staging')"
        ).fetchall()
    files = {str(p.relative_to(to)) for p in to.rglob("*") if p.is_file()} - {"export.json"}
    expected = {f"{s}.xlsx" if kind == "xlsx" else f"{s}/{t}.{kind}" for s, t in tables}
    assert files == expected
    assert all(file in ended.stdout for file in files)


def test_an_export_names_its_publication_and_the_content_of_each_file(done, published):
    _, to, _ = done
    manifest = json.loads((to / "export.json").read_text())

    assert (
        manifest["publication"]["publication_id"]
        == published_frames.ask(
            published, "select publication_id from quality.publications order by publication_number desc limit 1"
        ).item()
    )
    for name, answer in manifest["files"].items():
        assert hashlib.sha256((to / name).read_bytes()).hexdigest() == answer["sha256"]
        assert answer["rows"] > 0


def test_the_dictionary_is_in_it(done):
    kind, to, _ = done
    rows = read(kind, to, "quality", "dictionary")

    (lines,) = [
        r for r in rows if (r["schema_name"], r["table_name"], r["column_name"]) == ("bi", "stress", "owed_usd")
    ]
    assert lines["unit"] == "USD"


def test_figures_and_days_and_the_unknown_come_out_as_they_are(done, published):
    kind, to, _ = done
    expected = published_frames.ask(published, "select * from metrics.headline order by entity_id, as_of_date").rows(
        named=True
    )
    found = {(str(r["as_of_date"])[:10], r["entity_id"]): r for r in read(kind, to, "metrics", "headline")}

    assert len(found) == len(expected)
    for row in expected:
        other = found[str(row["as_of_date"]), row["entity_id"]]
        for column in ("net_commitment_usd", "commitment_coverage_ratio", "capacity_view"):
            if row[column] is None:
                assert other[column] in (None, "")
            elif isinstance(row[column], float):
                exactly = 1e-15 if kind == "xlsx" else 0  # a cell of a workbook has 16 digits, a double 17
                assert float(other[column]) == pytest.approx(row[column], rel=exactly, abs=0)
            else:
                assert other[column] == row[column]


def test_parquet_carries_meaning_and_unit_of_every_column(published, tmp_path):
    writing.export(published, tmp_path / "out", "parquet", ["metrics"])
    schema = pq.read_schema(tmp_path / "out" / "metrics" / "headline.parquet")

    assert schema.field("net_commitment_usd").metadata[b"unit"] == b"USD"
    assert all(field.metadata[b"description"] for field in schema)
    assert schema.metadata[b"grain"].startswith(b"day on which") or b"row" in schema.metadata[b"grain"]


def test_a_workbook_describes_its_tables_and_freezes_their_headers(few, tmp_path):
    writing.export(few, tmp_path / "out", "xlsx", ["bi"])
    book = openpyxl.load_workbook(tmp_path / "out" / "bi.xlsx")

    about = [row for row in book["about"].iter_rows(values_only=True) if row[0] == "stress" and row[4] == "owed_usd"]
    assert len(about) == 1
    assert about[0][6] == "USD"
    assert book["stress"].freeze_panes == "A2"
    assert book["headline"]["A2"].is_date
    assert book["headline"]["A2"].number_format == "yyyy-mm-dd"


# --- harmless to open -----------------------------------------------------------------------------------------------


@pytest.fixture
def with_formulas(few):
    """A published file with texts that a spreadsheet would run, and numbers that must not change."""
    with duckdb.connect(str(few)) as connection:
        connection.execute("create or replace table bi.claims (claim_id text, statement text, measured_value double)")
        texts = [*FORMULAS, *NUMBERS, "plain"]
        connection.executemany(
            "insert into bi.claims values (?, ?, ?)", [(str(n), t, -1.5) for n, t in enumerate(texts)]
        )
        connection.execute(
            "delete from quality.dictionary where schema_name = 'bi' and table_name = 'claims' "
            "and column_name not in ('claim_id', 'statement', 'measured_value')"
        )
    return few


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_no_text_is_a_formula_and_no_negative_number_is_touched(with_formulas, tmp_path, kind):
    writing.export(with_formulas, tmp_path / "out", kind, ["bi"])
    rows = read(kind, tmp_path / "out", "bi", "claims")

    texts = [r["statement"] for r in rows]
    assert [float(r["measured_value"]) for r in rows] == [-1.5] * len(rows)
    if kind == "csv":
        assert texts == [harmless(t) for t in (*FORMULAS, *NUMBERS, "plain")]
        assert all(t.startswith("'") for t in texts[: len(FORMULAS)])
        assert texts[len(FORMULAS) :] == [*NUMBERS, "plain"]
    else:
        assert texts == [*FORMULAS, *NUMBERS, "plain"]
        sheet = openpyxl.load_workbook(tmp_path / "out" / "bi.xlsx")["claims"]
        assert {cell.data_type for row in sheet.iter_rows(min_row=2, max_col=2) for cell in row} == {"s"}


def test_a_control_letter_does_not_spoil_a_workbook(few, tmp_path):
    with duckdb.connect(str(few)) as connection:
        connection.execute("update bi.claims set explanation = 'a' || chr(1) || 'b_x0041_'")
    writing.export(few, tmp_path / "out", "xlsx", ["bi"])

    assert len(read("xlsx", tmp_path / "out", "bi", "claims")) > 0


# --- atomic writing -------------------------------------------------------------------------------------------------


def test_an_earlier_export_is_replaced_with_all_of_its_files(published, tmp_path):
    to = tmp_path / "out"
    writing.export(published, to, "csv", ["bi", "quality"])
    writing.export(published, to, "parquet", ["metrics"])

    assert {p.suffix for p in to.rglob("*") if p.is_file()} == {".parquet", ".json"}
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("kind", ["a folder with other files", "a file"])
def test_files_that_no_export_wrote_are_not_replaced(published, tmp_path, kind):
    to = tmp_path / "mine"
    if kind == "a file":
        to.write_text("mine")
    else:
        to.mkdir()
        (to / "notes.txt").write_text("mine")
    ended = exported(published, to, "csv")

    assert ended.returncode == 2
    assert "name a new or empty folder" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert (to if kind == "a file" else to / "notes.txt").read_text() == "mine"
    assert [p.name for p in tmp_path.iterdir()] == ["mine"]


def test_an_export_that_fails_leaves_the_earlier_one(published, tmp_path, monkeypatch):
    to = tmp_path / "out"
    writing.export(published, to, "csv", ["bi"])
    before = content(to)
    monkeypatch.setattr(as_xlsx, "MOST_ROWS", 100)

    with pytest.raises(contents.TooLarge, match=r"has more than 100 rows.*choose --format parquet or csv"):
        writing.export(published, to, "xlsx", ["bi"])
    assert content(to) == before
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_a_text_that_no_cell_can_hold_is_named(few, tmp_path):
    with duckdb.connect(str(few)) as connection:
        connection.execute("update bi.claims set explanation = repeat('x', 40000)")

    with pytest.raises(contents.TooLarge, match=r"bi\.claims, row 1: a text of 40,000 characters, a cell holds 32,767"):
        writing.export(few, tmp_path / "out", "xlsx", ["bi"])
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("kind", ["parquet", "csv", "xlsx"])
def test_a_full_disk_is_reported_in_one_line_and_leaves_no_half_written_file(published, disk, kind):
    small = disk(900)
    ended = exported(published, small.folder / "out", kind)
    assert ended.returncode == 3, ended.stderr
    assert "free some space" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert list(small.folder.iterdir()) == []


def test_leftovers_of_a_killed_export_are_removed_by_the_next(published, tmp_path):
    to = tmp_path / "out"
    stage = (
        "import os, signal, sys; from pathlib import Path; from assets.export import as_csv, writing\n"
        "as_csv.write = lambda *a: os.kill(os.getpid(), signal.SIGKILL)\n"
        "writing.export(Path(sys.argv[1]), Path(sys.argv[2]), 'csv', ['bi'])"
    )
    killed = subprocess.run([sys.executable, "-c", stage, published, to], check=False)
    assert killed.returncode == -9
    assert [p.name for p in tmp_path.iterdir() if p != to]
    writing.export(published, to, "csv", ["bi"])

    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_a_folder_of_the_user_with_a_name_like_a_leftover_is_left_alone(published, tmp_path):
    (tmp_path / "out.tmp-999999999").mkdir()
    (tmp_path / "out.tmp-999999999" / "notes.txt").write_text("mine")
    writing.export(published, tmp_path / "out", "csv", ["bi"])

    assert (tmp_path / "out.tmp-999999999" / "notes.txt").read_text() == "mine"


def test_files_of_a_running_export_are_left_alone(published, tmp_path):
    other = tmp_path / f"out.tmp-{os.getppid()}"
    other.mkdir()
    writing.export(published, tmp_path / "out", "csv", ["bi"])

    assert other.is_dir()


def test_a_link_is_followed_and_stays_a_link(published, tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    writing.export(published, tmp_path / "link", "csv", ["bi"])

    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / MANIFEST).is_file()


def test_a_missing_publication_and_a_folder_without_permission_are_reported(tmp_path):
    with pytest.raises(EnvironmentFailure, match="run `closedloop build` first"):
        writing.export(tmp_path / "none.duckdb", tmp_path / "out", "csv", ["bi"])
    ended = exported(tmp_path / "none.duckdb", tmp_path / "out", "xlsx")
    assert ended.returncode == 3
    assert not (tmp_path / "out").exists()


def test_a_read_only_folder_gives_the_advice_to_choose_another_folder_not_another_warehouse(published):
    ended = exported(published, "/proc/export", "csv")

    assert ended.returncode == 3
    assert "/proc" in ended.stderr
    assert "--warehouse" not in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_an_export_during_a_publish_is_of_one_publication(published, tmp_path, monkeypatch):
    from assets.export import as_csv
    from tests.integration.bi.publications import another, publication_of

    path = tmp_path / "closedloop.duckdb"
    shutil.copy(published, path)
    second = another(path, tmp_path / "second.duckdb")
    write = as_csv.write

    def publish_first(connection, tables, to):
        os.replace(second, path)  # noqa: PTH105 - the call that publishing rests on
        return write(connection, tables, to)

    monkeypatch.setattr(as_csv, "write", publish_first)
    done = writing.export(path, tmp_path / "out", "csv", ["quality"])

    rows = read("csv", tmp_path / "out", "quality", "publications")
    assert rows[-1]["publication_id"] == done.publication["publication_id"] != publication_of(path)
    assert "changed" not in {r["description"] for r in read("csv", tmp_path / "out", "quality", "dictionary")}
