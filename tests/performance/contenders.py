"""The same work by alternative implementations: schedules of all legs, and cumulative dues between two parties.

Each reads the same Parquet files and writes one: payer, payee, quarter, number of rows, cents, cents so far. Run as
`python -m tests.performance.contenders NAME FOLDER OUT`; prints seconds without the imports, and peak megabytes.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import numpy as np
import polars as pl

from assets.core.size import Executor, Local
from assets.core.vocabulary import FLOWS_ON_ONE_DAY
from assets.facts.commitment_schedule import ramps, scheduled
from assets.finance import schedule
from assets.scale import partitioned_table
from assets.scale.executors import TRUST_VARIABLE, Dask
from tests.performance.inputs import files
from tests.performance.rows import memory_mb

SQL = Path(__file__).with_name("by_hand.sql")

PAIR = ["payer_id", "payee_id"]

CENTS = ["cents", "cents_so_far"]

POWER = ["leg_id", "stage", "known_from", "known_to", "first_power_on", "full_power_on"]

LEGS_PER_PART = 300_000

MEMORY_OF_DUCKDB = "4GB"

# --- this project ---------------------------------------------------------------------------------------------------


class Place:
    """A folder for parts, and the executor."""

    def __init__(self, folder: Path, workers: Executor) -> None:
        self.folder, self.workers, self.made = folder, workers, 0

    def new_folder(self) -> Path:
        self.made += 1
        found = self.folder / str(self.made)
        found.mkdir(parents=True)
        return found

    def report(self, text: str) -> None:
        del text


def due(commitments: pl.DataFrame, capacity: pl.DataFrame) -> pl.DataFrame:
    """Dues between two parties by quarter, and cumulative; all legs of a pair must be in the input."""
    own = capacity.join(commitments, left_on="leg_id", right_on="capacity_leg_id", how="semi")
    pairs = commitments.select(PAIR).unique().sort(PAIR).with_row_index("pair")  # numbers sort faster than names
    numbered = commitments.join(pairs, on=PAIR)
    spread = schedule.spread(numbered, own, carry=["pair"])
    sums = added_up(spread, ["pair"]).collect()
    return pairs.join(sums, on="pair", maintain_order="right").select(*PAIR, "quarter_start", "quarters", *CENTS)


def added_up(spread: pl.LazyFrame, by: list[str]) -> pl.LazyFrame:
    """Rows, cents and cents so far by quarter."""
    cents = (pl.col("net_amount_usd") * 100).round().cast(pl.Int64).sum().alias("cents")
    return (
        spread.group_by(*by, "quarter_start")
        .agg(pl.len().cast(pl.Int64).alias("quarters"), cents)
        .sort(*by, "quarter_start")
        .with_columns(pl.col("cents").cum_sum().over(by).alias("cents_so_far"))
    )


def _promises(folder: Path) -> Iterator[pl.DataFrame]:
    needed = [*PAIR, "leg_id", "known_from", "known_to", "flow", "certainty", "is_statement", "is_imputed_amount",
              "starts_on", "ends_on", "capacity_leg_id", *schedule.AMOUNTS]  # fmt: skip
    for file in files(folder, "commitments"):
        for slice_ in range(0, pl.scan_parquet(file).select(pl.len()).collect().item(), 1_000_000):
            yield scheduled(pl.scan_parquet(file).select(needed).slice(slice_, 1_000_000).collect())


def in_parts(folder: Path, out: Path, workers: Executor | None = None) -> None:
    """Hash partitions through Parquet, each a pure function."""
    legs = sum(pl.scan_parquet(f).select(pl.len()).collect().item() for f in files(folder, "commitments"))
    capacity = ramps(pl.concat(pl.read_parquet(f, columns=POWER) for f in files(folder, "capacity")))
    with tempfile.TemporaryDirectory(dir=out.parent) as made:
        place = Place(Path(made), workers or Local())
        count = -(-legs // LEGS_PER_PART)
        pieces = _promises(folder) if count == 1 else partitioned_table.by_hash(_promises(folder), PAIR, count, place)
        found = partitioned_table.built(
            due,
            pieces,
            place,
            capacity=capacity,
        )
        if isinstance(found, partitioned_table.PartitionedTable):
            found.lazy().sink_parquet(out)
        else:
            found.write_parquet(out)


def on_dask(folder: Path, out: Path) -> None:
    """The same parts on the workers of a cluster, whose address is the fourth argument."""
    os.environ[TRUST_VARIABLE] = "1"
    in_parts(folder, out, Dask(sys.argv[4]))


# --- others ---------------------------------------------------------------------------------------------------------


def duckdb_sql(folder: Path, out: Path) -> None:
    """Hand-written SQL."""
    with duckdb.connect() as connection, tempfile.TemporaryDirectory(dir=out.parent) as spill:
        connection.execute(f"set memory_limit = '{MEMORY_OF_DUCKDB}'; set temp_directory = '{spill}'")
        connection.execute("set preserve_insertion_order = false")
        sql = SQL.read_text(encoding="utf-8")
        for name in ("commitments", "capacity"):
            sql = sql.replace(f"${name}", str([str(f) for f in files(folder, name)]))
        connection.execute(f"copy ({sql}) to '{out}' (format parquet)")


def polars_streaming(folder: Path, out: Path) -> None:
    """One lazy frame on the streaming engine."""
    commitments = scheduled(pl.concat([pl.scan_parquet(f) for f in files(folder, "commitments")]))  # type: ignore[type-var]
    capacity = pl.concat([pl.scan_parquet(f) for f in files(folder, "capacity")])
    spread = schedule.spread(commitments, ramps(capacity), carry=PAIR)  # type: ignore[type-var]
    added_up(spread, PAIR).sink_parquet(out, engine="streaming")


def in_pandas(folder: Path, out: Path) -> None:
    """Pandas and NumPy."""
    import pandas as pd

    def days(column: pd.Series) -> pd.Series:
        return (pd.to_datetime(column) - pd.Timestamp(0)).dt.days

    legs = pd.concat(pd.read_parquet(f) for f in files(folder, "commitments"))
    legs = legs[~legs.is_statement & (legs.certainty != "cancelled") & legs[list(schedule.AMOUNTS)].notna().any(axis=1)]
    power = pd.concat(pd.read_parquet(f) for f in files(folder, "capacity"))
    power = power[(power.stage != "cancelled") & power.first_power_on.notna() & power.full_power_on.notna()]
    power = power[["leg_id", "known_from", "known_to", "first_power_on", "full_power_on"]].rename(
        columns={
            "leg_id": "capacity_leg_id",
            "known_from": "valid_from",
            "known_to": "valid_to",
            "first_power_on": "first",
            "full_power_on": "full",
        }
    )
    legs = legs[
        ["leg_id", *PAIR, "flow", "known_from", "starts_on", "ends_on", "capacity_leg_id", "net_amount_usd"]
    ].reset_index(drop=True)
    follows = legs[legs.flow.isin([*schedule.FLOWS_BY_LEVEL, *schedule.FLOWS_BY_ADDITION])].reset_index()
    met = follows.merge(power, on="capacity_leg_id")
    met = met[(met.known_from >= met.valid_from) & (met.valid_to.isna() | (met.known_from < met.valid_to))].set_index(
        "index"
    )
    start, end = days(legs.starts_on), days(legs.ends_on)
    end = end.where(~legs.flow.isin(FLOWS_ON_ONE_DAY), start + 1)
    first, ramp = days(met["first"]).reindex(legs.index), (days(met["full"]) - days(met["first"])).reindex(legs.index)
    rises_from, rises_for = first - (ramp == 0), ramp.clip(lower=1)
    by_level = legs.flow.isin(schedule.FLOWS_BY_LEVEL) & (rises_from + 1 < end)
    added_from, added_to = np.fmax(start, first), np.fmin(end, first + rises_for)
    by_addition = legs.flow.isin(schedule.FLOWS_BY_ADDITION) & first.notna() & (added_from < added_to)
    begin = np.where(by_level | by_addition, added_from, start)
    stop = np.where(by_addition, added_to, end)
    length = np.where(by_level, rises_for, 1.0)
    rise = np.where(by_level, rises_from, begin - 1)

    def weight(day: np.ndarray, rise: np.ndarray, length: np.ndarray) -> np.ndarray:
        risen = np.minimum(day - rise, length)
        return risen * (risen - 1) / (2 * length) + (day - rise - risen)

    def quarter(day: np.ndarray) -> np.ndarray:
        return day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) // 3

    whole = weight(stop, rise, length) - weight(begin, rise, length)
    lowest = quarter(begin.astype(np.int64))
    counts = quarter(stop.astype(np.int64) - 1) - lowest + 1
    at = np.repeat(np.arange(len(legs)), counts)
    number = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts) + lowest[at]
    opens, closes = ((number + k).astype(np.int64) * 3 for k in (0, 1))
    opens, closes = (m.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) for m in (opens, closes))
    low, high = np.maximum(opens, begin[at]), np.minimum(closes, stop[at])
    share = (weight(high, rise[at], length[at]) - weight(low, rise[at], length[at])) / whole[at]
    spread = legs.loc[at, PAIR].assign(
        quarter_start=opens.astype("datetime64[D]"),
        quarters=1,
        cents=np.round(legs.net_amount_usd.to_numpy()[at] * share * 100),
    )
    sums = spread.groupby([*PAIR, "quarter_start"], sort=True, as_index=False).sum()
    sums["cents"] = sums.cents.astype(np.int64)
    sums["cents_so_far"] = sums.groupby(PAIR).cents.cumsum()
    sums.to_parquet(out)


CONTENDERS: dict[str, Callable[[Path, Path], None]] = {
    "parts": in_parts,
    "dask": on_dask,
    "duckdb": duckdb_sql,
    "streaming": polars_streaming,
    "pandas": in_pandas,
}


def main() -> None:
    """Do the work once and print time and memory."""
    start = time.perf_counter()
    CONTENDERS[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
    print(time.perf_counter() - start, memory_mb())


if __name__ == "__main__":
    main()
