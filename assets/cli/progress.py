"""Progress and the headline of the ledger on a terminal. Colours only on a terminal.

Not here: results of `closedloop query` (`assets.cli.table_format`), errors and warnings (`assets.cli.output`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from assets.core.formatting import figure, gw, percent, span, usd
from assets.warehouse.published_frames import ask

WIDE = 120

ARTICLE_DAY = "2025-10-09"

SHOWN = ("openai", "anthropic")
"""Entities shown for the project's ledger; for another ledger, the two with the largest promises."""

Listeners = tuple[Callable[[str, bool], None], Callable[[str], None], Callable[[str], None]]
"""Receives every asset (name, whether it is good), every message, and every part of a large table."""


class Screen(Console):
    """Standard output without markup; a pipe closed by its reader ends the command quietly."""

    def __init__(self) -> None:
        super().__init__(markup=False, highlight=False, emoji=False)
        if not self.is_terminal:
            self.width = WIDE

    def on_broken_pipe(self) -> None:
        """Leave it to `assets.cli.main`."""
        raise BrokenPipeError


@contextmanager
def progress(total: int) -> Iterator[Listeners]:
    """A progress display on a terminal; elsewhere one line per stage."""
    console = Console(stderr=True, markup=False, highlight=False)
    if not console.is_terminal:
        seen: set[str] = set()

        def tell(name: str, is_good: bool) -> None:  # noqa: FBT001 - the form that `run.Ears` calls
            stage = name.partition(".")[0]
            is_early = is_good and stage in {"quality", "bi"} and "metrics" not in seen  # words depend on no table
            if (stage not in seen and not is_early) or not is_good:
                seen.add(stage)
                click.echo(f"{stage} ..." if is_good else f"{name} failed", err=True)

        yield tell, lambda text: click.echo(text, err=True), lambda _text: None
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("starting", total=total)

        def advance(name: str, is_good: bool) -> None:  # noqa: FBT001 - as above
            bar.update(task, advance=1, description=name if is_good else f"{name} failed")

        yield advance, bar.console.print, lambda text: bar.update(task, description=text)


def headline(published: Path) -> None:
    """The headline of the ledger: two entities on two days, then the claims with their verdicts."""
    last = ask(published, "select arg_max(last_known_on, publication_number) from quality.publications").item()
    largest = ask(published, f"from headline_as_of('{last}') order by net_commitment_usd desc nulls last")["entity_id"]
    entities = [e for e in SHOWN if e in largest] or largest.head(len(SHOWN)).to_list()
    days = [ARTICLE_DAY, str(last)]
    columns = {f"{e}|{d}": _figures(published, e, d) for e in entities for d in days}
    console = Screen()
    shown = Table(title="The ledger as known on a day", box=None, header_style="bold", title_justify="left")
    shown.add_column("")
    for name in columns:
        entity, _, day = name.partition("|")
        shown.add_column(f"{entity}\n{day}", justify="right")
    for measure in next(iter(columns.values())):
        shown.add_row(measure, *(figures[measure] for figures in columns.values()))
    console.print(shown)
    claims = ask(published, "select verdict, statement, measured_value, expected_value, unit from metrics.claims")
    verdicts = Table(
        title="\nWhat the article of that October says, measured",
        box=None,
        header_style="bold",
        title_justify="left",
    )
    for name in ("verdict", "statement", "measured", "stated"):
        verdicts.add_column(name, justify="right" if name in {"measured", "stated"} else "left")
    for verdict, statement, measured, expected, unit in claims.iter_rows():
        verdicts.add_row(verdict, statement, figure(measured, unit), figure(expected, unit))
    console.print(verdicts)
    console.print(f"\n{published}", style="dim", soft_wrap=True)


def _figures(published: Path, entity: str, day: str) -> dict[str, str]:
    """The figures of one entity on one day, as text."""
    known = ask(published, f"from headline_as_of('{day}')")
    row = next(known.filter(known["entity_id"] == entity).iter_rows(named=True), {})
    views = ask(published, f"select user_id, \"view\", capacity_gw from capacity_by_view_as_of('{day}')")  # noqa: S608 - a date
    power = dict(views.filter(views["user_id"] == entity).drop("user_id").iter_rows())
    low, high = row.get("net_commitment_low_usd"), row.get("net_commitment_high_usd")
    return {
        "gross": usd(row.get("gross_commitment_usd")),
        "net": usd(row.get("net_commitment_usd")),
        "net, low to high": usd(high) if low is None else span(low, high),
        "imputed from GW": usd(row.get("imputed_commitment_usd")),
        "outstanding": usd(row.get("outstanding_commitment_usd")),
        **{f"{view} capacity": gw(power.get(view)) for view in ("site", "chip", "cloud")},
        "annualised revenue": usd(row.get("annualised_revenue_usd")),
        "coverage": percent(row.get("commitment_coverage_ratio"), 2),
        "coverage with imputed": percent(row.get("commitment_coverage_ratio_with_imputed"), 2),
        "years of revenue": figure(row.get("years_of_revenue"), "years"),
        "rumoured": percent(row.get("rumoured_share")),
        "unverified": percent(row.get("unverified_share")),
    }
