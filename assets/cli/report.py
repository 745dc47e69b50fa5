"""`closedloop report`: the page next to the published file."""

from __future__ import annotations

from pathlib import Path

import click

from assets.cli import limits, options, output
from assets.report import page


@click.command(epilog=options.examples("closedloop report", "closedloop report --warehouse elsewhere.duckdb"))
@options.warehouse_option
@options.debug_option
def report(warehouse: Path | None) -> None:
    """Write closedloop.report.html next to closedloop.duckdb: one page, no network; every build does it too."""
    limits.must_allow_address_space()
    with output.reader_may_leave():
        click.echo(page.write(options.published(warehouse)).path)
