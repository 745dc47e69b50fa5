"""The rows of commitments.csv in pieces, so that a file of any size needs the memory of one piece."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from assets.scale.synthetic import shape
from assets.scale.synthetic.draws import Draws, Whole
from assets.scale.synthetic.legs import FLOWS, NONE, Legs, as_ids
from assets.scale.synthetic.parties import Parties
from assets.scale.synthetic.rows import UNKNOWN_DAY, Rows, Terms

ROWS_PER_PIECE = 200_000
QUALIFIERS, EVIDENCE = tuple(shape.QUALIFIERS), tuple(shape.EVIDENCE)
UP_TO, AT_LEAST = QUALIFIERS.index("up_to"), QUALIFIERS.index("at_least")
CERTAINTIES = (*shape.CERTAINTIES, "cancelled")
ALTERNATIVE_PERCENT = 120


def pieces(made: Legs, known: Rows, terms: Terms, who: Parties, days: Whole, draws: Draws) -> Iterator[pl.DataFrame]:
    """The rows in order, in pieces."""
    has_alternative = alternatives(made, draws)
    parties = pl.Series(who.ids)
    for start in range(0, known.size, ROWS_PER_PIECE):
        at = slice(start, min(start + ROWS_PER_PIECE, known.size))
        yield _piece(made, known, terms, parties, days, has_alternative, at)


def alternatives(made: Legs, draws: Draws) -> Whole:
    """1 for legs that have a competing figure in addition to their last row."""
    plain = np.flatnonzero(made.is_plain & ~made.is_undisclosed)
    found = np.zeros(made.size, np.int64)
    found[plain[draws.chosen("alternative", shape.ALTERNATIVES_SHARE, plain.size)]] = 1
    return found


def _piece(
    made: Legs, known: Rows, terms: Terms, parties: pl.Series, days: Whole, has_alternative: Whole, at: slice
) -> pl.DataFrame:
    twice = 1 + has_alternative[known.leg[at]] * (known.left[at] == 0)
    row = np.repeat(np.arange(at.start, at.stop), twice)
    is_alternative = np.append(False, row[1:] == row[:-1])
    leg, left = known.leg[row], known.left[row]
    is_cancelled = terms.is_cancelled[leg] & (left == 0) & ~is_alternative
    certainty = np.maximum(terms.certainty[leg] - np.maximum(left - terms.is_cancelled[leg], 0), 0)
    cents = made.cents[leg] * known.percent[row] // 100
    cents = np.where(is_alternative, cents * ALTERNATIVE_PERCENT // 100, cents)
    qualifier, is_hidden = terms.qualifier[leg], known.is_undisclosed[row]
    is_floor = qualifier == AT_LEAST
    low_only = is_floor & terms.is_low_only[leg]
    bound = terms.has_bound[leg] & ~low_only & ~is_hidden
    low = np.where(low_only, cents, cents * shape.FIRM_PERCENT // 100)
    states = known.repeats_dates[row]
    frame = pl.DataFrame(
        {
            "leg_id": as_ids("l", leg),
            "deal_id": as_ids("d", made.deal[leg]),
            "payer_id": parties.gather(made.payer[leg]),
            "payee_id": parties.gather(made.payee[leg]),
            "flow": _words(FLOWS, made.flow[leg]),
            "amount_low_usd": _where((low_only | (bound & (qualifier == UP_TO))) & ~is_hidden, low),
            "amount_usd": _where(~low_only & ~is_hidden, cents),
            "amount_high_usd": _where(bound & is_floor, cents * shape.CEILING_PERCENT // 100),
            "qualifier": _words((*QUALIFIERS, "undisclosed"), np.where(is_hidden, len(QUALIFIERS), qualifier)),
            "starts": _where(states & (terms.starts[leg] != UNKNOWN_DAY), terms.starts[leg]),
            "months": _where(states & (terms.months[leg] != NONE), terms.months[leg]),
            "certainty": _words(CERTAINTIES, np.where(is_cancelled, len(CERTAINTIES) - 1, certainty)),
            "known_from": days[known.day[row]],
            "part_of_leg_id": as_ids("l", made.parent[leg]),
            "funds_leg_id": as_ids("l", made.funds[leg]),
            "capacity_leg_id": as_ids("k", made.capacity[leg]),
            "is_statement": made.is_statement[leg],
            "reading": _words(("preferred", "alternative"), is_alternative.astype(np.int64)),
            "evidence": _words(EVIDENCE, known.evidence[row]),
            "source_id": as_ids("s", known.source[row]),
        }
    )
    begins = pl.col("starts").cast(pl.Int32).cast(pl.Date)
    return frame.with_columns(
        *(as_usd(name) for name in ("amount_low_usd", "amount_usd", "amount_high_usd")),
        starts_on=begins.cast(pl.String),
        ends_on=begins.dt.offset_by(pl.format("{}mo", pl.col("months").fill_null(0)))
        .cast(pl.String)
        .pipe(lambda end: pl.when(pl.col("months").is_not_null()).then(end)),
        known_from=pl.col("known_from").cast(pl.Int32).cast(pl.Date).cast(pl.String),
    )


def _words(words: tuple[str, ...], positions: Whole) -> pl.Series:
    return pl.Series(words).gather(positions)


def _where(wanted: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], numbers: Whole) -> pl.Series:
    """The numbers where the mask is true, else null."""
    return pl.Series(numbers).set(pl.Series(~wanted), None)


def as_usd(column: str) -> pl.Expr:
    """Whole cents as text in dollars, without a decimal point for whole dollars."""
    dollars, cents = (pl.col(column) // 100).cast(pl.String), pl.col(column) % 100
    written = pl.concat_str(dollars, pl.lit("."), cents.cast(pl.String).str.zfill(2))
    return pl.when(cents == 0).then(dollars).otherwise(written).alias(column)
