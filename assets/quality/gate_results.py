"""quality.gate_results: the verdict of every rule on every table."""

from __future__ import annotations

from assets.core import fields
from assets.core.columns import flag, text
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
        fields.here("run_id"),
        fields.here("table_name", "stage.table"),
        text("rule", "name of the rule", required=True),
        text("severity", "error stops, warning is shown", required=True, vocabulary="severity"),
        flag("is_passed", "true if no row offended", required=True),
        Column("rows_checked", "integer", "rows", "rows of the frame", required=True, at_least=0),
        Column("rows_failed", "integer", "rows", "rows that offended", required=True, at_least=0),
        text("sample_keys", "first offending rows, as JSON", required=True),
        Column("checked_at", "instant", "UTC", "when", required=True),
    ),
)
