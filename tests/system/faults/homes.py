"""Many processes that open a new Dagster home at the same time, as the first commands of a new warehouse may."""

from __future__ import annotations

import multiprocessing
from pathlib import Path
from typing import Any

from tests.system.faults import launcher


def opened_at_once(home: Path, count: int) -> list[str]:
    """The outcome of each of the processes that open the home at once: "ok", or the message."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(launcher.IMPORTS)
    start, answer = context.Barrier(count), context.Queue()
    opening = [context.Process(target=_open, args=(home, start, answer)) for _ in range(count)]
    for process in opening:
        process.start()
    found = [answer.get(timeout=launcher.HANGS_S) for _ in opening]
    for process in opening:
        process.join()
    return found


def _open(home: Path, start: Any, answer: Any) -> None:
    from assets.orchestration import instance as dagster_home
    from assets.orchestration import runner as run

    del run  # imported before the start, so that all open at the same time
    start.wait()
    try:
        with dagster_home.opened(dagster_home.prepare(home)) as instance:
            instance.get_runs(limit=1)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer
        answer.put(f"{type(error).__name__}: {error}")
    else:
        answer.put("ok")
