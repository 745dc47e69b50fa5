"""Promises between two parties on a day by kind, shared by the loop and the certainty of promises."""

from __future__ import annotations

import polars as pl

from assets.core.vocabulary import FUNDING, PURCHASES
from assets.report.data import Question

MONEY = Question(
    "money",
    ("facts.commitments",),
    """select payer_id, payee_id, flow, certainty, sum(net_amount_usd) filter (not is_imputed_amount) as net_usd,
    sum(net_amount_usd) filter (is_imputed_amount) as imputed_usd, count(*) as legs,
    list_sort(list(distinct source_id)) as source_ids
    from commitments_as_of('{day}') where not is_statement and certainty <> 'cancelled'
    group by all order by net_usd desc nulls last, payer_id, payee_id, flow, certainty""",
)

BINDING = ("contracted", "filed", "paid")


KINDS = {"purchase": "buys", "funding": "funds", "contingent": "may have to pay"}


def with_kind(frame: pl.DataFrame) -> pl.DataFrame:
    """Add the kind of a promise (purchase, funding, contingent) and whether it is binding."""
    kind = (
        pl.when(pl.col("flow").is_in(PURCHASES))
        .then(pl.lit("purchase"))
        .when(pl.col("flow").is_in(FUNDING))
        .then(pl.lit("funding"))
        .otherwise(pl.lit("contingent"))
    )
    return frame.with_columns(kind=kind, is_binding=pl.col("certainty").is_in(BINDING))


def pairs(frame: pl.DataFrame) -> pl.DataFrame:
    """One row per payer, payee and kind: all net dollars, binding net dollars, and the documents.

    Rules: a promise without a figure stays null; the documents of all legs of the pair are kept.
    """
    firm = pl.col("net_usd").filter("is_binding")
    return (
        with_kind(frame)
        .group_by("payer_id", "payee_id", "kind")
        .agg(
            net_usd=pl.when(pl.col("net_usd").is_not_null().any()).then(pl.col("net_usd").sum()),
            binding_usd=pl.when(firm.is_not_null().any()).then(firm.sum()),
            source_ids=pl.col("source_ids").explode().drop_nulls().unique().sort(),
        )
        .sort("net_usd", "payer_id", "payee_id", "kind", descending=[True, False, False, False], nulls_last=True)
    )
