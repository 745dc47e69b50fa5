"""Contracts of the loop: circulation, loops, supplier round trips, chance, patterns of deals and what changed.

The measures count money that could be closed into circles; they do not prove that it is.
"""

from __future__ import annotations

import polars as pl

from assets.contracts.metrics import AS_OF, SPARSE, _entity, _usd
from assets.contracts.model import Column, Read, Rule, Table

COULD = "counts money that could be closed into a circle, it does not prove that it is"
OFTEN = "day on which a leg changed (beyond assumption graph_leg_days_max: quarter end since 2025, and the last day)"
NOT_OUR_DATA = "this is a defect of the builder: report it with the sample keys"
BASIS = Column("basis", "text", "", "which promises are counted", required=True, vocabulary="graph_basis")
AMOUNT_BASIS = Column("amount_basis", "text", "", "point or expected amount", required=True, vocabulary="amount_basis")


def _fraction(name: str, description: str, *, required: bool = True) -> Column:
    return Column(name, "number", "fraction", description, required=required, at_least=0, at_most=1)


def _circulation_within_total(frame: pl.DataFrame, _read: Read) -> pl.Series:
    return frame["circulating_usd"] > frame["total_usd"] * (1 + 1e-9) + 0.01


def _reciprocity_within_share(frame: pl.DataFrame, _read: Read) -> pl.Series:
    return frame["reciprocity"] > frame["circular_share"] + 1e-9


CIRCULARITY = Table(
    stage="metrics",
    name="circularity",
    summary="How much of the money promised could be closed into circles, as known on a day.",
    grain=f"one row per {OFTEN}, basis and amount basis",
    key=("as_of_date", "basis", "amount_basis"),
    columns=(
        AS_OF,
        BASIS,
        AMOUNT_BASIS,
        _usd(
            "total_usd",
            "all promises in force, own shares: purchases and funding, as edges of one graph",
            required=True,
        ),
        _usd("circulating_usd", "the largest part that could be closed (multilateral set-off)", required=True),
        _fraction("circular_share", "circulating_usd / total_usd: the upper view"),
        _fraction("reciprocity", "part that the same two parties promise each other: blind to longer loops"),
        _fraction("finn_cycling_index", "part that returns if everyone mixes what it receives: the cautious view"),
    ),
    rules=(
        Rule(
            "circulation_within_total",
            ("circulating_usd", "total_usd"),
            "no more can circulate than there is",
            NOT_OUR_DATA,
            offends=_circulation_within_total,
        ),
        Rule(
            "reciprocity_within_share",
            ("reciprocity", "circular_share"),
            "what two parties promise each other could always be closed",
            NOT_OUR_DATA,
            offends=_reciprocity_within_share,
        ),
    ),
    hazards=(COULD, SPARSE, "the bases contain one another: never add them"),
)

LOOPS = Table(
    stage="metrics",
    name="loops",
    summary="Circles of parties around which money could be passed, with the smallest promise on the way.",
    grain=f"one row per {OFTEN}, basis, amount basis and loop",
    key=("as_of_date", "basis", "amount_basis", "loop_id"),
    columns=(
        AS_OF,
        BASIS,
        AMOUNT_BASIS,
        Column("loop_id", "text", "", "mark of the path: the same loop on every day", required=True),
        Column("path", "text", "", "the parties in the order of payment", required=True),
        Column("length", "integer", "rows", "number of payments", required=True, at_least=2),
        _usd("bottleneck_usd", "the smallest promise on the way", required=True),
        Column("is_truncated", "flag", "", "there are more loops than the largest ones shown", required=True),
    ),
    min_rows=0,
    may_be_empty_because="a ledger may hold no loop",
    hazards=(COULD, "loops share promises: never add bottlenecks", SPARSE),
)


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
        AS_OF,
        BASIS,
        AMOUNT_BASIS,
        _entity("supplier_id", "who sells and funds"),
        _usd("funding_usd", "equity and debt that it promises", required=True),
        _usd("purchases_usd", "purchases promised to it", required=True),
        _usd("round_trip_usd", "most that could leave it as funding and return as purchases", required=True),
        _fraction("round_trip_share", "round_trip_usd / purchases_usd", required=False),
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

