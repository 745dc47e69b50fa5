"""facts.financials: figures of companies, with the length of their period."""

from __future__ import annotations

import polars as pl

from assets.core import fields
from assets.core.columns import integer
from assets.core.step import Built, Inputs, Step
from assets.core.table import Table
from assets.staging import columns
from assets.staging import financials as staging

FINANCIALS = Table(
    stage="facts",
    name="financials",
    summary="Reported, guided and projected figures of the entities, every vintage.",
    grain=staging.FINANCIALS.grain,
    key=staging.FINANCIALS.key,
    columns=(
        fields.here("entity_id", "whose figure it is"),
        *(
            c
            for c in staging.FINANCIALS.columns
            if c not in columns.SOURCE_LINE and c.name not in {"entity_id", "source_id", "evidence", "note"}
        ),
        integer("period_months", "length of the period in whole months, empty for a balance", at_least=1),
        *fields.of("evidence", "source_id", "note"),
    ),
    hazards=("sources disagree and figures are revised: choose one vintage before adding",),
)

DAYS_PER_MONTH = 30.4375


def figures(financials: pl.DataFrame) -> pl.DataFrame:
    """Company figures with the length of their period in whole months.

    Grain: one row per figure of the seed.
    """
    days = (pl.col("period_end") - pl.col("period_start")).dt.total_days() + 1
    months = pl.max_horizontal((days / DAYS_PER_MONTH).round().cast(pl.Int64), pl.when(days.is_not_null()).then(1))
    return FINANCIALS.conform(financials.with_columns(period_months=pl.when(days.is_not_null()).then(months)))


def _build(inputs: Inputs) -> Built:
    return Built(figures(inputs.read("staging.financials")))


STEP = Step(FINANCIALS, ("staging.financials",), _build)
