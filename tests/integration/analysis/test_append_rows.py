"""Rows appended to a seed: the old file byte for byte, then the new rows in its format; all files or none."""

import csv
import io

import pytest

from assets.analysis.edit import append_rows
from assets.core.errors import EnvironmentFailure
from assets.staging.seeds import TABLES

ROW = {"b": 'say "yes", please', "a": "1"}

LINE = b'1,"say ""yes"", please"'


@pytest.mark.parametrize(
    ("content", "tail"),
    [
        (b"a,b\n0,x\n", LINE + b"\n"),
        (b"a,b\n0,x", b"\n" + LINE + b"\n"),
        (b"a,b\r\n0,x\r\n", LINE + b"\r\n"),
        (b"a,b\r\n0,x", b"\r\n" + LINE + b"\r\n"),
        (b"\xef\xbb\xbfa,b\n0,\xc3\xa9\n", LINE + b"\n"),
        (b"b,a\nx,0\n", b'"say ""yes"", please",1\n'),
        (b'"a","b"\n"0","x"\n', b'"1","say ""yes"", please"\n'),
        (b'a,b\n0,"x\ny"\n', LINE + b"\n"),
        (b"a,b\n", LINE + b"\n"),
        (b"a,b", b"\n" + LINE + b"\n"),
    ],
)
def test_the_old_file_stays_byte_for_byte_and_the_new_row_is_in_its_hand(content, tail):
    assert append_rows.appended(content, [ROW]) == content + tail


def test_appended_rows_are_read_back_unchanged():
    new = append_rows.appended(b"a,b,c\n0,x,\n", [ROW, {"c": "z\nz", "a": "-"}])

    rows = list(csv.DictReader(io.StringIO(new.decode(), newline="")))
    assert rows[1:] == [ROW | {"c": ""}, {"a": "-", "b": "", "c": "z\nz"}]


def test_a_column_that_the_file_lacks_is_refused():
    with pytest.raises(ValueError, match="no column z; it has a, b"):
        append_rows.appended(b"a,b\n", [{"z": "1"}])


@pytest.fixture
def seeds(tmp_path):
    folder = tmp_path / "seeds"
    folder.mkdir()
    (folder / "deals.csv").write_bytes(b"a,b\n0,x\n")
    (folder / "commitments.csv").write_bytes(b"a,b\r\n0,x")
    (folder / "prices.csv").write_bytes(b"a\n")
    return folder


def contents(folder):
    return {p.name: p.read_bytes() for p in folder.iterdir()}


def test_only_the_files_with_rows_are_touched(seeds):
    before = {p.name: p.stat().st_ino for p in seeds.iterdir()}

    append_rows.write(seeds, append_rows.additions(seeds, {"deals": [ROW], "commitments": [ROW, ROW]}))

    assert contents(seeds) == {
        "deals.csv": b"a,b\n0,x\n" + LINE + b"\n",
        "commitments.csv": b"a,b\r\n0,x\r\n" + LINE + b"\r\n" + LINE + b"\r\n",
        "prices.csv": b"a\n",
    }
    assert (seeds / "prices.csv").stat().st_ino == before["prices.csv"]


def test_a_link_is_refused_and_nothing_is_written_behind_it(seeds, tmp_path):
    elsewhere = tmp_path / "elsewhere.csv"
    (seeds / "deals.csv").rename(elsewhere)
    (seeds / "deals.csv").symlink_to(elsewhere)
    before = elsewhere.read_bytes()

    with pytest.raises(EnvironmentFailure, match=r"deals\.csv: this is a link to another file"):
        append_rows.additions(seeds, {"commitments": [ROW], "deals": [ROW]})

    assert elsewhere.read_bytes() == before


def test_permissions_stay(seeds):
    (seeds / "deals.csv").chmod(0o640)

    append_rows.write(seeds, append_rows.additions(seeds, {"deals": [ROW]}))

    assert (seeds / "deals.csv").read_bytes() == b"a,b\n0,x\n" + LINE + b"\n"
    assert (seeds / "deals.csv").stat().st_mode & 0o777 == 0o640


def test_a_file_that_was_changed_meanwhile_is_left_alone(seeds):
    made = append_rows.additions(seeds, {"deals": [ROW], "commitments": [ROW]})
    (seeds / "commitments.csv").write_bytes(b"a,b\n9,other\n")
    before = contents(seeds)

    with pytest.raises(EnvironmentFailure, match="it was changed in the meantime"):
        append_rows.write(seeds, made)

    assert contents(seeds) == before


def test_files_that_others_refer_to_come_first():
    place = {name: i for i, name in enumerate(append_rows.ORDER)}
    for table in TABLES:
        for column in table.columns:
            target = column.refers_to.split(".")[1] if column.refers_to else table.name
            if table.name in place and target != table.name:
                assert place[target] < place[table.name], (table.name, column.name)
