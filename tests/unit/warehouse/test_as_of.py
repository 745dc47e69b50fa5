"""The macros of a day: two templates, and the choice of the latest day."""

import duckdb
import pytest

from assets import catalog
from assets.core import sql_header
from assets.core.table import Column, Latest, Table
from assets.warehouse import as_of


def column(name, kind="text"):
    return Column(name, kind, "", name)


def table(name, *columns, latest=None, stage="metrics"):
    return Table(stage, name, "What it holds.", "one row per key", columns, key=(columns[0].name,), latest=latest)


LEVELS = (column("as_of_date", "date"), column("user_id"), column("view"), column("count", "integer"))

ROWS = [
    ("2025-01-01", "a", "chip", 1),
    ("2025-01-01", "a", "site", 1),
    ("2025-01-01", "b", "chip", 1),
    ("2025-02-01", "a", "chip", 2),
    ("2025-03-01", "b", "chip", 0),
]


def in_force(latest, day):
    con = duckdb.connect()
    con.execute(
        "create schema metrics; create table metrics.levels (as_of_date date, user_id text, view text, count int)"
    )
    con.executemany("insert into metrics.levels values (?, ?, ?, ?)", ROWS)
    macro = as_of.macros([table("levels", *LEVELS, latest=latest)])["levels_as_of"]
    con.execute(macro.statement)
    return {tuple(row) for row in con.execute("select user_id, view, count from levels_as_of(?)", [day]).fetchall()}


@pytest.mark.parametrize(
    ("latest", "day", "expected"),
    [
        (Latest(), "2024-12-31", set()),
        (Latest(), "2025-01-31", {("a", "chip", 1), ("a", "site", 1), ("b", "chip", 1)}),
        (Latest(), "2025-02-01", {("a", "chip", 2)}),
        (Latest(("user_id",)), "2025-02-01", {("a", "chip", 2), ("b", "chip", 1)}),
        (Latest(("user_id", "view")), "2025-02-01", {("a", "chip", 2), ("a", "site", 1), ("b", "chip", 1)}),
        (Latest(("user_id",)), "2025-03-01", {("a", "chip", 2), ("b", "chip", 0)}),
        (Latest(("user_id",), "count > 0"), "2025-03-01", {("a", "chip", 2)}),
    ],
)
def test_the_latest_day_on_or_before_d_counts_for_all_rows_or_for_each_value(latest, day, expected):
    assert in_force(latest, day) == expected


def test_an_interval_is_in_force_from_its_first_day_up_to_but_without_its_last():
    con = duckdb.connect()
    con.execute("create schema facts; create table facts.legs (leg_id text, known_from date, known_to date)")
    con.execute("insert into facts.legs values ('a', '2025-01-01', '2025-02-01'), ('a', '2025-02-01', null)")
    columns = (column("leg_id"), column("known_from", "date"), column("known_to", "date"))
    con.execute(as_of.macros([table("legs", *columns, stage="facts")])["legs_as_of"].statement)

    def known(day):
        return con.execute("select known_from::text from legs_as_of(?)", [day]).fetchall()

    assert [known(d) for d in ("2024-12-31", "2025-01-01", "2025-01-31", "2025-02-01", "2030-01-01")] == [
        [], [("2025-01-01",)], [("2025-01-01",)], [("2025-02-01",)], [("2025-02-01",)]
    ]  # fmt: skip


def test_a_table_without_days_and_one_of_bi_have_none():
    assert as_of.macros([table("plain", *LEVELS), table("levels", *LEVELS, latest=Latest(), stage="bi")]) == {}


def test_a_latest_day_of_a_column_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="names unknown columns \\['nobody'\\]"):
        table("levels", *LEVELS, latest=Latest(("nobody",)))
    with pytest.raises(ValueError, match="names unknown columns \\['as_of_date'\\]"):
        table("levels", *LEVELS[1:], latest=Latest())


@pytest.mark.parametrize(
    ("said", "latest"),
    [
        ("of all rows", Latest()),
        ("of each user_id", Latest(("user_id",))),
        ("of each user_id, view", Latest(("user_id", "view"))),
        ("of each user_id, view, where count > 0", Latest(("user_id", "view"), "count > 0")),
    ],
)
def test_a_header_defines_the_rows_whose_latest_day_counts(said, latest):
    head = f"-- What?\n-- One row per day.\n-- Key: as_of_date\n-- Latest day: {said}\n"
    assert sql_header.read(head, "sql/metrics/x.sql").latest == latest


def test_a_header_that_is_not_understood_is_refused_with_its_line():
    head = "-- What?\n-- One row per day.\n-- Key: as_of_date\n-- Latest day: user_id\n"
    with pytest.raises(ValueError, match=r"sql/metrics/x\.sql:4: 'user_id' is not understood: write"):
        sql_header.read(head, "sql/metrics/x.sql")


def test_an_old_name_gives_the_same_rows():
    for old, name in as_of.OLD_NAMES.items():
        new = catalog.MACROS[f"{name.partition('.')[2]}_as_of"]
        assert catalog.MACROS[old].statement == new.statement.replace(new.name, old)
