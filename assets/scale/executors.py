"""Runs independent pieces of work in this process or on a Dask cluster, with equal results.

A piece of work is a pure function of one argument that can be pickled; results come back in the order of the pieces.
Not here: splitting work and merging results (which must not depend on the worker of a piece).
"""

from __future__ import annotations

import asyncio
import os
import platform
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import metadata
from typing import Any

from assets.core.code_version import code_version
from assets.core.errors import EnvironmentFailure
from assets.core.size import Executor, Local, Piece, Result

SCHEDULER_VARIABLE, TRUST_VARIABLE = "CLOSEDLOOP_SCHEDULER", "CLOSEDLOOP_TRUST_SCHEDULER"

ENCRYPTED = "tls://"

ALIKE = ("numpy", "scipy", "polars", "distributed")
"""Packages whose versions must be the same on all machines, since other versions could give different results or fail.
"""

CONNECT_SECONDS = 15

TOLD_EVERY_SECONDS = 5


@dataclass(frozen=True)
class ReportingExecutor:
    """Wraps an executor and reports progress; equal to another that wraps the same executor."""

    executor: Executor
    report: Callable[[str], None] = field(compare=False)

    def map(
        self, work: Callable[[Piece], Result], pieces: Sequence[Piece], *, is_threaded: bool = False
    ) -> Iterator[Result]:
        """The results in the order of the pieces; long work reports progress from time to time.

        Errors: those of the executor.
        """
        last = time.monotonic()
        for number, result in enumerate(self.executor.map(work, pieces, is_threaded=is_threaded), start=1):
            if time.monotonic() - last >= TOLD_EVERY_SECONDS:
                last = time.monotonic()
                self.report(f"piece {number:,} of {len(pieces):,}")
            yield result


@dataclass(frozen=True)
class Dask:
    """The workers of a Dask scheduler."""

    scheduler: str
    """Its address, such as tcp://10.0.0.5:8786."""

    def map(
        self, work: Callable[[Piece], Result], pieces: Sequence[Piece], *, is_threaded: bool = False
    ) -> Iterator[Result]:
        """The results in the order of the pieces; a piece whose worker died is repeated by another.

        The scheduler's setting `allowed-failures` (default 3) limits the repetitions; an error of the work itself is
        not retried.

        Errors: EnvironmentFailure if no scheduler answers, no worker is available, a worker has other versions, or
        workers die repeatedly on the same piece.
        """
        del is_threaded  # the start of a worker sets how many pieces it runs at once
        with self.client() as client:
            futures = client.map(work, pieces, pure=False)
            for future in futures:
                yield self._result(future)
                future.release()

    @contextmanager
    def client(self) -> Iterator[Any]:
        """A Dask client of the scheduler, after checking that it has the workers that `map` needs.

        Rules: what a scheduler sends is run here, so a program at its address, or between it and us, could run anything
        as us. It is asked only if TLS shows who it is (certificates as in Dask's configuration), or if the environment
        says that it is trusted.
        Errors: those of `map`; EnvironmentFailure for a scheduler that nobody trusts.
        """
        if not self.scheduler.startswith(ENCRYPTED) and os.environ.get(TRUST_VARIABLE) != "1":
            raise EnvironmentFailure(
                f"{self.scheduler}: what answers there can run programs as you: use {ENCRYPTED} with certificates, or "
                f"set {TRUST_VARIABLE}=1 if everybody who reaches the network of the cluster may do that"
            )
        try:
            from distributed import Client
        except ImportError:
            raise EnvironmentFailure(
                f"{SCHEDULER_VARIABLE} names a cluster, but Dask is not installed: run `make cluster`"
            ) from None
        try:
            asyncio.run(_answers(self.scheduler))
            client = Client(self.scheduler, timeout=CONNECT_SECONDS, set_as_default=False)  # type: ignore[no-untyped-call]
        except (OSError, ValueError) as error:
            raise EnvironmentFailure(
                f"{self.scheduler}: no scheduler answers ({_first_line(error)}): start it with `dask scheduler`, "
                f"or unset {SCHEDULER_VARIABLE} to work in this process"
            ) from error
        with client:
            if not client.scheduler_info(n_workers=-1)["workers"]:
                raise EnvironmentFailure(
                    f"{self.scheduler}: the scheduler has no workers: start some with `dask worker {self.scheduler}`"
                )
            try:
                found = client.run(_versions)
            except ModuleNotFoundError as error:
                raise _cannot_import(self.scheduler, error) from error
            _must_be_alike(self.scheduler, found)
            yield client

    def _result(self, future: Any) -> Any:
        from distributed import CancelledError, KilledWorker
        from distributed.comm import CommClosedError

        try:
            return future.result()
        except KilledWorker as error:
            raise EnvironmentFailure(
                f"{self.scheduler}: {error.allowed_failures + 1} workers died in turn under one piece of work, last "
                f"{error.last_worker.address}: give workers more memory (`dask worker --memory-limit`), read their logs"
            ) from error
        except (CancelledError, CommClosedError, TimeoutError) as error:
            raise EnvironmentFailure(
                f"{self.scheduler}: the scheduler went away ({_first_line(error)}): start it and run the command again"
            ) from error
        except ModuleNotFoundError as error:
            raise _cannot_import(self.scheduler, error) from error


async def _answers(scheduler: str) -> None:
    """Check that a scheduler answers.

    A Dask client without a scheduler is left half made, with a running thread that can block the next client.
    """
    from distributed import Security, rpc

    secrets = Security().get_connection_args("client")  # type: ignore[no-untyped-call]
    async with rpc(scheduler, timeout=CONNECT_SECONDS, connection_args=secrets) as asked:  # type: ignore[no-untyped-call]
        await asyncio.wait_for(asked.identity(n_workers=0), CONNECT_SECONDS)


def _cannot_import(scheduler: str, error: ModuleNotFoundError) -> EnvironmentFailure:
    return EnvironmentFailure(f"{scheduler}: a worker lacks {error.name}: install this project and its lock there")


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def _versions() -> dict[str, str]:
    """The versions that must be equal on every machine."""
    return {
        "Python": ".".join(platform.python_version_tuple()[:2]),
        "closedloop": code_version(),
        **{name: metadata.version(name) for name in ALIKE},
    }


def _must_be_alike(scheduler: str, found: Mapping[str, Mapping[str, str]]) -> None:
    here = _versions()
    for worker, there in found.items():
        if other := [f"{n} {there.get(n)} (here {v})" for n, v in here.items() if there.get(n) != v]:
            raise EnvironmentFailure(
                f"{scheduler}: the worker {worker} has {', '.join(other)}: install the same lock and code there"
            )


def named(scheduler: str) -> Executor:
    """The workers at an address; without an address, this process."""
    return Dask(scheduler) if scheduler.strip() else Local()


def must_answer(scheduler: str) -> None:
    """Check before long work that the workers at an address are available; does nothing without an address.

    Errors: EnvironmentFailure, as for `map`.
    """
    if scheduler.strip():
        with Dask(scheduler).client():
            pass


def wanted(environment: Mapping[str, str] = os.environ) -> str:
    """The address in the environment variable; empty for this process."""
    return environment.get(SCHEDULER_VARIABLE, "").strip()
