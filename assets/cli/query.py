"""`closedloop query`: a user's SQL on the published file."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from assets.cli import options, output, table_format
from assets.export import as_lines
from assets.warehouse import questions


@click.command(
    epilog=options.examples(
        "closedloop query \"select * from headline_as_of('2025-10-09')\"",
        'closedloop query "from metrics.claims" --csv > claims.csv',
        'closedloop query "select publisher, count(*) as n from facts.sources group by all" --json',
    )
)
@click.argument("sql")
@options.warehouse_option
@click.option(
    "--csv", "as_csv", is_flag=True, help="Print CSV; a text that a spreadsheet would run gets an apostrophe."
)
@options.json_option
@click.option("--debug", is_flag=True, help="Show tracebacks.")
def query(sql: str, warehouse: Path | None, *, as_csv: bool, as_json: bool, debug: bool) -> None:
    """Run one SELECT on the published file, read-only."""
    if as_csv and as_json:
        raise click.UsageError("choose one of --csv and --json")
    show = as_lines.json_lines if as_json else as_lines.csv_lines if as_csv else table_format.lines
    try:
        with output.reader_may_leave(), questions.answer(options.published(warehouse), sql) as answer:
            for line in show(answer):
                output.echo_data(line)
    except questions.QueryError as error:
        if debug:
            raise
        output.complain(str(error))
        sys.exit(output.USAGE)
