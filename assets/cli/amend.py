"""`closedloop amend LEG`: a new version of a promise as a new row of the seeds."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from assets.analysis.edit.amend import FIXED, STATE, Version, VersionExists, amended, remarks, version_of
from assets.analysis.edit.draft_row import Cells, Folder, Unfit, cell, columns, pairs
from assets.cli import confirm_and_append, options, output, prompts
from assets.cli.add import source_given, source_of
from assets.cli.parameters import DAY, names_in_file
from assets.core.vocabulary import VOCABULARIES

CLOSED = ("certainty", "qualifier", "stage", "power_basis")
"""Columns with words that a shell can complete."""


def _legs(ctx: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    return names_in_file(
        ctx,
        "select leg_id from (select leg_id from facts.commitments union select leg_id from facts.capacity) "
        "where starts_with(leg_id, ?) order by leg_id",
        begun,
    )


def _terms(_ctx: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    column, sign, value = begun.partition("=")
    if not sign:
        names = ("amount_low_usd", "amount_usd", "amount_high_usd", "starts_on", "ends_on", "gw", *CLOSED)
        return [CompletionItem(f"{n}=") for n in names if n.startswith(begun)]
    words = VOCABULARIES[column] if column in CLOSED else {}
    return [CompletionItem(f"{column}={w}", help=about) for w, about in words.items() if w.startswith(value)]


@click.command(
    epilog=options.examples(
        "closedloop amend l_oracle_300b",
        "closedloop amend l_oracle_300b --set certainty=contracted --known-from 2026-10-09 --source cnbc_2026_10_08",
        "closedloop amend l_sb_bridge --cancel --yes",
    )
)
@click.argument("leg", shell_complete=_legs)
@click.option(
    "--set",
    "changes",
    multiple=True,
    metavar="COLUMN=VALUE",
    shell_complete=_terms,
    help="A term that changes. May be repeated.",
)
@click.option("--cancel", is_flag=True, help="The promise is withdrawn: it counts for nothing from that day on.")
@click.option("--known-from", metavar="DAY", default=None, help="Day on which it became public.  [default: today]")
@click.option(
    "--source", metavar="ID", default=None, help="An id of sources.csv, or a new source: 'publisher=... title=...'."
)
@click.option(
    "--evidence",
    type=click.Choice(list(VOCABULARIES["evidence"])),
    default=None,
    help="How well the source was checked.",
)
@click.option("--note", metavar="TEXT", default=None, help="Remark on the new row.")
@options.consent_options
@options.seeds_option
@options.debug_option
def amend(  # noqa: PLR0913 - one per option
    leg: str,
    changes: tuple[str, ...],
    known_from: str | None,
    source: str | None,
    evidence: str | None,
    note: str | None,
    seeds: Path,
    *,
    cancel: bool,
    is_agreed: bool,
    is_preview: bool,
) -> None:
    """Add a new version of LEG: the given columns change, everything else is carried over from the version in force.

    The old row stays, so that earlier days keep their figures. Without --set and --cancel the command prompts for every
    term, with its present value in brackets.
    """
    folder = Folder(seeds.absolute())
    today = dt.datetime.now(tz=dt.UTC).date().isoformat()
    try:
        day = known_from or today
        version = version_of(folder, leg, _day(day, folder))
        ask = not is_agreed
        if ask and not known_from:
            day = _asked_day(day)
            version = version_of(folder, leg, day)
        cells = _given(version.seed, changes, evidence, note, is_cancelled=cancel)
        output.echo(
            f"In force on {day}: seeds/{version.seed}.csv:{version.line}, known from {version.cells['known_from']}"
        )
        if source:
            cells["source_id"] = source_of(folder, source_given(source, folder), day, ask=ask)
        row = _row(folder, version, cells, day, ask=ask and not (changes or cancel), has_source=bool(source))
        row = amended(version, {k: v for k, v in row.items() if v != version.cells[k]}, day)
    except VersionExists as found:
        if found.says(_given(found.seed, changes, evidence, note, is_cancelled=cancel), folder):
            output.echo(f"Already in the seeds: {found.place}. Nothing was written.")
            return
        raise output.Unanswerable(str(found)) from None
    except Unfit as error:
        raise output.Unanswerable(str(error)) from None
    folder.add(version.seed, row)
    said = remarks(version, day)
    if not known_from and day == today:
        said.append(f"known_from is today, {day}: if it was public earlier, give --known-from")
    if not source and row["source_id"] == version.cells["source_id"]:
        said.append(f"the source is that of the version before, {row['source_id']}: give the new one with --source")
    confirm_and_append.append(folder, is_agreed=is_agreed, is_preview=is_preview, remarks=said)


def _given(seed: str, changes: tuple[str, ...], evidence: str | None, note: str | None, *, is_cancelled: bool) -> Cells:
    """The cells that the command line gives."""
    cells = pairs(seed, changes)
    if is_cancelled:
        cells[STATE[seed]] = "cancelled"
    return cells | {k: v for k, v in (("evidence", evidence), ("note", note)) if v is not None}


def _day(written: str, folder: Folder) -> str:
    (column,) = [c for c in columns("commitments") if c.name == "known_from"]
    return cell(column, written, folder)


def _asked_day(offered: str) -> str:
    return str(
        click.prompt("  known_from (first day on which the change was public)", default=offered, type=DAY, err=True)
    )


def _row(folder: Folder, version: Version, cells: Cells, day: str, *, ask: bool, has_source: bool) -> Cells:
    """The cells of the new row: given, prompted for or carried over."""
    fixed = {c: v for c, v in version.cells.items() if c in FIXED or c == "deal_id"}
    wrong = next((c for c in cells if c in FIXED), None)
    if wrong:
        amended(version, cells, day)
    given = fixed | cells | {"known_from": day}
    if ask and not has_source:
        click.echo(f"The source of the version before: {version.cells['source_id']}", err=True)
        given["source_id"] = source_of(folder, None, day, ask=True)
    return prompts.row(version.seed, folder, given, version.cells, ask=ask, whole=ask)
