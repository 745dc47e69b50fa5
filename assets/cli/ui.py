"""`closedloop ui`: Dagster's web UI on this machine."""

from __future__ import annotations

import os
import signal
import socket
import sys
from pathlib import Path

import click

from assets.cli import options
from assets.core.errors import EnvironmentFailure
from assets.core.paths import Paths
from assets.orchestration import server_processes
from assets.orchestration.instance import end_dead_runs, opened, prepare
from assets.warehouse import ours

PORT = 3000


@click.command(epilog=options.examples("closedloop ui", "closedloop ui --read-only --port 3001"))
@click.option("--port", type=click.IntRange(1, 65_535), default=PORT, show_default=True, help="Port on 127.0.0.1.")
@click.option(
    "--read-only", is_flag=True, help="For viewers: nothing can be started or changed; no schedule, no sensor."
)
@click.option(
    "--host-name",
    "host_names",
    multiple=True,
    metavar="NAME",
    help="Name under which a proxy in front serves the UI, with its port unless that is usual. May be repeated.",
)
@options.seeds_option
@options.warehouse_option
@options.debug_option
def ui(port: int, host_names: tuple[str, ...], seeds: Path, warehouse: Path | None, *, read_only: bool) -> None:
    """Open the Dagster web UI on 127.0.0.1, with schedule and sensor running, until Ctrl-C."""
    published = options.published(warehouse)
    if not read_only:
        ours.must_be_ours(Paths(published))
    home = prepare(options.home(published, is_own=warehouse is not None))
    _refuse_taken(port)
    with opened(home) as instance:
        if not read_only:
            end_dead_runs(instance)
    environment = {
        **os.environ,
        "DAGSTER_HOME": str(home),
        "CLOSEDLOOP_WAREHOUSE": str(published),
        "CLOSEDLOOP_SEEDS": str(seeds.absolute()),
        "CLOSEDLOOP_UI_HOSTS": ",".join(host_names) or os.environ.get("CLOSEDLOOP_UI_HOSTS", ""),
    }
    click.echo(f"Dagster on http://127.0.0.1:{port} (history in {home}){', read-only' if read_only else ''}.")
    if not read_only:
        click.echo(options.LOGIN)
    os.chdir(options.PROJECT)
    sys.stdout.flush()
    if read_only:
        command = server_processes.read_only(port, options.PROJECT / "workspace.yaml")
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # a script's `&` makes it ignore Ctrl-C
        os.execve(sys.executable, [sys.executable, "-m", *command], environment)  # noqa: S606 - our own arguments
    if ended := server_processes.serve(port, environment):
        raise EnvironmentFailure(f"{ended}: read what it wrote above, then start the UI again")


def _refuse_taken(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise EnvironmentFailure(f"port {port}: {error.strerror}: choose another with --port") from error
