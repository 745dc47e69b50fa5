"""The gate log next to the build file, and quality.gate_results, which is made from it. Refusals are never deleted."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import polars as pl

from assets.gates.result import GateResult
from assets.quality.gate_results import GATE_RESULTS
from assets.warehouse import disk


def append(path: Path, run_id: str, gate: GateResult) -> None:
    """Write the verdicts of one gate to the log."""
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    disk.append_lines(
        path,
        [
            {
                "run_id": run_id,
                "table_name": gate.table,
                "rule": r.rule,
                "severity": r.severity,
                "is_passed": r.is_passed,
                "rows_checked": r.rows_checked,
                "rows_failed": r.rows_failed,
                "sample_keys": json.dumps([dict(s) for s in r.samples], default=str, ensure_ascii=False),
                "checked_at": now.isoformat(timespec="microseconds"),
            }
            for r in gate.results
        ],
    )


def results(path: Path, runs_kept: int) -> pl.DataFrame:
    """The verdicts to publish: failed rules of all runs, all verdicts of the latest runs.

    Grain: run, table and rule. A line cut short by a crash is left out.
    """
    schema = {**GATE_RESULTS.polars_schema, "checked_at": pl.String()}
    log = pl.DataFrame([{c: row.get(c) for c in schema} for row in _rows(path)], schema=schema, strict=False)
    log = log.with_columns(pl.col("checked_at").str.to_datetime(time_unit="us", strict=False))
    log = log.drop_nulls().unique(GATE_RESULTS.key, keep="last", maintain_order=True)
    latest = (
        log["run_id"].reverse().unique(maintain_order=True).head(runs_kept)
    )  # in the order of the log, not of the clock
    kept = log.filter(~pl.col("is_passed") | pl.col("run_id").is_in(latest.implode()))
    return GATE_RESULTS.conform(kept)


def _rows(path: Path) -> list[dict[str, object]]:
    found = []
    if path.exists():
        with disk.disk_errors(path):
            lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
        for line in lines:
            try:
                row = json.loads(line)
            except ValueError:
                continue
            if isinstance(row, dict):
                found.append(row)
    return found


def compact(path: Path, kept: pl.DataFrame) -> None:
    """Replace the log with the verdicts to keep."""
    rows = kept.with_columns(pl.col("checked_at").dt.to_string("%Y-%m-%dT%H:%M:%S%.6f")).to_dicts()
    disk.replace_file(path, "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows).encode())
