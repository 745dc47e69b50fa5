"""metrics.supplier_round_trip: the amount of a supplier's funding that could return to it as sales.

The measures count money that could be closed into circles; they do not prove that it is.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from assets.core import fields
from assets.core.columns import share, usd
from assets.core.rule import Read, Rule
from assets.core.step import Built, Inputs, Step
from assets.core.table import Table
from assets.facts.assumptions import as_dict
from assets.finance.round_trips import RoundTrip, foremost_round_trips
from assets.metrics.graph_solving import READS, as_table, edges_of, solved
from assets.metrics.metric_rules import COULD, NOT_OUR_DATA, OFTEN, SPARSE


def _round_trip_within(frame: pl.DataFrame, _read: Read) -> pl.Series:
    least = frame.select(pl.min_horizontal("funding_usd", "purchases_usd")).to_series()
    return frame["round_trip_usd"] > least * (1 + 1e-9) + 0.01


SUPPLIER_ROUND_TRIP = Table(
    stage="metrics",
    name="supplier_round_trip",
    summary="How much of a supplier's own funding could come back to it as sales.",
    grain=f"one row per {OFTEN}, basis, amount basis and supplier that funds others",
    key=("as_of_date", "basis", "amount_basis", "supplier_id"),
    columns=(
        *fields.of("as_of_date", "basis", "amount_basis"),
        fields.here("supplier_id", "who sells and funds"),
        fields.here("funding_usd", "equity and debt that it promises"),
        fields.here("purchases_usd", "purchases promised to it", required=True),
        usd("round_trip_usd", "most that could leave it as funding and return as purchases", required=True),
        share("round_trip_share", "round_trip_usd / purchases_usd"),
    ),
    rules=(
        Rule(
            "round_trip_within_both_ends",
            ("round_trip_usd", "funding_usd", "purchases_usd"),
            "no more can return than was given, or than is bought",
            NOT_OUR_DATA,
            offends=_round_trip_within,
        ),
    ),
    min_rows=0,
    may_be_empty_because="a ledger may know no supplier that funds others",
    hazards=(
        COULD,
        "suppliers share the same money: never add round trips",
        "beyond assumption round_trip_suppliers_max a graph shows only the suppliers to whom the most could come back",
        SPARSE,
    ),
)


def round_trips(edges: Iterable[pl.DataFrame], most: int) -> pl.DataFrame:
    """The amount that could return to each supplier that funds others; contingent flows, if in the basis, are funding.

    Grain: as_of_date, basis, amount_basis, supplier. Rules: at most `most` suppliers of a graph: those with the largest
    possible return, the smaller of funding given and sales.
    """
    trips = solved(edges, lambda one: foremost_round_trips(one.arcs, one.columns["is_purchase"], most))
    found = as_table(trips, RoundTrip, SUPPLIER_ROUND_TRIP)
    share = pl.when(pl.col("purchases_usd") > 0).then(pl.col("round_trip_usd") / pl.col("purchases_usd"))
    return SUPPLIER_ROUND_TRIP.conform(found.with_columns(round_trip_share=share))


def _build(inputs: Inputs) -> Built:
    settings = as_dict(inputs.read("staging.assumptions"))
    return Built(round_trips(edges_of(inputs), int(settings["round_trip_suppliers_max"])))


STEP = Step(SUPPLIER_ROUND_TRIP, READS, _build)
