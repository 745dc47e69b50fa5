"""metrics.warrant_value_grid: the value of a warrant at other share prices."""

from __future__ import annotations

import math
from collections.abc import Mapping

import polars as pl

from assets.core import fields
from assets.core.columns import flag, ratio, usd
from assets.core.step import Built, Inputs, Step
from assets.core.table import Table
from assets.metrics.metric_rules import TOLERANCE
from assets.metrics.warrant_columns import MODEL_HAZARD, MODEL_RULE, OFFSET_RULE, exceeds, rule
from assets.metrics.warrant_values import KEY, READS, known, model_values, offset

WARRANT_VALUE_GRID = Table(
    stage="metrics",
    name="warrant_value_grid",
    summary=(
        "What a warrant would be worth on its last day at other share prices: multiples of the last price "
        "(assumptions warrant_grid_*) and its own hurdles."
    ),
    grain="one row per warrant with a strike and a known price, and share price",
    key=("warrant_id", "share_price_usd"),
    columns=(
        *fields.of("as_of_date", "warrant_id"),
        fields.here("share_price_usd", "the supposed price", required=True),
        ratio("price_multiple", "supposed price / last known price", required=True),
        flag("is_hurdle", "the supposed price is a hurdle of the warrant", required=True),
        fields.here("shares_counted"),
        usd("intrinsic_if_all_vested_usd", "all these shares times (price less strike), not below 0"),
        fields.here(
            "model_value_usd", "the model value at that price, everything else as on the last day; on assumptions"
        ),
        *fields.of("purchases_usd", "offset_ratio"),
    ),
    rules=(
        MODEL_RULE,
        rule(
            "intrinsic_within_share_value",
            ("intrinsic_if_all_vested_usd", "shares_counted", "share_price_usd"),
            "shares are worth no more than their price",
            exceeds("intrinsic_if_all_vested_usd", pl.col("shares_counted") * pl.col("share_price_usd")),
        ),
        rule(
            "value_rises_with_price",
            ("share_price_usd", "model_value_usd"),
            "at a higher price of the share a right to it is worth no less",
            pl.col("model_value_usd").shift(1).over("warrant_id", order_by="share_price_usd")
            > pl.col("model_value_usd") * (1 + TOLERANCE),
        ),
        OFFSET_RULE,
    ),
    min_rows=0,
    may_be_empty_because="no warrant of a ledger need have a strike and a known price",
    hazards=("what if, not a forecast: hurdles met by known closes count as met at every price", MODEL_HAZARD),
)

GRID_DIGITS = 9


def grid(days: pl.DataFrame, tranches: pl.DataFrame, assumptions: Mapping[str, float]) -> pl.DataFrame:
    """The value of each warrant on its last day at other prices of the share.

    Grain: warrant_id and share_price_usd. Rules: the prices are multiples of the last price, and the known hurdles.
    """
    low, high, step = (assumptions[f"warrant_grid_{name}_multiple"] for name in ("low", "high", "step"))
    count = math.floor((high - low) / step + 1e-9) + 1
    multiples = pl.DataFrame({"multiple": [low + i * step for i in range(count)]})
    last = days.filter(pl.col("as_of_date") == pl.col("as_of_date").max().over("warrant_id")).filter(
        pl.all_horizontal(pl.col("strike_usd", "share_price_usd", "max_shares").is_not_null()) & (pl.col("years") > 0)
    )
    spots = last.select(*KEY, "purchases_usd", "strike_usd", last_price="share_price_usd")
    hurdles = tranches.select(*KEY, price="hurdle", is_hurdle=pl.lit(True)).filter(pl.col("price") > 0)
    points = pl.concat(
        [
            spots.join(multiples, how="cross").select(
                *KEY, price=pl.col("last_price") * pl.col("multiple"), is_hurdle=pl.lit(False)
            ),
            hurdles.join(spots.select(KEY), on=KEY, how="semi"),
        ]
    ).with_columns(share_price_usd=pl.col("price").round(GRID_DIGITS))
    prices = points.group_by(*KEY, "share_price_usd").agg(pl.col("is_hurdle").any())
    supposed = prices.join(tranches.drop("share_price_usd"), on=KEY)
    valued = supposed.with_columns(model_values(supposed, assumptions))
    sums = valued.group_by(*KEY, "share_price_usd", "is_hurdle").agg(
        shares_counted=pl.col("tranche_shares").filter(~pl.col("is_lapsed")).sum(),
        model_value_usd=pl.when(pl.col("model_value_usd").is_not_null().all()).then(pl.col("model_value_usd").sum()),
    )
    gain = pl.max_horizontal(pl.col("share_price_usd") - pl.col("strike_usd"), pl.lit(0.0))
    return WARRANT_VALUE_GRID.conform(
        sums.join(spots, on=KEY)
        .with_columns(
            price_multiple=pl.col("share_price_usd") / pl.col("last_price"),
            intrinsic_if_all_vested_usd=pl.col("shares_counted") * gain,
            offset_ratio=offset(),
        )
        .sort("warrant_id", "share_price_usd")
    )


def _build(inputs: Inputs) -> Built:
    days, tranches, assumptions = known(inputs)
    return Built(grid(days, tranches, assumptions))


STEP = Step(WARRANT_VALUE_GRID, READS, _build)
