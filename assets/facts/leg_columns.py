"""What the contracts of facts share: columns of a leg and its intervals, and rules of more than one table."""

from __future__ import annotations

import polars as pl

from assets.core.rule import Read, Rule
from assets.core.table import Column

RELATIVE_TOLERANCE = 1e-9

FLOWS_ON_ONE_DAY = ("equity_investment", "debt")


def key(name: str, description: str, refers_to: str = "") -> Column:
    """A column that names one thing."""
    return Column(name, "text", "", description, required=True, refers_to=refers_to)


KNOWN_FROM = Column("known_from", "date", "day", "first day on which the row is in force", required=True)

KNOWN_TO = Column("known_to", "date", "day", "day from which it is replaced, empty while it is in force")

SEED_KNOWN_FROM = Column(
    "seed_known_from", "date", "day", "known_from of the row of seeds/ that it comes from", required=True
)

LEG = key("leg_id", "the leg")

DEAL = key("deal_id", "the deal", "facts.deals.deal_id")

SOURCE = key("source_id", "where the figure was read", "facts.sources.source_id")

EVIDENCE = Column("evidence", "text", "", "how well the source was checked", required=True, vocabulary="evidence")

INTERVAL = ("leg_id", "known_from")


def money(prefix: str, description: str) -> tuple[Column, ...]:
    """Low, point and high of an amount."""
    return (
        Column(f"{prefix}_low_usd", "number", "USD", f"{description}, lower bound", at_least=0),
        Column(f"{prefix}_usd", "number", "USD", f"{description}, point", at_least=0),
        Column(f"{prefix}_high_usd", "number", "USD", f"{description}, upper bound", at_least=0),
    )


def cancelled_carries_nothing(columns: tuple[str, ...], state: str) -> Rule:
    """A cancelled leg has nothing in these columns."""

    def offends(frame: pl.DataFrame, _read: Read) -> pl.Series:
        carries = pl.any_horizontal(pl.col(columns).fill_null(0) != 0)
        return frame.select((pl.col(state) == "cancelled") & carries).to_series()

    return Rule(
        "cancelled_carries_nothing",
        (state, *columns),
        "a cancelled promise counts for nothing from that day on, whatever figure the seed row repeats",
        "this is a defect of the builder: report it with the sample keys",
        offends=offends,
    )


def sums_match(whole: str, columns: tuple[tuple[str, str], ...]) -> Rule:
    """Per interval, the quarters of a schedule add up to the whole; looked up from the schedule's side."""

    def offends(frame: pl.DataFrame, read: Read) -> pl.Series:
        sums = frame.group_by(INTERVAL).agg(pl.col(part).sum().alias(part) for part, _ in columns)
        ids = sums[INTERVAL[0]]
        in_reach = pl.col(INTERVAL[0]).is_between(pl.lit(ids.min()), pl.lit(ids.max()))  # of a part: few of all
        wholes = read(whole).filter(in_reach).select(*INTERVAL, *(pl.col(w).alias(f"whole_{w}") for _, w in columns))
        wrong = sums.join(wholes, on=INTERVAL, how="left", validate="1:1").filter(
            pl.any_horizontal(
                (
                    (pl.col(p) - pl.col(f"whole_{w}")).abs()
                    > RELATIVE_TOLERANCE * pl.col(f"whole_{w}").abs() + RELATIVE_TOLERANCE
                ).fill_null(value=False)
                for p, w in columns
            )
            | pl.all_horizontal(pl.col(f"whole_{w}").is_null() for _, w in columns)
        )
        if wrong.is_empty():
            return pl.repeat(value=False, n=frame.height, eager=True)
        return frame.select(
            pl.struct(INTERVAL).is_in(wrong.select(pl.struct(INTERVAL)).to_series().implode())
        ).to_series()

    return Rule(
        "quarters_sum_to_whole",
        (*INTERVAL, *(p for p, _ in columns)),
        f"the quarters of an interval must add up to its row in {whole}, to one part in a billion",
        "this is a defect of the builder: report it with the sample keys",
        offends=offends,
        needs=(whole,),
    )
