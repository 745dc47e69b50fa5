"""One writer at a time: a lock that the operating system drops when its holder dies."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from filelock import FileLock, Timeout

from assets.core.errors import EnvironmentFailure
from assets.core.paths import Paths
from assets.warehouse import ours
from assets.warehouse.disk import disk_errors, make_folder, replace_file
from assets.warehouse.scratch import remove_temporaries


def _silent(_text: str) -> None:
    pass


@contextmanager
def one_writer(paths: Paths, wait_seconds: float, purpose: str, say: Callable[[str], None] = _silent) -> Iterator[None]:
    """Hold the lock of a warehouse; `say` receives the message that names the process it waits for.

    Errors: EnvironmentFailure that names the holder when the wait is over, or if the holder file is not ours.
    """
    make_folder(paths.published.parent)
    lock = FileLock(paths.lock)
    with disk_errors(paths.lock):
        _acquire(lock, paths, wait_seconds, say)
    try:
        ours.must_be_note(paths.holder)
        for path in (paths.holder, paths.gate_log, paths.target, paths.report):
            remove_temporaries(path)
        since = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        note = json.dumps({"pid": os.getpid(), "since": since, "purpose": purpose})
        replace_file(paths.holder, note.encode(), like=paths.target)
        try:
            yield
        finally:
            with suppress(OSError):
                paths.holder.unlink()
    finally:
        lock.release()


def _acquire(lock: FileLock, paths: Paths, wait_seconds: float, say: Callable[[str], None]) -> None:
    with suppress(Timeout):
        lock.acquire(timeout=0)
        return
    if wait_seconds > 0:
        say(f"waiting up to {wait_seconds:g} s for {_holder(paths)} to finish with {paths.published}")
    try:
        lock.acquire(timeout=max(0.0, wait_seconds))
    except Timeout:
        raise EnvironmentFailure(
            f"{paths.published} is being built by {_holder(paths)}: wait for it, or end that process"
        ) from None


def _holder(paths: Paths) -> str:
    try:
        holder = json.loads(paths.holder.read_text(encoding="utf-8"))
        return f"process {holder['pid']} ({holder['purpose']}, since {holder['since']})"
    except (OSError, ValueError, TypeError, KeyError):
        return "another process"
