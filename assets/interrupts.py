"""Ctrl-C and SIGTERM: both raise KeyboardInterrupt, so that files are closed and the lock is released.

Not here: a run of Dagster, which handles both signals itself.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NoReturn

from assets.commands import ends

CODE = 130
SAID = "Interrupted: run the same command again."


@contextmanager
def heard() -> Iterator[None]:
    """Let SIGTERM raise what Ctrl-C raises, unless the caller ignores it."""
    before = signal.getsignal(signal.SIGTERM)
    if before is not signal.SIG_IGN:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def end() -> NoReturn:
    """Say so and end; a second Ctrl-C ends the process at once, without a word."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    with suppress(OSError):  # the terminal may be gone
        sys.stderr.write(f"\n{SAID}\n")
        sys.stderr.flush()
    ends.finish_output()
    sys.exit(CODE)
