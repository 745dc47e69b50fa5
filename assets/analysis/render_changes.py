"""Before and after as lines of text, shared by `closedloop diff` and the previews of `add` and `amend`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from assets.analysis.changes import Change, DealMove, Figure, Move
from assets.core import formatting

LABEL = 24

FIGURE = 11

ROOM = 70
"""Minimum width of the terminal for showing the difference next to the two figures."""


def change_lines(changes: Sequence[Change]) -> Iterator[str]:
    """The legs, deal by deal."""
    for (known, deal, _), own in groupby(changes, key=lambda c: (c.known_from, c.deal or c.deal_id, c.deal_id)):
        yield formatting.folded(f"{known}  {deal}", "            ", "")
        for change in own:
            yield from _change(change)


def _change(change: Change) -> Iterator[str]:
    was, now = formatting.figure(change.before, change.unit), formatting.figure(change.after, change.unit)
    figure = now if change.kind == "new" or was == now else f"{was} → {now}"
    way = f"{change.payer_id} → {change.payee_id or 'nobody named'}"
    terms = ", ".join(f"{t} {_term(a)} → {_term(b)}" for t, (a, b) in change.terms.items() if t != "certainty")
    firm = change.certainty
    if "certainty" in change.terms:
        firm = f"{change.terms['certainty'][0]} → {change.certainty}"
    place = f"{change.source_file}:{change.source_line}" if change.source_file else ""
    parts = (f"{figure}", way, change.flow, firm, terms, place)
    yield formatting.folded(f"{change.kind:<9} {change.leg_id}  {'; '.join(p for p in parts if p)}", " " * 14, "  ")
    if change.source:
        yield formatting.folded(f"{change.source}", " " * 14)
    if change.source_url:
        yield f"{' ' * 14}{change.source_url}"


def _term(value: object) -> str:
    return formatting.figure(value, "USD") if isinstance(value, float) else formatting.figure(value, "")


def move_lines(moves: Sequence[Move]) -> Iterator[str]:
    """The figures, entity by entity; the whole ledger last."""
    for entity, grouped in groupby(moves, key=lambda m: m.entity_id):
        own = list(grouped)
        if all(m.before == m.after for m in own):
            yield f"{entity or 'the whole ledger'}: as before"
            continue
        yield entity or "the whole ledger"
        for move in (m for m in own if m.before is not None or m.after is not None):
            was, now = formatting.figure(move.before, move.unit), formatting.figure(move.after, move.unit)
            yield f"  {move.name:<{LABEL}}{was:>{FIGURE}} → {now:<{FIGURE}}".rstrip() + _by(move)


def deal_lines(deals: Sequence[DealMove]) -> Iterator[str]:
    """The effect of each deal; a deal without a net effect is left out."""
    for deal in deals:
        moved = [
            f"{name} {'+' if value > 0 else ''}{formatting.figure(value, unit)}"
            for name, value, unit in (
                ("gross", deal.gross_usd, "USD"),
                ("net", deal.net_usd, "USD"),
                ("imputed", deal.imputed_usd, "USD"),
                ("power", deal.capacity_gw, "GW"),
            )
            if value
        ]
        if moved:
            yield formatting.folded(f"{deal.deal or deal.deal_id}: {', '.join(moved)}", "    ", "  ")


def figure_lines(figures: Sequence[Figure]) -> Iterator[str]:
    """Figures of companies that became known."""
    for one in figures:
        period = f"{one.period_start} to {one.period_end}" if one.period_start else f"{formatting.iso(one.period_end)}"
        value = formatting.figure(one.value, one.unit)
        line = f"{one.known_from}  {one.entity_id} {one.metric} {value}, {period}, {one.basis}"
        yield formatting.folded(f"{line}; {one.source_file}:{one.source_line}", " " * 12, "")


def _by(move: Move) -> str:
    is_shown = move.unit in {"USD", "GW"} and formatting.width() >= ROOM
    if move.before is None or move.after is None or not is_shown:
        return ""
    by = move.after - move.before
    if not by:
        return "  (as before)"
    return f"  ({'+' if by > 0 else ''}{formatting.figure(by, move.unit)})"
