"""The room `concurrency` in small: two builds at once, readers during publishes.

`make faults` does it with more builds, more publishes, and under Dagster.
"""

from tests.faults import concurrency


def test_a_second_build_that_does_not_wait_is_told_who_holds_the_warehouse(tmp_path):
    concurrency.impatient(tmp_path / "place")


def test_a_read_sees_one_publication_whole_however_often_the_file_is_replaced(pipeline):
    reads, _ = concurrency.reads_during(pipeline, publishes=3, readers=3)

    assert reads > 10
