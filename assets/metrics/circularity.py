"""metrics.circularity, loops, supplier_round_trip, circularity_null: how much of the money could run in circles.

Not here: the graph (`assets.metrics.graph`), the mathematics (`assets.finance.circulation`, `assets.finance.chance`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from assets.contracts.circularity import CIRCULARITY, CIRCULARITY_NULL, LOOPS, SUPPLIER_ROUND_TRIP
from assets.contracts.model import Table
from assets.contracts.vocabulary import PURCHASES
from assets.facts.assumptions import as_dict, scenarios_wide
from assets.facts.knowledge import CENTS_PER_USD
from assets.finance import chance, circulation, money_graph
from assets.metrics import graph
from assets.steps import Built, Inputs, Step

KEYS = ["as_of_date", "basis", "amount_basis"]
READS = ("facts.commitments", "facts.entities", "staging.assumptions", "staging.scenarios")
BASE = "base"


def legs_of(inputs: Inputs, *, landmarks_only: bool = False) -> pl.DataFrame:
    """The legs in force by basis and amount basis, aggregates cut in two.

    Grain: day, basis, amount basis and leg; on every day of change, or on the quarter ends and the last day.
    """
    commitments = inputs.read("facts.commitments")
    days = graph.days_of_change(commitments)
    asked = graph.landmark_days(days[-1]) if landmarks_only else days
    scenarios = scenarios_wide(inputs.read("staging.scenarios"))
    mode_share = scenarios.filter(pl.col("scenario_id") == BASE)["up_to_mode_share"].item()
    legs = graph.with_bases(graph.legs_in_force(commitments, asked), mode_share)
    return money_graph.split_aggregates(legs, graph.aggregates(inputs.read("facts.entities")))


def _graphs(edges: pl.DataFrame) -> Iterator[tuple[dict[str, Any], pl.DataFrame]]:
    for key, part in edges.partition_by(KEYS, as_dict=True, maintain_order=True).items():
        yield dict(zip(KEYS, key, strict=True)), part


def _frame(rows: list[dict[str, Any]], table: Table) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=table.polars_schema)


def circularity(edges: pl.DataFrame) -> pl.DataFrame:
    """Three views of how much returns, per graph.

    Grain: as_of_date, basis, amount_basis.
    """
    rows = []
    for key, part in _graphs(edges):
        found = circulation.maximum_circulation(part)
        rows.append(
            {
                **key,
                "total_usd": found.total_usd,
                "circulating_usd": found.circulating_usd,
                "circular_share": found.circular_share,
                "reciprocity": circulation.reciprocity(part),
                "finn_cycling_index": circulation.money_graph_finn(part),
            }
        )
    return _frame(rows, CIRCULARITY)


def loops(edges: pl.DataFrame, max_length: int, limit: int) -> pl.DataFrame:
    """The circles of each graph, largest bottleneck first.

    Grain: as_of_date, basis, amount_basis, loop.
    """
    pieces = [
        circulation.loops(part, max_length, limit=limit).select(*(pl.lit(v).alias(k) for k, v in key.items()), pl.all())
        for key, part in _graphs(edges)
    ]
    return LOOPS.conform(pl.concat(pieces)) if pieces else _frame([], LOOPS)


def round_trips(legs: pl.DataFrame) -> pl.DataFrame:
    """What could come back to each supplier that funds others; where the basis has contingent flows they are funding.

    Grain: as_of_date, basis, amount_basis, supplier.
    """
    is_purchase = pl.col("flow").is_in(PURCHASES)
    keys = [*KEYS, *graph.EDGE]
    summed = legs.group_by(*keys, is_purchase=is_purchase).agg(pl.col("cents").sum()).sort(*keys, "is_purchase")
    edges = summed.select(*keys, "is_purchase", amount_usd=pl.col("cents") / CENTS_PER_USD)
    trips = [
        circulation.round_trips(part.filter(~pl.col("is_purchase")), part.filter("is_purchase")).select(
            *(pl.lit(v).alias(k) for k, v in key.items()), pl.all()
        )
        for key, part in _graphs(edges)
    ]
    if not trips:
        return _frame([], SUPPLIER_ROUND_TRIP)
    ends = {"funding_usd": (~pl.col("is_purchase"), "payer_id"), "purchases_usd": (pl.col("is_purchase"), "payee_id")}
    found = pl.concat(trips)
    for name, (wanted, end) in ends.items():
        total = summed.filter(wanted).group_by(*KEYS, supplier_id=end).agg(total=pl.col("cents").sum())
        found = found.join(
            total.select(*KEYS, "supplier_id", (pl.col("total") / CENTS_PER_USD).alias(name)), on=[*KEYS, "supplier_id"]
        )
    share = pl.when(pl.col("purchases_usd") > 0).then(pl.col("round_trip_usd") / pl.col("purchases_usd"))
    return SUPPLIER_ROUND_TRIP.conform(found.with_columns(round_trip_share=share).sort(*KEYS, "supplier_id"))


def against_chance(legs: pl.DataFrame, shuffles: int, seed: int) -> pl.DataFrame:
    """The circular share of each graph beside that of shuffled ledgers.

    Grain: as_of_date, basis, amount_basis.
    """
    rows = []
    for key, part in legs.partition_by(KEYS, as_dict=True, maintain_order=True).items():
        money = part.select(*graph.EDGE, "flow", amount_usd=pl.col("cents") / CENTS_PER_USD)
        found = chance.circular_share_null(money, shuffles, seed)
        rows.append(
            {
                **dict(zip(KEYS, key, strict=True)),
                "circular_share": found.observed,
                "null_mean": found.mean,
                "null_sd": found.sd,
                "p_value": found.p_value,
                "shuffles": shuffles,
            }
        )
    return _frame(rows, CIRCULARITY_NULL)


def _build_circularity(inputs: Inputs) -> Built:
    return Built(circularity(graph.edges(legs_of(inputs))))


def _build_loops(inputs: Inputs) -> Built:
    settings = as_dict(inputs.read("staging.assumptions"))
    edges = graph.edges(legs_of(inputs))
    return Built(loops(edges, int(settings["loop_max_length"]), int(settings["loops_kept"])))


def _build_round_trips(inputs: Inputs) -> Built:
    return Built(round_trips(legs_of(inputs)))


def _build_null(inputs: Inputs) -> Built:
    settings = as_dict(inputs.read("staging.assumptions"))
    legs = legs_of(inputs, landmarks_only=True)
    return Built(against_chance(legs, int(settings["null_shuffles"]), int(settings["null_seed"])))


STEPS = (
    Step(CIRCULARITY, READS, _build_circularity),
    Step(LOOPS, READS, _build_loops),
    Step(SUPPLIER_ROUND_TRIP, READS, _build_round_trips),
    Step(CIRCULARITY_NULL, READS, _build_null),
)
