"""`closedloop status`: the state of the warehouse in a few lines."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from assets.analysis import status as room
from assets.analysis.status import Status
from assets.cli import options, output
from assets.core import formatting


@click.command(epilog=options.examples("closedloop status", "closedloop status --json"))
@options.seeds_option
@options.warehouse_option
@options.json_option
@options.debug_option
def status(seeds: Path, warehouse: Path | None, *, as_json: bool) -> None:
    """Show what is published, how old it is, and whether seeds or code have changed since; writes nothing."""
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    found = room.status(options.published(warehouse), seeds.absolute(), now)
    if as_json:
        output.echo_json(found.as_dict())
        return
    for name, text, is_odd in _lines(found):
        output.echo(f"{name:<15}", output.styled(text, fg="yellow") if is_odd else text)


def _lines(found: Status) -> list[tuple[str, str, bool]]:
    """Name, text, and whether the user must act."""
    age = formatting.ago(found.age_hours)
    at = found.published_at.replace("T", " ").replace("Z", " UTC")
    stale = f", stale after {found.stale_after_hours:g} hours: run `closedloop build`" if found.is_stale else ", fresh"
    lines = [
        ("published", f"number {found.publication_number}, {at}, {age}{stale}", found.is_stale),
        ("known until", f"{found.last_known_on}", False),
        ("seeds", _seeds(found), found.is_seeds_changed),
        (
            "code",
            f"{found.code_version_published}"
            + (f", now {found.code_version}: run `closedloop build`" if found.is_code_changed else ", as published"),
            found.is_code_changed,
        ),
        (
            "gates",
            f"{formatting.number(found.tables_judged, 'table')}, {formatting.number(found.rules_passed, 'rule')} passed"
            + (f", {formatting.number(found.rules_failed, 'warning')}" if found.rules_failed else ""),
            False,
        ),
    ]
    lines += [("", f"{w['table_name']}: {w['rule']} ({w['rows_failed']} rows)", False) for w in found.warnings]
    for refusal in found.refusals_since:
        what = f"{refusal['table_name']}: {refusal['rule']}, {formatting.number(refusal['rows_failed'], 'row')}"
        lines.append(("refused since", f"{what}, {refusal['checked_at']}", True))
    if not found.refusals_since:
        lines.append(("refused since", "nothing", False))
    if found.building:
        building = found.building
        builder = f"process {building['pid']} ({building['purpose']}, since {building['since']})"
        lines.append(("building", builder, True))
    else:
        lines.append(("building", "nobody", False))
    return lines


def _seeds(found: Status) -> str:
    if not found.is_seeds_changed:
        return f"{found.seeds_sha256_published[:16]}, as published"
    files = [
        f"{f.file} missing" if f.is_missing else f"{f.file} +{f.rows_added} -{f.rows_removed}"
        for f in found.changed_files
    ]
    changed = (
        formatting.number(len(files), "file") + f": {', '.join(files)}" if files else "the same rows, written otherwise"
    )
    return f"{found.seeds_sha256_published[:16]}, changed since ({changed}): run `closedloop build`"
