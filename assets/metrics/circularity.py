"""metrics.circularity: the share of promised money that could be closed into circles.

The measures count money that could be closed into circles; they do not prove that it is.
"""

from __future__ import annotations

import polars as pl

from assets.core import fields
from assets.core.columns import share, usd
from assets.core.rule import Read, Rule
from assets.core.step import Built, Inputs, Step
from assets.core.table import Latest, Table
from assets.finance import circulation
from assets.metrics.graph import KEYS
from assets.metrics.graph_solving import READS, edges_of, solved
from assets.metrics.metric_rules import COULD, NOT_OUR_DATA, OFTEN, SPARSE


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
    latest=Latest(),
    columns=(
        *fields.of("as_of_date", "basis", "amount_basis"),
        usd(
            "total_usd",
            "all promises in force, own shares: purchases and funding, as edges of one graph",
            required=True,
        ),
        usd("circulating_usd", "the largest part that could be closed (multilateral set-off)", required=True),
        fields.here("circular_share"),
        share("reciprocity", "part that the same two parties promise each other: blind to longer loops", required=True),
        share(
            "finn_cycling_index",
            "part that returns if everyone mixes what it receives: the cautious view",
            required=True,
        ),
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


def circularity(*edges: pl.DataFrame) -> pl.DataFrame:
    """Three measures of returning money, per graph.

    Grain: as_of_date, basis, amount_basis.
    """
    measured = solved(edges, lambda one: circulation.measures(one.arcs))
    rows = [dict(zip(KEYS, key, strict=True)) | vars(found) for key, found in measured]
    return pl.DataFrame(rows, schema=CIRCULARITY.polars_schema)


def _build(inputs: Inputs) -> Built:
    return Built(circularity(*edges_of(inputs)))


STEP = Step(CIRCULARITY, READS, _build)
