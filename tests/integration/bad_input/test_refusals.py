"""Every kind of damage gets exactly its refusal, once: file, line, columns, rule, value, remedy."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from pathlib import Path

import pytest

from assets.cli.options import SEEDS
from assets.core.errors import EnvironmentFailure
from tests.integration.bad_input import remembered
from tests.ledgers.damage.harm import Damage, cells, columns, content, each_line, header, repeated
from tests.ledgers.damage.of_cells import CELLS
from tests.ledgers.damage.of_files import FILES
from tests.ledgers.damage.of_ledgers import LEDGERS
from tests.ledgers.damage.of_lines import LINES
from tests.ledgers.damage.of_names import NAMES

DAMAGES = (*FILES, *LINES, *CELLS, *NAMES, *LEDGERS)

KINDS_PROMISED = 60


@pytest.fixture
def seeds(tmp_path):
    """A copy of the real seeds."""
    return shutil.copytree(SEEDS, tmp_path / "seeds")


@pytest.fixture
def refused(monkeypatch):
    """The text of the refusals for these seeds."""
    return lambda seeds: remembered.refused(remembered.check(seeds, monkeypatch)[0])


@pytest.fixture
def warned(monkeypatch):
    """The text of the warnings for these seeds."""
    return lambda seeds: remembered.warned(remembered.check(seeds, monkeypatch)[0])


def pattern(damage: Damage, lines: list[int]) -> str:
    text = "\n\n".join(damage.blocks).replace("{file}", damage.file)
    for number, at in enumerate(lines):
        text = text.replace(f"{{{number}}}", str(at))
    return re.escape(text).replace("…", ".*")


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda d: d.name)
def test_damage_is_refused_with_place_rule_value_and_remedy(damage, seeds, refused):
    lines = list(damage.harm(seeds / f"{damage.file}.csv"))
    found = refused(seeds)
    assert re.fullmatch(pattern(damage, lines), found), found


def test_names_of_damages_are_unique_and_many():
    names = Counter(d.name for d in DAMAGES)
    assert max(names.values()) == 1
    assert len(names) >= KINDS_PROMISED


def test_the_real_seeds_are_refused_nothing(seeds, refused):
    assert refused(seeds) == ""


ACCEPTED = {
    "a byte order mark": ("entities", content(lambda b: b"\xef\xbb\xbf" + b)),
    "lines that end as on Windows": ("commitments", content(lambda b: b.replace(b"\n", b"\r\n"))),
    "lines that end as on old Macs": ("commitments", content(lambda b: b.replace(b"\n", b"\r"))),
    "no end of the last line": ("deals", content(lambda b: b.rstrip(b"\n"))),
    "blank lines": ("deals", content(lambda b: b.replace(b"\n", b"\n\n"))),
    "columns in another order": ("commitments", columns(lambda r: r[::-1])),
    "quotes around everything": ("prices", each_line(lambda t: ",".join(f'"{c}"' for c in t.split(",")))),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_harmless_forms_are_accepted_and_mean_the_same(name, seeds, monkeypatch):
    file, harm = ACCEPTED[name]
    _, before = remembered.check(SEEDS, monkeypatch)
    harm(seeds / f"{file}.csv")
    gates, after = remembered.check(seeds, monkeypatch)
    assert all(g.is_passed for g in gates)
    table = f"staging.{file}"
    assert after.frames[table].drop("source_line").equals(before.frames[table].drop("source_line"))


HEADER_ONLY = ("warrants", "warrant_tranches")


def test_a_ledger_without_warrants_is_accepted(seeds, refused):
    for file in HEADER_ONLY:
        content(lambda b: b.split(b"\n")[0] + b"\n")(seeds / f"{file}.csv")
    assert refused(seeds) == ""


EXEMPT = {
    "equity may start and end on one day": {"flow": "equity_investment", "starts_on": "2030-05-13"},
    "debt may start and end on one day": {"flow": "debt", "starts_on": "2030-05-13"},
    "a statement may have any period": {"is_statement": "true", "starts_on": "2031-01-01"},
    "a cancelled row may have any period": {"certainty": "cancelled", "starts_on": "2031-01-01"},
    "a cancelled row may repeat an undisclosed figure": {"certainty": "cancelled", "qualifier": "undisclosed"},
    "a figure of nothing is a figure": {"amount_usd": "0"},
    "a competing figure may stand beside the preferred one": {"known_from": "2025-09-23", "reading": "alternative"},
}


@pytest.mark.parametrize("name", EXEMPT)
def test_exemption(name, seeds, refused):
    cells("l_amd_humain", **EXEMPT[name])(seeds / "commitments.csv")
    assert refused(seeds) == ""


def test_parts_beyond_the_whole_are_a_warning(seeds, refused, warned):
    cells("l_abilene_build", amount_usd="450000000000")(seeds / "commitments.csv")
    assert refused(seeds) == ""
    assert re.search(
        r'seeds/commitments.csv:\d+  leg_id = "l_stargate_program", amount_usd = \d+  \(known_from .*\)\n'
        r"  rule    parts_within_whole \(warning\): .*own share counts as 0\n"
        r"  remedy  its parts come to \d+ \(l_abilene_build 450000000000, .*\): check whether the total was raised",
        warned(seeds),
    )


def test_cancelling_an_unknown_leg_is_a_warning(seeds, refused, warned):
    (line,) = cells("l_amd_humain", certainty="cancelled")(seeds / "commitments.csv")
    assert refused(seeds) == ""
    assert f'seeds/commitments.csv:{line}  leg_id = "l_amd_humain", certainty = "cancelled"' in warned(seeds)


def test_a_table_with_a_refused_input_is_not_judged_so_that_no_mistake_is_reported_twice(seeds, refused):
    (seeds / "entities.csv").unlink()
    found = refused(seeds)
    assert found.count("rule    ") == 1
    assert "commitments" not in found


def test_many_equal_mistakes_are_counted_not_listed(seeds, refused):
    harm = columns(lambda r: [c if c != "announced" else "anounced" for c in r])
    harm(seeds / "commitments.csv")
    found = refused(seeds)
    assert len(found.splitlines()) == 8
    assert re.search(r"\.\.\. and \d+ more rows\n  rule    vocabulary:certainty", found)


def test_each_mistake_has_its_own_remedy(seeds, refused):
    path = seeds / "commitments.csv"
    cells("l_amd_humain", certainty="anounced")(path)
    cells("l_abilene_build", certainty="contractd")(path)
    found = refused(seeds)
    assert "did you mean announced?" in found
    assert "did you mean contracted?" in found


def test_a_file_that_may_not_be_read_is_a_failure_of_the_machine(seeds, monkeypatch):
    def denied(self):
        if self.name == "deals.csv":
            raise PermissionError(13, "Permission denied")
        return original(self)

    original = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", denied)
    with pytest.raises(EnvironmentFailure, match=r"deals.csv: Permission denied: give yourself the right to read it"):
        remembered.check(seeds, monkeypatch)


def test_an_amendment_that_arrives_late_is_a_separate_version(seeds, refused):
    repeated("l_amd_humain", known_from="2025-09-01", amount_usd="11000000000")(seeds / "commitments.csv")
    assert refused(seeds) == ""


def test_a_wrong_header_is_reported_before_any_line_is_judged(seeds, refused):
    header(lambda t: t.replace(",note", ""))(seeds / "commitments.csv")
    assert refused(seeds).splitlines()[0] == 'seeds/commitments.csv:1  column "note" is missing'
    assert refused(seeds).count("rule    ") == 1
