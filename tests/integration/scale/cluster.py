"""A real Dask cluster of processes on the loopback address: a scheduler and workers, as an operator starts them."""

import importlib.util
import os
import re
import signal
import subprocess
import sys
import time

import pytest

from tests.places import PROJECT

LONG_S = 60


def require():
    """Skip the test, or fail it where a cluster is required, if Dask is not installed."""
    if importlib.util.find_spec("distributed") is None:
        if os.environ.get("CLOSEDLOOP_REQUIRE_CLUSTER"):
            pytest.fail("CLOSEDLOOP_REQUIRE_CLUSTER is set, but Dask is not installed: make cluster")
        pytest.skip("Dask is not installed (make cluster)")


class Cluster:
    """A scheduler and its workers, each a separate process."""

    def __init__(self, folder, protocol="tcp", **environment):
        require()
        self.folder = folder
        self.workers = []
        self.environment = environment
        options = ("--port", "0", "--no-dashboard", "--no-show", "--protocol", protocol)
        self.scheduler = self._start("scheduler", *options)
        self.address = self._said(self.scheduler, rf"Scheduler at:\s+({protocol}://127\.0\.0\.1:\d+)")

    def _start(self, what, *arguments, project=PROJECT):
        log = self.folder / f"{what}{len(self.workers)}.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [
                    sys.executable,
                    "-W",
                    "ignore",
                    "-m",
                    "distributed.cli.dask_" + what,
                    "--host",
                    "127.0.0.1",
                    *arguments,
                ],
                stdout=out,
                stderr=out,
                cwd=self.folder,
                env={**os.environ, "PYTHONPATH": str(project), "POLARS_MAX_THREADS": "1", **self.environment},
            )
        process.log = log
        return process

    def worker(self, *arguments, project=PROJECT, nanny=False):
        """Add a worker with one thread; with a nanny it is restarted when it dies."""
        more = ["--nanny" if nanny else "--no-nanny", "--nthreads", "1", "--no-dashboard", *arguments]
        started = self._start("worker", self.address, *more, project=project)
        self.workers.append(started)
        self._said(started, r"Registered to:\s+(\w+://)")
        return started

    def _said(self, process, pattern):
        until = time.monotonic() + LONG_S
        while time.monotonic() < until:
            if found := re.search(pattern, process.log.read_text()):
                return found[1]
            assert process.poll() is None, process.log.read_text()
            time.sleep(0.05)
        raise AssertionError(process.log.read_text())

    def close(self):
        for process in (*self.workers, self.scheduler):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in (*self.workers, self.scheduler):
            try:
                process.wait(3)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
