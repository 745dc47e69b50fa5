"""metrics.loops: the circles of parties around which money could flow.

The measures count money that could be closed into circles; they do not prove that it is.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from assets.core import fields
from assets.core.columns import flag, text, usd
from assets.core.step import Built, Inputs, Step
from assets.core.table import Column, Table
from assets.facts.assumptions import as_dict
from assets.finance import circulation
from assets.metrics.graph_solving import READS, as_table, edges_of, solved
from assets.metrics.metric_rules import COULD, OFTEN, SPARSE

LOOPS = Table(
    stage="metrics",
    name="loops",
    summary="Circles of parties around which money could be passed, with the smallest promise on the way.",
    grain=f"one row per {OFTEN}, basis, amount basis and loop",
    key=("as_of_date", "basis", "amount_basis", "loop_id"),
    columns=(
        *fields.of("as_of_date", "basis", "amount_basis"),
        text("loop_id", "mark of the path: the same loop on every day", required=True),
        fields.here("path"),
        Column("length", "integer", "rows", "number of payments", required=True, at_least=2),
        usd("bottleneck_usd", "the smallest promise on the way", required=True),
        flag("is_truncated", "there are more loops than the largest ones shown", required=True),
    ),
    min_rows=0,
    may_be_empty_because="a ledger may hold no loop",
    hazards=(COULD, "loops share promises: never add bottlenecks", SPARSE),
)


def loops(edges: Iterable[pl.DataFrame], max_length: int, limit: int) -> pl.DataFrame:
    """The circles of each graph, largest bottleneck first.

    Grain: as_of_date, basis, amount_basis, loop.
    """
    found = solved(edges, lambda one: circulation.loops_of(one.arcs, max_length, limit))
    return as_table(found, circulation.Loop, LOOPS)


def _build(inputs: Inputs) -> Built:
    settings = as_dict(inputs.read("staging.assumptions"))
    return Built(loops(edges_of(inputs), int(settings["loop_max_length"]), int(settings["loops_kept"])))


STEP = Step(LOOPS, READS, _build)
