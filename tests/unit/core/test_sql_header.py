"""The header of a SELECT is a contract; a mistake in it is reported with file, line and remedy."""

import pytest

from assets.core import sql_header
from assets.core.table import Column

FILE = "sql/metrics/power.sql"

HEAD = """\
-- Power of a user, as known on a day,
--   in gigawatts.
-- One row per day and user.
-- Key: as_of_date, user_id
-- Hazard: a level, not a flow: never add days.
-- Hazard: two
-- May be empty: a ledger may name no user
-- Columns:
--   as_of_date: date, day, required; day of knowledge
--   user_id: text, required, in facts.entities.entity_id; who uses it; or did
--   view: text, word of view; the side
--     from which it is described
--   power_gw: number, GW, at least 0; own shares
--   loss: number, at most -0.5; a loss
--   share: number, fraction, 0 to 1; a part
--   is_mixed: flag; true: it is a mixture
-- Note: Running sums.
--   in whole watts.
"""

SELECT = "select 1\n-- Key: below the head nothing counts\n"


def whole(head=HEAD):
    return sql_header.contract("metrics", "power", head + SELECT)


def refusal(line, new):
    """The message for a header with one line replaced, and the line that it names."""
    lines = HEAD.splitlines()
    lines[line - 1 : line] = new.splitlines()
    with pytest.raises(ValueError, match=r"^sql/metrics/power\.sql:\d+: ") as caught:
        sql_header.contract("metrics", "power", "\n".join([*lines, SELECT]))
    return str(caught.value).removeprefix(f"{FILE}:")


def test_a_header_is_a_whole_contract():
    table = whole()

    assert table.full_name == "metrics.power"
    assert table.summary == "Power of a user, as known on a day, in gigawatts."
    assert table.grain == "one row per day and user"
    assert table.key == ("as_of_date", "user_id")
    assert table.hazards == ("a level, not a flow: never add days", "two")
    assert (table.min_rows, table.may_be_empty_because) == (0, "a ledger may name no user")
    assert table.columns == (
        Column("as_of_date", "date", "day", "day of knowledge", required=True),
        Column("user_id", "text", "", "who uses it; or did", required=True, refers_to="facts.entities.entity_id"),
        Column("view", "text", "", "the side from which it is described", vocabulary="view"),
        Column("power_gw", "number", "GW", "own shares", at_least=0),
        Column("loss", "number", "", "a loss", at_most=-0.5),
        Column("share", "number", "fraction", "a part", at_least=0, at_most=1),
        Column("is_mixed", "flag", "", "true: it is a mixture"),
    )


def test_a_table_has_rows_unless_its_header_gives_a_reason():
    table = whole(HEAD.replace("-- May be empty: a ledger may name no user\n", ""))

    assert (table.min_rows, table.may_be_empty_because) == (1, "")


@pytest.mark.parametrize(
    ("line", "new", "said"),
    [
        (3, "-- Each row is a day.", "1: the header must say what the table holds, 'One row per ...' and 'Key: ...'"),
        (4, "-- Hazard: none", "1: the header must say what the table holds, 'One row per ...' and 'Key: ...'"),
        (4, "-- Key: as_of_date, user", "4: 'user' of the key is no column: describe it below 'Columns:'"),
        (4, "-- Key: view\n-- Key: user_id", "5: 'Key:' appears twice: keep one"),
        (5, "-- Hazards: a level", "5: 'Hazards: a level' begins with no label: write one of 'Key:', 'Hazard:'"),
        (5, "-- Hazard:", "5: 'Hazard:' says nothing: complete the line, or remove it"),
        (5, "-- Rows: facts.capacity", "5: only a table of bi shows the rows of another: remove 'Rows:'"),
        (9, "--   as_of_date: day, required; day", "9: column as_of_date: 'day' is no kind: write one of text, number"),
        (9, "--   as_of_date: date, day", "9: 'as_of_date: date, day' does not describe a column: write 'name: kind"),
        (14, "--   power_gw: number; twice", "14: column power_gw is described twice: keep one description"),
        (10, "--     user_id: text; who", "10: 'user_id: text; who' is indented deeper than the line above: indent it"),
        (13, "--   power_gw: number, kW; own", "13: column power_gw: 'kW' is not understood: write a unit (GW, USD"),
        (13, "--   power_gw: number, ; own", "13: column power_gw: '' is not understood: write a unit (GW, USD"),
        (13, "--   power_gw: text, at least 0; own", "13: column power_gw: only numbers have bounds"),
        (13, "--   power_gw: number, at least 1.2.3; own", "13: column power_gw: 'at least 1.2.3' is not understood"),
        (11, "--   view: text, word of sight; the side\n--     from", "11: column view: 'sight' is no vocabulary"),
        (17, "-- Note: Running sums.\n--   Hazard: lost", "18: 'Hazard: lost' is indented deeper than the line above"),
    ],
)
def test_a_mistake_in_a_header_is_reported_with_its_line_and_remedy(line, new, said):
    assert refusal(line, new).startswith(said)


def test_columns_that_are_not_described_are_refused():
    without = "".join(line for line in HEAD.splitlines(keepends=True) if not line.startswith("--   "))
    with pytest.raises(ValueError, match=r"sql/metrics/power\.sql:7: the header must describe every column"):
        whole(without.replace("-- Power of a user, as known on a day,", "-- Power."))


def test_a_select_without_a_header_is_refused():
    with pytest.raises(ValueError, match=r"sql/metrics/power\.sql:1: the header must say"):
        sql_header.contract("metrics", "power", SELECT)
