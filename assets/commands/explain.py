"""`closedloop explain`: from a published number back to the rows, lines and sources it came from."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from assets.analyst import explain as room
from assets.analyst import words
from assets.analyst.asked import Unclear
from assets.analyst.explanation import Contribution, Explanation, Term
from assets.commands import ends, options
from assets.commands.parameters import DAY, Pair, names_in_file
from assets.warehouse import book


def _columns(ctx: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    return names_in_file(
        ctx,
        "select schema_name || '.' || table_name || '.' || column_name as name from quality.dictionary "
        "where starts_with(name, ?) order by schema_name, table_name, position",
        begun,
    )


def _keys(ctx: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    table = str(ctx.params.get("column") or "").rpartition(".")[0]
    name, sign, value = begun.partition("=")
    if sign and name.endswith("_id"):
        return names_in_file(
            ctx,
            "select ? || '=' || entity_id as name from facts.entities where starts_with(entity_id, ?) order by name",
            name,
            value,
        )
    return names_in_file(
        ctx,
        "select distinct column_name || '=' as name from quality.dictionary where is_key "
        "and ? in ('', schema_name || '.' || table_name) and starts_with(column_name, ?) order by name",
        table,
        begun,
    )


@click.command(
    epilog=options.examples(
        "closedloop explain metrics.headline.net_commitment_usd --key entity_id=openai",
        "closedloop explain metrics.headline.years_of_revenue --key entity_id=openai --day 2025-10-09",
        "closedloop explain metrics.claims.measured_value --key claim_id=announced_total --json",
    )
)
@click.argument("column", metavar="TABLE.COLUMN", shell_complete=_columns)
@click.option(
    "--key",
    "keys",
    type=Pair(),
    multiple=True,
    metavar="NAME=VALUE",
    shell_complete=_keys,
    help="Which row: a column and its value. May be repeated.",
)
@click.option("--day", type=DAY, default=None, metavar="DAY", help="As known on this day.  [default: the last day]")
@click.option(
    "--rows",
    type=click.IntRange(1),
    default=20,
    show_default=True,
    metavar="N",
    help="Largest contributions that are shown; --json gives all.",
)
@options.warehouse_option
@options.json_option
@options.debug_option
def explain(
    column: str,
    keys: tuple[tuple[str, str], ...],
    day: dt.date | None,
    rows: int,
    warehouse: Path | None,
    *,
    as_json: bool,
) -> None:
    """Say where a published number comes from: legs with their shares, lines of the seeds, sources."""
    try:
        with book.opened(options.published(warehouse)) as opened:
            found = room.explain(opened, column, dict(keys), day)
    except Unclear as error:
        raise ends.Unanswerable(str(error)) from None
    if as_json:
        ends.echo_json(found.as_dict())
        return
    _show(found, rows)


def _show(found: Explanation, shown: int) -> None:
    key = ", ".join(f"{k} {v}" for k, v in found.key.items())
    ends.echo(click.style(f"{found.table}.{found.column} = {words.figure(found.value, found.unit)}", bold=True))
    if isinstance(found.value, float) and found.unit == "USD":
        ends.echo(f"  exactly {found.value:,.2f}")
    ends.echo(words.folded(f"{key}; as known on {found.day}", "  ", "  "))
    if found.meaning:
        ends.echo(words.folded(found.meaning, "  ", "  "))
    if found.formula:
        ends.echo(words.folded(f"= {found.formula}", "    ", "  "))
    for term in found.terms:
        _show_term(term, shown)
    for name, value in found.row.items():
        ends.echo(words.folded(f"{name}: {words.figure(value, '')}", "      ", "    "))
    if found.rests_on:
        ends.echo(words.folded(f"The table rests on {found.rests_on}.", "  ", "\n  "))
    for remark in found.remarks:
        ends.warn(words.folded(f"Note: {remark}", "  ", ""))


def _show_term(term: Term, shown: int) -> None:
    ends.echo()
    ends.echo(words.folded(f"{term.name} {words.figure(term.value, term.unit)}: {term.told}", "    ", "  "))
    ordered = sorted(term.contributions, key=lambda c: -abs(c.value or 0.0))
    for one in ordered[:shown]:
        _show_contribution(one, term.unit)
    rest = ordered[shown:]
    if rest:
        total = f", together {words.figure(sum(c.value or 0.0 for c in rest), term.unit)}" if term.is_sum else ""
        ends.echo(f"    and {words.number(len(rest), 'more row')}{total}: --rows {len(ordered)} shows them")


def _show_contribution(one: Contribution, unit: str) -> None:
    figure = words.figure(one.value, unit) if one.value is not None else ""
    place = f"{one.source_file}:{one.source_line}" if one.source_file else ""
    firm = ", ".join(w for w in (one.certainty, one.evidence) if w)
    known = f"known {one.known_from}" if one.known_from else ""
    about = "; ".join(w for w in (one.told, firm, known, place) if w)
    told = words.folded(f"{figure:>10}  {one.name}  {about}", " " * 16, "    ")
    ends.echo(told.replace(one.name, click.style(one.name, bold=True), 1))
    origin = " – ".join(w for w in (one.deal, one.source) if w)
    if origin:
        ends.echo(words.folded(origin, " " * 16))
    if one.source_url:
        ends.echo(f"{' ' * 16}{click.style(one.source_url, dim=True)}")
