"""`closedloop export`: the published tables as files for programs that do not open DuckDB."""

from __future__ import annotations

from pathlib import Path

import click

from assets.cli import options, output
from assets.export import FORMATS, SCHEMAS, USUAL_SCHEMAS, writing
from assets.export.contents import TooLarge
from assets.export.folder import Occupied


@click.command(
    epilog=options.examples(
        "closedloop export exported",
        "closedloop export --format xlsx --schema bi workbooks",
        "closedloop export --format csv --schema facts --schema metrics exported",
    )
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path), callback=options.spelled)
@click.option(
    "--format",
    "kind",
    type=click.Choice(FORMATS),
    default=FORMATS[0],
    show_default=True,
    help="xlsx: one workbook a schema; else one file a table.",
)
@click.option(
    "--schema",
    "schemas",
    multiple=True,
    type=click.Choice(SCHEMAS),
    help="What to export; may be repeated.  [default: bi, facts, metrics and quality]",
)
@options.warehouse_option
@options.debug_option
def export(folder: Path, kind: str, schemas: tuple[str, ...], warehouse: Path | None) -> None:
    """Write the published tables into DIR: a new or empty folder, or that of an earlier export, which is replaced.

    quality.dictionary describes every column, export.json lists every file. All files are of one publication. In csv
    and xlsx no text is run as a formula.
    """
    chosen = sorted(set(schemas) | {"quality"}) if schemas else USUAL_SCHEMAS
    try:
        done = writing.export(options.published(warehouse), folder, kind, chosen)
    except (Occupied, TooLarge) as error:
        raise output.Unanswerable(str(error)) from error
    for file, rows in done.rows.items():
        output.echo(f"{rows:>10,}  {file}")
    output.echo(f"{sum(done.rows.values()):>10,}  rows of publication {done.publication['publication_id']} in {folder}")
