"""Ctrl-C and SIGTERM: the command ends at once while it imports libraries, and in order once it has something to close.

An exception raised in the middle of an import can leave a lock behind on which another thread, or the end of the
process, then waits for ever. Not here: a run of Dagster, which hears both signals itself.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import NoReturn

CODE = 130
SAID = "Interrupted: run the same command again."
SIGNALS = (signal.SIGINT, signal.SIGTERM)


def end() -> NoReturn:
    """Say so and end, without waiting for a thread that may still be importing."""
    with suppress(OSError, RuntimeError):  # the terminal may be gone, or the signal came in the middle of a line
        sys.stdout.flush()
    with suppress(OSError):
        os.write(2, f"\n{SAID}\n".encode())
    os._exit(CODE)


@contextmanager
def heard() -> Iterator[None]:
    """End at once on a signal, until `in_order` is called."""
    before = {number: signal.getsignal(number) for number in SIGNALS}
    _set(_end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def in_order() -> None:
    """From now on a signal raises KeyboardInterrupt, so that files are closed and the lock is given back."""
    _set(signal.default_int_handler)


def _end(_number: int, _frame: FrameType | None) -> None:
    end()


def _set(handler: signal._HANDLER) -> None:
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:  # whoever started this wants it to be deaf
            signal.signal(number, handler)
