"""Executors of the pieces of a table on this machine."""

import threading
from itertools import islice

import pytest

from assets.core.size import Local


def test_results_come_in_the_order_of_the_pieces() -> None:
    assert list(Local(3).map(lambda n: n * n, range(50))) == [n * n for n in range(50)]


def test_work_waits_while_results_are_not_taken() -> None:
    begun, lock = [], threading.Lock()

    def work(piece: int) -> int:
        with lock:
            begun.append(piece)
        return piece

    taken = list(islice(Local(2).map(work, range(100)), 5))
    assert taken == [0, 1, 2, 3, 4]
    assert len(begun) <= len(taken) + 2, "results that nobody took fill the memory"


def test_an_error_of_the_work_reaches_the_caller_and_stops_it() -> None:
    begun = []

    def work(piece: int) -> int:
        begun.append(piece)
        if piece == 3:
            raise ValueError("piece 3")
        return piece

    with pytest.raises(ValueError, match="piece 3"):
        list(Local(2).map(work, range(100)))
    assert len(begun) < 10
