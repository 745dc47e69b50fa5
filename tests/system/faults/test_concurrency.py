"""The room `concurrency` in small: two builds at once, readers during publishes.

`make faults` does it with more builds, more publishes, and under Dagster.
"""

from tests.system.faults import concurrency, homes


def test_processes_that_open_a_new_history_at_once_do_not_spoil_it(tmp_path):
    for number in range(3):
        assert homes.opened_at_once(tmp_path / f"home_{number}", 4) == ["ok"] * 4


def test_a_second_build_that_does_not_wait_is_told_who_holds_the_warehouse(tmp_path):
    concurrency.impatient(tmp_path / "place")


def test_a_read_sees_one_publication_whole_however_often_the_file_is_replaced(pipeline):
    reads, _ = concurrency.reads_during(pipeline, publishes=3, readers=3)

    assert reads > 10
