"""Contract of the money trail: what the money of a funding leg could have paid for, payment by payment."""

from __future__ import annotations

import polars as pl

from assets.contracts.metrics import AS_OF, _entity, _usd
from assets.contracts.model import Column, Read, Rule, Table
from assets.contracts.stress import CENT, LANDMARKS, NOT_OUR_DATA, TOLERANCE

ORIGIN = ["as_of_date", "funding_leg_id"]
END_REASONS = {
    "aggregate": "the payee stands for many: an end, never a station",
    "already_on_path": "the payee is already on the path: the money has come back",
    "no_purchases": "the payee has no purchases of known size in force",
    "purchases_exceeded": "more money arrives than the payee's purchases can take",
    "leg_exceeded": "more money than the leg that it is said to pay for",
    "too_small": "less than the assumption trail_min_usd",
    "too_many_ways": "more ways on than the assumption trail_branches_max: the largest are followed",
    "max_hops": "the assumption trail_max_hops is reached",
}
"""Why money is followed no further."""


def _beyond(part: str, whole: str) -> Rule:
    def offends(frame: pl.DataFrame, _read: Read) -> pl.Series:
        return (frame[part] > frame[whole] * (1 + TOLERANCE) + CENT).fill_null(value=False)

    return Rule(
        f"{part}_within_{whole}",
        (part, whole),
        f"{part} cannot exceed {whole}",
        NOT_OUR_DATA,
        offends=offends,
    )


def _beyond_origin(frame: pl.DataFrame, _read: Read) -> pl.Series:
    arriving = pl.col("attributed_usd").sum().over(*ORIGIN, "hop")
    origin = pl.col("attributed_usd").filter(pl.col("hop") == 0).sum().over(ORIGIN)
    return frame.select((arriving > origin * (1 + TOLERANCE) + CENT).fill_null(value=False)).to_series()


def _not_conserved(frame: pl.DataFrame, _read: Read) -> pl.Series:
    """What arrives at a hop ends there or arrives at the next one."""
    hops = frame.group_by(*ORIGIN, "hop").agg(arrives=pl.col("attributed_usd").sum(), ends=pl.col("ended_usd").sum())
    following = hops.select(*ORIGIN, hop=pl.col("hop") - 1, goes_on="arrives")
    checked = hops.join(following, on=[*ORIGIN, "hop"], how="left").with_columns(
        lost=(pl.col("arrives") - pl.col("ends") - pl.col("goes_on").fill_null(0)).abs()
        > CENT + TOLERANCE * pl.col("arrives")
    )
    joined = frame.join(checked, on=[*ORIGIN, "hop"], how="left", maintain_order="left")
    return joined["lost"].fill_null(value=True)


def _end_wrong(frame: pl.DataFrame, _read: Read) -> pl.Series:
    ends = pl.col("ended_usd") > 0
    wrong = (ends != pl.col("is_end")) | (pl.col("is_end") != pl.col("end_reason").is_not_null())
    return frame.select(wrong.fill_null(value=False)).to_series()


def _link_wrong(frame: pl.DataFrame, _read: Read) -> pl.Series:
    is_origin = pl.col("link") == "origin"
    wrong = (is_origin != (pl.col("hop") == 0)) | (is_origin & (pl.col("leg_id") != pl.col("funding_leg_id")))
    return frame.select(wrong.fill_null(value=False)).to_series()


MONEY_TRAIL = Table(
    stage="metrics",
    name="money_trail",
    summary=(
        "What the money of each equity or debt leg could have paid for: along the leg that it is said to fund, then in "
        "proportion to the purchases of whoever receives it."
    ),
    grain=(
        "one row per day, funding leg (beyond assumption trail_legs_max the largest of the day), hop and leg that its "
        "money could reach"
    ),
    key=("as_of_date", "funding_leg_id", "hop", "leg_id"),
    columns=(
        AS_OF,
        Column("funding_leg_id", "text", "", "the equity or debt whose money is followed", required=True),
        Column("hop", "integer", "", "0 is the funding leg itself", required=True, at_least=0),
        Column("leg_id", "text", "", "the leg that the money could have paid for", required=True),
        _entity("payer_id", "who pays the leg"),
        _entity("payee_id", "who is paid"),
        Column("flow", "text", "", "what the leg is for", required=True, vocabulary="flow"),
        Column(
            "link",
            "text",
            "",
            "origin; funds: named by the funding leg, or by the larger leg that it is part of; purchase: in proportion",
            required=True,
            pattern="^(?:origin|funds|purchase)$",
        ),
        _usd("amount_usd", "own share of the leg, empty if undisclosed; with link funds the whole leg, parts included"),
        Column("is_imputed_amount", "flag", "", "amount_usd is gigawatts times cost per gigawatt", required=True),
        _usd("attributed_usd", "money of the funding leg that could have paid for this leg, all paths", required=True),
        _usd("ended_usd", "the part of attributed_usd that is followed no further", required=True),
        Column("is_end", "flag", "", "some of the money ends here", required=True),
        Column(
            "end_reason",
            "text",
            "",
            "why it ends, for the largest part: " + "; ".join(f"{k}: {v}" for k, v in END_REASONS.items()),
            pattern=f"^(?:{'|'.join(END_REASONS)})$",
        ),
        Column("path", "text", "", "the largest way on which it arrives, in the order of payment", required=True),
        Column("path_count", "integer", "rows", "ways on which it arrives", required=True, at_least=1),
    ),
    rules=(
        _beyond("attributed_usd", "amount_usd"),
        _beyond("ended_usd", "attributed_usd"),
        Rule("within_origin", ("attributed_usd",), "no more money arrives at a hop than the funding leg has",
             NOT_OUR_DATA, offends=_beyond_origin),
        Rule("money_conserved", ("attributed_usd", "ended_usd", "hop"),
             "what arrives at a hop ends there or arrives at the next one", NOT_OUR_DATA, offends=_not_conserved),
        Rule("end_consistent", ("is_end", "ended_usd", "end_reason"), "money that ends has a reason, other money none",
             NOT_OUR_DATA, offends=_end_wrong),
        Rule("origin_consistent", ("link", "hop", "leg_id", "funding_leg_id"),
             "hop 0, and only it, is the funding leg itself", NOT_OUR_DATA, offends=_link_wrong),
    ),
    min_rows=0,
    may_be_empty_because="a ledger may hold no funding",
    hazards=(
        "could have paid for, never paid for: money has no marks, beyond a named leg it is attributed in proportion",
        "choose one hop, or is_end with ended_usd: the same money stands in every hop",
        "several funding legs may be attributed to one purchase: together they can exceed it",
        "only the funding itself is followed: what the payee earns or owns besides is not",
        LANDMARKS,
    ),
)  # fmt: skip

TABLES = (MONEY_TRAIL,)
