"""A fast part of the room `clock`; `make faults` has the other moments, the jumps and the schedule."""

import subprocess

import pytest

from tests.system.faults import clock, faked_clock, harness
from tests.system.faults.places import Elsewhere


@pytest.fixture(autouse=True)
def _can_be_faked():
    try:
        faked_clock.library()
    except faked_clock.NoFakedClock as error:
        pytest.skip(str(error))


def test_a_build_across_midnight_in_another_time_zone_after_the_clock_was_set_back(pipeline):
    place = Elsewhere(pipeline.folder, pipeline.published)
    set_back = ("2026-11-01 23:59:56", "Pacific/Kiritimati", "midnight, 14 hours ahead, before the last publication")
    found = clock.moments(place, harness.contents(place.published), (set_back,), arguments=())
    assert found.is_kept, found.outcome


def test_seeds_of_a_day_that_the_clock_has_not_reached_are_refused(small_built):
    done = subprocess.run(
        [harness.COMMAND, "check", "--seeds", str(small_built.seeds)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=harness.environment(faked_clock.environment(clock.TOO_EARLY)),
    )
    assert done.returncode == clock.REFUSED, done.stderr
    assert "is after today, 2025-03-01" in done.stderr


def test_the_faked_clock_leaves_sleeping_and_waiting_alone():
    code = (
        "import threading, time; began = time.monotonic(); time.sleep(0.1); threading.Event().wait(0.1);"
        "assert 0.2 <= time.monotonic() - began < 30; print(time.strftime('%Y-%m-%d'))"
    )
    done = subprocess.run(
        [harness.COMMAND.with_name("python"), "-c", code],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=harness.environment(faked_clock.environment("2028-02-29 12:00:00")),
    )
    assert done.stdout.strip() == "2028-02-29", done.stderr
