"""Cost of a gate on a large frame, compared with plain SQL: `make bench ARGS=gates`.

The frame is a schedule of payments that satisfies every rule of its contract. The same checks are SELECTs over the same
frame, which DuckDB reads in place. Both run in turn, so that a change in machine speed affects both.
"""

from __future__ import annotations

import sys
import tempfile
from functools import partial
from pathlib import Path

import polars as pl

from assets.core import sql_files
from assets.facts.commitment_schedule import COMMITMENT_SCHEDULE
from assets.gates.evaluate import evaluate
from assets.warehouse.frames import readable
from assets.warehouse.in_memory import InMemory
from tests.performance.rows import Row, apart, megabytes, memory_mb, ratio, taken, times, turns

ROWS = 10_000_000

ROUNDS = 3

QUARTERS = 20

AMOUNTS = ("amount_low_usd", "amount_usd", "amount_high_usd", "net_amount_usd")

FILES = ("legs", "schedule")

PLAIN = {
    "columns": "select column_name from (describe from candidate)",
    "row_count": "select count(*) from candidate",
    "unique_key": "select leg_id, known_from, quarter_start from candidate group by all having count(*) > 1",
    "required_values": "select count(*) from candidate where leg_id is null or known_from is null "
    "or quarter_start is null or is_imputed_amount is null",
    "finite_numbers": f"select count(*) from candidate where {' or '.join(f'not isfinite({c})' for c in AMOUNTS)}",
    **{f"range:{c}": f"select count(*) from candidate where {c} < 0" for c in AMOUNTS},
    "quarters_sum_to_whole": "with sums as (select leg_id, known_from, "
    + ", ".join(f"sum({c}) as {c}" for c in AMOUNTS)
    + " from candidate group by all) select leg_id from sums "
    "left join facts.commitments as c using (leg_id, known_from) where c.leg_id is null or "
    + " or ".join(f"abs(sums.{c} - c.{c}) > 1e-9 * abs(c.{c}) + 1e-9" for c in AMOUNTS),
    "reconciles": sql_files.text("checks", "commitment_schedule"),
}
"""Rule of the contract → the same check as plain SQL."""


def ledger(rows: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Promises, each in force once, and a schedule of about this number of rows that adds up to them."""
    number = pl.int_range(rows // QUARTERS, eager=True)
    begins = pl.date(2021, 1, 1).dt.offset_by(pl.format("{}q", number % 8))
    each = (number % 1000 + 1) * 1e6
    legs = pl.select(
        leg_id=pl.format("l{}", number.cast(pl.String).str.zfill(7)),
        known_from=pl.date(2021, 1, 1) + pl.duration(days=number % 1500),
        known_to=pl.when(number % 3 == 0).then(pl.date(2026, 1, 1)),
        starts_on=begins,
        ends_on=begins.dt.offset_by(f"{QUARTERS}q"),
        is_statement=pl.lit(value=False),
        certainty=pl.lit("announced"),
        is_imputed_amount=number % 7 == 0,
        **dict.fromkeys(AMOUNTS, each * QUARTERS),
    )
    quarters = pl.DataFrame({"quarter": range(QUARTERS)})
    schedule = legs.join(quarters, how="cross").with_columns(
        pl.col("starts_on").dt.offset_by(pl.format("{}q", "quarter")).alias("quarter_start"),
        *(pl.col(c) / QUARTERS for c in AMOUNTS),
    )
    return legs, COMMITMENT_SCHEDULE.conform(schedule)


def rows(folder: Path, height: int = ROWS) -> list[Row]:
    """The gate of a schedule of this number of rows."""
    with tempfile.TemporaryDirectory(dir=folder) as made:
        for name, frame in zip(FILES, ledger(height), strict=True):
            frame.write_parquet(Path(made) / name)
        found, beyond_mb = apart(measure, Path(made))
    return [
        Row(
            f"gate of {COMMITMENT_SCHEDULE.full_name}, {height:,} rows, {len(PLAIN)} rules",
            "the same checks as plain SQL over the same frame",
            times(found),
            "≤ 2, ≤ 1,500 MB",
            f"{megabytes(beyond_mb)} beyond the frame",
        )
    ]


def measure(folder: Path) -> tuple[float, float]:
    """Time of the gate divided by that of plain SQL, and memory of the first gate in MB, in a new process."""
    held = InMemory(folder)
    legs, frame = (pl.read_parquet(folder / name) for name in FILES)
    held.keep("facts.commitments", legs)
    held.query("from facts.commitments limit 0")  # DuckDB now holds it
    before = memory_mb("VmRSS")
    _must_pass(held, frame)
    beyond_mb = memory_mb() - before
    _plain_sql(held, frame)
    acts = {act.__name__: partial(taken, partial(act, held, frame)) for act in (_must_pass, _plain_sql)}
    spent = turns(acts, ROUNDS)
    held.close()
    return ratio(*spent.values()), beyond_mb


def _must_pass(held: InMemory, frame: pl.DataFrame) -> None:
    gate = evaluate(COMMITMENT_SCHEDULE, frame, held)
    if not gate.is_passed:
        sys.exit(f"the frame breaks {[r.rule for r in gate.refusals]}: {gate.refusals[0].reason}")
    if missing := {r.rule for r in gate.results} ^ set(PLAIN):
        sys.exit(f"the rules of the contract and those listed here differ: {sorted(missing)}")


def _plain_sql(held: InMemory, frame: pl.DataFrame) -> None:
    connection = held._connection
    with readable(connection, "candidate", frame):
        for rule, sql in PLAIN.items():
            found = connection.sql(sql).fetchmany(1)
            is_counted = sql.startswith("select count(*)")
            if rule not in {"columns", "row_count"} and (found[0][0] if is_counted else found):
                sys.exit(f"plain SQL finds offenders of {rule}: {found}")
