"""What a gate costs on a large frame: `python -m tests.gates.bench [ROWS]`, as a ratio to plain SQL of one run.

The frame is a schedule of payments that keeps every rule of its contract. The same checks stand here as SELECTs over
the same frame, which DuckDB reads where it lies. Both run in turn, so that a machine whose speed drifts slows both.
"""

from __future__ import annotations

import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.table import Table

from assets import sqlfiles
from assets.contracts.facts.commitments import COMMITMENT_SCHEDULE
from assets.gates import evaluate
from assets.warehouse.frames import readable
from assets.warehouse.in_memory import InMemory

ROWS = 10_000_000
ROUNDS = 3
QUARTERS = 20
AMOUNTS = ("amount_low_usd", "amount_usd", "amount_high_usd", "net_amount_usd")
KILOBYTES_PER_MB = 1024
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
    "reconciles": sqlfiles.text("reconcile", "commitment_schedule"),
}
"""Rule of the contract → the same check as plain SQL."""


def ledger(rows: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Promises, each in force once, and a schedule of about so many rows that adds up to them."""
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


def ratio_rows(rows: int = ROWS) -> Iterator[tuple[str, str, str, str, str]]:
    """What is measured, ratio, aim, against what, median of what: rows for a table."""
    what = f"gate of {COMMITMENT_SCHEDULE.full_name}, {rows:,} rows, {len(PLAIN)} rules"
    with tempfile.TemporaryDirectory() as folder:
        for name, frame in zip(FILES, ledger(rows), strict=True):
            frame.write_parquet(Path(folder) / name)
        command = [sys.executable, "-m", "tests.gates.bench", folder]
        measured = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    ratio, beyond_mb = map(float, measured.split())
    yield what, f"{ratio:.2f}", "≤ 2", "the same checks as plain SQL over the same frame", f"{ROUNDS} pairs"
    yield f"{what}, memory", f"{beyond_mb:.0f} MB", "≤ 1500 MB", "beyond the frame", "the first run"


def measure(folder: Path) -> tuple[float, float]:
    """Time of the gate over that of plain SQL, and memory of the first gate in MB; in a process without a past."""
    held = InMemory(folder)
    legs, frame = (pl.read_parquet(folder / name) for name in FILES)
    held.keep("facts.commitments", legs)
    before = _memory_mb("VmRSS")
    _must_pass(held, frame)
    beyond_mb = _memory_mb("VmHWM") - before
    _plain_sql(held, frame)
    gates, plains = [], []
    for _ in range(ROUNDS):
        gates.append(_seconds(lambda: _must_pass(held, frame)))
        plains.append(_seconds(lambda: _plain_sql(held, frame)))
    held.close()
    return statistics.median(g / p for g, p in zip(gates, plains, strict=True)), beyond_mb


def _must_pass(held: InMemory, frame: pl.DataFrame) -> None:
    gate = evaluate(COMMITMENT_SCHEDULE, frame, held)
    if not gate.is_passed:
        sys.exit(f"the frame breaks {[r.rule for r in gate.refusals]}: {gate.refusals[0].reason}")
    if missing := {r.rule for r in gate.results} ^ set(PLAIN):
        sys.exit(f"the rules of the contract and those told here differ: {sorted(missing)}")


def _plain_sql(held: InMemory, frame: pl.DataFrame) -> None:
    connection = held._connection
    with readable(connection, "candidate", frame):
        for rule, sql in PLAIN.items():
            found = connection.sql(sql).fetchmany(1)
            is_counted = sql.startswith("select count(*)")
            if rule not in {"columns", "row_count"} and (found[0][0] if is_counted else found):
                sys.exit(f"plain SQL finds offenders of {rule}: {found}")


def _seconds(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def _memory_mb(name: str) -> float:
    """Memory of this process as Linux tells it: VmRSS now, VmHWM at most so far."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return float(re.search(rf"{name}:\s+(\d+)", status)[1]) / KILOBYTES_PER_MB


def main() -> None:
    """Measure and print; given a folder with a ledger, in this process."""
    given = sys.argv[1:2]
    if given and not given[0].isdigit():
        print(*measure(Path(given[0])))
        return
    shown = Table("what", "ratio", "aim", "against", "median of", box=None)
    for row in ratio_rows(*map(int, given)):
        shown.add_row(*row)
    Console(width=160).print(shown)


if __name__ == "__main__":
    main()
