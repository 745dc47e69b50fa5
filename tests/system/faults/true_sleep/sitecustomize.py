"""`time.sleep` by way of select, for programs under libfaketime: `tests.system.faults.faked_clock` alone uses it.

Python sleeps until a time of the monotonic clock. libfaketime 0.9.10 answers that with "Invalid argument" where it
leaves the monotonic clock alone; where it fakes that clock too, waiting for a lock never ends.
"""

import select
import time


def _sleep(seconds: float) -> None:
    select.select([], [], [], seconds)


time.sleep = _sleep
