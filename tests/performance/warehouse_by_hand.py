"""The warehouse as hand-written DuckDB SQL: `by_hand/*.sql`, without gates, in one process.

`python -m tests.performance.warehouse_by_hand SEEDS OUT` works in OUT/build.duckdb and publishes OUT/warehouse.duckdb;
prints the seconds of every table, then all seconds without the imports, and peak megabytes. It follows the rules of
METHODS for large ledgers; `same` compares its tables with those of `closedloop build`.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb

from tests.performance.rows import memory_mb
from tests.places import SQL

FOLDER = Path(__file__).with_name("by_hand")

MEMORY_OF_DUCKDB = "4GB"

STORAGE_VERSION = "v1.4.0"

SEEDS = (
    "assumptions", "scenarios", "entities", "sources", "deals", "capacity", "commitments", "financials", "prices",
    "warrants", "warrant_tranches", "cost_per_gw", "claims",
)  # fmt: skip

FACTS = (
    "entities", "sources", "deals", "financials", "cost_per_gw", "capacity", "commitments", "commitment_alternatives",
    "commitment_schedule", "capacity_schedule", "commitment_outstanding", "revenue_coverage",
)  # fmt: skip

SELECTS = ("capacity_by_view", "capacity_by_quarter", "commitments_by_counterparty", "headline")
"""The tables of metrics that are a SELECT in the project; it is used unchanged."""

BI = (
    "dim_certainty", "dim_deal", "dim_entity", "dim_evidence", "dim_flow", "dim_scenario", "dim_source", "dim_view",
    "dim_day", "capacity", "capacity_by_quarter", "commitments", "commitments_by_counterparty", "commitments_due",
    "deal_patterns", "headline", "headline_by_month", "revenue_coverage",
)  # fmt: skip
"""The tables for BI tools whose inputs are made here; their SELECTs are used unchanged."""

TABLES = (
    *(f"raw.{name}" for name in SEEDS),
    *(f"staging.{name}" for name in SEEDS),
    *(f"facts.{name}" for name in FACTS),
    *(f"metrics.{name}" for name in (*SELECTS, "deal_patterns")),
    *(f"bi.{name}" for name in BI),
)
"""The tables made here, in the order of the stages."""

LEFT_OUT = (
    ("metrics.claims", "one SELECT a sentence of the article: milliseconds at any size"),
    ("metrics.circularity", "a linear program a day"),
    ("metrics.loops", "a search for cycles"),
    ("metrics.supplier_round_trip", "a maximum flow a supplier"),
    ("metrics.circularity_null", "hundreds of linear programs on shuffled ledgers"),
    ("metrics.changes", "rests on metrics.circularity"),
    ("metrics.warrant_values", "barrier options"),
    ("metrics.warrant_value_grid", "barrier options"),
    ("metrics.completeness", "reported on the days of the simulation and of the stress test"),
    ("metrics.coverage_simulation", "random draws"),
    ("metrics.first_shortfall", "random draws"),
    ("metrics.stress_scope", "says who takes part in metrics.stress"),
    ("metrics.stress", "a fixed point a shock"),
    ("metrics.customer_concentration", "reported on the days that the stress test chooses"),
    ("metrics.backlog_reconciliation", "the ledger beside what companies say, a report of its own"),
    ("metrics.statement_reconciliation", "the ledger beside what companies say, a report of its own"),
    ("metrics.money_trail", "payments followed over several legs, cut at limits of their own"),
    ("quality.*", "verdicts, dictionary and publications: there are no gates"),
    ("bi.*", "the tables for BI tools that read one of these"),
)
"""Tables that are not made here, each with the reason."""

CENT = 0.015
"""Tolerance: half a cent may be rounded either way, so two such sums may differ by a cent."""

DOUBLE = 1e-13
"""For trillions at the end of a long growth path, a double cannot represent cents."""

SHARE = 1e-9

Timed = tuple[str, float]


def build(seeds: Path, out: Path) -> Iterator[Timed]:
    """Make OUT/build.duckdb, then OUT/warehouse.duckdb; prints every table with its seconds as soon as it is made."""
    out.mkdir(parents=True, exist_ok=True)
    work, published = out / "build.duckdb", out / "warehouse.duckdb"
    for path in (work, published):
        path.unlink(missing_ok=True)
    with duckdb.connect(str(work), config=_settings(out)) as connection:
        connection.execute("set variable seeds = $1", [str(seeds)])
        for file in sorted(FOLDER.glob("*.sql")):
            for statement in connection.extract_statements(file.read_text(encoding="utf-8")):
                yield _timed(connection, _made_by(statement.query), statement)
            if file.stem.endswith("metrics"):
                yield from _selected(connection, "metrics", SELECTS)
        yield from _copied(connection, published)
    with duckdb.connect(str(published), config=_settings(out)) as connection:
        connection.execute("create schema bi")
        yield from _selected(connection, "bi", BI)
        yield _timed(connection, "checkpoint", "checkpoint")


def _settings(out: Path) -> dict[str, str | bool | int | float | list[str]]:
    return {
        "memory_limit": MEMORY_OF_DUCKDB,
        "temp_directory": str(out / "spill"),
        "preserve_insertion_order": False,
    }


def _timed(connection: duckdb.DuckDBPyConnection, name: str, statement: str | duckdb.Statement) -> Timed:
    start = time.perf_counter()
    connection.execute(statement)
    return name, time.perf_counter() - start


def _made_by(statement: str) -> str:
    """The table that a statement makes; empty for a macro, a schema, or an empty table that a SELECT fills later."""
    found = re.search(r"^create (?:temp )?table ([\w.]+) as", statement, re.MULTILINE)
    return found[1] if found else ""


def _selected(connection: duckdb.DuckDBPyConnection, stage: str, names: tuple[str, ...]) -> Iterator[Timed]:
    """Fill tables with SELECTs of the project; tables of metrics already exist, empty, with their types."""
    for name in names:
        select = (SQL / stage / f"{name}.sql").read_text(encoding="utf-8")
        into = f"create table bi.{name} as" if stage == "bi" else f"insert into {stage}.{name} by name"
        yield _timed(connection, f"{stage}.{name}", f"{into}\n{select}")


def _copied(connection: duckdb.DuckDBPyConnection, published: Path) -> Iterator[Timed]:
    """The copy for readers, in a storage version that current drivers of BI tools support."""
    connection.execute(f"attach '{published}' as published (storage_version '{STORAGE_VERSION}')")
    yield _timed(connection, "copy", "copy from database build to published")
    connection.execute("detach published")


# --- the same tables? -----------------------------------------------------------------------------------------------


def same(by_hand_file: Path, published_file: Path) -> list[str]:
    """Differences between two files: keys and words exactly, money to the cent, shares and power to 1e-9."""
    from assets import catalog

    keys = {name: step.table.key for name, step in catalog.STEPS.items()}
    answer: list[str] = []
    with duckdb.connect() as connection:
        connection.execute(f"attach '{by_hand_file}' as hand (read_only)")
        connection.execute(f"attach '{published_file}' as made (read_only)")
        for name in TABLES:
            answer += [f"{name}: {difference}" for difference in _differences(connection, name, keys[name])]
    return answer


def _differences(connection: duckdb.DuckDBPyConnection, name: str, key: tuple[str, ...]) -> list[str]:
    hand, made = (
        {c: kind for c, kind, *_ in connection.execute(f"describe {db}.{name}").fetchall()} for db in ("hand", "made")
    )
    if hand != made:
        odd = sorted({*hand.items()} ^ {*made.items()})
        return [f"other columns: {', '.join(f'{c} {kind}' for c, kind in odd)}"]
    rows = [connection.execute(f"select count(*) from {db}.{name}").fetchall()[0][0] for db in ("hand", "made")]
    lines = [f"{rows[0]} rows by hand, {rows[1]} published"] if rows[0] != rows[1] else []
    on = " and ".join(f'h."{c}" is not distinct from m."{c}"' for c in key)
    values = [c for c in hand if c not in key]
    unequal = ", ".join(f"count(*) filter ({_unequal(c, hand[c])})" for c in values)
    met, *counts = connection.execute(
        f"select count(*){', ' * bool(values)}{unequal} from hand.{name} as h inner join made.{name} as m on {on}"
    ).fetchall()[0]
    if met != rows[1]:
        lines.append(f"{met} keys meet, {rows[1]} are published")
    lines += [f"{c}: {n} of {met} values differ" for c, n in zip(values, counts, strict=True) if n]
    return lines


def _unequal(column: str, kind: str) -> str:
    hand, made = f'h."{column}"', f'm."{column}"'
    if kind != "DOUBLE":
        return f"{hand} is distinct from {made}"
    least, relative = (CENT, DOUBLE) if "usd" in column or "value" in column else (SHARE, SHARE)
    near = f"greatest({least}, {relative} * abs({made}))"
    return f"({hand} is null) <> ({made} is null) or abs({hand} - {made}) > {near}"


def main() -> None:
    """Build once and print time and memory."""
    start = time.perf_counter()
    for name, seconds in build(Path(sys.argv[1]), Path(sys.argv[2])):
        if name:
            print(f"{name} {seconds:.3f}", flush=True)
    print(time.perf_counter() - start, memory_mb())


if __name__ == "__main__":
    main()
