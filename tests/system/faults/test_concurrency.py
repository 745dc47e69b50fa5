"""A fast part of the room `concurrency`: two builds at once, readers during publishes.

`make faults` has more builds and publishes, to completion, and runs under Dagster.
"""

import signal

from tests.system.faults import concurrency, harness, homes


def test_processes_that_open_a_new_history_at_once_do_not_spoil_it(tmp_path):
    assert homes.opened_at_once(tmp_path / "home", 4) == ["ok"] * 4


def test_a_second_build_that_does_not_wait_names_the_holder_of_the_warehouse(tmp_path):
    first = concurrency.second_refused(harness.place(tmp_path))

    assert first.signal(signal.SIGKILL), "the first build has ended"
    first.wait()


def test_a_read_sees_one_publication_whole_however_often_the_file_is_replaced(pipeline):
    reads, _ = concurrency.reads_during(pipeline, publishes=2, readers=3)

    assert reads > 10
