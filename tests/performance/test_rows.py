"""Tests of the report of `make bench`; nothing is measured here."""

import pytest

from tests.integration.docs.generate import renew
from tests.integration.docs.parts import BENCH, bench
from tests.performance.results import RESULTS, Section, keep, kept
from tests.performance.rows import Row, ratio, slope, turns
from tests.performance.scale import STEPS, on_the_same
from tests.performance.sections import SECTIONS


@pytest.fixture
def section():
    return Section("2 cores", "2026-11-24", (Row("a", "b", "0.92 ×", "≤ 1.1", "8 MB"), Row("slope", "–")))


def test_a_ratio_is_the_median_of_the_ratios_of_pairs():
    assert ratio([1, 20, 3], [1, 10, 6]) == 1
    with pytest.raises(ValueError, match="shorter"):
        ratio([1, 2], [1])


def test_all_take_turns_and_warm_rounds_do_not_count():
    found = iter(range(6))

    assert turns({"one": lambda: next(found), "other": lambda: next(found)}, 2, warm=1) == {
        "one": [2, 4],
        "other": [3, 5],
    }
    assert next(found, None) is None


def test_the_slope_is_computed_from_the_first_size_to_the_last():
    assert slope({100: 3.0, 1_000: 7.0, 10_000: 300.0}).what == (
        "slope: time grows with the 1.00th power of the legs, from 100 to 10,000"
    )


def test_the_start_and_the_steps_that_count_are_added_up():
    steps = {step: (10.0 + n, 10.5 + n) for n, step in enumerate(STEPS)}

    assert on_the_same(7.0, {**steps, "metrics__stress": (500.0, 900.0)}) == 3.0 + 0.5 * len(STEPS)
    with pytest.raises(KeyError, match="raw__assumptions"):
        on_the_same(7.0, {"published__warehouse": (10.0, 11.0)})


def test_a_section_replaces_its_own_rows_and_no_others(tmp_path, section):
    file = tmp_path / "results.json"
    other = Section("4 cores", "2026-11-25", (Row("c", "d"),))
    order = ["first", "second"]

    keep("second", section, order, file)
    keep("first", section, order, file)
    keep("second", other, order, file)

    assert list(kept(file).items()) == [("first", section), ("second", other)]


def test_every_section_that_is_kept_can_be_measured_again(tmp_path):
    sections = kept()
    name, last = list(sections.items())[-1]
    copy = tmp_path / "results.json"
    copy.write_bytes(RESULTS.read_bytes())
    keep(name, last, [*SECTIONS], copy)

    assert list(sections) == [name for name in SECTIONS if name in sections]
    assert copy.read_bytes() == RESULTS.read_bytes()


def test_renewing_one_part_leaves_the_rest_byte_for_byte(tmp_path):
    text = BENCH.read_bytes()
    head, mark, rest = text.partition(b"<!-- generated: bench -->\n")
    tail = rest[rest.index(b"<!-- end -->") :]
    copy = tmp_path / "BENCH.md"
    copy.write_bytes(text)

    renew(copy, "bench", "| other |")
    assert copy.read_bytes() == head + mark + b"| other |\n" + tail

    renew(copy, "bench", bench())
    assert copy.read_bytes() == text
