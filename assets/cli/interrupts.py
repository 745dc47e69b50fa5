"""Ctrl-C and SIGTERM: both raise KeyboardInterrupt, so that files are closed and the lock is released.

Not here: a run of Dagster, which handles both signals itself.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import NoReturn

from assets.cli import output

CODE = 130

SAID = "Interrupted: run the same command again."

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def heard() -> Iterator[None]:
    """Make both signals raise KeyboardInterrupt, unless they are ignored.

    Rules: a library interrupted during its import may raise another error, which becomes a KeyboardInterrupt too.
    """
    has_come = False

    def hear(_number: int, _frame: FrameType | None) -> None:
        nonlocal has_come
        has_come = True
        raise KeyboardInterrupt

    before = {number: signal.getsignal(number) for number in SIGNALS}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, hear)
    try:
        yield
    except BaseException as error:
        is_done = isinstance(error, SystemExit) and not error.code
        if has_come and not is_done:
            raise KeyboardInterrupt from error
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def end() -> NoReturn:
    """Report the interrupt and exit; a second Ctrl-C ends the process at once, silently."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    with suppress(OSError):  # the terminal may be gone
        sys.stderr.write(f"\n{SAID}\n")
        sys.stderr.flush()
    output.finish_output()
    sys.exit(CODE)
