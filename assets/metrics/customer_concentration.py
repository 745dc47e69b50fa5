"""metrics.customer_concentration: the share of a supplier's backlog that each customer owes."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from assets.core import fields
from assets.core.columns import integer, share, text, usd
from assets.core.rule import Read, Rule
from assets.core.step import Built, Inputs, Step
from assets.core.table import Latest, Table
from assets.metrics.graph import aggregates
from assets.metrics.metric_rules import LANDMARKS, NOT_OUR_DATA, TOLERANCE
from assets.metrics.outstanding_by_pair import OUTSTANDING, READS, pairs_of


def _shares_off(frame: pl.DataFrame, _read: Read) -> pl.Series:
    total = pl.col("share_of_backlog").sum().over("as_of_date", "supplier_id")
    return frame.select((total - 1).abs() > TOLERANCE).to_series()


def _rank_wrong(frame: pl.DataFrame, _read: Read) -> pl.Series:
    supplier = ["as_of_date", "supplier_id"]
    larger_before = pl.col("share_of_backlog").diff().over(*supplier, order_by="rank") > TOLERANCE
    ranks = pl.int_range(1, pl.len() + 1).over(*supplier, order_by="rank")
    return frame.select((larger_before | (pl.col("rank") != ranks)).fill_null(value=False)).to_series()


CUSTOMER_CONCENTRATION = Table(
    stage="metrics",
    name="customer_concentration",
    summary="How much of a supplier's backlog in the ledger rests on each customer, as known on a day.",
    grain="one row per day, supplier and customer with something outstanding",
    key=("as_of_date", "supplier_id", "customer_id"),
    latest=Latest(),
    columns=(
        fields.here("as_of_date"),
        fields.here("supplier_id", "who sells; suppliers of kind aggregate stand for many and are left out"),
        text("customer_id", "who buys", required=True, refers_to="facts.entities.entity_id"),
        usd("outstanding_usd", "disclosed own shares of purchases due on or after the day", required=True),
        fields.here("outstanding_imputed_usd"),
        share(
            "share_of_backlog",
            "of everything outstanding with the supplier in the ledger, disclosed and imputed",
            required=True,
        ),
        integer("rank", "1 is the largest customer of the supplier", required=True, at_least=1),
    ),
    rules=(
        Rule("shares_sum_to_one", ("share_of_backlog",), "the customers of a supplier make up its whole backlog",
             NOT_OUR_DATA, offends=_shares_off),
        Rule("rank_follows_share", ("rank", "share_of_backlog"),
             "ranks count from 1 and a larger share never ranks behind a smaller one", NOT_OUR_DATA,
             offends=_rank_wrong),
    ),
    min_rows=0,
    may_be_empty_because="a ledger may have nothing outstanding",
    hazards=(
        LANDMARKS,
        "the backlog in the ledger, not that of the company: see metrics.backlog_reconciliation for the reported one",
    ),
)  # fmt: skip


def concentration(pairs: pl.DataFrame, many: Sequence[str]) -> pl.DataFrame:
    """The share of a supplier's backlog that each customer owes.

    Grain: as_of_date, supplier_id, customer_id. `many` are the aggregates, which are left out as suppliers. Equal
    shares rank by the name of the customer.
    """
    supplier = ["as_of_date", "supplier_id"]
    named = pairs.rename({"payee_id": "supplier_id", "payer_id": "customer_id"}).filter(
        ~pl.col("supplier_id").is_in(list(many))
    )
    backlog = pl.sum_horizontal(OUTSTANDING)
    ranked = (
        named.with_columns(share_of_backlog=backlog / backlog.sum().over(supplier))
        .sort(*supplier, -pl.col("share_of_backlog"), "customer_id")
        .with_columns(rank=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over(supplier))
    )
    return CUSTOMER_CONCENTRATION.conform(ranked)


def _build(inputs: Inputs) -> Built:
    return Built(concentration(pairs_of(inputs), aggregates(inputs.read("facts.entities"))))


STEP = Step(CUSTOMER_CONCENTRATION, READS, _build)
