"""`closedloop add deal`: a source, parties, a deal and its promises as new rows of the seeds."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from assets.analysis.edit.draft_row import Cells, Folder, Unfit, cell, columns, places, record, slug
from assets.cli import confirm_and_append, options, output, prompts
from assets.core import suggestions
from assets.core.vocabulary import PURCHASES

HIDDEN = ("is_statement", "reading")

RECORD = "'COLUMN=VALUE ...'"


@click.group()
def add() -> None:
    """Add rows to the seeds: preview the effect, validate, then confirm."""


def _record(name: str, about: str, *, many: bool = False) -> options.Decorator:
    return click.option(f"--{name}", multiple=many, default=() if many else None, metavar=RECORD, help=about)


@add.command(
    "deal",
    epilog=options.examples(
        "closedloop add deal",
        "closedloop add deal --yes --source cnbc_2026_10_08 \\",
        '  --deal \'name="Example Lab cloud contract" description="Example Lab rents capacity"\' \\',
        "  --leg 'payer_id=openai payee_id=oracle flow=compute_purchase amount_usd=$5bn certainty=contracted'",
    ),
)
@_record("source", "An id of sources.csv, or a new source: 'publisher=... title=... url=... kind=...'.")
@_record("party", "A new row of entities.csv: 'entity_id=... name=... kind=...'. May be repeated.", many=True)
@_record("deal", "The deal: 'name=... description=...'; deal_id=... alone adds to a deal that is there.")
@_record("leg", "A promise of money: 'payer_id=... payee_id=... flow=... amount_usd=...'. May be repeated.", many=True)
@_record("power", "A promise of power: 'provider_id=... user_id=... view=... gw=...'.")
@click.option("--known-from", metavar="DAY", default=None, help="Day on which it became public.  [default: today]")
@options.consent_options
@options.seeds_option
@options.debug_option
def add_deal(  # noqa: PLR0913 - one per option
    source: str | None,
    party: tuple[str, ...],
    deal: str | None,
    leg: tuple[str, ...],
    power: str | None,
    known_from: str | None,
    seeds: Path,
    *,
    is_agreed: bool,
    is_preview: bool,
) -> None:
    """Add a deal: source, new parties, the deal, its promises of money and of power.

    The command prompts for values that are not given, with the allowed words; Enter accepts the value in brackets, a
    single hyphen leaves a cell empty. The columns are those of seeds/README.md.
    """
    folder = Folder(seeds.absolute())
    ask = not is_agreed
    try:
        given = {
            "source": None if source is None else source_given(source, folder),
            "deal": None if deal is None else record("deals", deal),
            "power": None if power is None else record("capacity", power),
        }
        legs = [record("commitments", one) for one in leg]
        for one in party:
            _party(folder, record("entities", one), ask=ask)
    except Unfit as error:
        raise output.Unanswerable(str(error)) from None
    if is_agreed and not (given["source"] and given["deal"] and (legs or given["power"])):
        raise click.UsageError("with --yes nothing is asked: give --source, --deal and at least one --leg or --power")
    day = known_from or dt.datetime.now(tz=dt.UTC).date().isoformat()
    source_id = source_of(folder, given["source"], day, ask=ask)
    deal_id = _deal(folder, given["deal"], day, source_id, ask=ask)
    defaults = {"deal_id": deal_id, "source_id": source_id, "known_from": day}
    remarks = (
        []
        if known_from or not (legs or given["power"])
        else [f"known_from is today, {day}: if it was public earlier, give --known-from"]
    )
    capacity = _power(folder, given["power"], defaults, ask=ask, may_offer=not legs)
    _legs(folder, legs, defaults, capacity, ask=ask)
    if not (folder.new.get("commitments") or folder.new.get("capacity")):
        if folder.there:
            output.echo(f"Already in the seeds: {', '.join(places(folder))}. Nothing was written.")
            return
        raise output.Unanswerable("a deal needs at least one promise of money or of power: nothing was written")
    confirm_and_append.append(folder, is_agreed=is_agreed, is_preview=is_preview, remarks=remarks)


def source_given(written: str, folder: Folder) -> Cells:
    """Read --source; a single id names an existing source.

    Errors: Unfit for an unknown id.
    """
    if ("=" in written and not written.startswith("source_id=")) or " " in written.strip():
        return record("sources", written)
    (column,) = [c for c in columns("deals") if c.name == "source_id"]
    try:
        return {"source_id": cell(column, written.removeprefix("source_id="), folder)}
    except Unfit as error:
        raise Unfit(f"{error} For a new one write --source 'publisher=... title=... kind=...'") from None


def source_of(folder: Folder, given: Cells | None, day: str, *, ask: bool) -> str:
    """The source of the new rows: an existing one, or a new row of sources.csv."""
    if given and given.keys() == {"source_id"}:
        return given["source_id"]
    source_id = "new"
    if given is None:
        click.echo("The source: a document or page, not a publisher", err=True)
        answer = click.prompt("  source_id, or Enter for a new one", default="", show_default=False, err=True)
        if answer in folder.ids("sources"):
            return str(answer)
        source_id = str(answer) or "new"
    row = prompts.row(
        "sources",
        folder,
        {"source_id": source_id} | (given or {}),
        {"published_on": "" if given else day},
        ask=ask,
        whole=given is None,
    )
    is_new = row["source_id"] == "new"
    if is_new:
        wish = f"{slug(row['publisher'], 2)}_{(row['published_on'] or day).replace('-', '_')}"
        row["source_id"] = folder.free_id("sources", wish)
    return folder.add("sources", row, is_id_made=is_new)


def _party(folder: Folder, given: Cells, *, ask: bool, whole: bool = False) -> None:
    folder.add("entities", prompts.row("entities", folder, given, {}, ask=ask, whole=whole))


def _deal(folder: Folder, given: Cells | None, day: str, source_id: str, *, ask: bool) -> str:
    if given and given.keys() == {"deal_id"} and given["deal_id"] in folder.ids("deals"):
        return given["deal_id"]
    if given is None:
        click.echo("The deal: what was agreed together", err=True)
    row = prompts.row(
        "deals",
        folder,
        {"deal_id": "new"} | (given or {}),
        {"announced_on": day, "source_id": source_id},
        ("source_id",),
        ask=ask,
        whole=given is None,
    )
    is_new = row["deal_id"] == "new"
    if is_new:
        row["deal_id"] = folder.free_id("deals", f"d_{slug(row['name'], 3)}")
    return folder.add("deals", row, is_id_made=is_new)


def _power(folder: Folder, given: Cells | None, defaults: Cells, *, ask: bool, may_offer: bool) -> str:
    if given is None and not (ask and may_offer and prompts.yes("Are gigawatts promised?")):
        return ""
    _parties(folder, given, ("provider_id", "user_id"), ask=ask)
    row = prompts.row(
        "capacity",
        folder,
        given or {},
        {
            **defaults,
            "leg_id": folder.free_id("capacity", defaults["deal_id"].replace("d_", "k_", 1)),
            "reading": "preferred",
            "evidence": "seen",
            "stage": "announced",
            "power_basis": "unknown",
            "qualifier": lambda found: "exact" if found["gw"] else "undisclosed",
        },
        (*HIDDEN, "deal_id", "source_id"),
        ask=ask,
        whole=given is None,
    )
    return folder.add("capacity", row, is_id_made="leg_id" not in (given or {}))


def _legs(folder: Folder, legs: list[Cells], defaults: Cells, capacity: str, *, ask: bool) -> None:
    for given in legs:
        _leg(folder, given, defaults, capacity, ask=ask)
    while ask and not legs:
        question = "Another promise of money?" if folder.new.get("commitments") else "Is money promised?"
        if not prompts.yes(question, default=not folder.new.get("commitments")):
            return
        _leg(folder, None, defaults, capacity, ask=True)


def _leg(folder: Folder, given: Cells | None, defaults: Cells, capacity: str, *, ask: bool) -> None:
    _parties(folder, given, ("payer_id", "payee_id"), ask=ask)
    stated = ("amount_usd", "amount_low_usd")
    row = prompts.row(
        "commitments",
        folder,
        given or {},
        {
            **defaults,
            "leg_id": folder.free_id("commitments", defaults["deal_id"].replace("d_", "l_", 1)),
            "is_statement": "false",
            "reading": "preferred",
            "evidence": "seen",
            "certainty": "announced",
            "qualifier": lambda found: "exact" if any(found[s] for s in stated) else "undisclosed",
            "capacity_leg_id": lambda found: capacity if found["flow"] in PURCHASES else "",
        },
        (*HIDDEN, "deal_id", "source_id"),
        ask=ask,
        whole=given is None,
    )
    folder.add("commitments", row, is_id_made="leg_id" not in (given or {}))


def _parties(folder: Folder, given: Cells | None, names: tuple[str, ...], *, ask: bool) -> None:
    """Offer to add new parties given as options; the prompts look up the others."""
    known = folder.ids("entities")
    for written in (given[n] for n in names if given and given.get(n)) if ask and given else ():
        near = suggestions.nearest(written, known)
        hint = f" (near: {near})" if near else ""
        if written not in known and prompts.yes(f"{written} is not in seeds/entities.csv{hint}. Add it?"):
            _party(folder, {"entity_id": written}, ask=True, whole=True)
