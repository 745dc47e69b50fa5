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

from assets.warehouse.published_frames import ask

WIDE = 120

ARTICLE_DAY = "2025-10-09"

SHOWN = ("openai", "anthropic")
"""Entities shown for the project's ledger; for another ledger, the two with the largest promises."""

BILLION = 1e9

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
        verdicts.add_row(verdict, statement, _claim(measured, unit), _claim(expected, unit))
    console.print(verdicts)
    console.print(f"\n{published}", style="dim", soft_wrap=True)


def _claim(value: float | None, unit: str) -> str:
    if value is None:
        return "–"
    return f"${value / BILLION:,.1f}bn" if unit == "USD" else f"{value:.4g}{' GW' if unit == 'GW' else ''}"


def _figures(published: Path, entity: str, day: str) -> dict[str, str]:
    """The figures of one entity on one day, as text; – for unknown."""
    known = ask(published, f"from headline_as_of('{day}')")
    rows = known.filter(known["entity_id"] == entity).to_dicts()
    row = rows[0] if rows else {}
    views = ask(published, f"select user_id, \"view\", capacity_gw from capacity_by_view_as_of('{day}')")  # noqa: S608 - a date
    power = dict(views.filter(views["user_id"] == entity).drop("user_id").iter_rows())

    def money(name: str) -> str:
        return f"{row[name] / BILLION:,.1f}" if row.get(name) is not None else "–"

    def span(low: str, high: str) -> str:
        return f"{money(low)} to {money(high)}" if row.get(low) is not None else money(high)

    def share(name: str, digits: int = 1) -> str:
        return f"{row[name] * 100:.{digits}f} %" if row.get(name) is not None else "–"

    def gw(view: str) -> str:
        return f"{power[view]:.2f}" if view in power else "–"

    return {
        "gross, $bn": money("gross_commitment_usd"),
        "net, $bn": money("net_commitment_usd"),
        "net, low to high": span("net_commitment_low_usd", "net_commitment_high_usd"),
        "imputed from GW, $bn": money("imputed_commitment_usd"),
        "outstanding, $bn": money("outstanding_commitment_usd"),
        "site GW": gw("site"),
        "chip GW": gw("chip"),
        "cloud GW": gw("cloud"),
        "annualised revenue, $bn": money("annualised_revenue_usd"),
        "coverage": share("commitment_coverage_ratio", 2),
        "coverage with imputed": share("commitment_coverage_ratio_with_imputed", 2),
        "years of revenue": f"{row['years_of_revenue']:.1f}" if row.get("years_of_revenue") is not None else "–",
        "rumoured": share("rumoured_share"),
        "unverified": share("unverified_share"),
    }
