"""`closedloop explain`: traces a published number to its rows, lines and sources."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from assets.analysis.explain import address
from assets.analysis.explain.model import Contribution, Explanation, Term
from assets.analysis.names_and_days import Unclear
from assets.cli import options, output
from assets.cli.parameters import DAY, Pair, names_in_file
from assets.core import formatting
from assets.warehouse import published_file


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
        with published_file.opened(options.published(warehouse)) as opened:
            found = address.explain(opened, column, dict(keys), day)
    except Unclear as error:
        raise output.Unanswerable(str(error)) from None
    if as_json:
        output.echo_json(found.as_dict())
        return
    _show(found, rows)


def _show(found: Explanation, shown: int) -> None:
    key = ", ".join(f"{k} {v}" for k, v in found.key.items())
    figure = formatting.figure(found.value, found.unit)
    output.echo(output.styled(f"{found.table}.{found.column} = {figure}", bold=True))
    if isinstance(found.value, float) and found.unit == "USD":
        output.echo(f"  exactly {found.value:,.2f}")
    output.echo(formatting.folded(f"{key}; as known on {found.day}", "  ", "  "))
    if found.meaning:
        output.echo(formatting.folded(found.meaning, "  ", "  "))
    if found.formula:
        output.echo(formatting.folded(f"= {found.formula}", "    ", "  "))
    for term in found.terms:
        _show_term(term, shown)
    for name, value in found.row.items():
        output.echo(formatting.folded(f"{name}: {formatting.figure(value, '')}", "      ", "    "))
    if found.rests_on:
        output.echo(formatting.folded(f"The table rests on {found.rests_on}.", "  ", "\n  "))
    for remark in found.remarks:
        output.warn(formatting.folded(f"Note: {remark}", "  ", ""))


def _show_term(term: Term, shown: int) -> None:
    output.echo()
    output.echo(formatting.folded(f"{term.name} {formatting.figure(term.value, term.unit)}: {term.told}", "    ", "  "))
    ordered = sorted(term.contributions, key=lambda c: -abs(c.value or 0.0))
    for one in ordered[:shown]:
        _show_contribution(one, term.unit)
    rest = ordered[shown:]
    if rest:
        total = f", together {formatting.figure(sum(c.value or 0.0 for c in rest), term.unit)}" if term.is_sum else ""
        output.echo(f"    and {formatting.number(len(rest), 'more row')}{total}: --rows {len(ordered)} shows them")


def _show_contribution(one: Contribution, unit: str) -> None:
    figure = formatting.figure(one.value, unit) if one.value is not None else ""
    place = f"{one.source_file}:{one.source_line}" if one.source_file else ""
    firm = ", ".join(w for w in (one.certainty, one.evidence) if w)
    known = f"known {one.known_from}" if one.known_from else ""
    about = "; ".join(w for w in (one.told, firm, known, place) if w)
    line = formatting.folded(f"{figure:>10}  {one.name}  {about}", " " * 16, "    ")
    before, name, after = line.partition(one.name)
    output.echo(before, output.styled(name, bold=True), after)
    origin = " – ".join(w for w in (one.deal, one.source) if w)
    if origin:
        output.echo(formatting.folded(origin, " " * 16))
    if one.source_url:
        output.echo(" " * 16, output.styled(one.source_url, dim=True))