CIRCULARITY_NULL = Table(
    stage="metrics",
    name="circularity_null",
    summary="The circular share beside that of a ledger in which payees are shuffled among legs of the same flow.",
    grain="one row per quarter end (and the last day), basis and amount basis",
    key=("as_of_date", "basis", "amount_basis"),
    columns=(
        AS_OF,
        BASIS,
        AMOUNT_BASIS,
        _fraction("circular_share", "observed"),
        _fraction("null_mean", "mean of the shuffles"),
        Column("null_sd", "number", "fraction", "standard deviation of the shuffles", required=True, at_least=0),
        _fraction("p_value", "share of shuffles with at least the observed circular share"),
        Column("shuffles", "integer", "rows", "number of shuffles", required=True, at_least=2),
    ),
    min_rows=0,
    may_be_empty_because="a graph too large for null_shuffles_min shuffles within null_leg_shuffles_max has no row",
    hazards=("says whether the loop is more than chance under this null model, not why",),
)

DEAL_PATTERNS = Table(
    stage="metrics",
    name="deal_patterns",
    summary="Every deal in the categories of BIS Bulletin 137, read from the promises between the same two parties.",
    grain="one row per deal and category, as known on the last day",
    key=("deal_id", "pattern"),
    columns=(
        Column("deal_id", "text", "", "the deal", required=True, refers_to="facts.deals.deal_id"),
        Column(
            "pattern", "text", "", "what the parties are to each other besides", required=True, vocabulary="pattern"
        ),
        Column("as_of_date", "date", "day", "day of knowledge", required=True),
        Column("pairs", "text", "", "the pairs of parties that show it", required=True),
        _usd("deal_usd", "own shares of the deal, funding and purchases", required=True),
        _usd("counter_usd", "own shares that flow the other way between those pairs, in all deals", required=True),
    ),
    hazards=("a deal can show several patterns: never add deal_usd over patterns",),
)

CHANGES = Table(
    stage="metrics",
    name="changes",
    summary="What became known on a day and what it moved: the history of the loop as a feed.",
    grain="one row per day and deal that changed",
    key=("as_of_date", "deal_id"),
    columns=(
        AS_OF,
        Column("deal_id", "text", "", "the deal", required=True, refers_to="facts.deals.deal_id"),
        Column("legs", "text", "", "its legs with a new version that day, empty if only its parts or costs changed"),
        Column("gross_change_usd", "number", "USD", "change of the disclosed gross of the deal", required=True),
        Column("net_change_usd", "number", "USD", "change of the disclosed own shares of the deal", required=True),
        Column("imputed_change_usd", "number", "USD", "change of the imputed own shares of the deal", required=True),
        Column(
            "capacity_change_gw",
            "number",
            "GW",
            "change of the own shares of its power, statements apart",
            required=True,
        ),
        Column(
            "total_net_usd",
            "number",
            "USD",
            "disclosed own shares of the whole ledger after the day, purchases and funding: to see what moved",
            required=True,
        ),
        Column(
            "circular_share",
            "number",
            "fraction",
            "of the whole ledger after the day, disclosed, point; as last measured",
        ),
        Column(
            "circular_share_change",
            "number",
            "fraction",
            "change of it on the day, by all deals together; empty where the loop is not measured on every day",
        ),
        Column("coverage_moves", "text", "", "entities whose coverage ratio moved that day, from and to"),
    ),
    hazards=("total_net_usd, circular_share and coverage_moves belong to the day, not to the deal: never add them",),
)

TABLES = (CIRCULARITY, LOOPS, SUPPLIER_ROUND_TRIP, CIRCULARITY_NULL, DEAL_PATTERNS, CHANGES)
