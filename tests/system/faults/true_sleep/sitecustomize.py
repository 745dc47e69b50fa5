"""`time.sleep` by select, for programs under libfaketime; only `tests.system.faults.faked_clock` uses it.

Python sleeps until a time of the monotonic clock. libfaketime 0.9.10 returns "Invalid argument" for that if it does not
fake the monotonic clock; if it fakes that clock too, waiting for a lock never ends.
"""

import select
import time


def _sleep(seconds: float) -> None:
    select.select([], [], [], seconds)


time.sleep = _sleep
