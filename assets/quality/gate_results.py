"""quality.gate_results: the verdict of every rule on every table."""

from __future__ import annotations

from assets.core.table import Column, Table

ORIGIN = "the gate log next to the build file"
"""The source of this table at publication."""

GATE_RESULTS = Table(
    stage="quality",
    name="gate_results",
    summary="What every rule said about every table: refusals of all runs, passes of the latest runs.",
    grain="one row per run, table and rule",
    key=("run_id", "table_name", "rule"),
    columns=(
        Column("run_id", "text", "", "run of Dagster", required=True),
        Column("table_name", "text", "", "stage.table", required=True),
        Column("rule", "text", "", "name of the rule", required=True),
        Column("severity", "text", "", "error stops, warning is shown", required=True, vocabulary="severity"),
        Column("is_passed", "flag", "", "true if no row offended", required=True),
        Column("rows_checked", "integer", "rows", "rows of the frame", required=True, at_least=0),
        Column("rows_failed", "integer", "rows", "rows that offended", required=True, at_least=0),
        Column("sample_keys", "text", "", "first offending rows, as JSON", required=True),
        Column("checked_at", "instant", "UTC", "when", required=True),
    ),
)
