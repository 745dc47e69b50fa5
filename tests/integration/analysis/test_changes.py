"""Facts that became known between two days: legs with terms and lines, and figures that agree with the file."""

import datetime as dt
import json
import math
import sys

import pytest

from assets.analysis import changes
from assets.analysis.names_and_days import Unclear
from assets.warehouse import published_file


@pytest.fixture(scope="module")
def small(small_built):
    with published_file.opened(small_built.published) as opened:
        yield opened


def days(small):
    found = small.rows("select distinct as_of_date as d from metrics.changes order by d")
    return [r["d"] for r in found]


def test_without_days_it_is_the_last_change(small):
    found = changes.difference(small, None, None)

    assert found.day_b == small.last_day()
    assert found.day_a == days(small)[-1] - dt.timedelta(days=1)
    assert found.changes or found.deals


def test_every_seed_row_is_reported_once_on_its_day(small):
    ids = set()
    answer = 0
    for day in days(small):
        for change in changes.difference(small, day - dt.timedelta(days=1), day).changes:
            assert change.known_from == day
            assert change.source_line >= 2
            assert (change.kind == "new") == ((change.unit, change.leg_id) not in ids)
            ids.add((change.unit, change.leg_id))
            answer += 1
    seeds = small.rows(
        "select (select count(*) from staging.commitments where reading = 'preferred') "
        "+ (select count(*) from staging.capacity where reading = 'preferred') as n"
    )
    assert answer == seeds[0]["n"]


def test_a_changed_leg_has_its_terms_before_and_after(small):
    versions = small.rows(
        "select leg_id, min(known_from) as a, max(known_from) as b from staging.commitments "
        "where reading = 'preferred' group by all having count(*) > 1 order by leg_id"
    )
    assert versions, "the small ledger has a leg in two versions"
    for leg in versions:
        found = changes.difference(small, leg["a"], leg["b"])
        change = next(c for c in found.changes if c.leg_id == leg["leg_id"])
        old, new = (
            small.rows("from commitments_as_of($day) where leg_id = $leg", day=d, leg=leg["leg_id"])[0]
            for d in (leg["a"], leg["b"])
        )
        assert (change.before, change.after) == (old["amount_usd"], new["amount_usd"])
        assert change.kind == ("cancelled" if new["certainty"] == "cancelled" else "changed")
        for term, (was, now) in change.terms.items():
            assert (was, now) == (old[term], new[term])


def test_moves_are_those_of_the_headline_and_deals_sum_to_the_total(small):
    first, last = small.first_day(), small.last_day()
    middle = days(small)[len(days(small)) // 2]
    for since, until in ((first, middle), (middle, last), (first, last)):
        found = changes.difference(small, since, until)
        for move in found.moves:
            if not move.entity_id:
                continue
            for day, value in ((since, move.before), (until, move.after)):
                rows = small.rows("from headline_as_of($day) where entity_id = $e", day=day, e=move.entity_id)
                assert value == (rows[0][move.figure] if rows else None)
        total = "select coalesce(sum(round(net_amount_usd * 100)), 0) / 100 as t from commitments_as_of($day) "
        total += "where not is_statement and not is_imputed_amount"
        by = small.rows(total, day=until)[0]["t"] - small.rows(total, day=since)[0]["t"]
        assert math.fsum(d.net_usd for d in found.deals) == pytest.approx(by, abs=1)


def test_nothing_new_moves_nothing(small):
    quiet = next(a for a, b in zip(days(small), days(small)[1:], strict=False) if b - a > dt.timedelta(days=2))

    found = changes.difference(small, quiet, quiet + dt.timedelta(days=1))

    assert (found.changes, found.deals, found.moves) == ([], [], [])


@pytest.mark.parametrize(
    ("a", "b", "said"),
    [
        (dt.date(2026, 1, 1), dt.date(2026, 1, 1), "give the earlier day first"),
        (dt.date(2026, 1, 2), dt.date(2026, 1, 1), "give the earlier day first"),
        (None, dt.date(1990, 1, 1), "nothing was known yet"),
    ],
)
def test_days_that_make_no_sense_get_help(small, a, b, said):
    with pytest.raises(Unclear, match=said):
        changes.difference(small, a, b)


def test_days_outside_the_ledger_are_reported(small):
    found = changes.difference(small, dt.date(1990, 1, 1), dt.date(2100, 1, 1))

    assert any("nothing became known after" in r for r in found.remarks)
    assert any("the ledger begins on" in r for r in found.remarks)
    assert {c.kind for c in found.changes} <= {"new", "cancelled"}


def run(monkeypatch, capsys, *arguments):
    from assets.cli import main as cli

    monkeypatch.setattr(sys, "argv", ["closedloop", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return ended.value.code or 0, capsys.readouterr()


def test_json_and_text_report_the_same_legs(small_built, monkeypatch, capsys):
    place = ("--warehouse", small_built.published)
    code, output = run(monkeypatch, capsys, "diff", "2025-10-01", "2025-10-09", "--json", *place)
    found = json.loads(output.out)
    _, text = run(monkeypatch, capsys, "diff", "2025-10-01", "2025-10-09", *place)

    assert code == 0
    assert found["changes"]
    for change in found["changes"]:
        assert change["leg_id"] in text.out
        assert f"{change['source_file']}:{change['source_line']}" in text.out.replace("\n              ", " ")


@pytest.mark.parametrize("day", ["2026-10-9", "9 October 2026", "2026-02-30", "x"])
def test_a_day_written_otherwise_is_wrong_usage(small_built, monkeypatch, capsys, day):
    code, output = run(monkeypatch, capsys, "diff", day, "--warehouse", small_built.published)

    assert code == 2
    assert "write a day that exists as YYYY-MM-DD" in output.err
    assert "Traceback" not in output.err
