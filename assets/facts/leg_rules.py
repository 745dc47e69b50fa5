"""What the contracts of facts share: the key of an interval, and rules of more than one table."""

from __future__ import annotations

import polars as pl

from assets.core.rule import Read, Rule

RELATIVE_TOLERANCE = 1e-9

INTERVAL = ("leg_id", "known_from")


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
