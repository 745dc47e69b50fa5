"""Store the current shape of the published file as a version: `python -m assets.published.schema`."""

from __future__ import annotations

import datetime as dt

import click

from assets.published.schema import changelog, renames, shape, snapshots
from assets.published.schema.comparison import remedy


@click.command()
@click.option("--break", "is_meant", is_flag=True, help="Store a break too, as a new major version.")
@click.option(
    "--meaning", multiple=True, metavar="NAME", help="A table or column whose meaning changed: a new major version."
)
def main(meaning: tuple[str, ...], *, is_meant: bool) -> None:
    """Store the shape that the contracts promise now, and rewrite the changelog.

    An addition becomes the next minor version. A break is refused without --break.
    """
    folder = snapshots.FOLDER
    known, now, declared = snapshots.stored(folder), shape.present(), renames.read()
    found = snapshots.since_newest(known, now, declared)
    version = snapshots.version_of(known, now, declared, meaning)
    if found.is_break and not is_meant:
        raise click.ClickException(remedy(found, version))
    if wrong := renames.faults(declared, set(shape.addresses(now)), version):
        raise click.ClickException("\n".join(wrong))
    if known and version == known[-1].version:
        click.echo(f"the contracts promise version {version}: nothing to store")
    else:
        snapshot = snapshots.Snapshot(version, dt.datetime.now(dt.UTC).date(), meaning, now)
        try:
            click.echo(f"stored {snapshots.store(snapshot, folder)}")
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint="--meaning") from error
    for name in found.reworded:
        click.echo(f"described in other words: {name} (if it now means something else: --meaning {name})")
    changelog.FILE.write_text(changelog.changelog(snapshots.stored(folder), declared), encoding="utf-8")


if __name__ == "__main__":
    main()
